import { type Height, type RegistryVersion, height } from "../types/index.ts";
import type { BlockPayload, BlockProposal, ConsensusParams, DkgSummary, PoolReader } from "../interfaces/consensus.ts";
import { configsFor, generatedTranscripts } from "./dkg/nextTranscripts.ts";
import { type DutyContext, intervalOf } from "./duty.ts";
import { isBeyond, nextTranscripts } from "./intervals.ts";

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
 * Whether the child of `parent` is a summary: so many heights and so much agreed time have passed since the last one (design D7), or the registry wants the subnet to stop. A function of
 * the chain alone, so that all nodes say the same.
 */
export function isSummaryDue(pool: PoolReader, parent: BlockProposal, params: ConsensusParams): boolean | undefined {
  if (params.haltsAt === undefined && parent.height - intervalOf(parent.block) < params.dkgIntervalLength) return false;
  const summary = summaryOf(pool, parent);
  return summary && isBeyond(summary.block, parent.height + 1, params, (at) => ancestor(pool, parent, at)?.block.context);
}

/** The block of a height below `tip`; undefined when the chain to there is not known here. */
function ancestor(pool: PoolReader, tip: BlockProposal, at: Height): BlockProposal | undefined {
  if (at <= pool.finalizedHeight && tip.height >= pool.finalizedHeight) return pool.finalized(at);
  let block: BlockProposal | undefined = tip;
  while (block !== undefined && block.height > at) block = pool.proposal(block.block.parent);
  return block;
}

/** Finalized summaries above the last catch-up package, the newest first. */
export function pendingSummaries(pool: PoolReader): readonly BlockProposal[] {
  const found: BlockProposal[] = [];
  for (let below = pool.finalizedHeight; ;) {
    const tip = pool.finalized(below), summary = tip && pool.finalized(intervalOf(tip.block));
    if (summary === undefined || summary.height <= pool.catchUpHeight) return found;
    found.push(summary);
    below = height(summary.height - 1);
  }
}

/** The last finalized block and the summary of its interval; undefined when that summary is not known here. */
export function finalizedSummary(pool: PoolReader): { readonly tip: BlockProposal; readonly summary: BlockProposal; readonly dkg: DkgSummary } | undefined {
  const tip = pool.finalized(pool.finalizedHeight), summary = tip && pool.finalized(intervalOf(tip.block));
  return tip !== undefined && summary?.block.payload.kind === "summary" ? { tip, summary, dkg: summary.block.payload.dkg } : undefined;
}

/**
 * The summary that follows `parent` (protocol digest §1.6): the keys that the last interval generated come into use after this one, a key whose
 * generation failed stays in use, and the generations of this interval are for the nodes of the registry version that the summary names.
 * Undefined when the chain, or that version, is not known here.
 */
export function summaryPayload(pool: PoolReader, parent: BlockProposal, version: RegistryVersion, duty: Pick<DutyContext, "verifier" | "membersAt">): BlockPayload | undefined {
  const summary = summaryOf(pool, parent), payload = summary?.block.payload, members = duty.membersAt(version);
  if (summary === undefined || payload?.kind !== "summary" || members === undefined) return undefined;
  const { low, high } = nextTranscripts(payload.dkg), generated = generatedTranscripts(pool, parent, payload.dkg, duty.verifier);
  if (generated === undefined) return undefined;
  const newest = generated.find(({ tag }) => tag === "highThreshold") ?? high;
  return { kind: "summary", dkg: {
    registryVersion: summary.block.context.registryVersion, currentTranscripts: [low, high], nextTranscripts: generated, configs: configsFor(height(parent.height + 1), members, newest),
  } };
}
