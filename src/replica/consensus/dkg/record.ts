import { createHash } from "node:crypto";
import type { BlockProposal, DkgDealing, DkgReview, PoolReader } from "../../interfaces/consensus.ts";
import type { DkgConfig } from "../../interfaces/crypto.ts";
import { bytesFromHex } from "../../types/index.ts";
import { decodeArtifact } from "../artifactRows.ts";

/** What an interval's chain holds of its key generation, in the order of the chain; one of each signer and generation. */
export interface DkgRecord { readonly dealings: readonly DkgDealing[]; readonly reviews: readonly DkgReview[] }

const EMPTY: DkgRecord = { dealings: [], reviews: [] };
const known = new WeakMap<BlockProposal, DkgRecord>();

const isOf = (signer: string, dkgId: string) => (message: { readonly signer: string; readonly dkgId: string }): boolean => message.signer === signer && message.dkgId === dkgId;
export const dealingOf = ({ dealings }: DkgRecord, dkgId: string, signer: string): DkgDealing | undefined => dealings.find(isOf(signer, dkgId));
export const reviewOf = ({ reviews }: DkgRecord, dkgId: string, signer: string): DkgReview | undefined => reviews.find(isOf(signer, dkgId));

function extended(before: DkgRecord, { block }: BlockProposal): DkgRecord {
  if (block.payload.kind === "summary" || block.payload.dealings.length === 0) return before;
  let record = before;
  for (const bytes of block.payload.dealings) {
    const decoded = decodeArtifact(bytes), message = decoded.ok ? decoded.value : undefined;
    if (message?.kind === "dkgDealing" && dealingOf(record, message.dkgId, message.signer) === undefined) record = { ...record, dealings: [...record.dealings, message] };
    if (message?.kind === "dkgReview" && reviewOf(record, message.dkgId, message.signer) === undefined) record = { ...record, reviews: [...record.reviews, message] };
  }
  return record;
}

/** The record up to and with a block, since its interval's summary; undefined when the chain to there is not known here. */
export function recordOf(pool: PoolReader, tip: BlockProposal): DkgRecord | undefined {
  const path: BlockProposal[] = [];
  let at: BlockProposal | undefined = tip, record: DkgRecord | undefined;
  while (at !== undefined && record === undefined) {
    record = at.block.payload.kind === "summary" ? EMPTY : known.get(at);
    if (record !== undefined) break;
    path.push(at);
    at = pool.proposal(at.block.parent);
  }
  if (record === undefined) return undefined;
  for (const block of path.reverse()) record = extended(record, block);
  if (tip.block.payload.kind !== "summary") known.set(tip, record);
  return record;
}

/** The dealings of a generation, by the places of their dealers. */
export const dealingsOf = ({ dealings }: DkgRecord, { id, dealers }: DkgConfig): readonly { readonly place: number; readonly dealing: DkgDealing }[] =>
  dealings.filter(({ dkgId }) => dkgId === id).map((dealing) => ({ place: dealers.indexOf(dealing.signer), dealing })).filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place);

/** What a review is about: all dealings of the generation, none of them replaceable. */
export function subjectOf(record: DkgRecord, config: DkgConfig): Uint8Array {
  const hash = createHash("sha256").update(config.id);
  for (const { dealing } of dealingsOf(record, config)) hash.update(bytesFromHex(dealing.id));
  return new Uint8Array(hash.digest());
}
