import { type CanisterId, type UserError, principalToText, shownCycles, userError } from "../types/index.ts";
import { withHelp } from "./errorHelp.ts";

const PREFIX = "Error from Canister ";
/** The replica names the canister in front of every failure of its code, and adds what may help (reference/interface-spec.md §6). */
export const fromCanister = (id: CanisterId, error: UserError): UserError =>
  error.message.startsWith(PREFIX) ? error : userError(error.code, `${PREFIX}${principalToText(id)}: ${withHelp(error)}`);

export const canisterNotFound = (id: CanisterId): UserError => userError("IC0301", `Canister ${principalToText(id)} not found`);
export const canisterStopped = (id: CanisterId): UserError => userError("IC0508", `Canister ${principalToText(id)} is stopped`);
export const canisterStopping = (id: CanisterId): UserError => userError("IC0509", `Canister ${principalToText(id)} is stopping`);
export const noWasmModule = (id: CanisterId): UserError => fromCanister(id, userError("IC0537", "Attempted to execute a message, but the canister contains no Wasm module."));
export const methodNotFound = (id: CanisterId, kind: "update" | "query" | "composite_query", method: string): UserError =>
  fromCanister(id, userError("IC0536", `Canister has no ${kind} method '${method}'.`));
export const didNotReply = (id: CanisterId): UserError => fromCanister(id, userError("IC0506", "Canister did not reply to the call"));
/** How much is missing is told to controllers (dfinity/ic, CanisterOutOfCyclesError, reveal_top_up). */
export const outOfCycles = (id: CanisterId, missing: bigint, reveal = true): UserError =>
  userError("IC0207", `Canister ${principalToText(id)} is out of cycles${reveal ? `: please top up the canister with at least ${shownCycles(missing)} additional cycles` : ""}`);
/** A callback trapped, and so did its cleanup: both are told, under the callback's code (dfinity/ic, HypervisorError::Cleanup). */
export const cleanupFailed = (id: CanisterId, callback: UserError, cleanup: UserError): UserError =>
  userError(callback.code, `${PREFIX}${principalToText(id)}: ${callback.message}\n\ncall_on_cleanup also failed:\n\n${cleanup.message}`);
