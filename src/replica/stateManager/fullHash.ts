import type { Hash, SubnetId } from "../types/index.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { StateObjects } from "./stateObjects.ts";

const subnets = new Map<SubnetId, StateObjects>();

/** The object that remembers the digests of a subnet's versions; it keeps no version alive. */
export function stateObjectsOf(subnet: SubnetId): StateObjects {
  const known = subnets.get(subnet) ?? new StateObjects();
  subnets.set(subnet, known);
  return known;
}

/** The hash of the full state (design D8): heaps, stable memories, globals, queues, everything. Costs what changed since the last one. */
export const fullHash = (state: ReplicatedState): Hash<"State"> => stateObjectsOf(state.subnetId).hash(state);
