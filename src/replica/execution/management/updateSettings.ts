import type { CandidPrincipal } from "../../codec/candid.ts";
import type { CanisterSettingsCandid } from "../../codec/candidManagement.ts";
import type { CanisterSettings } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { allocatedBytes, liquidCycles } from "../../state/cyclesAccount.ts";
import { type Result, type UserError, cycles, err, ok, shownCycles, userError } from "../../types/index.ts";
import { updateLowMemoryHook } from "../applyEffects.ts";
import { dropOldLogs } from "../canisterLog.ts";
import { checkRoom, storageReservation } from "../memoryChange.ts";
import type { RoundContext } from "../roundContext.ts";
import { byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";
import { changedSettings, checkCompute } from "./settings.ts";

interface Args { canister_id: CandidPrincipal; settings: CanisterSettingsCandid; sender_canister_version: [] | [bigint] }

/** Memory and compute that are reserved anew must be there, and paid for until the freezing threshold and in advance (dfinity/ic, validate_canister_settings). */
function reserve(round: RoundContext, canister: CanisterTip, after: CanisterSettings): Result<void, UserError> {
  const { params, tip } = round, { system, execution } = canister, { computeAllocation, memoryAllocation } = system.settings;
  const changed = { execution, system: { ...system, settings: after } }, held = allocatedBytes(changed), more = held - allocatedBytes(canister);
  const room = checkRoom(params, tip, more > 0n ? more : 0n);
  if (!room.ok) return room;
  const compute = checkCompute(tip, canister.id, after);
  if (!compute.ok) return compute;
  const missing = params.free ? 0n : -liquidCycles(params, changed);
  if (after.memoryAllocation > memoryAllocation && missing > 0n) return err(memoryError("IC0531", after, `insufficient cycles. At least ${shownCycles(missing)} additional cycles are required.`));
  if (after.computeAllocation > computeAllocation && missing > 0n) {
    return err(userError("IC0530", `Cannot increase compute allocation to ${after.computeAllocation}% due to insufficient cycles. At least ${shownCycles(missing)} additional cycles are required.`));
  }
  const reservation = storageReservation(params, tip.memoryTaken, more), reserved = system.reservedBalance + reservation, limit = after.reservedCyclesLimit;
  if (reservation > 0n && reserved > limit) return err(memoryError("IC0533", after, `its reserved cycles limit. The current limit (${shownCycles(limit)}) would be exceeded by ${shownCycles(reserved - limit)}.`));
  if (reservation > system.balance) return err(memoryError("IC0531", after, `insufficient cycles. At least ${shownCycles(reservation - system.balance)} additional cycles are required.`));
  tip.memoryTaken += more;
  system.balance = cycles(system.balance - reservation);
  system.reservedBalance = cycles(reserved);
  return ok(undefined);
}
const memoryError = (code: "IC0531" | "IC0533", { memoryAllocation }: CanisterSettings, why: string): UserError => userError(code, `Cannot increase memory allocation to ${memoryAllocation} due to ${why}`);

/** Makes these the canister's settings, when its allocations can be met: IC0101, IC0530, IC0531, IC0533, IC0540. */
export function applySettings(round: RoundContext, canister: CanisterTip, change: CanisterSettingsCandid): Result<void, UserError> {
  const { system } = canister, changed = changedSettings(system.settings, change);
  if (!changed.ok) return changed;
  if (change.reserved_cycles_limit.length > 0 && changed.value.reservedCyclesLimit < system.reservedBalance) {
    return err(userError("IC0540", `Cannot set the reserved cycles limit ${shownCycles(changed.value.reservedCyclesLimit)} below the reserved cycles balance of the canister ${shownCycles(system.reservedBalance)}.`));
  }
  const reserved = reserve(round, canister, changed.value);
  if (!reserved.ok) return reserved;
  system.settings = changed.value;
  dropOldLogs(canister);
  return ok(undefined);
}

/** Spec, "update_settings". */
export const updateSettings = defineTargetMethod<Args>({
  name: "update_settings", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, { settings, sender_canister_version }, canister) {
    const { system } = canister, applied = applySettings(call.round, canister, settings);
    if (!applied.ok) return applied;
    system.version += 1n;
    if (settings.controllers.length > 0) recordChange(call, canister, sender_canister_version, { kind: "controllersChange", controllers: system.settings.controllers });
    updateLowMemoryHook(canister);
    return ok([]);
  },
});
