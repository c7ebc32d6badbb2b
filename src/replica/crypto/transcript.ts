import { createHash } from "node:crypto";
import type { NodeId } from "../types/index.ts";
import type { Bls, Dealing, DkgConfig, Transcript } from "./bls.ts";
import { checkShare, combineCommitments, combineShares, weightsOf } from "./dealing.ts";
import { type Opening, checkOpening } from "./opening.ts";
import { openSealed, padded } from "./sealing.ts";

/** Nodes of n that may be faulty: f = ⌊(n-1)/3⌋. */
const faultsOf = (nodes: number): number => Math.floor((nodes - 1) / 3);
/** Dealings that a transcript is made of: f+1 for a new key, so that one dealer is honest; for an old one as many as its key needs shares. */
export const dealingsNeeded = ({ dealers, resharing }: DkgConfig): number => resharing?.threshold ?? faultsOf(dealers.length) + 1;
/** Receivers that must have found their share of a dealing right. */
export const reviewsNeeded = ({ receivers }: DkgConfig): number => receivers.length - faultsOf(receivers.length);

/**
 * The key of a generation (protocol digest §4.2): from the first dealings that are needed, by the places of their dealers. Undefined when there
 * are too few, or when a key that is shared again would not stay the same.
 */
export function makeTranscript(bls: Bls, config: DkgConfig, dealings: readonly { readonly dealer: NodeId; readonly dealing: Dealing }[]): Transcript | undefined {
  const { id, tag, threshold, receivers, dealers, resharing } = config;
  const used = dealings.map(({ dealer, dealing }) => ({ place: dealers.indexOf(dealer), dealer, dealing })).sort((a, b) => a.place - b.place).slice(0, dealingsNeeded(config));
  if (used.length < dealingsNeeded(config)) return undefined;
  const weights = weightsOf(resharing !== undefined, used.map(({ place }) => place));
  let publicCoefficients: readonly Uint8Array[];
  try { publicCoefficients = combineCommitments(bls, used.map(({ dealing }) => dealing), weights); } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  if (resharing !== undefined && Buffer.compare(publicCoefficients[0]!, resharing.publicCoefficients[0]!) !== 0) return undefined;
  const content = createHash("sha256").update(id);
  for (const { dealer, dealing } of used) content.update(dealer).update(dealing.ephemeral).update(dealing.commitments[0]!);
  for (const coefficient of publicCoefficients) content.update(coefficient);
  return {
    id: `${id}-${content.digest("hex").slice(0, 16)}`, tag, threshold, committee: receivers.map(({ nodeId }) => nodeId), publicCoefficients,
    sealed: {
      dkgId: id, resharing: resharing !== undefined, receivers: receivers.map(({ encryptionKey }) => encryptionKey),
      dealings: used.map(({ place, dealer, dealing: { ephemeral, sealed } }) => ({ place, dealer, ephemeral, sealed })),
    },
  };
}

/** A member's share out of a transcript; undefined when it is none, or when what was sealed for it is no share of the key. */
export function shareOf(bls: Bls, { committee, publicCoefficients, sealed }: Transcript, member: NodeId, secret: Uint8Array): Uint8Array | undefined {
  const index = committee.indexOf(member), encryptionKey = sealed?.receivers[index];
  if (sealed === undefined || encryptionKey === undefined) return undefined;
  const parts = sealed.dealings.map((dealing) => openSealed(secret, dealing, { dkgId: sealed.dkgId, dealer: dealing.dealer, index, encryptionKey }));
  const opened = parts.filter((part) => part !== undefined);
  if (opened.length !== parts.length) return undefined;
  const share = combineShares(opened, weightsOf(sealed.resharing, sealed.dealings.map(({ place }) => place)));
  return checkShare(bls, publicCoefficients, index, share) ? share : undefined;
}

/** What an opening is for: a dealing of a generation, and the receiver that opens its part. */
export const openingLabel = ({ id }: DkgConfig, dealer: NodeId, receiver: NodeId): string => JSON.stringify([id, dealer, receiver]);

/** Whether an opening proves that the part which a dealing holds for a receiver is no share: then nobody may use the dealing. */
export function provesBadShare(bls: Bls, config: DkgConfig, dealer: NodeId, receiver: NodeId, { commitments, ephemeral, sealed }: Dealing, opening: Opening): boolean {
  const index = config.receivers.findIndex(({ nodeId }) => nodeId === receiver), encryptionKey = config.receivers[index]?.encryptionKey;
  const agreed = encryptionKey && checkOpening(opening, encryptionKey, ephemeral, openingLabel(config, dealer, receiver));
  if (agreed === undefined || encryptionKey === undefined) return false;
  return !checkShare(bls, commitments, index, padded(sealed[index]!, agreed, ephemeral, { dkgId: config.id, dealer, index, encryptionKey }));
}
