/** Protocol digest §1.4, "Status": a subnet that is to stop at a catch-up package makes empty blocks behind the summary until its state is certified, then none. */
import type { Height } from "../types/index.ts";
import type { BlockProposal, ConsensusParams, PoolReader } from "../interfaces/consensus.ts";
import { finalizedSummary, summaryOf } from "./summary.ts";

/** Whether the registry version that a summary names wants the subnet to stop there. */
const halts = ({ haltsAt }: ConsensusParams, summary: BlockProposal | undefined, made?: number): boolean => haltsAt !== undefined && summary !== undefined && haltsAt(summary.block.context.registryVersion, made) === true;

/** Whether the children of this block are behind a summary that the subnet stops at: they are empty, and never executed. */
export const isHalting = (pool: PoolReader, parent: BlockProposal, params: ConsensusParams): boolean => params.haltsAt !== undefined && halts(params, summaryOf(pool, parent));

/** Whether a finalized block lies behind such a summary. */
export function isBehindHalt(pool: PoolReader, at: Height, params: ConsensusParams): boolean {
  const proposal = params.haltsAt === undefined ? undefined : pool.finalized(at);
  return proposal !== undefined && proposal.block.payload.kind !== "summary" && halts(params, pool.finalized(proposal.block.intervalStart), proposal.version);
}

/** Whether the finalized chain knows that the state of such a summary is certified: no more blocks are needed. */
export function isHalted(pool: PoolReader, params: ConsensusParams): boolean {
  const found = params.haltsAt === undefined ? undefined : finalizedSummary(pool);
  return found !== undefined && halts(params, found.summary) && found.tip.block.context.certifiedHeight >= found.summary.height;
}
