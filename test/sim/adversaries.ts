import type { ConsensusArtifact, PoolChange } from "../../src/replica/interfaces/consensus.ts";
import { seal } from "../../src/replica/consensus/artifact.ts";
import { rowOf } from "../../src/replica/consensus/artifactRows.ts";
import { blockHash, blockMetadata } from "../../src/replica/consensus/artifacts/blockProposal.ts";
import { blockMaker } from "../../src/replica/consensus/blockMaker.ts";
import { finalizer } from "../../src/replica/consensus/finalizer.ts";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { encodePayload } from "../../src/replica/consensus/payloadCodec.ts";
import { height, time } from "../../src/replica/types/index.ts";

/** Actors that speak the real protocol and do not keep its rules. */

/** Signs a second, different block whenever it makes one. */
export const equivocatingBlockMaker: Duty = {
  name: "blockMaker",
  onStateChange(pool, duty) {
    return blockMaker.onStateChange(pool, duty).flatMap((change): PoolChange[] => {
      if (change.kind !== "addToValidated" || change.artifact.kind !== "blockProposal") return [change];
      const { block: first, height: at, signer } = change.artifact;
      const block = { ...first, context: { ...first.context, time: time(first.context.time + 1n) } };
      const hash = blockHash(block, encodePayload(block.payload));
      const signature = duty.keys.signBasic(blockMetadata(hash, at, duty.subnetId));
      return [change, { kind: "addToValidated", artifact: seal(rowOf("blockProposal"), at, { block, hash, signer, signature }) }];
    });
  },
};

/** "Notarize all": signs every block that it sees in the round, also equivocations. */
export const notarizeAll: Duty = {
  name: "notary",
  onStateChange(pool, { nodeId, subnetId, keys }) {
    const at = height(pool.notarizedHeight + 1);
    return [...pool.at("blockProposal", at), ...pool.unvalidatedAt("blockProposal", at)]
      .filter(({ hash }) => !pool.at("notarizationShare", at).some((share) => share.signer === nodeId && share.block === hash)).map(({ hash: block }) => {
        const signature = keys.signMulti(rowOf("notarizationShare").signedBytes(at, { block, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
        return { kind: "addToValidated", artifact: seal(rowOf("notarizationShare"), at, { block, signer: nodeId, signature }) };
      });
  },
};

/** "Finalize all": signs every notarized block. */
export const finalizeAll: Duty = {
  name: "finalizer",
  onStateChange(pool, { nodeId, subnetId, keys }) {
    const changes: PoolChange[] = [];
    for (let h = pool.finalizedHeight + 1; h <= pool.notarizedHeight; h++) {
      const at = height(h);
      for (const { block } of pool.at("notarization", at)) {
        if (pool.at("finalizationShare", at).some((share) => share.signer === nodeId && share.block === block)) continue;
        const signature = keys.signMulti(rowOf("finalizationShare").signedBytes(at, { block, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
        changes.push({ kind: "addToValidated", artifact: seal(rowOf("finalizationShare"), at, { block, signer: nodeId, signature }) });
      }
    }
    return changes;
  },
};

export const silentNotary: Duty = { name: "notary", onStateChange: () => [] };

/** The fault of a forgetful programmer: finalizes without asking what this node has notarized. Not an adversary, a bug to be caught. */
export const forgetfulFinalizer: Duty = {
  name: "finalizer",
  onStateChange(pool, duty) {
    const blind: typeof pool = Object.create(pool, {
      at: { value: (kind: ConsensusArtifact["kind"], at: number) => (kind === "notarizationShare" ? [] : pool.at(kind, height(at))) },
    });
    return finalizer.onStateChange(blind, duty);
  },
};

