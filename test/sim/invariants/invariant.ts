import type { ConsensusArtifact } from "../../../src/replica/interfaces/consensus.ts";
import type { Cluster, Watch } from "../cluster.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { Traffic } from "../traffic.ts";
import type { SimulatedNode } from "../simulatedNode.ts";

/** What a run has been through so far. */
export interface Course {
  readonly seed: number;
  phase: "safety" | "calm" | "rotation" | "rest";
  /** The parts after the faults: how far they should have come, and how long it took; undefined: not reached. */
  readonly stages: { readonly name: string; readonly from: number; readonly to: number; readonly wanted: number; readonly tookMs: number | undefined }[];
  /** Both subnets with their states; absent where nothing is executed. */
  network?: Pick<SimulatedNetwork, "subnets" | "listen">;
  /** What users sent. */
  traffic?: Traffic;
  /** Whether all clocks agree and all states are whole: then the first maker gets its block. */
  fair: boolean;
  /** Milliseconds between the clock that is furthest behind and the one that is furthest ahead. */
  readonly clockSpreadMs: number;
  /** A node that was away for several intervals. */
  exiled: number | undefined;
}

/** A rule of the protocol that every run is held against. `watch` has the view of all nodes that no node has. */
export interface Invariant {
  /** As in the protocol digest §1.8, §2.7, §4.7. */
  readonly name: string;
  readonly says: string;
  watch(cluster: Cluster, say: (what: string) => void, course: Course): Watch;
}

/** Remembers the first value of a key, and says when another one comes. */
export function only<Key, Value>(say: (what: string) => void): (key: Key, value: Value, what: string) => void {
  const known = new Map<Key, Value>();
  return (key, value, what) => {
    const first = known.get(key);
    if (first === undefined) known.set(key, value);
    else if (first !== value) say(`${what} at ${String(key)}`);
  };
}
/** The set of a key, made when it is asked for. */
export function setOf<Key, Value>(map: Map<Key, Set<Value>>, key: Key): Set<Value> {
  const known = map.get(key) ?? new Set<Value>();
  map.set(key, known);
  return known;
}
export const own = (node: SimulatedNode, artifact: ConsensusArtifact): boolean => "signer" in artifact && artifact.signer === node.id;
/** f of n, as the digest has it (§1.1): not the sources' own. */
export const faultsOf = (nodes: number): number => Math.floor((nodes - 1) / 3);
