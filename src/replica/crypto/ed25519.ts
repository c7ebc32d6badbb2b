import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { bytesFromHex, createCache } from "../types/index.ts";
import { ed25519KeyOfDer } from "./der.ts";

/** RFC 8410 §7: version 0, OID 1.3.101.112, an octet string of 32 bytes. */
const PKCS8_PREFIX = bytesFromHex("302e020100300506032b657004220420");
const publicKeys = createCache<KeyObject>(512);

/** A signing key from its 32-byte seed (RFC 8032 §5.1.5). */
export interface Ed25519Key {
  /** DER. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  /** The same on another thread: for the edge, which has others to serve meanwhile. */
  signAhead(message: Uint8Array): Promise<Uint8Array>;
}

export function ed25519Key(seed: Uint8Array): Ed25519Key {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const der = new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }));
  return {
    publicKey: der,
    sign: (message) => new Uint8Array(sign(null, message, key)),
    signAhead: (message) => new Promise((resolve, reject) => { sign(null, message, key, (error, signature) => { if (error === null) resolve(signature); else reject(error); }); }),
  };
}

/** False also for a key that is not Ed25519 DER. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || ed25519KeyOfDer(publicKey) === undefined) return false;
  try {
    const key = publicKeys.get(Buffer.from(publicKey).toString("latin1"), () => createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }));
    return verify(null, message, key, signature);
  } catch { return false; }
}
