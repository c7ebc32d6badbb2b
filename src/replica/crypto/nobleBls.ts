import { bls12_381 } from "@noble/curves/bls12-381.js";
import type { Bls } from "./bls.ts";
import { BLS_DST, BLS_ORDER, lagrangeAtZero, scalarFromBytes } from "./scalar.ts";

/** The reference implementation (design D9). It checks that points are on the curve and in the group of prime order when it decodes them. */

const { G1, G2, shortSignatures } = bls12_381;
type G1Point = InstanceType<typeof G1.Point>;
type G2Point = InstanceType<typeof G2.Point>;

function secretScalar(secret: Uint8Array): bigint {
  const scalar = BigInt(`0x${Buffer.from(secret).toString("hex") || "0"}`);
  if (secret.length !== 32 || scalar === 0n || scalar >= BLS_ORDER) throw new RangeError("a BLS secret is a scalar between 1 and the group order, 32 bytes");
  return scalar;
}

/** @throws RangeError */
function signaturePoint(bytes: Uint8Array): G1Point {
  try {
    const point = G1.Point.fromBytes(bytes);
    point.assertValidity();
    return point;
  } catch { throw new RangeError("not a BLS signature"); }
}

/** @throws RangeError also for the point at infinity, under which everything would verify */
function keyPoint(bytes: Uint8Array): G2Point {
  try {
    const point = G2.Point.fromBytes(bytes);
    point.assertValidity();
    if (!point.is0()) return point;
  } catch { /* the same answer as for infinity */ }
  throw new RangeError("not a BLS public key");
}

const sum = <P extends { add(other: P): P }>(points: readonly P[]): P => {
  if (points.length === 0) throw new RangeError("nothing to aggregate");
  return points.reduce((total, point) => total.add(point));
};
function sumOfKeys(points: readonly G2Point[]): Uint8Array {
  const total = sum(points);
  if (total.is0()) throw new RangeError("the sum is no key");
  return total.toBytes(true);
}
const hashed = (message: Uint8Array): G1Point => shortSignatures.hash(message, BLS_DST);

export const nobleBls: Bls = {
  publicKey: (secret) => G2.Point.BASE.multiply(secretScalar(secret)).toBytes(true),
  sign: (secret, message) => hashed(message).multiply(secretScalar(secret)).toBytes(true),
  verify(publicKey, message, signature) {
    try {
      return shortSignatures.verify(signaturePoint(signature), hashed(message), keyPoint(publicKey));
    } catch { return false; }
  },
  combine(shares) {
    const weights = lagrangeAtZero(shares.map((share) => share.index));
    return sum(shares.map((share, i) => signaturePoint(share.signature).multiplyUnsafe(weights[i]!))).toBytes(true);
  },
  aggregateSignatures: (signatures) => sum(signatures.map(signaturePoint)).toBytes(true),
  aggregateKeys: (keys) => sumOfKeys(keys.map(keyPoint)),
  combineKeys: (keys, weights) => sumOfKeys(keys.map((key, i) => keyPoint(key).multiplyUnsafe(secretScalar(weights[i]!)))),
  shareKey(publicCoefficients, index) {
    const x = scalarFromBytes(Uint8Array.from(Buffer.from((index + 1).toString(16).padStart(8, "0"), "hex")));
    return publicCoefficients.map((bytes) => keyPoint(bytes)).reduceRight((value, coefficient) => value.multiplyUnsafe(x).add(coefficient)).toBytes(true);
  },
};
