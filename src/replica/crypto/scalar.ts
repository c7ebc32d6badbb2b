import { bytesFromHex, hexFromBytes } from "../types/index.ts";
import { BLS_ORDER, modulo } from "./modulo.ts";

export { BLS_ORDER };
/** Domain separation of hash-to-G1 (draft-irtf-cfrg-bls-signature §4.2.1, basic scheme, minimal signature size). */
export const BLS_DST = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/** A scalar of 32 or more big-endian bytes, reduced: 48 uniform bytes give a bias below 2^-128. */
export const scalarFromBytes = (bytes: Uint8Array): bigint => modulo(BigInt(`0x${hexFromBytes(bytes) || "0"}`));
/** 32 bytes, big-endian. */
export const scalarBytes = (scalar: bigint): Uint8Array => bytesFromHex(modulo(scalar).toString(16).padStart(64, "0"));
export const addScalars = (a: bigint, b: bigint): bigint => modulo(a + b);
export const mulScalars = (a: bigint, b: bigint): bigint => modulo(a * b);

/** Extended Euclid. @throws RangeError for zero */
export function invertScalar(scalar: bigint): bigint {
  if (modulo(scalar) === 0n) throw new RangeError("zero has no inverse");
  let [t, next, r, rest] = [0n, 1n, BLS_ORDER, modulo(scalar)];
  while (rest !== 0n) {
    const quotient = r / rest;
    [t, next, r, rest] = [next, t - quotient * next, rest, r - quotient * rest];
  }
  return modulo(t);
}

/** Value at `x` of the polynomial whose first coefficient is the constant term. */
export const evaluatePolynomial = (coefficients: readonly bigint[], x: bigint): bigint => coefficients.reduceRight((sum, coefficient) => modulo(sum * x + coefficient), 0n);

/** Lagrange coefficients at 0 over `x = index + 1`. @throws RangeError for no, repeated or impossible indices */
export function lagrangeAtZero(indices: readonly number[]): readonly bigint[] {
  if (indices.length === 0) throw new RangeError("nothing to interpolate");
  if (new Set(indices).size !== indices.length) throw new RangeError("a share appears twice");
  if (indices.some((index) => !Number.isSafeInteger(index) || index < 0)) throw new RangeError("a share index is a natural number");
  return indices.map((i) => {
    let above = 1n, below = 1n;
    for (const j of indices) {
      if (j === i) continue;
      above = modulo(above * BigInt(j + 1));
      below = modulo(below * BigInt(j - i));
    }
    return modulo(above * invertScalar(below));
  });
}
