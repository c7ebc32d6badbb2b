import { IcxError } from "../../errors/icxError.ts";
import { defaultIdentityName, listIdentities, openIdentity } from "../../identity/identityStore.ts";
import type { Check } from "./check.ts";

/** Who signs. */
export const identity: Check = {
  name: "identity",
  async run({ context: { io } }) {
    if (defaultIdentityName(io.env) === "default" && !listIdentities(io.env).includes("default")) return { state: "ok", detail: "default, made when it is first needed" };
    try {
      const { name, principal } = openIdentity(io.env);
      return { state: "ok", detail: `${name}, ${principal}` };
    } catch (error) {
      if (!(error instanceof IcxError)) throw error;
      return { state: "failed", detail: `${defaultIdentityName(io.env)}: ${error.message}`, remedy: error.hint };
    }
  },
};
