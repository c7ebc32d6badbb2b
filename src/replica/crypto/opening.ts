import { createHash } from "node:crypto";
import { createCache } from "../types/index.ts";
import { EDWARDS_BASE, EDWARDS_ORDER, type EdwardsPoint, compressPoint, decompressPoint, isNeutral, isTorsionFree, multiplyPoint, negatePoint, pointOfU, sumOfMultiples, timesEight, uOfPoint } from "./edwards.ts";

/**
 * How a receiver shows everybody what a dealer sealed for it, and nothing else (protocol digest §4.4): the point that its key and the dealer's
 * ephemeral key agree on, with a proof of equal logarithms (Chaum and Pedersen) on the Edwards form of the curve. X25519 secrets are multiples
 * of 8, d = 8e: the receiver's point is e·(8B), the agreed one e·(8R), so that parts of small order of R do not matter.
 */
export interface Opening { /** The agreed point, compressed. */ readonly point: Uint8Array; readonly challenge: Uint8Array; readonly response: Uint8Array }

const EIGHT = 8n;
const BASE8 = timesEight(EDWARDS_BASE);
const modulo = (value: bigint): bigint => { const rest = value % EDWARDS_ORDER; return rest < 0n ? rest + EDWARDS_ORDER : rest; };
const integer = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
const scalarBytes = (scalar: bigint): Uint8Array => new Uint8Array(Buffer.from(scalar.toString(16).padStart(64, "0"), "hex"));
const scalarOf = (bytes: Uint8Array): bigint | undefined => { const value = integer(bytes); return bytes.length === 32 && value < EDWARDS_ORDER ? value : undefined; };

/** 8R, of prime order; undefined when R is no point or of small order, with which nothing can be agreed. */
const cleared = (ephemeral: Uint8Array): EdwardsPoint | undefined => clearedPoints.get(Buffer.from(ephemeral).toString("latin1"), () => {
  const lifted = pointOfU(ephemeral), point = lifted && timesEight(lifted);
  return { point: point === undefined || isNeutral(point) ? undefined : point };
}).point;
/** A dealer's key is looked at by every receiver. */
const clearedPoints = createCache<{ readonly point: EdwardsPoint | undefined }>(64);
/** Whether every receiver can agree with it, and open what was sealed with it. */
export const isEphemeralKey = (ephemeral: Uint8Array): boolean => cleared(ephemeral) !== undefined;

function challengeOf(points: readonly EdwardsPoint[], label: string): bigint {
  const hash = createHash("sha512").update("icx-dkg-opening").update(label);
  for (const point of points) hash.update(compressPoint(point));
  return modulo(integer(hash.digest()));
}

/** A receiver's key as the proofs have it, e·(8B); a complaint is seldom the only one of its node. */
const ownKeys = createCache<{ readonly e: bigint; readonly own: EdwardsPoint }>(64);
function ownKey(secret: Uint8Array): { readonly e: bigint; readonly own: EdwardsPoint } {
  const clamped = Buffer.from(secret);
  clamped[0]! &= 248;
  clamped[31] = (clamped[31]! & 127) | 64;
  const e = modulo(integer(clamped.reverse()) / EIGHT), own = multiplyPoint(BASE8, e);
  // The registered key is a u-coordinate: of the two points that have it, the one with the even x stands for it.
  return (compressPoint(own)[31]! & 0x80) === 0 ? { e, own } : { e: modulo(-e), own: negatePoint(own) };
}

/** Shows what `secret` agrees on with the ephemeral key. @param label what the opening is for. Undefined when there is nothing to agree on */
export function makeOpening(secret: Uint8Array, ephemeral: Uint8Array, label: string): Opening | undefined {
  const base = cleared(ephemeral);
  if (base === undefined) return undefined;
  const { e, own } = ownKeys.get(Buffer.from(secret).toString("latin1"), () => ownKey(secret)), point = multiplyPoint(base, e);
  const nonce = modulo(integer(createHash("sha512").update("icx-dkg-opening-nonce").update(secret).update(ephemeral).update(label).digest()));
  const challenge = challengeOf([own, base, point, multiplyPoint(BASE8, nonce), multiplyPoint(base, nonce)], label);
  return { point: compressPoint(point), challenge: scalarBytes(challenge), response: scalarBytes(modulo(nonce + challenge * e)) };
}

/** What the owner of `encryptionKey` agrees on with the ephemeral key, if the opening proves it. */
export function checkOpening({ point, challenge, response }: Opening, encryptionKey: Uint8Array, ephemeral: Uint8Array, label: string): Uint8Array | undefined {
  const base = cleared(ephemeral), own = pointOfU(encryptionKey), agreed = decompressPoint(point), c = scalarOf(challenge), z = scalarOf(response);
  if (base === undefined || own === undefined || agreed === undefined || c === undefined || z === undefined || isNeutral(agreed) || !isTorsionFree(agreed)) return undefined;
  const commitment = (of: EdwardsPoint, result: EdwardsPoint): EdwardsPoint => sumOfMultiples(of, z, negatePoint(result), c);
  return challengeOf([own, base, agreed, commitment(BASE8, own), commitment(base, agreed)], label) === c ? uOfPoint(agreed) : undefined;
}
