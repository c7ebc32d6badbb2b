import { type Plan, planOfSeed } from "./plan.ts";

/** A bug, put into a copy of the sources: the text `from`, which the file holds once, becomes `to`. */
export interface Edit { readonly file: string; readonly from: string; readonly to: string }
export interface PlantedBug {
  readonly name: string;
  /** The rule that must catch it. */
  readonly invariant: string;
  readonly edits: readonly Edit[];
  /** Nodes of the runs; four unless said otherwise. */
  readonly nodes?: number;
  /** Seeds that can show it at all, by what they draw: the others are left out. */
  readonly when?: (seed: number) => boolean;
}
const plans = new Map<number, Plan>();
/** What a seed of four nodes draws. */
function planOf(seed: number): Plan {
  const known = plans.get(seed) ?? planOfSeed(seed, 4);
  plans.set(seed, known);
  return known;
}
const drawing = (...classes: readonly string[]) => (seed: number): boolean => classes.some((name) => planOf(seed).classes.includes(name));
/** The halves are apart for so long that each goes on alone, if it can. */
const splitting = (seed: number): boolean => planOf(seed).events.some((event) => event.kind === "partition" && event.lastsMs > 2_000 && event.groups.every((group) => group.length === 2));
const bursting = (seed: number): boolean => seed % 10 === 3;
const inRoom = (room: string) => (file: string, from: string, to: string): Edit => ({ file: `src/replica/${room}/${file}`, from, to });
const consensus = inRoom("consensus"), messaging = inRoom("messaging"), crypto = inRoom("crypto"), execution = inRoom("execution"), state = inRoom("state"), certification = inRoom("certification");

