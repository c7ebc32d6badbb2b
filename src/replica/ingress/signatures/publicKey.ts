import { type KeyObject, createPublicKey } from "node:crypto";
import { type CanisterId, type Principal, PRINCIPAL_BYTES_MAX, type Result, bytesFromHex, err, hexFromBytes, ok, createCache } from "../../types/index.ts";
import { type SimpleScheme, publicKeyOfCose } from "./coseKey.ts";

/** A public key of interface spec, "Signatures", ready to verify with. */
export type UserPublicKey =
  | { readonly scheme: "ed25519" | "p256" | "secp256k1"; readonly key: KeyObject }
  | { readonly scheme: "webauthn"; readonly inner: SimpleScheme; readonly key: KeyObject }
  | { readonly scheme: "canister"; readonly canister: CanisterId; readonly seed: Uint8Array };

const PREFIXES = {
  /** RFC 8410 §4. */
  ed25519: bytesFromHex("302a300506032b6570032100"),
  /** RFC 5480: id-ecPublicKey, secp256r1, an uncompressed point. */
  p256: bytesFromHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
  /** RFC 5480: id-ecPublicKey, secp256k1 (1.3.132.0.10), an uncompressed point. */
  secp256k1: bytesFromHex("3056301006072a8648ce3d020106052b8104000a03420004"),
} as const;
const KEY_BYTES = { ed25519: 32, p256: 64, secp256k1: 64 } as const;

/** Interface spec, "Signatures": algorithm identifiers 1.3.6.1.4.1.56387.1.1 (COSE) and .1.2 (canister signatures). */
const COSE_ALGORITHM = bytesFromHex("300c060a2b0601040183b8430101");
const CANISTER_ALGORITHM = bytesFromHex("300c060a2b0601040183b8430102");
/** dfinity/ic takes RSA keys up to 8192 bits; nothing longer is a key. */
const DER_BYTES_MAX = 2048;
const KEYS_KEPT = 2048;

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);

/** The content of one DER element with this tag that fills the bytes exactly, its length in the shortest form. */
function derContent(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  if (bytes.length < 2 || bytes[0] !== tag) return undefined;
  const first = bytes[1]!, lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 2 || (first >= 0x80 && lengthBytes === 0) || bytes.length < 2 + lengthBytes) return undefined;
  let length = lengthBytes === 0 ? first : 0;
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[2 + i]!;
  const shortest = lengthBytes === 0 || (lengthBytes === 1 ? length >= 0x80 : length >= 0x100);
  return shortest && bytes.length === 2 + lengthBytes + length ? bytes.subarray(2 + lengthBytes) : undefined;
}

/** The bits of a SubjectPublicKeyInfo with this algorithm. */
function wrappedKey(der: Uint8Array, algorithm: Uint8Array): Uint8Array | undefined {
  const body = derContent(der, 0x30);
  if (body === undefined || !startsWith(body, algorithm)) return undefined;
  const bits = derContent(body.subarray(algorithm.length), 0x03);
  return bits !== undefined && bits[0] === 0 ? bits.subarray(1) : undefined;
}

/** Interface spec, "Canister signatures": one byte of length, the canister id, the seed. */
function canisterKey(bits: Uint8Array): UserPublicKey | undefined {
  const length = bits[0];
  if (length === undefined || length > PRINCIPAL_BYTES_MAX || bits.length < 1 + length) return undefined;
  return { scheme: "canister", canister: hexFromBytes(bits.subarray(1, 1 + length)) as Principal as CanisterId, seed: bits.slice(1 + length) };
}

function parse(der: Uint8Array): UserPublicKey | undefined {
  if (der.length > DER_BYTES_MAX) return undefined;
  for (const scheme of ["ed25519", "p256", "secp256k1"] as const) {
    if (der.length === PREFIXES[scheme].length + KEY_BYTES[scheme] && startsWith(der, PREFIXES[scheme])) {
      return { scheme, key: createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" }) };
    }
  }
  const canister = wrappedKey(der, CANISTER_ALGORITHM);
  if (canister !== undefined) return canisterKey(canister);
  const cose = wrappedKey(der, COSE_ALGORITHM);
  return cose && publicKeyOfCose(cose);
}

const known = createCache<Result<UserPublicKey, string>>(KEYS_KEPT);

/** Reads the DER of a public key (interface spec, "Signatures"); a pure function of the bytes, so keys seen before are remembered. */
export function parsePublicKey(der: Uint8Array): Result<UserPublicKey, string> {
  const name = der.length > DER_BYTES_MAX ? "" : Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("latin1");
  return known.get(name, () => {
    try {
      const key = parse(der);
      return key === undefined ? err("unsupported or malformed DER public key") : ok(key);
    } catch {
      return err("the public key is not a point of its curve"); // OpenSSL refuses what is no key
    }
  });
}
