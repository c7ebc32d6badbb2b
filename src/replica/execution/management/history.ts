import { LIMITS } from "../../params/limits.ts";
import type { ChangeDetails, ChangeOrigin } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import type { CanisterId } from "../../types/index.ts";
import type { ManagementCall } from "./defineManagementMethod.ts";

/** Who asked for a change, as the history keeps it (spec, "canister_info"). */
export const changeOrigin = ({ caller, request }: ManagementCall, version: [] | [bigint]): ChangeOrigin =>
  request === undefined ? { kind: "user", user: caller } : { kind: "canister", canister: caller as CanisterId, ...(version[0] !== undefined && { version: version[0] }) };

/** Records a change at the canister's present version; the oldest entries beyond the limit are forgotten, their number is not. */
export function recordChange(call: ManagementCall, { system }: CanisterTip, version: [] | [bigint], details: ChangeDetails): void {
  system.history = [...system.history, { timestamp: call.round.tip.time, version: system.version, origin: changeOrigin(call, version), details }].slice(-LIMITS.historyEntries);
  system.historyTotal += 1n;
}
