import { createHash } from "node:crypto";
import { type NodeId, type SubnetId, bytesFromHex, nodeId, subnetId } from "../types/index.ts";

/** Interface spec, "Certificate": OIDs 1.3.6.1.4.1.44668.5.3.1.2.1 and .5.3.2.1, then a bit string of 96 bytes. */
const BLS_PREFIX = bytesFromHex("308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100");
/** RFC 8410 §4. */
const ED25519_PREFIX = bytesFromHex("302a300506032b6570032100");
/** Interface spec, "Special forms of Principals": self-authenticating ids end in 02. */
const SELF_AUTHENTICATING = 0x02;

function joined(prefix: Uint8Array, key: Uint8Array): Uint8Array {
  const out = new Uint8Array(prefix.length + key.length);
  out.set(prefix);
  out.set(key, prefix.length);
  return out;
}
const unwrapped = (prefix: Uint8Array, length: number, der: Uint8Array): Uint8Array | undefined =>
  der.length === prefix.length + length && prefix.every((byte, i) => der[i] === byte) ? der.slice(prefix.length) : undefined;

/** DER of a 96-byte subnet key: 133 bytes, as `/api/v2/status` shows the root key. */
export const derOfBlsKey = (key: Uint8Array): Uint8Array => joined(BLS_PREFIX, key);
/** The 96 bytes of a subnet key, or undefined when the DER says something else. */
export const blsKeyOfDer = (der: Uint8Array): Uint8Array | undefined => unwrapped(BLS_PREFIX, 96, der);
/** DER of a 32-byte Ed25519 key. */
export const derOfEd25519Key = (key: Uint8Array): Uint8Array => joined(ED25519_PREFIX, key);
/** The 32 bytes of an Ed25519 key, or undefined when the DER says something else. */
export const ed25519KeyOfDer = (der: Uint8Array): Uint8Array | undefined => unwrapped(ED25519_PREFIX, 32, der);

/** SHA-224 of the DER key and 02. */
export function selfAuthenticatingBytes(der: Uint8Array): Uint8Array {
  const hash = createHash("sha224").update(der).digest();
  return joined(hash, Uint8Array.of(SELF_AUTHENTICATING));
}
/** A subnet's id comes from its threshold key and stays when the key is reshared. */
export const subnetIdOfKey = (blsKey: Uint8Array): SubnetId => subnetId(selfAuthenticatingBytes(derOfBlsKey(blsKey)));
/** A node's id comes from its Ed25519 key. */
export const nodeIdOfKey = (der: Uint8Array): NodeId => nodeId(selfAuthenticatingBytes(der));
