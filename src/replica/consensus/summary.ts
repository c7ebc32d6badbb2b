import { type Time, time } from "../types/index.ts";
import type { BlockPayload, BlockProposal, ConsensusParams, PoolReader } from "../interfaces/consensus.ts";
import { intervalOf } from "./duty.ts";

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
  const start = intervalOf(parent.block);
  if (parent.height - start < params.dkgIntervalLength) return false;
  const summary = summaryOf(pool, parent);
  if (summary === undefined) return undefined;
  return time(parent.block.context.time) >= ((summary.block.context.time + params.dkgIntervalTime) as Time);
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
