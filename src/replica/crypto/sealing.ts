import { type KeyObject, createHash, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { bytesFromHex, createCache } from "../types/index.ts";

/**
 * Shares on their way to one receiver (protocol digest §4.4): hashed ElGamal over X25519 (RFC 7748). The dealer's one ephemeral key meets each
 * receiver's key; SHA-256 of what they agree on, and of what the share is for, covers the share. Whether a share is right is told by the
 * dealer's commitments, so that nothing else authenticates it.
 */

/** 32 bytes each: what the dealer sends to all, and one covered share a receiver. */
export interface SealedShares { readonly ephemeral: Uint8Array; readonly sealed: readonly Uint8Array[] }
/** What a share is for: the generation, its dealer, and which receiver. */
export interface SealContext { readonly dkgId: string; readonly dealer: string; readonly index: number; /** Of the receiver, 32 bytes. */ readonly encryptionKey: Uint8Array }

/** RFC 8410 §7 and §4: OID 1.3.101.110. */
const PKCS8_PREFIX = bytesFromHex("302e020100300506032b656e04220420"), SPKI_PREFIX = bytesFromHex("302a300506032b656e032100");
/** Reading a key costs more than using it. */
const objects = createCache<KeyObject>(256);
const secretKey = (secret: Uint8Array): KeyObject =>
  objects.get(`s${Buffer.from(secret).toString("latin1")}`, () => createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secret]), format: "der", type: "pkcs8" }));
const publicKey = (key: Uint8Array): KeyObject =>
  objects.get(`p${Buffer.from(key).toString("latin1")}`, () => createPublicKey({ key: Buffer.concat([SPKI_PREFIX, key]), format: "der", type: "spki" }));

/** The public key of any 32 bytes: a u-coordinate. */
export const encryptionKeyOf = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(createPublicKey(secretKey(secret)).export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX.length));

/** What both sides agree on; undefined for keys with which there is no secret. */
export function agree(secret: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (key.length !== 32) return undefined;
  try { return new Uint8Array(diffieHellman({ privateKey: secretKey(secret), publicKey: publicKey(key) })); } catch { return undefined; }
}

/** Covers a share, or uncovers it: the pad depends on everything that the share is for. */
export function padded(share: Uint8Array, agreed: Uint8Array, ephemeral: Uint8Array, { dkgId, dealer, index, encryptionKey }: SealContext): Uint8Array {
  const pad = createHash("sha256").update("icx-dkg-share").update(agreed).update(ephemeral).update(encryptionKey).update(JSON.stringify([dkgId, dealer, index])).digest();
  return share.map((byte, i) => byte ^ pad[i]!);
}

/** @param secret of the ephemeral key: 32 bytes that are used once. A receiver whose key is no key gets nothing that could be opened */
export function sealShares(secret: Uint8Array, shares: readonly Uint8Array[], receivers: readonly Uint8Array[], dkgId: string, dealer: string): SealedShares {
  const ephemeral = encryptionKeyOf(secret);
  const sealed = shares.map((share, index) => {
    const encryptionKey = receivers[index]!, agreed = agree(secret, encryptionKey);
    return agreed === undefined ? new Uint8Array(32) : padded(share, agreed, ephemeral, { dkgId, dealer, index, encryptionKey });
  });
  return { ephemeral, sealed };
}

/** A receiver's share as the dealer sealed it, right or wrong. */
export function openSealed(secret: Uint8Array, { ephemeral, sealed }: SealedShares, context: SealContext): Uint8Array | undefined {
  const agreed = agree(secret, ephemeral), share = sealed[context.index];
  return agreed && share && padded(share, agreed, ephemeral, context);
}
