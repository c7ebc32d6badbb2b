import { type CanisterId, type IngressStatus, type Principal, canisterIdFromIndex, principalBytes } from "../types/index.ts";
import { CERTIFIED_SINCE } from "../params/versions.ts";
import type { CanisterState } from "../state/canisterState.ts";
import type { CanisterIdRange, ReplicatedState, SubnetTopology } from "../state/replicatedState.ts";
import { encodeSelfDescribedCbor } from "../codec/cbor.ts";
import { encodeUleb128 } from "../codec/leb128.ts";
import { EMPTY_FOREST, type Forest, type LabeledTree, forestOf } from "../hashTree/labeledTree.ts";

/**
 * What hangs in the certified tree: interface spec, "The system state tree". Naturals are LEB128, texts UTF-8, lists self-described CBOR.
 */
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const nat = encodeUleb128;

const principalLists = new WeakMap<readonly Principal[], Uint8Array>();
function principalsLeaf(principals: readonly Principal[]): Uint8Array {
  const known = principalLists.get(principals) ?? encodeSelfDescribedCbor(principals.map(principalBytes));
  principalLists.set(principals, known);
  return known;
}

type Metadata = readonly { readonly name: string; readonly content: Uint8Array }[];
const metadataForests = new WeakMap<Metadata, Forest>();
function metadataForest(metadata: Metadata): Forest {
  const known = metadataForests.get(metadata) ?? forestOf(metadata.map(({ name, content }) => [name, content]));
  metadataForests.set(metadata, known);
  return known;
}

/** `/canister/<id>`: code, certified data and metadata only while a module is installed; labels that came later are there from their certification version on. */
export function canisterForest({ system, execution }: CanisterState, certification: number): Forest {
  return forestOf([
    ["canister_creation_timestamp", certification >= CERTIFIED_SINCE.canisterCreationTimestamp ? nat(system.createdAt) : undefined],
    ["controllers", principalsLeaf(system.settings.controllers)],
    ...(execution === undefined ? [] : [
      ["certified_data", system.certifiedData], ["module_hash", execution.moduleHash], ["metadata", metadataForest(execution.metadata)],
      ["last_install_timestamp", system.lastInstalledAt === undefined || certification < CERTIFIED_SINCE.lastInstallTimestamp ? undefined : nat(system.lastInstalledAt)],
    ] satisfies [string, LabeledTree | undefined][]),
  ]);
}

const STATUS = { received: "received", processing: "processing", completed: "replied", failed: "rejected", done: "done" } as const;

/** `/request_status/<id>`; undefined for a message that nothing is known of. */
export function requestStatusForest(status: IngressStatus): Forest {
  if (status.kind === "unknown") return EMPTY_FOREST;
  return forestOf([
    ["status", text(STATUS[status.kind])],
    ["reply", status.kind === "completed" ? status.reply : undefined],
    ...(status.kind === "failed" ? ([["reject_code", nat(status.rejectCode)], ["reject_message", text(status.message)], ["error_code", text(status.code)]] as const) : []),
  ]);
}

const rangesLeaf = (ranges: readonly CanisterIdRange[]): Uint8Array => encodeSelfDescribedCbor(ranges.map(({ start, end }) => [principalBytes(start), principalBytes(end)]));

/** dfinity/ic, lazy_tree_conversion: at most five ranges hang under the first canister id of a shard. */
const RANGES_PER_SHARD = 5;
/** `/canister_ranges/<subnet>`; a subnet without ranges has one empty shard under canister id 0. */
export function rangeShards(ranges: readonly CanisterIdRange[]): Forest {
  const first = (shard: readonly CanisterIdRange[]): CanisterId => shard[0]?.start ?? canisterIdFromIndex(0n);
  const shards = Array.from({ length: Math.max(1, Math.ceil(ranges.length / RANGES_PER_SHARD)) }, (_, i) => ranges.slice(i * RANGES_PER_SHARD, (i + 1) * RANGES_PER_SHARD));
  return forestOf(shards.map((shard) => [principalBytes(first(shard)), rangesLeaf(shard)]));
}

const U64 = 1n << 64n;
/** `/subnet/<id>/metrics`, of the own subnet only. */
function metricsLeaf(state: ReplicatedState): Uint8Array {
  const { metrics } = state, high = metrics.consumedCyclesTotal / U64;
  return encodeSelfDescribedCbor({
    num_canisters: state.canisters.size, canister_state_bytes: metrics.canisterStateBytes, update_transactions_total: metrics.updateTransactionsTotal,
    consumed_cycles_total: { low: metrics.consumedCyclesTotal % U64, high: high === 0n ? undefined : high },
  });
}

/** `/subnet/<id>`: keys of nodes and metrics only for the subnet whose tree this is. */
export function subnetForest(subnet: SubnetTopology, ranges: readonly CanisterIdRange[], state: ReplicatedState): Forest {
  const own = subnet.id === state.subnetId;
  return forestOf([
    ["public_key", subnet.publicKey], ["type", text(subnet.type)], ["canister_ranges", rangesLeaf(ranges)],
    ["metrics", own ? metricsLeaf(state) : undefined],
    ["node", own ? forestOf(subnet.nodes.map((node) => [principalBytes(node.id), forestOf([["public_key", node.publicKey]])])) : undefined],
  ]);
}

/** `/metadata`: the height, and the root of the height before, so that one root commits to all roots before it. */
export const metadataOf = (state: ReplicatedState): Forest =>
  forestOf([["height", nat(state.height)], ["prev_state_hash", state.prevStateHash.length === 0 ? undefined : state.prevStateHash]]);
/** `/time` in nanoseconds. */
export const timeLeaf = (state: ReplicatedState): Uint8Array => nat(state.time);
