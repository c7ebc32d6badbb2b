import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";

/**
 * How a receiver shows everybody what a dealer sealed for it, and nothing else (protocol digest §4.4): the point that its key and the dealer's
 * ephemeral key agree on, with a proof of equal logarithms (Chaum and Pedersen) on the Edwards form of the curve. X25519 secrets are multiples
 * of 8, d = 8e: the receiver's point is e·(8B), the agreed one e·(8R), so that parts of small order of R do not matter.
 */
export interface Opening { /** The agreed point, compressed. */ readonly point: Uint8Array; readonly challenge: Uint8Array; readonly response: Uint8Array }

const { Point } = ed25519, { Fp, Fn } = Point;
type EdwardsPoint = InstanceType<typeof Point>;
const EIGHT = 8n, BASE_8 = Point.BASE.multiply(EIGHT);

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex") || "0"}`);
const scalarBytes = (scalar: bigint): Uint8Array => new Uint8Array(Buffer.from(scalar.toString(16).padStart(64, "0"), "hex"));

/** The Edwards point of a u-coordinate whose x is even: y = (u-1)/(u+1). Undefined off the curve and for unreduced coordinates. */
function lifted(key: Uint8Array): EdwardsPoint | undefined {
  if (key.length !== 32) return undefined;
  const u = littleEndian(key);
  if (u >= Fp.ORDER || u === Fp.ORDER - 1n) return undefined;
  try { return Point.fromBytes(Fp.toBytes(Fp.div(Fp.sub(u, 1n), Fp.add(u, 1n)))); } catch { return undefined; }
}
/** 8R, of prime order; undefined when R is no point or of small order, with which nothing can be agreed. */
function cleared(ephemeral: Uint8Array): EdwardsPoint | undefined {
  const point = lifted(ephemeral)?.clearCofactor();
  return point === undefined || point.is0() ? undefined : point;
}
/** u = (1+y)/(1-y), as X25519 gives it. */
function uOf(point: EdwardsPoint): Uint8Array {
  const { y } = point.toAffine();
  return Fp.toBytes(Fp.div(Fp.add(1n, y), Fp.sub(1n, y)));
}

/** Whether every receiver can agree with it, and open what was sealed with it. */
export const isEphemeralKey = (ephemeral: Uint8Array): boolean => cleared(ephemeral) !== undefined;

function challengeOf(points: readonly EdwardsPoint[], label: string): Uint8Array {
  const hash = createHash("sha512").update("icx-dkg-opening").update(label);
  for (const point of points) hash.update(point.toBytes());
  return scalarBytes(Fn.create(littleEndian(hash.digest())));
}
const scalar = (bytes: Uint8Array): bigint | undefined => {
  const value = BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
  return bytes.length === 32 && value < Fn.ORDER ? value : undefined;
};

/** Shows what `secret` agrees on with the ephemeral key. @param label what the opening is for; undefined when there is nothing to agree on */
export function makeOpening(secret: Uint8Array, ephemeral: Uint8Array, label: string): Opening | undefined {
  const base = cleared(ephemeral);
  if (base === undefined) return undefined;
  const clamped = secret.slice();
  clamped[0]! &= 248;
  clamped[31] = (clamped[31]! & 127) | 64;
  let e = Fn.create(littleEndian(clamped) / EIGHT), own = BASE_8.multiply(e);
  // The registered key is a u-coordinate: of the two points that have it, the one with the even x stands for it.
  if ((own.toBytes()[31]! & 0x80) !== 0) { e = Fn.neg(e); own = own.negate(); }
  const point = base.multiply(e);
  const nonce = Fn.create(littleEndian(createHash("sha512").update("icx-dkg-opening-nonce").update(secret).update(ephemeral).update(label).digest()));
  const challenge = challengeOf([own, base, point, BASE_8.multiply(nonce), base.multiply(nonce)], label);
  return { point: point.toBytes(), challenge, response: scalarBytes(Fn.create(nonce + scalar(challenge)! * e)) };
}

/** What the owner of `encryptionKey` agrees on with the ephemeral key, if the opening proves it. */
export function checkOpening({ point, challenge, response }: Opening, encryptionKey: Uint8Array, ephemeral: Uint8Array, label: string): Uint8Array | undefined {
  const base = cleared(ephemeral), own = lifted(encryptionKey), c = scalar(challenge), z = scalar(response);
  if (base === undefined || own === undefined || c === undefined || z === undefined) return undefined;
  try {
    const agreed = Point.fromBytes(point);
    if (agreed.is0() || !agreed.isTorsionFree()) return undefined;
    const first = BASE_8.multiplyUnsafe(z).subtract(own.multiplyUnsafe(c)), second = base.multiplyUnsafe(z).subtract(agreed.multiplyUnsafe(c));
    return Buffer.compare(challengeOf([own, base, agreed, first, second], label), challenge) === 0 ? uOf(agreed) : undefined;
  } catch { return undefined; }
}
