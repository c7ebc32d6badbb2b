import { type CandidPrincipal, candidFromPrincipal } from "../../codec/candid.ts";
import type { CanisterSettingsCandid } from "../../codec/candidManagement.ts";
import { CYCLES_MAX, PROVISIONAL_CYCLES } from "../../params/fees.ts";
import { CanisterTip } from "../../state/canisterTip.ts";
import { consume } from "../../state/consumedCycles.ts";
import { adminsOf } from "../../state/routing.ts";
import { defaultSettings, newCanister } from "../../state/newCanister.ts";
import type { StateTip } from "../../state/stateTip.ts";
import { type CanisterId, type Result, type UserError, canisterIdFromIndex, cycles, err, indexFromCanisterId, ok, principalToText, shownCycles, userError } from "../../types/index.ts";
import { homeRanges } from "../../registry/routingTable.ts";
import { foreseeEnd } from "../idleCharges.ts";
import { type ManagementCall, type ManagementResult, defineFreeMethod, idOf } from "./defineManagementMethod.ts";
import { changeOrigin } from "./history.ts";
import { mustBeAdmin } from "./permission.ts";
import { environmentHash } from "./settings.ts";
import { applySettings } from "./updateSettings.ts";

/** The next id of the ranges that the subnet began with that was never used: those that came from elsewhere may have been. */
function allocateId(tip: StateTip): CanisterId | undefined {
  const last = tip.lastAllocatedCanisterId, next = last === undefined ? 0n : indexFromCanisterId(last)! + 1n;
  for (const { start, end } of homeRanges(tip.topology.routingTable, tip.base.subnetId)) {
    let index = indexFromCanisterId(start)!;
    if (index < next) index = next;
    while (tip.has(canisterIdFromIndex(index))) index++;
    const id = canisterIdFromIndex(index);
    if (id <= end) return id;
  }
  return undefined;
}
function specifiedId(tip: StateTip, id: CanisterId): Result<CanisterId, UserError> {
  const text = principalToText(id);
  if (indexFromCanisterId(id) === undefined || !tip.topology.routingTable.some(({ start, end, subnet }) => subnet === tip.base.subnetId && start <= id && id <= end)) {
    return err(userError("IC0408", `The \`specified_id\` ${text} is invalid because it does not belong to the canister ranges of the subnet.`));
  }
  return tip.has(id) ? err(userError("IC0205", `Unsuccessful canister creation: canister id ${text} already exists.`)) : ok(id);
}

interface Creation { readonly balance: bigint; readonly fee: bigint; readonly settings: [] | [CanisterSettingsCandid]; readonly version: [] | [bigint]; readonly wanted?: CandidPrincipal | undefined }
/** Puts an empty canister into the state; an id is used up only when everything else was right. */
function create(call: ManagementCall, { balance, fee, settings, version, wanted }: Creation): ManagementResult {
  const { tip } = call.round, specified = wanted === undefined ? undefined : specifiedId(tip, idOf(wanted));
  if (specified?.ok === false) return specified;
  const id = specified?.value ?? allocateId(tip);
  if (id === undefined) return err(userError("IC0101", "Could not create canister. Subnet has surpassed its canister ID allocation."));
  const canister = new CanisterTip(newCanister(id, { settings: defaultSettings([call.caller]), balance: cycles(balance), now: tip.time, origin: changeOrigin(call, version) }));
  if (settings[0] !== undefined) {
    const applied = applySettings(call.round, canister, settings[0]);
    if (!applied.ok) return applied;
  }
  const { system } = canister, variables = settings[0]?.environment_variables[0];
  system.history = [{
    ...system.history[0]!,
    details: { kind: "creation", controllers: system.settings.controllers, ...(variables !== undefined && { environmentVariablesHash: environmentHash(system.settings.environmentVariables) }) },
  }];
  consume(system, "creation", fee);
  if (specified === undefined) tip.lastAllocatedCanisterId = id;
  foreseeEnd(call.round, canister);
  tip.create(canister.freeze());
  return ok([{ canister_id: candidFromPrincipal(id) }]);
}

/** Spec, "create_canister": the cycles of the call become the balance, less the fee. The subnet's admins create without cycles. */
export const createCanister = defineFreeMethod<{ settings: [] | [CanisterSettingsCandid]; sender_canister_version: [] | [bigint] }>({
  name: "create_canister", ingress: "admins",
  run(call, { settings, sender_canister_version: version }) {
    const { tip, params } = call.round, fee = params.fees.canisterCreation, attached = call.cycles;
    if (call.request === undefined) {
      const allowed = mustBeAdmin("create_canister", call.caller, adminsOf(tip.topology, tip.base.subnetId));
      if (!allowed.ok) return allowed;
    }
    if (attached < fee) return err(userError("IC0403", `Creating a canister requires a fee of ${shownCycles(fee)} that is deducted from the canister's initial balance but only ${shownCycles(attached)} cycles were received with the create_canister request.`));
    const result = create(call, { balance: attached - fee, fee, settings, version });
    if (result !== "later" && result.ok) call.cycles = 0n;
    return result;
  },
});

interface ProvisionalArgs { amount: [] | [bigint]; settings: [] | [CanisterSettingsCandid]; specified_id: [] | [CandidPrincipal]; sender_canister_version: [] | [bigint] }
/** Spec, "provisional_create_canister_with_cycles": cycles from nowhere, on development networks. */
export const provisionalCreateCanister = defineFreeMethod<ProvisionalArgs>({
  name: "provisional_create_canister_with_cycles", ingress: true,
  run: (call, { amount, settings, specified_id, sender_canister_version: version }) =>
    create(call, { balance: least(amount[0] ?? PROVISIONAL_CYCLES), fee: 0n, settings, version, wanted: specified_id[0] }),
});
const least = (amount: bigint): bigint => (amount > CYCLES_MAX ? CYCLES_MAX : amount);