/** What the checker is checked with: each of these must be seen by its rule within 200 seeds, and the same seeds without it must pass. */
export const PLANTED: readonly PlantedBug[] = [
  { name: "f+1 notaries are enough", invariant: "S1", when: splitting, edits: [consensus("committee.ts", "notarization: notaries - faults,", "notarization: faults + 1,")] },
  { name: "a final block's ancestors are taken by height, not by parent", invariant: "S2", edits: [consensus("pool.ts", "block = proposals.get(block.block.parent))", "block = [...proposals.values()].find((known) => known.height === block!.height - 1))")] },
  { name: "signatures of f+1 notaries are combined, and taken", invariant: "S3", when: splitting, edits: [
    consensus("shareAggregator.ts", "if (shares.length < committee.sizes.notarization) return undefined;", "if (shares.length < committee.sizes.low) return undefined;"),
    consensus("shareAggregator.ts", "shares.slice(0, committee.sizes.notarization)", "shares.slice(0, committee.sizes.low)"),
    consensus("artifacts/multiSignature.ts", "signers.length < committee.sizes.notarization", "signers.length < committee.sizes.low"),
  ] },
  { name: "the finalizer forgets what it notarized", invariant: "S4", edits: [consensus("finalizer.ts", "share.signer === nodeId && share.block !== block)", "share.signer === nodeId && share.block === undefined)")] },
  { name: "the notary signs every rank", invariant: "S5", edits: [consensus("blockValidator.ts", "if (block.rank > best) return WAIT;", "if (block.rank > best + 9) return WAIT;"), consensus("notary.ts", "proposal.block.rank === lowest && ", "")] },
  { name: "beacons and tapes are not checked", invariant: "S6", when: drawing("invalidAggregates"), edits: [consensus("artifacts/randomness.ts", "verifier.verifyBls(committee.low.publicCoefficients[0]!, message, signature);", "committee !== undefined && message !== undefined && signature.length === 48 && verifier !== undefined;")] },
  { name: "delivers the first block of a height, not the final one", invariant: "S7", edits: [consensus("batchDelivery.ts", "proposal = pool.finalized(at),", "proposal = pool.at(\"blockProposal\", at)[0],")] },
  { name: "senders take turns in an order that depends on how often this process asked", invariant: "S8", edits: [
    messaging("streamBuilder.ts", "  let senders = [...tip.base.active.keys()].filter(", "  let senders = ((asked = !asked) ? [...tip.base.active.keys()] : [...tip.base.active.keys()].reverse()).filter("),
    messaging("streamBuilder.ts", "/** A request that has no way out is answered here. */", "let asked = false;\n/** A request that has no way out is answered here. */"),
  ] },
  { name: "a block's context may go back", invariant: "S9", when: drawing("backdate"), edits: [consensus("blockValidator.ts", "return invalid(\"context goes back\");", "duty.registryVersion.toString();")] },
  { name: "a package moves the height of packages alone", invariant: "S10", when: drawing("exile"), edits: [consensus("pool.ts", "    finalize(pack.content.block);", "    void pack.content.block;")] },
  { name: "blocks that lost stay in the pool", invariant: "S11", edits: [consensus("purger.ts", "      ...losers(pool),", "      ...losers(pool).slice(0, 0),")] },
  { name: "two makers of one height count as one that equivocated", invariant: "S12", edits: [consensus("blockValidator.ts", "find((known) => known.signer === proposal.signer && known.hash", "find((known) => known.hash")] },
  { name: "a restart forgets the blocks that it knew", invariant: "S11", when: drawing("crash"), edits: [consensus("createConsensus.ts", "const DURABLE: readonly ArtifactKind[] = [\"blockProposal\", ", "const DURABLE: readonly ArtifactKind[] = [")] },
  { name: "everybody is a block maker", invariant: "S13", edits: [consensus("committee.ts", "return rank >= 0 && rank < sizes.blockMakers ? rank : undefined;", "return rank >= 0 ? rank : undefined;")] },
  { name: "no beacon is begun above height 60", invariant: "L1", edits: [consensus("randomBeaconMaker.ts", "next > pool.notarizedHeight + 1", "next > Math.min(60, pool.notarizedHeight + 1)")] },
  { name: "the block maker of rank 0 waits until the others are done", invariant: "L2", edits: [consensus("blockMaker.ts", "params.unitDelay * BigInt(rank))", "params.unitDelay * BigInt(rank === 0 ? 3 : rank))")] },
  { name: "a few messages of users never find a place in a block", invariant: "L3", edits: [consensus("payload/ingressSection.ts", "|| taken.has(message.messageId) || included(past, message.messageId)) continue;", "|| message.messageId < \"2\" || taken.has(message.messageId) || included(past, message.messageId)) continue;")] },
  { name: "the tape ends at height 50", invariant: "L3", edits: [consensus("randomTapeMaker.ts", "at <= pool.finalizedHeight + 1; at++)", "at <= Math.min(50, pool.finalizedHeight + 1); at++)")] },
  { name: "nobody makes a package before the next interval is over", invariant: "L4", edits: [consensus("catchUpPackageMaker.ts", "tip.block.context.certifiedHeight < summary.height && ", "tip.block.context.certifiedHeight < summary.height + 30 && ")] },
  { name: "nobody deals", invariant: "L4", edits: [consensus("dkg/dealer.ts", "if (offset >= dealingsEnd(length)) return [];", "if (offset >= 0) return [];")] },
  { name: "nobody reviews what was dealt", invariant: "L4", edits: [consensus("dkg/reviewer.ts", "if (offset < dealingsEnd(length)) return [];", "if (offset >= 0) return [];")] },
  { name: "a dealer may deal twice", invariant: "S11", when: drawing("badDealing"), edits: [consensus("dkg/dkgValidator.ts", "else if (taken.has(name)) changes", "else if (taken.has(name) && name === \"\") changes")] },
  { name: "packages of others are not taken", invariant: "L5", when: drawing("exile"), edits: [consensus("aggregateValidator.ts", "return until === undefined ? settle(pool, duty, pack) : [{ kind: \"wake\", at: until }];", "return until === undefined ? [] : [{ kind: \"wake\", at: until }];")] },
  { name: "the newest heights are not finalized", invariant: "L6", edits: [consensus("finalizer.ts", "h <= pool.notarizedHeight; h++)", "h <= pool.notarizedHeight - 3; h++)")] },
  { name: "the first member has to sign", invariant: "L7", edits: [consensus("shareAggregator.ts", "if (placed.length < transcript.threshold) return undefined;", "if (placed.length < transcript.threshold || !placed.some(({ index }) => index === 0)) return undefined;")] },
  { name: "nothing is certified above height 60", invariant: "L2", edits: [consensus("certifier.ts", "const certified = pool.at(\"certification\", height)", "const certified = height > 60 || pool.at(\"certification\", height)")] },
  { name: "one message more is acknowledged than was taken", invariant: "X1", edits: [messaging("sliceInduction.ts", "{ ...ours, signalsEnd: next, rejectSignals:", "{ ...ours, signalsEnd: next + 1n, rejectSignals:")] },
  { name: "slices are not checked against the key of their subnet", invariant: "X2", when: drawing("forgeSlice"), edits: [certification("streamSlice.ts", "return decoded.ok && decoded.value.delegation === undefined && key !== undefined &&", "return decoded.ok || decoded === undefined || key === undefined ||")] },
  { name: "messages that blocks on the way hold are put into the next one again, and taken again", invariant: "X3", edits: [
    consensus("payload/xnetSection.ts", "past.flatMap((payload) => slices(payload, subnet)))", "past.slice(0, 0).flatMap((payload) => slices(payload, subnet)))"),
    messaging("sliceInduction.ts", "if (begin + BigInt(i) !== next) continue; // taken before", "if (begin + BigInt(i) > next) continue;"),
    messaging("sliceInduction.ts", "    next++;\n", "    if (begin + BigInt(i) === next) next++;\n"),
  ] },
  { name: "some answers are thrown away", invariant: "X4", edits: [execution("executeResponse.ts", "if (callback === undefined) {", "if (callback === undefined || response.callback % 5 === 3) {")] },
  { name: "a caller of nobody hears that the outcome is unknown", invariant: "X5", edits: [messaging("sliceInduction.ts", "CanisterNotFound: ({ receiver }) => [REJECT.destinationInvalid,", "CanisterNotFound: ({ receiver }) => [REJECT.sysUnknown,")] },
  { name: "the newest message of a canister goes first", invariant: "X6", edits: [messaging("streamBuilder.ts", "sender.waiting[sender.next++]!", "sender.waiting[sender.waiting.length - ++sender.next]!")] },
  { name: "cycles that come back are lost", invariant: "X7", edits: [execution("executeResponse.ts", "addCycles(canister.system.balance, transmission + response.refund);", "addCycles(canister.system.balance, transmission);")] },
  { name: "the place for an answer is never given back", invariant: "X8", edits: [state("messageMemory.ts", "  if (deadline === undefined) use.guaranteed += times * SLOT_BYTES;", "  if (deadline === undefined && times > 0) use.guaranteed += times * SLOT_BYTES;")] },
  { name: "one message more is forgotten than was acknowledged", invariant: "X9", edits: [messaging("sliceInduction.ts", "taken = header.signalsEnd > ours.begin ? Number(header.signalsEnd - ours.begin) : 0;", "taken = header.signalsEnd > ours.begin ? Number(header.signalsEnd - ours.begin) + 1 : 0;")] },
  { name: "calls are not counted", invariant: "X10", when: bursting, edits: [execution("systemApi/calls.ts", ".length >= LIMITS.callsInFlightPerPair) return false;", ".length >= 20 * LIMITS.callsInFlightPerPair) return false;")] },
  { name: "some answers of other subnets are taken and forgotten", invariant: "X11", edits: [messaging("sliceInduction.ts", "if (originator !== undefined) tip.deliver(originator, message);", "if (originator !== undefined && message.callback % 7 !== 3) tip.deliver(originator, message);")] },
  { name: "a key that is shared again is made as a new one", invariant: "C1", edits: [
    crypto("transcript.ts", "const weights = weightsOf(resharing !== undefined, used", "const weights = weightsOf(false, used"),
    crypto("transcript.ts", "  if (resharing !== undefined && Buffer.compare(publicCoefficients[0]!, resharing.publicCoefficients[0]!) !== 0) return undefined;\n", ""),
  ] },
  { name: "polynomials have one degree too few", invariant: "C2", edits: [crypto("dealing.ts", "Array.from({ length: threshold }, (_, k) => scalarFromBytes(", "Array.from({ length: threshold }, (_, k) => k > 0 && k === threshold - 1 ? 0n : scalarFromBytes(")] },
  { name: "everybody is dealt the secret itself", invariant: "C3", edits: [crypto("dealing.ts", "Array.from({ length: threshold }, (_, k) => scalarFromBytes(", "Array.from({ length: threshold }, (_, k) => k > 0 ? 0n : scalarFromBytes(")] },
  { name: "one bad share makes all of them bad", invariant: "C4", when: drawing("invalidShares", "impersonate"), edits: [crypto("verifier.ts", "indices: shares.filter((share) => !verifier.verifyShare(transcript, share.index, message, share.signature)).map(", "indices: shares.map(")] },
  { name: "a node is handed its neighbour's share too", invariant: "C9", edits: [crypto("generateKeys.ts", "shares: learned[i]! }))", "shares: { ...learned[i]!, spare: learned[(i + 1) % drafts.length]![low.id]! } }))")] },
];
