import type { Height } from "../types/index.ts";
import type { BlockPayload, BlockProposal, ConsensusParams, PoolReader } from "../interfaces/consensus.ts";
import { intervalOf } from "./duty.ts";
import { isBeyond } from "./intervals.ts";

const summaries = new WeakMap<BlockProposal, BlockProposal>();

/** The summary block of the interval that a child of `parent` is in; undefined when the chain to it is not known here. */
export function summaryOf(pool: PoolReader, parent: BlockProposal): BlockProposal | undefined {
  if (parent.block.payload.kind === "summary") return parent;
  const known = summaries.get(parent), start = intervalOf(parent.block);
  if (known !== undefined) return known;
  let found = pool.finalized(start);
  for (let at: BlockProposal | undefined = parent; found === undefined && at !== undefined; at = pool.proposal(at.block.parent)) if (at.height === start) found = at;
  if (found !== undefined) summaries.set(parent, found);
  return found;
}

/**
 * Whether the child of `parent` is a summary: so many heights and so much agreed time have passed since the last one (design D7). A function of
 * the chain alone, so that all nodes say the same.
 */
export function isSummaryDue(pool: PoolReader, parent: BlockProposal, params: ConsensusParams): boolean | undefined {
  if (parent.height - intervalOf(parent.block) < params.dkgIntervalLength) return false;
  const summary = summaryOf(pool, parent);
  return summary && isBeyond(summary.block, parent.height + 1, params, (at) => ancestor(pool, parent, at)?.block.context.time);
}

/** The block of a height below `tip`; undefined when the chain to there is not known here. */
function ancestor(pool: PoolReader, tip: BlockProposal, at: Height): BlockProposal | undefined {
  if (at <= pool.finalizedHeight && tip.height >= pool.finalizedHeight) return pool.finalized(at);
  let block: BlockProposal | undefined = tip;
  while (block !== undefined && block.height > at) block = pool.proposal(block.block.parent);
  return block;
}

/** The next interval's payload: the next transcripts where there are any, else the current ones carried on (protocol digest §1.6). */
export function summaryPayload(summary: BlockProposal): BlockPayload | undefined {
  const { payload, context } = summary.block;
  if (payload.kind !== "summary") return undefined;
  const { currentTranscripts, nextTranscripts } = payload.dkg;
  return { kind: "summary", dkg: {
    registryVersion: context.registryVersion, currentTranscripts: nextTranscripts.length > 0 ? nextTranscripts : currentTranscripts, nextTranscripts: [],
  } };
}
