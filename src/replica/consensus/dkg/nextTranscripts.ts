import type { BlockProposal, DkgSummary, PoolReader } from "../../interfaces/consensus.ts";
import type { DkgConfig, NodePublicKeys, Transcript, Verifier } from "../../interfaces/crypto.ts";
import { makeTranscript, reviewsNeeded } from "../../crypto/transcript.ts";
import type { Height } from "../../types/index.ts";
import { createHash } from "node:crypto";
import { sizesOf } from "../committee.ts";
import { type DkgRecord, dealingsOf, recordOf } from "./record.ts";

const made = new WeakMap<BlockProposal, readonly Transcript[]>();

/** Dealings that nobody has proved wrong and that enough receivers have found right (protocol digest §4.4). */
function qualified(record: DkgRecord, config: DkgConfig): ReturnType<typeof dealingsOf> {
  const reviews = record.reviews.filter(({ dkgId }) => dkgId === config.id);
  return dealingsOf(record, config).filter(({ place }) =>
    reviews.every(({ bad }) => bad.every((complaint) => complaint.place !== place)) && reviews.filter(({ good }) => good.includes(place)).length >= reviewsNeeded(config));
}

/** The keys that the interval up to `parent` has generated; one whose generation failed is missing. Undefined when the chain is not known here. */
export function generatedTranscripts(pool: PoolReader, parent: BlockProposal, { configs }: DkgSummary, { bls }: Verifier): readonly Transcript[] | undefined {
  const before = made.get(parent), record = before === undefined ? recordOf(pool, parent) : undefined;
  if (before !== undefined || record === undefined) return before;
  const transcripts = configs.map((config) => makeTranscript(bls, config, qualified(record, config).map(({ dealing }) => ({ dealer: dealing.signer, dealing: dealing.dealing })))).filter((transcript) => transcript !== undefined);
  made.set(parent, transcripts);
  return transcripts;
}

/**
 * The generations of the interval that begins at a height (protocol digest §1.6): a fresh low-threshold key among `members`, and the subnet's key
 * shared again from the committee of its newest shares to them. None while a member is without an encryption key: it is older than key generation.
 */
export function configsFor(at: Height, members: readonly NodePublicKeys[], newest: Transcript): readonly DkgConfig[] {
  const sorted = [...members].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)), { low, high } = sizesOf(sorted.length);
  const receivers = sorted.flatMap(({ nodeId, encryptionKey }) => (encryptionKey === undefined ? [] : [{ nodeId, encryptionKey }]));
  if (receivers.length !== sorted.length || sorted.length === 0) return [];
  const config = (tag: Transcript["tag"], threshold: number, dealers: DkgConfig["dealers"], resharing?: Transcript): DkgConfig => {
    // What a dealer draws comes from the id: it names everything that the dealing depends on.
    const content = createHash("sha256").update(JSON.stringify([tag, at, threshold, dealers, resharing?.id ?? null]));
    for (const { nodeId, encryptionKey } of receivers) content.update(nodeId).update(encryptionKey);
    return { id: `${tag}-${at}-${content.digest("hex").slice(0, 16)}`, tag, threshold, dealers, receivers, ...(resharing !== undefined && { resharing }) };
  };
  return [config("lowThreshold", low, receivers.map(({ nodeId }) => nodeId)), config("highThreshold", high, newest.committee, newest)];
}
