import { Trap } from "../../interfaces/wasm.ts";
import { userError } from "../../types/index.ts";

/** A broken rule of the System API (IC0504), in the replica's words. */
export const contractViolation = (rule: string): Trap => new Trap(userError("IC0504", `Canister violated contract: ${rule}`));
/** A trap of the machine (IC0502). */
export const trapped = (reason: string): Trap => new Trap(userError("IC0502", `Canister trapped: ${reason}`));
