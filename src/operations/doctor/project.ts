import { IcxError } from "../../errors/icxError.ts";
import { findProjectRoot, loadProject } from "../../project/loadProject.ts";
import type { Check } from "./check.ts";

/** The manifest around the working directory. */
export const project: Check = {
  name: "project",
  async run({ context }) {
    if (findProjectRoot(context) === undefined) return { state: "absent", detail: "no icp.yaml or dfx.json here or above" };
    try {
      const { manifest, canisters } = loadProject(context);
      return { state: "ok", detail: `${manifest}, ${canisters.length} canister${canisters.length === 1 ? "" : "s"}` };
    } catch (error) {
      if (!(error instanceof IcxError)) throw error;
      return { state: "failed", detail: `${error.code} ${error.message}`, remedy: error.hint };
    }
  },
};
