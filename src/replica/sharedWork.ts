/** Pure work that the virtual nodes of one process do once (design D8). */
import { type Batch, hexFromBytes } from "./types/index.ts";
import type { DeliveredBlock } from "./interfaces/consensus.ts";
import type { MessageRouting } from "./interfaces/execution.ts";
import type { NetworkTopology, ReplicatedState } from "./state/replicatedState.ts";
import { type Checkpoint, stateFilesOf } from "./stateManager/manifest/stateFiles.ts";
import type { BuiltVersion } from "./stateManager/stateManager.ts";

/**
 * What nodes that hold the very same version of a state need not each do for themselves: execute the same block, build the tree of the result.
 * A node whose state differs in one bit holds another version, and computes on its own.
 */
export interface SharedWork {
  genesis(make: () => ReplicatedState): ReplicatedState;
  processBatch(before: ReplicatedState, batch: Batch, block: DeliveredBlock, topology: NetworkTopology): ReplicatedState;
  readonly versions: WeakMap<ReplicatedState, BuiltVersion>;
  /** The version that other nodes hold of a state with this root, else the state itself: two states with one root are equal in every byte. */
  same(checkpoint: Checkpoint): ReplicatedState;
}

export function createSharedWork(routing: MessageRouting): SharedWork {
  const executed = new WeakMap<ReplicatedState, Map<string, ReplicatedState>>(), byRoot = new Map<string, WeakRef<ReplicatedState>>();
  let genesis: ReplicatedState | undefined;
  return {
    genesis: (make) => (genesis ??= make()),
    processBatch(before, batch, block, topology) {
      const known = executed.get(before) ?? new Map<string, ReplicatedState>();
      executed.set(before, known);
      const next = known.get(block.hash) ?? routing.processBatch(before, batch, topology);
      known.set(block.hash, next);
      return next;
    },
    versions: new WeakMap(),
    same({ state, root }) {
      const name = hexFromBytes(root), known = byRoot.get(name)?.deref();
      if (known !== undefined) return known;
      for (const [other, held] of byRoot) if (held.deref() === undefined) byRoot.delete(other);
      byRoot.set(name, new WeakRef(state));
      return state;
    },
  };
}

/** The manifest of a state, made once for all nodes that hold the very same version. */
export const checkpointOf = (state: ReplicatedState): Checkpoint => stateFilesOf(state.subnetId).checkpoint(state);
