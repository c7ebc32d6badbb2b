import { createCache } from "../types/index.ts";
import { createHash } from "node:crypto";
import type { Bls, SignatureShare, Transcript } from "./bls.ts";
import { verifyEd25519 } from "./ed25519.ts";

/** Answers kept: a subnet of 40 checks some 500 signatures a round. */
const ANSWERS_KEPT = 20_000;
const LONG_MESSAGE_BYTES = 256, COMBINATIONS_KEPT = 256;
const NOTHING = new Uint8Array(0);

/**
 * Checks signatures, once: the answer is a pure function of (scheme, key, message, signature), so nodes of one process may share it as long as
 * each of them got the signature through its own network (design D8). Signers record what they sign.
 */
export interface Verifier {
  readonly bls: Bls;
  verifyBasic(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  verifyBls(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  verifyShare(transcript: Transcript, index: number, message: Uint8Array, signature: Uint8Array): boolean;
  /** The sum of the keys, in the given order. */
  aggregateKey(keys: readonly Uint8Array[]): Uint8Array;
  /** The transcript's signature from shares of which some may be bad, or which of them are. */
  combineShares(transcript: Transcript, message: Uint8Array, shares: readonly SignatureShare[]): CombineOutcome;
  /** Whether this very signature was found good before, or was made here: costs no computation. */
  isKnown(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  recordBasic(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void;
  recordBls(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): void;
  readonly counters: { checked: number; remembered: number };
}

/** `bad`: indices whose shares do not verify; there may be good ones enough without them, so the caller tries again. */
export type CombineOutcome = { readonly kind: "combined"; readonly signature: Uint8Array } | { readonly kind: "bad"; readonly indices: readonly number[] };

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
const short = (message: Uint8Array): string => message.length <= LONG_MESSAGE_BYTES ? latin1(message) : createHash("sha256").update(message).digest("latin1");
const memoKey = (scheme: string, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): string =>
  `${scheme}${publicKey.length}:${signature.length}:${message.length}:${latin1(publicKey)}${latin1(signature)}${short(message)}`;

export function createVerifier(bls: Bls): Verifier {
  const answers = createCache<boolean>(ANSWERS_KEPT), shareKeys = createCache<Uint8Array>(1024), keySums = createCache<Uint8Array>(256);
  const counters = { checked: 0, remembered: 0 };
  const check = (key: string, compute: () => boolean): boolean => {
    const known = answers.peek(key);
    if (known !== undefined) { counters.remembered++; return known; }
    counters.checked++;
    const answer = compute();
    answers.set(key, answer);
    return answer;
  };
  const combinations = createCache<Uint8Array>(COMBINATIONS_KEPT);
  const keyOfShare = (transcript: Transcript, index: number): Uint8Array =>
    shareKeys.get(`${latin1(transcript.publicCoefficients[0]!)}${transcript.id}:${index}`, () => bls.shareKey(transcript.publicCoefficients, index));
  const verifier: Verifier = {
    bls, counters,
    verifyBasic: (publicKey, message, signature) => check(memoKey("e", publicKey, message, signature), () => verifyEd25519(publicKey, message, signature)),
    verifyBls: (publicKey, message, signature) => check(memoKey("b", publicKey, message, signature), () => bls.verify(publicKey, message, signature)),
    verifyShare(transcript, index, message, signature) {
      return verifier.verifyBls(keyOfShare(transcript, index), message, signature);
    },
    aggregateKey: (keys) => keys.length === 1 ? keys[0]! : keySums.get(keys.map(latin1).join(""), () => bls.aggregateKeys(keys)),
    combineShares(transcript, message, shares) {
      const used = shares.slice(0, transcript.threshold), whole = transcript.publicCoefficients[0]!;
      // Valid shares, whichever they are, make the one valid signature: neither has to be computed or checked again by the next node.
      if (used.every((share) => verifier.isKnown(keyOfShare(transcript, share.index), message, share.signature))) {
        const name = memoKey("t", whole, message, NOTHING), signature = combinations.peek(name) ?? combined(bls, used);
        if (signature !== undefined) {
          combinations.set(name, signature);
          verifier.recordBls(whole, message, signature);
          return { kind: "combined", signature };
        }
      }
      const signature = combined(bls, used);
      if (signature !== undefined && verifier.verifyBls(whole, message, signature)) return { kind: "combined", signature };
      return { kind: "bad", indices: shares.filter((share) => !verifier.verifyShare(transcript, share.index, message, share.signature)).map((share) => share.index) };
    },
    isKnown: (publicKey, message, signature) => answers.peek(memoKey("b", publicKey, message, signature)) === true,
    recordBasic: (publicKey, message, signature) => answers.set(memoKey("e", publicKey, message, signature), true),
    recordBls: (publicKey, message, signature) => answers.set(memoKey("b", publicKey, message, signature), true),
  };
  return verifier;
}

/** A lone share has weight 1 and is the signature itself; undefined when a share is no signature at all. */
function combined(bls: Bls, shares: readonly SignatureShare[]): Uint8Array | undefined {
  if (shares.length === 1) return shares[0]!.signature;
  try { return bls.combine(shares); } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
