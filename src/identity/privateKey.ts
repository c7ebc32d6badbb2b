import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { openScryptPem } from "./scryptPem.ts";

/** The curves whose signatures the Internet Computer accepts besides Ed25519 (interface spec, "Signatures"), as OpenSSL names them. */
const EC_CURVES = ["secp256k1", "prime256v1"];
/** An encrypted key and no, or a wrong, password. */
export interface UnreadableKey { readonly kind: "unreadable" | "encrypted"; readonly reason: string }

/** A new Ed25519 key as PKCS #8 PEM. */
export const newKeyPem = (): string => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }) as string;

/**
 * Reads a PEM file of dfx, icp-cli, quill or OpenSSL: PKCS #8 (with the public key that dfx once appended in a slightly wrong place, or without) or
 * SEC 1, Ed25519, secp256k1 or P-256; encrypted (PBES2) with a password.
 */
export function readPem(pem: string, password?: string): KeyObject | UnreadableKey {
  const encrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
  if (encrypted && password === undefined) return { kind: "encrypted", reason: "it is encrypted" };
  let key: KeyObject;
  try { key = createPrivateKey({ key: pem, format: "pem", ...(encrypted && { passphrase: password }) }); } catch (error) {
    const opened = encrypted ? openScryptPem(pem, password!) : undefined;
    if (opened !== undefined) return accepted(opened);
    return encrypted ? { kind: "encrypted", reason: "the password does not open it" } : { kind: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
  return accepted(key);
}

function accepted(key: KeyObject): KeyObject | UnreadableKey {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  return key.asymmetricKeyType === "ed25519" || EC_CURVES.includes(curve) ? key : { kind: "unreadable", reason: `keys of the kind ${key.asymmetricKeyType ?? "unknown"} ${curve} are not accepted by the Internet Computer` };
}

/** PKCS #8 PEM of a key, as icp-cli reads it; encrypted when a password is given. */
export const pemOf = (key: KeyObject, password?: string): string =>
  key.export({ type: "pkcs8", format: "pem", ...(password !== undefined && { cipher: "aes-256-cbc", passphrase: password }) }) as string;

/** The public half in DER. */
export const publicKeyDerOf = (key: KeyObject): Uint8Array => Uint8Array.from(createPublicKey(key).export({ type: "spki", format: "der" }));

/** A signature as the interface specification wants it: Ed25519's own, or ECDSA over SHA-256 as r and s. */
export const signWith = (key: KeyObject, message: Uint8Array): Uint8Array =>
  Uint8Array.from(key.asymmetricKeyType === "ed25519" ? sign(null, message, key) : sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }));
