import type { ArtifactKind, BlockProposal, ConsensusArtifact, PoolReader } from "../../../src/replica/interfaces/consensus.ts";
import { ranking } from "../../../src/replica/consensus/ranking.ts";
import { blockMetadata } from "../../../src/replica/consensus/artifacts/blockProposal.ts";
import { height } from "../../../src/replica/types/index.ts";
import type { Cluster } from "../cluster.ts";
import type { SimulatedNode } from "../simulatedNode.ts";
import { digestOf, rootOf } from "../simulatedState.ts";
import { type Invariant, faultsOf, only } from "./invariant.ts";

export const S7: Invariant = {
  name: "S7", says: "each batch is delivered once to each node, in order, and is the same for all",
  watch(_, say) {
    const unique = only<number, string>(say), next = new Map<number, number>(), read = new Map<string, number>();
    return {
      began: (node) => void next.set(node.place, node.state.height + 1),
      step(node) {
        const key = `${node.place}:${node.life}`, { deliveries } = node.state;
        for (let i = read.get(key) ?? 0; i < deliveries.length; i++) {
          const { batch } = deliveries[i]!, expected = next.get(node.place);
          if (batch.height !== expected) say(`node ${node.place} got batch ${batch.height} for ${expected}`);
          next.set(node.place, batch.height + 1);
          unique(batch.height, digestOf(batch), `node ${node.place} got another batch`);
        }
        read.set(key, deliveries.length);
      },
    };
  },
};

export const S8: Invariant = {
  name: "S8", says: "the state of a height has the same root on all honest nodes, and that is what is certified",
  watch(_, say) {
    const unique = only<number, string>(say), states = new Map<string, number>(), certified = new Map<string, number>();
    return { step({ place, life, state }) {
      const key = `${place}:${life}`;
      for (let i = states.get(key) ?? 0; i < state.deliveries.length; i++) {
        const at = state.deliveries[i]!.batch.height, root = state.rootAt(at);
        if (root !== undefined) unique(at, root, `node ${place} has another state`);
      }
      states.set(key, state.deliveries.length);
      for (let i = certified.get(key) ?? 0; i < state.certified.length; i++) {
        const { height: at } = state.certified[i]!, root = state.rootAt(at);
        if (root !== undefined && root !== rootOf(state.certified[i]!)) say(`node ${place}: another root is certified at ${at}`);
        unique(at, rootOf(state.certified[i]!), `node ${place}: another root is certified`);
      }
      certified.set(key, state.certified.length);
    } };
  },
};

export const S9: Invariant = {
  name: "S9", says: "block time grows, certified height and registry version never shrink along the chain",
  watch(_, say) {
    const seen = new Set<BlockProposal>();
    return { step(node, sent) {
      for (const artifact of sent) {
        if (artifact.kind !== "notarization") continue;
        const proposal = node.consensus.pool.proposal(artifact.block), parent = proposal && node.consensus.pool.proposal(proposal.block.parent);
        if (proposal === undefined || parent === undefined || seen.has(proposal)) continue;
        seen.add(proposal);
        const { context } = proposal.block, above = parent.block.context;
        if (context.time <= above.time) say(`time stands still at ${proposal.height}`);
        if (context.certifiedHeight < above.certifiedHeight || context.registryVersion < above.registryVersion) say(`the context goes back at ${proposal.height}`);
      }
    } };
  },
};

export const S10: Invariant = {
  name: "S10", says: "C ≤ F, E ≤ F+1, and a block's certified height is below its own",
  watch(_, say) {
    return { step({ place, consensus: { heights, pool }, state }, sent) {
      if (heights.catchUp > heights.finalized) say(`node ${place} has a package of ${heights.catchUp} and finalized ${heights.finalized}`);
      if (state.height > heights.finalized) say(`node ${place} executed ${state.height} and finalized ${heights.finalized}`);
      for (const artifact of sent) {
        const block = artifact.kind === "notarization" ? pool.proposal(artifact.block)?.block : undefined;
        if (block !== undefined && block.context.certifiedHeight >= block.height) say(`the block of ${block.height} names certified height ${block.context.certifiedHeight}`);
      }
    } };
  },
};

