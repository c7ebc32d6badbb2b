import { findNativeMoc } from "../../build/nativeMoc.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Check } from "./check.ts";

/** The Motoko compiler: one of this machine, or the one that comes with icx. */
export const moc: Check = {
  name: "moc",
  async run({ context: { io }, project }) {
    try {
      const found = await findNativeMoc(project ?? { root: io.cwd, motoko: { packages: {} } }, io.env), pinned = project?.motoko.compiler;
      return { state: "ok", detail: found === undefined ? `the one that comes with icx${pinned === undefined ? "" : ` (mops.toml asks for ${pinned}: \`mops toolchain use moc ${pinned}\` gets it)`}` : `${found.version}, ${found.path}` };
    } catch (error) {
      if (!(error instanceof IcxError)) throw error;
      return { state: "failed", detail: error.message, remedy: error.hint };
    }
  },
};
