import { hash, verify } from "node:crypto";
import { type Result, err, hexFromBytes, ok, createCache } from "../../types/index.ts";
import type { SignatureClaim, VerifyCertificate } from "../../interfaces/ingress.ts";
import { type UserPublicKey, parsePublicKey } from "./publicKey.ts";
import { verifyCanisterSignature } from "./canisterSignature.ts";
import { verifyWebAuthn } from "./webauthn.ts";

/** Checks signatures of users and remembers the good ones: a message is checked at the door, in the pool of each node and in its block. */
export interface SignatureChecker {
  /** `message` begins with its domain separator. The error is the replica's sentence. */
  check(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Result<void, string>;
  /** What there is to compute for a signature of a plain key, for those who can do it on another thread; undefined when nothing is. */
  claim(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): SignatureClaim | undefined;
}

/** Good signatures remembered; an entry is 90 to 250 bytes. */
const REMEMBERED = 20_000;
/** Together a key, a message and a signature of a plain key are shorter than this, and so they are their own name: a digest takes longer. */
const NAME_BYTES = 224;
/** Ed25519: R‖S; ECDSA: r‖s, 32 bytes each, both halves of the range of s allowed (dfinity/ic verifies "with malleability"). */
const PLAIN_SIGNATURE_BYTES = 64;
const NAMES = { ed25519: "Ed25519", p256: "EcdsaP256", secp256k1: "EcdsaSecp256k1" } as const;

function verifyPlain(key: Extract<UserPublicKey, { readonly scheme: "ed25519" | "p256" | "secp256k1" }>, message: Uint8Array, signature: Uint8Array): Result<void, string> {
  const name = NAMES[key.scheme];
  if (signature.length !== PLAIN_SIGNATURE_BYTES) {
    return err(`Invalid basic signature: Malformed ${name} signature: [${hexFromBytes(signature.subarray(0, 80))}] error: 'A signature must be ${PLAIN_SIGNATURE_BYTES} bytes long'`);
  }
  const good = key.scheme === "ed25519" ? verify(null, message, key.key, signature) : verify("sha256", message, { key: key.key, dsaEncoding: "ieee-p1363" }, signature);
  return good ? ok(undefined) : err(`Invalid basic signature: ${name} signature could not be verified: signature ${hexFromBytes(signature)}, error: verification failed`);
}

/** Canister signatures are not remembered: they hold as long as their certificate, which the certificate's own verifier judges. */
export function createSignatureChecker(verifyCertificate: VerifyCertificate, remembered = REMEMBERED): SignatureChecker {
  const good = createCache<true>(remembered);
  const nameOf = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string => {
    const all = Buffer.concat([new Uint8Array(Uint32Array.of(publicKey.length, message.length).buffer), publicKey, message, signature]);
    return all.length <= NAME_BYTES ? all.toString("latin1") : hash("sha256", all, "latin1");
  };
  return {
    claim(publicKey, message, signature) {
      const key = parsePublicKey(publicKey);
      if (!key.ok || key.value.scheme === "canister" || key.value.scheme === "webauthn" || signature.length !== PLAIN_SIGNATURE_BYTES) return undefined;
      const name = nameOf(publicKey, message, signature), { scheme, key: handle } = key.value;
      if (good.peek(name) === true) return undefined;
      return {
        algorithm: scheme === "ed25519" ? null : "sha256", key: scheme === "ed25519" ? handle : { key: handle, dsaEncoding: "ieee-p1363" }, message, signature,
        remember: () => { good.set(name, true); },
      };
    },
    check(publicKey, message, signature) {
      const key = parsePublicKey(publicKey);
      if (!key.ok) return err(`Invalid public key: Malformed public key: [${hexFromBytes(publicKey.subarray(0, 200))}] error: ${key.error}`);
      if (key.value.scheme === "canister") return verifyCanisterSignature(key.value.canister, key.value.seed, message, signature, verifyCertificate);
      const name = nameOf(publicKey, message, signature);
      if (good.peek(name) === true) return ok(undefined);
      const checked = key.value.scheme === "webauthn" ? verifyWebAuthn(key.value.inner, key.value.key, message, signature) : verifyPlain(key.value, message, signature);
      if (checked.ok) good.set(name, true);
      return checked;
    },
  };
}
