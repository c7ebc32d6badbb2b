import { type Batch, type Hash, type SignedIngress, bytesFromHex, height } from "../types/index.ts";
import type { DeliveredBlock, PoolReader } from "../interfaces/consensus.ts";
import { replicaVersionOfArtifacts, versionField } from "../params/versions.ts";
import { EMPTY_BATCH } from "./payloadCodec.ts";

/**
 * Rule 7: the batch of the expected height, once its block is final and its tape is known. Randomness is the tape's hash. An envelope that
 * cannot be read is left out by every node alike: only a notarized block can hold one, and then more than f notaries are faulty.
 */
export function nextBatch(pool: PoolReader, expected: number, decodeIngress: (envelope: Uint8Array) => SignedIngress | undefined): { readonly batch: Batch; readonly block: DeliveredBlock } | undefined {
  const at = height(expected), proposal = pool.finalized(at), [tape] = pool.at("randomTape", at), version = proposal && replicaVersionOfArtifacts(proposal.version);
  if (proposal === undefined || version === undefined || tape === undefined || at > pool.finalizedHeight) return undefined;
  const { block, hash, signer } = proposal, summary = block.payload.kind === "summary";
  const { ingress, xnet, consensusResponses, queryStats } = block.payload.kind === "data" ? block.payload.batch : EMPTY_BATCH;
  return {
    batch: {
      height: at, time: block.context.time, registryVersion: block.context.registryVersion, ...versionField(version), randomness: bytesFromHex(tape.id) as Hash<"RandomTape">,
      ingress: ingress.map(decodeIngress).filter((message) => message !== undefined), streams: xnet, consensusResponses, requiresCheckpoint: summary, blockMaker: signer,
      ...(queryStats?.node === signer && { queryStats }), // nobody speaks for another
    },
    block: { height: at, hash, maker: signer, rank: block.rank, summary },
  };
}
