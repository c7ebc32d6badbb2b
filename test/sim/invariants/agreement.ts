import type { BlockHash, BlockProposal, ConsensusArtifact } from "../../../src/replica/interfaces/consensus.ts";
import { height } from "../../../src/replica/types/index.ts";
import type { SimulatedNode } from "../simulatedNode.ts";
import { type Invariant, only, own, setOf } from "./invariant.ts";

/** Calls back for each block that a node newly knows to be final. */
function finalizedBlocks(tell: (node: SimulatedNode, block: BlockProposal) => void): (node: SimulatedNode) => void {
  const seen = new Map<string, number>();
  return (node) => {
    const { pool } = node.consensus, key = `${node.place}:${node.life}`;
    for (let h = (seen.get(key) ?? 0) + 1; h <= pool.finalizedHeight; h++) {
      const block = pool.finalized(height(h));
      if (block !== undefined) tell(node, block);
      seen.set(key, h);
    }
  };
}

export const S1: Invariant = {
  name: "S1", says: "at most one block of a height is ever final, in all honest pools",
  watch(_, say) {
    const unique = only<number, BlockHash>(say), step = finalizedBlocks((node, block) => unique(block.height, block.hash, `node ${node.place} has another final block`));
    return { step };
  },
};

export const S2: Invariant = {
  name: "S2", says: "the final block of a height is the parent of the next one",
  watch(_, say) {
    return { step: finalizedBlocks((node, { block, height: at }) => {
      const below = node.consensus.pool.finalized(height(at - 1));
      if (below !== undefined && block.parent !== below.hash) say(`node ${node.place}: the chain breaks below ${at}`);
    }) };
  },
};

export const S3: Invariant = {
  name: "S3", says: "beside a finalized block no other of its height is ever notarized",
  watch(_, say) {
    const notarized = new Map<number, Set<BlockHash>>(), finalized = new Map<number, Set<BlockHash>>();
    return { step(node, sent) {
      for (const artifact of sent) {
        if (artifact.kind !== "notarization" && artifact.kind !== "finalization") continue;
        setOf(artifact.kind === "notarization" ? notarized : finalized, artifact.height).add(artifact.block);
        const others = [...setOf(notarized, artifact.height)].filter((block) => setOf(finalized, artifact.height).size > 0 && !setOf(finalized, artifact.height).has(block));
        if (others.length > 0) say(`node ${node.place}: ${others.length} other notarized at ${artifact.height}`);
      }
    } };
  },
};

export const S4: Invariant = {
  name: "S4", says: "no honest node finalizes two blocks of a height, or finalizes one and notarizes another, whatever restarts there were",
  watch(_, say) {
    const notarized = new Map<string, Set<BlockHash>>(), finalized = new Map<string, Set<BlockHash>>();
    return { step(node, sent) {
      for (const artifact of sent) {
        if ((artifact.kind !== "notarizationShare" && artifact.kind !== "finalizationShare") || !own(node, artifact)) continue;
        const key = `${node.id}:${artifact.height}`;
        setOf(artifact.kind === "notarizationShare" ? notarized : finalized, key).add(artifact.block);
        const final = setOf(finalized, key);
        if (final.size > 1) say(`node ${node.place} finalized two blocks at ${artifact.height}`);
        if (final.size > 0 && [...setOf(notarized, key)].some((block) => !final.has(block))) say(`node ${node.place} finalized one block and notarized another at ${artifact.height}`);
      }
    } };
  },
};

export const S5: Invariant = {
  name: "S5", says: "an honest node notarizes in its current round alone, and never a rank above one that it signed",
  watch(_, say) {
    const ranks = new Map<string, number>();
    return { change(node, duty, changes, pool) {
      if (duty !== "notary") return;
      for (const change of changes) {
        if (change.kind !== "addToValidated" || change.artifact.kind !== "notarizationShare") continue;
        const { height: at, block } = change.artifact, key = `${node.id}:${at}`, proposal = pool.proposal(block);
        if (at !== pool.notarizedHeight + 1) say(`node ${node.place} notarized at ${at} in round ${pool.notarizedHeight + 1}`);
        if (proposal === undefined) { say(`node ${node.place} notarized what it does not know at ${at}`); continue; }
        const { rank } = proposal.block, best = Math.min(...pool.at("blockProposal", at).filter(({ signer }) => !pool.at("equivocationProof", at).some((proof) => proof.signer === signer)).map((known) => known.block.rank));
        const signed = pool.at("equivocationProof", at).length > 0 ? Number.POSITIVE_INFINITY : ranks.get(key) ?? Number.POSITIVE_INFINITY;
        if (rank > best || rank > signed) say(`node ${node.place} notarized rank ${rank} at ${at} though it knew rank ${Math.min(best, signed)}`);
        ranks.set(key, Math.min(rank, ranks.get(key) ?? Number.POSITIVE_INFINITY));
      }
    } };
  },
};

const UNIQUE: readonly ConsensusArtifact["kind"][] = ["randomBeacon", "randomTape", "certification", "catchUpPackage"];
export const S6: Invariant = {
  name: "S6", says: "beacon, tape, certification and catch-up package of a height are the same bytes everywhere",
  watch(_, say) {
    const unique = only<string, string>(say);
    return { step(node, sent) { for (const { kind, height: at, id } of sent) if (UNIQUE.includes(kind)) unique(`${kind} ${at}`, id, `node ${node.place} has other bytes`); } };
  },
};
