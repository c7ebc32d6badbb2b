import type { CandidPrincipal } from "../../codec/candid.ts";
import type { CanisterSettingsCandid } from "../../codec/candidManagement.ts";
import { liquidCycles } from "../../state/cyclesAccount.ts";
import { err, ok, principalToText, userError } from "../../types/index.ts";
import { updateLowMemoryHook } from "../applyEffects.ts";
import { byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";
import { changedSettings, checkCompute } from "./settings.ts";

interface Args { canister_id: CandidPrincipal; settings: CanisterSettingsCandid; sender_canister_version: [] | [bigint] }

/** Spec, "update_settings". */
export const updateSettings = defineTargetMethod<Args>({
  name: "update_settings", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, { settings, sender_canister_version }, canister) {
    const { system } = canister, { params } = call.round;
    const changed = changedSettings(system.settings, settings);
    if (!changed.ok) return changed;
    const compute = checkCompute(call.round.tip, canister.id, changed.value);
    if (!compute.ok) return compute;
    const { computeAllocation, memoryAllocation, reservedCyclesLimit } = changed.value;
    if (settings.reserved_cycles_limit.length > 0 && reservedCyclesLimit < system.reservedBalance) {
      return err(userError("IC0540", `Cannot set the reserved cycles limit ${reservedCyclesLimit} below the reserved cycles balance of the canister ${system.reservedBalance}.`));
    }
    const more = { compute: computeAllocation > system.settings.computeAllocation, memory: memoryAllocation > system.settings.memoryAllocation };
    if (more.compute || more.memory) {
      const missing = -liquidCycles(params, { system: { ...system, settings: changed.value }, execution: canister.execution });
      if (missing > 0n) {
        return err(userError(more.compute ? "IC0530" : "IC0531", `Canister ${principalToText(canister.id)} cannot increase its ${more.compute ? "compute" : "memory"} allocation `
          + `due to insufficient cycles. At least ${missing} additional cycles are required.`));
      }
    }
    system.settings = changed.value;
    system.version += 1n;
    if (settings.controllers.length > 0) recordChange(call, canister, sender_canister_version, { kind: "controllersChange", controllers: changed.value.controllers });
    updateLowMemoryHook(canister);
    return ok([]);
  },
});
