import { type NodeId, type SubnetId, height } from "../types/index.ts";
import type { BlockProposal, PoolReader } from "../interfaces/consensus.ts";
import { finalizationShareRow } from "./artifacts/agreement.ts";
import { randomBeaconShareRow, randomTapeShareRow } from "./artifacts/randomness.ts";
import type { Transcript } from "../interfaces/crypto.ts";

const unsigned = new Uint8Array(0);

/**
 * What a node that proposed a block will sign when all goes well, besides its notarization: the block's finalization, the next beacon (the
 * block's own was made as soon as the height below was notarized) and the next tape, both with its share of `low`. Whether it signs is decided by the duties; that these are the bytes follows from the protocol.
 */
export function upcoming({ height: at, hash, version }: BlockProposal, pool: PoolReader, subnetId: SubnetId, signer: NodeId, low: Transcript | undefined): readonly { readonly transcriptId?: string; readonly message: Uint8Array }[] {
  const next = height(at + 1), parent = pool.beacon(at);
  return [
    { message: finalizationShareRow.signedBytes(at, { block: hash, signer, signature: unsigned }, subnetId, version) },
    ...(parent === undefined || low === undefined ? [] : [{ transcriptId: low.id, message: randomBeaconShareRow.signedBytes(next, { parent: parent.id, signer, signature: unsigned }, subnetId, version) }]),
    ...(low === undefined ? [] : [{ transcriptId: low.id, message: randomTapeShareRow.signedBytes(next, { signer, signature: unsigned }, subnetId, version) }]),
  ];
}
