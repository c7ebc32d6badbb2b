import type { Bls } from "../../src/replica/crypto/bls.ts";
import { hexFromBytes } from "../../src/replica/types/index.ts";
import { BLS_ORDER, lagrangeAtZero, scalarBytes } from "../../src/replica/crypto/scalar.ts";
import { hash } from "node:crypto";

/**
 * BLS without the curve: keys and signatures are scalars, so that sums, Lagrange weights, aggregates and bad shares behave exactly as in the real
 * groups, a thousand times faster. It has no secrecy at all and is for seeds of the simulation only.
 */
const GENERATOR = 0x1234567890abcdef1234567890abcdefn;
const big = (bytes: Uint8Array): bigint => BigInt(`0x${hexFromBytes(bytes)}`);
const wide = (value: bigint, length: number): Uint8Array => { const out = new Uint8Array(length); out.set(scalarBytes(value), length - 32); return out; };
const hashed = (message: Uint8Array): bigint => BigInt(`0x${hash("sha256", message)}`) % BLS_ORDER;
const scalarOf = (bytes: Uint8Array, length: number): bigint => {
  if (bytes.length !== length) throw new RangeError("wrong length");
  return big(bytes);
};
const sum = (values: readonly bigint[]): bigint => {
  if (values.length === 0) throw new RangeError("nothing to aggregate");
  return values.reduce((total, value) => (total + value) % BLS_ORDER);
};

export const linearBls: Bls = {
  publicKey: (secret) => wide(big(secret) * GENERATOR, 96),
  sign: (secret, message) => wide(big(secret) * hashed(message), 48),
  verify: (key, message, signature) => key.length === 96 && signature.length === 48
    && (big(signature) * GENERATOR) % BLS_ORDER === (big(key) * hashed(message)) % BLS_ORDER,
  combine(shares) {
    const weights = lagrangeAtZero(shares.map(({ index }) => index));
    return wide(sum(shares.map(({ signature }, i) => (scalarOf(signature, 48) * weights[i]!) % BLS_ORDER)), 48);
  },
  aggregateSignatures: (signatures) => wide(sum(signatures.map((signature) => scalarOf(signature, 48))), 48),
  aggregateKeys: (keys) => wide(sum(keys.map((key) => scalarOf(key, 96))), 96),
  combineKeys: (keys, weights) => wide(sum(keys.map((key, i) => (scalarOf(key, 96) * big(weights[i]!)) % BLS_ORDER)), 96),
  shareKey: (coefficients, index) => wide(coefficients.reduceRight((value, key) => (value * BigInt(index + 1) + scalarOf(key, 96)) % BLS_ORDER, 0n), 96),
};
