import type { Height } from "../types/index.ts";
import { height } from "../types/index.ts";
import type { Block, BlockProposal, ConsensusParams, DkgSummary, PoolReader, ValidationContext } from "../interfaces/consensus.ts";
import type { NodePublicKeys, Transcript } from "../interfaces/crypto.ts";
import { type Committee, createCommittee } from "./committee.ts";
import { GAP_MAX, intervalOf } from "./duty.ts";

/**
 * Whether a height lies behind the interval that a summary opened: so many heights have passed, and so much agreed time (design D7). The time is
 * that of the block `GAP_MAX` below, which is final wherever the height may be signed at all; so the height alone decides, never one of several
 * blocks of it, and everybody knows a height's committee before its block. By the same block the interval ends early when the registry wants the
 * subnet to stop, and did not yet when it began. Undefined while that block is not known here.
 */
export function isBeyond({ height: start, context }: Block, at: number, params: ConsensusParams, contextAt: (at: Height) => ValidationContext | undefined): boolean | undefined {
  const { haltsAt } = params, long = at > start + params.dkgIntervalLength, mayHalt = haltsAt !== undefined && at > start + GAP_MAX && haltsAt(context.registryVersion) === false;
  if (!long && !mayHalt) return false;
  if (long && params.dkgIntervalTime === 0n) return true;
  const then = contextAt(height(Math.max(start, at - GAP_MAX)));
  if (then === undefined) return undefined;
  if (long && then.time - context.time >= params.dkgIntervalTime) return true;
  return mayHalt && haltsAt(then.registryVersion);
}

type Transcripts = { readonly low: Transcript; readonly high: Transcript };
const ofTag = (transcripts: readonly Transcript[], tag: Transcript["tag"]): Transcript | undefined => transcripts.find((transcript) => transcript.tag === tag);

/** The keys of the interval that a summary opens. */
export const currentTranscripts = ({ currentTranscripts: current }: DkgSummary): Transcripts => ({ low: ofTag(current, "lowThreshold")!, high: ofTag(current, "highThreshold")! });
/** Those of the interval after it: a key whose generation failed is used for longer (protocol digest §1.6). */
export function nextTranscripts({ currentTranscripts: current, nextTranscripts: next }: DkgSummary): Transcripts {
  const of = (tag: Transcript["tag"]): Transcript => ofTag(next, tag) ?? ofTag(current, tag)!;
  return { low: of("lowThreshold"), high: of("highThreshold") };
}

/** Who may do what at a height: membership and keys of its interval, from the last finalized summary at or below it (protocol digest §1.6). */
export interface Committees {
  /** Undefined when no finalized summary covers the height, or the registry version that it names is not here yet: wait. */
  at(at: Height): Committee | undefined;
}

/** Answers kept: heights that a node looks at again and again. */
const KEPT = 1024;

/** @param membersAt the subnet's nodes at a registry version; undefined while this node does not have it */
export function createCommittees(pool: PoolReader, params: ConsensusParams, membersAt: (version: number) => readonly NodePublicKeys[] | undefined): Committees {
  const known = new Map<Height, Committee>(), made = new Map<string, Committee>();
  const committee = (version: number, transcripts: Transcripts): Committee | undefined => {
    const name = `${version} ${transcripts.low.id} ${transcripts.high.id}`, before = made.get(name), members = before === undefined ? membersAt(version) : undefined;
    if (before !== undefined || members === undefined || members.length === 0) return before;
    const fresh = createCommittee(members, transcripts);
    if (made.size > 16) made.clear();
    made.set(name, fresh);
    return fresh;
  };
  const contextAt = (at: Height): ValidationContext | undefined => pool.finalized(at)?.block.context;

  function find(at: Height): Committee | undefined {
    const tip = pool.finalized(height(Math.min(at, pool.finalizedHeight)));
    const summary: BlockProposal | undefined = tip && pool.finalized(intervalOf(tip.block));
    if (summary === undefined || summary.block.payload.kind !== "summary") return undefined;
    const { block } = summary, { dkg } = summary.block.payload;
    const beyond = isBeyond(block, at, params, contextAt);
    if (beyond === undefined) return undefined;
    if (!beyond) return committee(dkg.registryVersion, currentTranscripts(dkg));
    let first = at as number;
    while (first - 1 > pool.finalizedHeight && isBeyond(block, first - 1, params, contextAt) === true) first--;
    return at <= first + params.dkgIntervalLength ? committee(block.context.registryVersion, nextTranscripts(dkg)) : undefined;
  }
  return {
    at(at) {
      const before = known.get(at);
      if (before !== undefined) return before;
      const found = find(at);
      if (found === undefined) return undefined;
      if (known.size >= KEPT) known.clear();
      known.set(at, found);
      return found;
    },
  };
}
