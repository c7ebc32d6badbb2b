import { type CandidPrincipal, candidFromPrincipal } from "../../codec/candid.ts";
import type { CanisterSettingsCandid } from "../../codec/candidManagement.ts";
import { CYCLES_MAX, PROVISIONAL_CYCLES } from "../../params/fees.ts";
import { defaultSettings, newCanister } from "../../state/newCanister.ts";
import type { StateTip } from "../../state/stateTip.ts";
import { type CanisterId, type Result, type UserError, canisterIdFromIndex, cycles, err, indexFromCanisterId, ok, principalToText, userError } from "../../types/index.ts";
import { type ManagementCall, type ManagementResult, defineFreeMethod, idOf } from "./defineManagementMethod.ts";
import { changeOrigin } from "./history.ts";
import { changedSettings, checkCompute } from "./settings.ts";

/** The next id of the subnet's last range that was never used. */
function allocateId(tip: StateTip): CanisterId | undefined {
  const range = tip.topology.routingTable.filter(({ subnet }) => subnet === tip.base.subnetId).at(-1);
  if (range === undefined) return undefined;
  const last = tip.lastAllocatedCanisterId;
  let index = last === undefined ? indexFromCanisterId(range.start)! : indexFromCanisterId(last)! + 1n;
  while (tip.has(canisterIdFromIndex(index))) index++;
  const id = canisterIdFromIndex(index);
  return id > range.end ? undefined : id;
}
function specifiedId(tip: StateTip, id: CanisterId): Result<CanisterId, UserError> {
  const text = principalToText(id);
  if (indexFromCanisterId(id) === undefined || !tip.topology.routingTable.some(({ start, end, subnet }) => subnet === tip.base.subnetId && start <= id && id <= end)) {
    return err(userError("IC0408", `The \`specified_id\` ${text} is invalid because it does not belong to the canister ranges of the subnet.`));
  }
  return tip.has(id) ? err(userError("IC0205", `Canister ${text} is already installed.`)) : ok(id);
}

function create(call: ManagementCall, balance: bigint, settings: [] | [CanisterSettingsCandid], version: [] | [bigint], wanted?: CandidPrincipal): ManagementResult {
  const { tip } = call.round, defaults = defaultSettings([call.caller]);
  const changed = settings[0] === undefined ? ok(defaults) : changedSettings(defaults, settings[0]);
  if (!changed.ok) return changed;
  const compute = checkCompute(tip, undefined, changed.value);
  if (!compute.ok) return compute;
  let id: CanisterId | undefined;
  if (wanted === undefined) {
    id = allocateId(tip);
    if (id === undefined) return err(userError("IC0102", `Subnet ${principalToText(tip.base.subnetId)} has no canister ids left`));
    tip.lastAllocatedCanisterId = id;
  } else {
    const checked = specifiedId(tip, idOf(wanted));
    if (!checked.ok) return checked;
    id = checked.value;
  }
  tip.create(newCanister(id, { settings: changed.value, balance: cycles(balance), now: tip.time, origin: changeOrigin(call, version) }));
  return ok([{ canister_id: candidFromPrincipal(id) }]);
}

/** Spec, "create_canister": the cycles of the call become the balance, less the fee. */
export const createCanister = defineFreeMethod<{ settings: [] | [CanisterSettingsCandid]; sender_canister_version: [] | [bigint] }>({
  name: "create_canister", ingress: false,
  run(call, { settings, sender_canister_version }) {
    const fee = call.round.params.fees.canisterCreation, attached = call.cycles;
    if (attached < fee) return err(userError("IC0403", `Creating a canister requires a fee of ${fee} that is deducted from the canister's initial balance but only ${attached} cycles were received with the create_canister request.`));
    const result = create(call, attached - fee, settings, sender_canister_version);
    if (result !== "later" && result.ok) call.cycles = 0n;
    return result;
  },
});

interface ProvisionalArgs { amount: [] | [bigint]; settings: [] | [CanisterSettingsCandid]; specified_id: [] | [CandidPrincipal]; sender_canister_version: [] | [bigint] }
/** Spec, "provisional_create_canister_with_cycles": cycles from nowhere, on development networks. */
export const provisionalCreateCanister = defineFreeMethod<ProvisionalArgs>({
  name: "provisional_create_canister_with_cycles", ingress: true,
  run: (call, { amount, settings, specified_id, sender_canister_version }) =>
    create(call, least(amount[0] ?? PROVISIONAL_CYCLES), settings, sender_canister_version, specified_id[0]),
});
const least = (amount: bigint): bigint => (amount > CYCLES_MAX ? CYCLES_MAX : amount);
