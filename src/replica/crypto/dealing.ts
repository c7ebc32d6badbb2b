import { createHash } from "node:crypto";
import { type NodeId, assert, createCache, hexFromBytes } from "../types/index.ts";
import type { Bls, Dealing, DkgConfig } from "./bls.ts";
import { isEphemeralKey } from "./opening.ts";
import { addScalars, evaluatePolynomial, lagrangeAtZero, mulScalars, scalarBytes, scalarFromBytes } from "./scalar.ts";
import { sealShares } from "./sealing.ts";

/** A source of chance: the runtime's `Rng`. */
export interface RandomSource { bytes(length: number): Uint8Array; fork(label: string): RandomSource }

/** Feldman's verifiable secret sharing: one dealer's public polynomial, and a share for each receiver that can be checked against it. */
export interface OpenDealing { readonly commitments: readonly Uint8Array[]; /** Receiver i's share, 32 bytes: for its eyes only. */ readonly shares: readonly Uint8Array[] }

/** Shares a secret (a random one when there is none) among `receivers` of whom any `threshold` can use it. */
export function deal(bls: Bls, rng: RandomSource, threshold: number, receivers: number, secret?: Uint8Array): OpenDealing {
  assert(threshold >= 1 && threshold <= receivers, "a threshold is between one and the number of receivers");
  const coefficients = Array.from({ length: threshold }, (_, k) => scalarFromBytes(k === 0 && secret !== undefined ? secret : rng.bytes(48)));
  return {
    commitments: coefficients.map((coefficient) => bls.publicKey(scalarBytes(coefficient))),
    shares: Array.from({ length: receivers }, (_, i) => scalarBytes(evaluatePolynomial(coefficients, BigInt(i + 1)))),
  };
}

/** What a dealer publishes. @param secret the dealer's share of the key that is shared again */
export function sealedDealing(bls: Bls, rng: RandomSource, { id, threshold, receivers }: DkgConfig, dealer: NodeId, secret?: Uint8Array): Dealing {
  const { commitments, shares } = deal(bls, rng, threshold, receivers.length, secret);
  return { commitments, ...sealShares(rng.bytes(32), shares, receivers.map(({ encryptionKey }) => encryptionKey), id, dealer) };
}

/** Whether a receiver's share lies on the dealer's public polynomial: g2^share = Π A_k^(x^k). False for what is no share at all. */
export function checkShare(bls: Bls, commitments: readonly Uint8Array[], index: number, share: Uint8Array): boolean {
  try { return hexFromBytes(bls.publicKey(share)) === hexFromBytes(bls.shareKey(commitments, index)); } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const sums = createCache<{ readonly weights: readonly bigint[]; readonly commitments: readonly Uint8Array[] }>(8);
/** The dealings' polynomials with weights of 128 bits that nobody could know before all dealings were there: the same for all receivers. */
function weightedSum(bls: Bls, dealings: readonly Dealing[]): { readonly weights: readonly bigint[]; readonly commitments: readonly Uint8Array[] } {
  const hash = createHash("sha256");
  for (const { commitments, ephemeral, sealed } of dealings) for (const part of [...commitments, ephemeral, ...sealed]) hash.update(part);
  const all = hash.digest();
  return sums.get(all.toString("latin1"), () => {
    const weights = dealings.map((_, i) => scalarFromBytes(createHash("sha256").update(all).update(String(i)).digest().subarray(0, 16)));
    return { weights, commitments: combineCommitments(bls, dealings, weights) };
  });
}

/** Whether a receiver's shares all lie on their dealers' polynomials, with one check of a weighted sum; false says nothing about any one of them. */
export function checkTogether(bls: Bls, index: number, opened: readonly { readonly dealing: Dealing; readonly share: Uint8Array | undefined }[]): boolean {
  const shares = opened.map(({ share }) => share).filter((share) => share !== undefined);
  if (opened.length < 2 || shares.length !== opened.length) return false;
  try {
    const { weights, commitments } = weightedSum(bls, opened.map(({ dealing }) => dealing));
    return checkShare(bls, commitments, index, combineShares(shares, weights));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * What everybody can check of a dealing: its dealer, its degree, that all points are points, that every receiver will be able to open its part,
 * and that a key that is shared again stays what it is.
 */
export function checkDealing(bls: Bls, { threshold, dealers, receivers, resharing }: DkgConfig, dealer: NodeId, { commitments, ephemeral, sealed }: Dealing): boolean {
  const place = dealers.indexOf(dealer);
  if (place < 0 || commitments.length !== threshold || sealed.length !== receivers.length || sealed.some((share) => share.length !== 32)) return false;
  if (!isEphemeralKey(ephemeral)) return false;
  try {
    const [first] = commitments, own = resharing && bls.shareKey(resharing.publicCoefficients, place);
    return commitments.every((commitment) => bls.aggregateKeys([commitment]).length > 0) && (own === undefined || Buffer.compare(own, first!) === 0);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** How much each dealer counts: all alike for a new key; for one that is shared again as its share does in the key, by the dealers' places. */
export const weightsOf = (resharing: boolean, places: readonly number[]): readonly bigint[] => resharing ? lagrangeAtZero(places) : places.map(() => 1n);

/** The dealers' public polynomials, weighted: nobody knows the constant term unless all dealers tell. */
export function combineCommitments(bls: Bls, dealings: readonly { readonly commitments: readonly Uint8Array[] }[], weights: readonly bigint[]): readonly Uint8Array[] {
  const [first] = dealings, plain = weights.every((weight) => weight === 1n);
  assert(first !== undefined && dealings.every((dealing) => dealing.commitments.length === first.commitments.length), "dealings have one degree");
  const scalars = weights.map(scalarBytes);
  return first.commitments.map((commitment, k) => {
    if (plain && dealings.length === 1) return commitment;
    const keys = dealings.map((dealing) => dealing.commitments[k]!);
    return plain ? bls.aggregateKeys(keys) : bls.combineKeys(keys, scalars);
  });
}

/** A receiver's share of the weighted polynomial. */
export const combineShares = (shares: readonly Uint8Array[], weights: readonly bigint[]): Uint8Array =>
  scalarBytes(shares.reduce((sum, share, i) => addScalars(sum, mulScalars(weights[i]!, scalarFromBytes(share))), 0n));
