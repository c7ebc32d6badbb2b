import type { BlockHash, ConsensusArtifact } from "../../src/replica/interfaces/consensus.ts";
import { hexFromBytes, height } from "../../src/replica/types/index.ts";
import type { SimulatedNode } from "./simulatedNode.ts";

/** The rules of protocol digest §1.8 that were broken, as sentences; empty when all is well. */
export interface Invariants {
  /** After every step of an honest node. `sent`: what it has just sent. */
  check(node: SimulatedNode, sent: readonly ConsensusArtifact[]): void;
  readonly violations: readonly string[];
  /** Of the finalized chain and of the roots. */
  readonly finalized: ReadonlyMap<number, BlockHash>;
  readonly roots: ReadonlyMap<number, string>;
}

export function createInvariants(): Invariants {
  const violations: string[] = [], finalized = new Map<number, BlockHash>(), batches = new Map<number, string>(), roots = new Map<number, string>();
  const finalizedSeen = new Map<string, number>(), delivered = new Map<string, number>(), certifiedSeen = new Map<string, number>();
  const notarizationShares = new Map<string, Set<BlockHash>>(), finalizationShares = new Map<string, Set<BlockHash>>();
  const unique = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, rule: string): void => {
    const known = map.get(key);
    if (known === undefined) map.set(key, value);
    else if (known !== value) violations.push(`${rule} at ${String(key)}`);
  };
  const gather = (map: Map<string, Set<BlockHash>>, key: string, block: BlockHash): Set<BlockHash> => {
    const blocks = map.get(key) ?? new Set<BlockHash>();
    map.set(key, blocks.add(block));
    return blocks;
  };
  const safety = (node: SimulatedNode): void => {
    const { pool } = node.consensus;
    for (let h = (finalizedSeen.get(node.id) ?? 0) + 1; h <= pool.finalizedHeight; h++) {
      const block = pool.finalized(height(h)), below = pool.finalized(height(h - 1));
      if (block === undefined) continue;
      unique(finalized, h, block.hash, "S1: two finalized blocks");
      if (below !== undefined && block.block.parent !== below.hash) violations.push(`S2: the finalized chain breaks at ${h}`);
      finalizedSeen.set(node.id, h);
    }
  };
  const ownShares = (node: SimulatedNode, sent: readonly ConsensusArtifact[]): void => {
    for (const artifact of sent) {
      if (!("signer" in artifact) || artifact.signer !== node.id) continue;
      const key = `${node.id}:${artifact.height}`;
      if (artifact.kind === "notarizationShare") gather(notarizationShares, key, artifact.block);
      if (artifact.kind === "finalizationShare" && gather(finalizationShares, key, artifact.block).size > 1) violations.push(`S4: two finalization shares of node ${node.index} at ${artifact.height}`);
      const others = [...notarizationShares.get(key) ?? []].filter((block) => finalizationShares.get(key)?.has(block) === false);
      if (others.length > 0) violations.push(`S4: node ${node.index} finalized one block and notarized another at ${artifact.height}`);
    }
  };
  const deliveries = (node: SimulatedNode): void => {
    for (let i = delivered.get(node.id) ?? 0; i < node.state.batches.length; i++) {
      const batch = node.state.batches[i]!;
      if (batch.height !== i + 1) violations.push(`S7: batch ${batch.height} came as number ${i + 1} to node ${node.index}`);
      unique(batches, batch.height, `${batch.time}:${hexFromBytes(batch.randomness)}:${batch.registryVersion}:${batch.ingress.length}`, "S7: different batches");
      unique(roots, batch.height, node.state.rootAt(batch.height)!, "S8: different states");
      delivered.set(node.id, i + 1);
    }
    for (let i = certifiedSeen.get(node.id) ?? 0; i < node.state.certified.length; i++) {
      const { height: at, hash } = node.state.certified[i]!;
      if (node.state.rootAt(at) !== hexFromBytes(hash)) violations.push(`S8: certified another root at ${at}`);
      certifiedSeen.set(node.id, i + 1);
    }
  };
  return {
    violations, finalized, roots,
    check(node, sent) { safety(node); ownShares(node, sent); deliveries(node); },
  };
}
