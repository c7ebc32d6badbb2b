import { assert, hexFromBytes } from "../types/index.ts";
import type { Bls } from "./bls.ts";
import { addScalars, evaluatePolynomial, scalarBytes, scalarFromBytes } from "./scalar.ts";

/** A source of chance: the runtime's `Rng`. */
export interface RandomSource { bytes(length: number): Uint8Array; fork(label: string): RandomSource }

/** Feldman's verifiable secret sharing: one dealer's public polynomial, and a share for each receiver that can be checked against it. */
export interface Dealing { readonly commitments: readonly Uint8Array[]; /** Receiver i's share, 32 bytes: for its eyes only. */ readonly shares: readonly Uint8Array[] }

/** Deals a random secret to `receivers` of whom any `threshold` can use it. */
export function deal(bls: Bls, rng: RandomSource, threshold: number, receivers: number): Dealing {
  assert(threshold >= 1 && threshold <= receivers, "a threshold is between one and the number of receivers");
  const coefficients = Array.from({ length: threshold }, () => scalarFromBytes(rng.bytes(48)));
  return {
    commitments: coefficients.map((coefficient) => bls.publicKey(scalarBytes(coefficient))),
    shares: Array.from({ length: receivers }, (_, i) => scalarBytes(evaluatePolynomial(coefficients, BigInt(i + 1)))),
  };
}

/** Whether a receiver's share lies on the dealer's public polynomial: g2^share = Π A_k^(x^k). */
export const checkShare = (bls: Bls, commitments: readonly Uint8Array[], index: number, share: Uint8Array): boolean =>
  hexFromBytes(bls.publicKey(share)) === hexFromBytes(bls.shareKey(commitments, index));

/** The sum of the dealers' public polynomials: nobody knows its constant term unless all dealers tell. */
export function sumCommitments(bls: Bls, dealings: readonly { readonly commitments: readonly Uint8Array[] }[]): readonly Uint8Array[] {
  const [first] = dealings;
  assert(first !== undefined && dealings.every((dealing) => dealing.commitments.length === first.commitments.length), "dealings have one degree");
  return first.commitments.map((_, k) => dealings.length === 1 ? first.commitments[k]! : bls.aggregateKeys(dealings.map((dealing) => dealing.commitments[k]!)));
}

/** A receiver's share of the summed polynomial. */
export const sumShares = (shares: readonly Uint8Array[]): Uint8Array => scalarBytes(shares.reduce((sum, share) => addScalars(sum, scalarFromBytes(share)), 0n));