const CHAIN: readonly ArtifactKind[] = ["notarization", "finalization", "randomBeacon", "randomTape", "certification", "blockProposal"];
const SHARES: readonly ArtifactKind[] = ["notarizationShare", "finalizationShare"];
/** Kept below a catch-up package (§1.4, rule 17). */
const KEPT = 50;
/** What a height may hold (§1.2): beside what is final nothing; above it a block and a notarization of each maker, or two that equivocated. */
function tooMany(pool: PoolReader, h: number, nodes: number): string | undefined {
  const at = height(h), makers = faultsOf(nodes) + 1, final = h <= pool.finalizedHeight;
  for (const kind of CHAIN) {
    const found = pool.at(kind, at).length, allowed = final || kind.startsWith("random") ? 1 : kind === "blockProposal" || kind === "notarization" ? 4 * makers : 2;
    if (found > allowed) return `${found} ${kind}s at ${h}`;
  }
  for (const kind of SHARES) if (final && pool.at(kind, at).length + pool.unvalidatedAt(kind, at).length > 0) return `${kind}s at ${h}, which is final`;
  return undefined;
}
/** Height of the summary that opened the interval of the tip. */
function interval(pool: PoolReader): number {
  const tip = pool.finalized(pool.finalizedHeight);
  return tip === undefined ? 0 : tip.block.payload.kind === "summary" ? tip.height : tip.block.intervalStart;
}
export const S11: Invariant = {
  name: "S11", says: "pools stay within what their heights may hold, and old heights leave them",
  watch({ keys, params }, say) {
    const nodes = keys.members.length;
    return { step({ place, state, consensus: { pool } }) {
      const top = Math.max(pool.notarizedHeight, pool.beaconHeight), bottom = Math.min(pool.catchUpHeight - KEPT, state.height);
      for (let h = Math.max(0, bottom - 3); h < bottom; h++) for (const kind of CHAIN) if (h > 0 && pool.at(kind, height(h)).length > 0) say(`node ${place} keeps a ${kind} of ${h}, below ${bottom}`);
      for (let h = Math.max(1, pool.finalizedHeight - 3); h <= top; h++) {
        const found = tooMany(pool, h, nodes);
        if (found !== undefined) say(`node ${place} holds ${found}`);
      }
      const dealt = pool.at("dkgDealing", height(interval(pool))).map(({ signer, dkgId }) => `${signer} ${dkgId}`);
      if (new Set(dealt).size !== dealt.length) say(`node ${place} holds two dealings of a dealer at ${interval(pool)}`);
      const { sizes } = pool as unknown as { readonly sizes: { readonly validated: number; readonly unvalidated: number } };
      const window = top - Math.max(0, bottom) + 2;
      if (sizes.validated > window * (7 + 2 * nodes) + 64) say(`node ${place} holds ${sizes.validated} artifacts of ${window} heights`);
      if (sizes.unvalidated > (params.dkgIntervalLength + 72 + KEPT) * 14 * (4 * nodes + 8)) say(`node ${place} holds ${sizes.unvalidated} unvalidated artifacts`);
    } };
  },
};

export const S12: Invariant = {
  name: "S12", says: "a proof of equivocation verifies, and names nobody honest",
  watch(cluster, say) {
    const { keys, verifier, subnetId } = cluster;
    return { step(node, sent) {
      for (const artifact of sent) {
        if (artifact.kind !== "equivocationProof") continue;
        const member = keys.members.findIndex(({ nodeId }) => nodeId === artifact.signer), { first, second } = artifact;
        const signed = member >= 0 && first.hash !== second.hash && [first, second].every(({ hash, signature }) => verifier.verifyBasic(keys.members[member]!.publicKey, blockMetadata(hash, artifact.height, subnetId), signature));
        const guilty = cluster.nodes.some((other) => other.member === member && !cluster.isHonest(other.place)) || cluster.wasFaulty(member);
        if (!signed || !guilty) say(`node ${node.place} holds a proof of ${artifact.height} that ${signed ? "names an honest node" : "does not verify"}`);
      }
    } };
  },
};

/** Who may do what at a height, by the digest's own formulas (§1.1). */
function outsider(cluster: Cluster, { consensus: { pool } }: SimulatedNode, artifact: ConsensusArtifact): string | undefined {
  const { members } = cluster.keys, nodes = members.length, f = faultsOf(nodes), beacon = pool.beacon(height(artifact.height - 1));
  const place = (purpose: "BlockmakerRanking" | "CommitteeSampling", member: number): number => ranking(beacon!, purpose, nodes)[member]!;
  if (artifact.kind === "blockProposal" && beacon !== undefined && artifact.height > 0) {
    const member = members.findIndex(({ nodeId }) => nodeId === artifact.signer), rank = member < 0 ? -1 : place("BlockmakerRanking", member);
    return rank >= 0 && rank <= f && rank === artifact.block.rank ? undefined : `a block of rank ${artifact.block.rank} by a node of rank ${rank}`;
  }
  if ((artifact.kind === "notarization" || artifact.kind === "finalization") && beacon !== undefined) {
    const fine = artifact.signers.filter((member) => member >= 0 && member < nodes && place("CommitteeSampling", member) < 3 * f + 1);
    return new Set(fine).size === artifact.signers.length && fine.length >= 2 * f + 1 ? undefined : `a ${artifact.kind} with ${fine.length} notaries of ${artifact.signers.length} signers`;
  }
  return undefined;
}
export const S13: Invariant = {
  name: "S13", says: "nothing is valid whose signer had no part in the committee of its height",
  watch(cluster, say) {
    return { step(node, sent) {
      for (const artifact of sent) {
        const found = outsider(cluster, node, artifact);
        if (found !== undefined) say(`node ${node.place} took ${found} at ${artifact.height}`);
      }
    } };
  },
};
