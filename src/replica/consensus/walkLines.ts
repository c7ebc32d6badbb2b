import type { SignedIngress, SubnetId } from "../types/index.ts";
import type { BlockProposal, ConsensusArtifact, ConsensusOptions, PoolReader } from "../interfaces/consensus.ts";
import type { Log } from "../interfaces/runtime.ts";

const messagesOf = ({ block: { payload } }: BlockProposal, decode: ConsensusOptions["decodeIngress"]): readonly SignedIngress[] =>
  payload.kind === "data" ? payload.batch.ingress.map(decode).filter((message) => message !== undefined) : [];

/** Tells of rooms 8 and 9 of the walk, a line a message: this node's own proposal, and what the subnet agreed on. Made only when somebody listens. */
export function createWalkLines(log: Log, pool: PoolReader, { nodeId, subnetId, decodeIngress, expectedBatchHeight }: ConsensusOptions): (artifact: ConsensusArtifact) => void {
  let agreed = 0;
  const tell = (room: string, event: string, proposal: BlockProposal, subnet: SubnetId): void => {
    for (const { messageId } of messagesOf(proposal, decodeIngress)) log({ room, event, messageId, subnet, height: proposal.height, block: proposal.hash });
  };
  return (artifact) => {
    if (artifact.kind === "blockProposal" && artifact.signer === nodeId) tell("proposal", "proposed", artifact, subnetId);
    for (let at = Math.max(agreed + 1, expectedBatchHeight()); at <= pool.finalizedHeight; at++) {
      const proposal = pool.finalized(at as typeof pool.finalizedHeight);
      if (proposal !== undefined) tell("agreement", "finalized", proposal, subnetId);
      agreed = at;
    }
  };
}
