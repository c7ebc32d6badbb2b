import { type CandidPrincipal, candidFromPrincipal, principalFromCandid } from "../../codec/candid.ts";
import { replicaVersionOf } from "../../params/versions.ts";
import { adminsOf } from "../../state/routing.ts";
import { type CanisterId, type Result, type SubnetId, type UserError, err, indexFromCanisterId, ok, principalToText, userError } from "../../types/index.ts";
import { defineFreeMethod } from "./defineManagementMethod.ts";
import { mustBeAdmin } from "./permission.ts";

/** Interface digest §7.2: what listing costs in a composite query's graph. */
const LIST_INSTRUCTIONS = 20_000_000n, LIST_CANISTER_INSTRUCTIONS = 16_000n;

/** Canister ids as ranges: neighbours are joined. `ids` are sorted. */
export function idRanges(ids: Iterable<CanisterId>): readonly { readonly start: CanisterId; readonly end: CanisterId }[] {
  const ranges: { start: CanisterId; end: CanisterId }[] = [];
  let next: bigint | undefined;
  for (const id of ids) {
    const index = indexFromCanisterId(id), last = ranges.at(-1);
    if (last !== undefined && index !== undefined && index === next) last.end = id; else ranges.push({ start: id, end: id });
    next = index === undefined ? undefined : index + 1n;
  }
  return ranges;
}

/** Spec, "list_canisters": a query of the subnet's admins. */
export const listCanisters = defineFreeMethod<undefined>({
  name: "list_canisters", ingress: false,
  run: () => err(userError("IC0406", "list_canisters API is only accessible in non-replicated mode")),
  queryRun({ state, caller }) {
    const allowed = mustBeAdmin("list_canisters", caller, adminsOf(state.topology, state.subnetId));
    if (!allowed.ok) return allowed;
    const canisters = idRanges(state.canisters.keys()).map(({ start, end }) => ({ start: candidFromPrincipal(start), end: candidFromPrincipal(end) }));
    return ok({ values: [{ canisters }], instructions: LIST_INSTRUCTIONS + LIST_CANISTER_INSTRUCTIONS * BigInt(state.canisters.size) });
  },
});

/** IC0406 when a call about one subnet reached another. */
export function mustBeOwn(own: SubnetId, asked: CandidPrincipal): Result<void, UserError> {
  const id = principalFromCandid(asked);
  return id === own ? ok(undefined) : err(userError("IC0406", `Provided target subnet ID ${principalToText(id)} does not match current subnet ID ${principalToText(own)}.`));
}

/** Spec, "subnet_info". */
export const subnetInfo = defineFreeMethod<{ subnet_id: CandidPrincipal }>({
  name: "subnet_info", ingress: false,
  run({ round: { tip } }, { subnet_id }) {
    const own = mustBeOwn(tip.base.subnetId, subnet_id);
    if (!own.ok) return own;
    return ok([{ replica_version: replicaVersionOf(tip.base).name, registry_version: BigInt(tip.base.registryVersion) }]);
  },
});

/** Spec, "node_metrics_history": one sample a day, from the asked time on. */
export const nodeMetricsHistory = defineFreeMethod<{ subnet_id: CandidPrincipal; start_at_timestamp_nanos: bigint }>({
  name: "node_metrics_history", ingress: false,
  run({ round: { tip: { base } } }, { subnet_id, start_at_timestamp_nanos: start }) {
    const own = mustBeOwn(base.subnetId, subnet_id);
    if (!own.ok) return own;
    return ok([(base.nodeMetrics ?? []).filter(({ at }) => at >= start).map(({ at, nodes }) => ({
      timestamp_nanos: at,
      node_metrics: nodes.map(({ node, proposed, failed }) => ({ node_id: candidFromPrincipal(node), num_blocks_proposed_total: proposed, num_block_failures_total: failed })),
    }))]);
  },
});
