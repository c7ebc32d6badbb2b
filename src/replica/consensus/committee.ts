import { type NodeId, assert } from "../types/index.ts";
import type { RandomBeacon } from "../interfaces/consensus.ts";
import type { NodePublicKeys, Transcript } from "../interfaces/crypto.ts";
import { ranking } from "./ranking.ts";

/**
 * Sizes and thresholds of a subnet of n nodes (protocol digest §1.1). Safety needs that two sets of notaries of threshold size share an honest
 * one: c - (t - f) < t. Liveness needs that the honest ones reach it alone: c - f ≥ t.
 */
export interface Sizes {
  /** Nodes that may be faulty: f = ⌊(n-1)/3⌋. */
  readonly faults: number;
  /** Notaries of a height: c = 3f+1. */
  readonly notaries: number;
  /** Shares of a notarization or finalization: c - f. */
  readonly notarization: number;
  /** Ranks 0..f may propose. */
  readonly blockMakers: number;
  /** Beacon and tape: f+1. */
  readonly low: number;
  /** Certification and catch-up package: n - f. */
  readonly high: number;
}

export function sizesOf(nodes: number): Sizes {
  const faults = Math.floor((nodes - 1) / 3), notaries = 3 * faults + 1;
  return { faults, notaries, notarization: notaries - faults, blockMakers: faults + 1, low: faults + 1, high: nodes - faults };
}

/** The nodes of a subnet with their keys and what each may do at a height. */
export interface Committee {
  readonly sizes: Sizes;
  /** Sorted by node id. */
  readonly members: readonly NodePublicKeys[];
  readonly low: Transcript;
  readonly high: Transcript;
  indexOf(node: NodeId): number;
  /** Rank of a node as block maker at the height above the beacon; undefined when it is not one. */
  rankOf(node: NodeId, beacon: RandomBeacon): number | undefined;
  isNotary(node: NodeId, beacon: RandomBeacon): boolean;
}

export function createCommittee(membership: readonly NodePublicKeys[], transcripts: { readonly low: Transcript; readonly high: Transcript }): Committee {
  assert(membership.length > 0, "a subnet has nodes");
  const members = [...membership].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const sizes = sizesOf(members.length);
  const places = new Map(members.map((member, index) => [member.nodeId, index]));
  const indexOf = (node: NodeId): number => places.get(node) ?? -1;
  const place = (purpose: "BlockmakerRanking" | "CommitteeSampling", node: NodeId, beacon: RandomBeacon): number => {
    const index = indexOf(node);
    return index < 0 ? -1 : ranking(beacon, purpose, members.length)[index]!;
  };
  return {
    sizes, members, low: transcripts.low, high: transcripts.high, indexOf,
    rankOf(node, beacon) {
      const rank = place("BlockmakerRanking", node, beacon);
      return rank >= 0 && rank < sizes.blockMakers ? rank : undefined;
    },
    isNotary(node, beacon) {
      const position = place("CommitteeSampling", node, beacon);
      return position >= 0 && position < sizes.notaries;
    },
  };
}
