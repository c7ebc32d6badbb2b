import { bytesFromHex, principalBytes } from "../types/index.ts";
import { replicaVersionOf } from "../params/versions.ts";
import type { PersistentMap } from "../state/persistentMap.ts";
import type { ReplicatedState, Stream } from "../state/replicatedState.ts";
import { encodeStreamHeader, encodeStreamMessage } from "../codec/streamCodec.ts";
import { EMPTY_FOREST, type Forest, type LabeledTree, deleteLabel, forestOf, getLabel, lazyTree, setLabel } from "../hashTree/labeledTree.ts";
import { canisterForest, metadataOf, rangeShards, requestStatusForest, subnetForest, timeLeaf } from "./leaves.ts";

/** A state and the certified tree of it (interface spec, "The system state tree"). */
export interface StateTree { readonly state: ReplicatedState; readonly root: Forest }

/** Follows the changes of a map from the version that the old forest was made of; the result depends on the new map alone. */
function followed<K extends string, V>(
  map: PersistentMap<K, V>, older: PersistentMap<K, V> | undefined, forest: Forest, label: (key: K) => Uint8Array, tree: (value: V, before: V | undefined, beforeTree: LabeledTree | undefined) => LabeledTree | undefined,
): Forest {
  if (map === older) return forest;
  const apply = (key: K, before: V | undefined, after: V | undefined): void => {
    const name = label(key), made = after === undefined ? undefined : tree(after, before, before === undefined ? undefined : getLabel(forest, name));
    forest = made === undefined ? deleteLabel(forest, name) : setLabel(forest, name, made);
  };
  if (older === undefined) for (const [key, value] of map) apply(key, undefined, value);
  else for (const { key, before, after } of map.changesSince(older)) apply(key, before, after);
  return forest;
}

const forestAt = (forest: Forest | undefined, label: string): Forest => {
  const tree = forest && getLabel(forest, label);
  return tree === undefined || tree instanceof Uint8Array || tree.kind === "lazy" ? EMPTY_FOREST : tree;
};

const indexLabel = (index: bigint): Uint8Array => bytesFromHex(index.toString(16).padStart(16, "0"));
const streamEnd = (stream: Stream): bigint => stream.begin + BigInt(stream.messages.length);

/** Messages leave a stream at its front and join it at its end; what stays is not hashed again. */
function streamForest(stream: Stream, before: Stream | undefined, beforeTree: LabeledTree | undefined): Forest {
  let messages = forestAt(beforeTree instanceof Uint8Array || beforeTree?.kind !== "forest" ? undefined : beforeTree, "messages");
  const oldBegin = before?.begin ?? stream.begin, oldEnd = before === undefined ? stream.begin : streamEnd(before), end = streamEnd(stream);
  for (let index = oldBegin; index < oldEnd; index++) if (index < stream.begin || index >= end) messages = deleteLabel(messages, indexLabel(index));
  for (const [i, message] of stream.messages.entries()) {
    const index = stream.begin + BigInt(i);
    if (before !== undefined && index >= oldBegin && index < oldEnd && before.messages[Number(index - oldBegin)] === message) continue;
    messages = setLabel(messages, indexLabel(index), lazyTree(() => encodeStreamMessage(message)));
  }
  const { begin, signalsEnd, rejectSignals } = stream;
  return forestOf([["header", encodeStreamHeader({ begin, end, signalsEnd, rejectSignals })], ["messages", messages]]);
}

function topologyForests(state: ReplicatedState, previous: StateTree | undefined): { readonly subnets: Forest; readonly ranges: Forest } {
  const rangesOf = (id: string): ReplicatedState["topology"]["routingTable"] => state.topology.routingTable.filter(({ subnet }) => subnet === id);
  if (previous === undefined || previous.state.topology !== state.topology) {
    return {
      subnets: forestOf(state.topology.subnets.map((subnet) => [principalBytes(subnet.id), subnetForest(subnet, rangesOf(subnet.id), state)])),
      ranges: forestOf(state.topology.subnets.map(({ id }) => [principalBytes(id), rangeShards(rangesOf(id))])),
    };
  }
  const subnets = forestAt(previous.root, "subnet"), ranges = forestAt(previous.root, "canister_ranges");
  const own = state.topology.subnets.find(({ id }) => id === state.subnetId);
  if (own === undefined || (previous.state.metrics === state.metrics && previous.state.canisters.size === state.canisters.size)) return { subnets, ranges };
  return { subnets: setLabel(subnets, principalBytes(own.id), subnetForest(own, rangesOf(own.id), state)), ranges };
}

/**
 * The certified tree of a state. With the tree of an older state it costs what changed between the two, unless another certification version made that; the result is the same. The
 * loopback stream is left out: nobody else reads it (protocol digest §3.1).
 */
export function buildStateTree(state: ReplicatedState, before?: StateTree): StateTree {
  const { certification } = replicaVersionOf(state), previous = before !== undefined && replicaVersionOf(before.state).certification === certification ? before : undefined;
  const old = previous?.state, topology = topologyForests(state, previous);
  const foreign = (streams: ReplicatedState["streams"]): ReplicatedState["streams"] => streams.delete(state.subnetId);
  const root = forestOf([
    ["api_boundary_nodes", EMPTY_FOREST],
    ["canister", followed(state.canisters, old?.canisters, forestAt(previous?.root, "canister"), principalBytes, (canister) => lazyTree(() => canisterForest(canister, certification)))],
    ["canister_ranges", topology.ranges],
    ["metadata", metadataOf(state)],
    ["request_status", followed(state.ingressHistory, old?.ingressHistory, forestAt(previous?.root, "request_status"), bytesFromHex,
      (status) => (status.kind === "unknown" ? undefined : lazyTree(() => requestStatusForest(status))))],
    ["streams", followed(foreign(state.streams), old && foreign(old.streams), forestAt(previous?.root, "streams"), principalBytes, streamForest)],
    ["subnet", topology.subnets],
    ["time", timeLeaf(state)],
  ]);
  return { state, root };
}
