import type { NodeId } from "../types/index.ts";

/** One signer's part of a threshold signature; `index` is the signer's place in the sorted committee. */
export interface SignatureShare { readonly index: number; readonly signature: Uint8Array }

/**
 * BLS12-381 as the Internet Computer uses it: signatures in G1 (48 bytes), keys in G2 (96 bytes), `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_`.
 * Bytes from outside may be anything: `verify` answers false for what is no point of the right group; the others throw RangeError.
 */
export interface Bls {
  /** `secret`: 32 bytes big-endian, below the group order. */
  publicKey(secret: Uint8Array): Uint8Array;
  sign(secret: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Lagrange at 0 over `x = index + 1`. @throws RangeError for no shares, a repeated index or bytes that are no signature */
  combine(shares: readonly SignatureShare[]): Uint8Array;
  /** @throws RangeError for no or malformed signatures */
  aggregateSignatures(signatures: readonly Uint8Array[]): Uint8Array;
  /** @throws RangeError for no or malformed keys */
  aggregateKeys(keys: readonly Uint8Array[]): Uint8Array;
  /** The key of share `index`: the public polynomial at `index + 1`. @throws RangeError for malformed coefficients */
  shareKey(publicCoefficients: readonly Uint8Array[], index: number): Uint8Array;
}

/** What one node can sign with: its own shares and keys, never another's (design D8). */
export interface NodeKeys {
  readonly nodeId: NodeId;
  /** DER, Ed25519: blocks, query answers. */
  readonly publicKey: Uint8Array;
  /** What the node is about to sign, with its share of a transcript or (without one) its multi-signature key: another thread may begin. */
  announce(messages: readonly { readonly transcriptId?: string; readonly message: Uint8Array }[]): void;
  signBasic(message: Uint8Array): Uint8Array;
  /** As `signBasic`, for answers to users: nobody in this process will check them, and another thread makes them. */
  signAnswer(message: Uint8Array): Promise<Uint8Array>;
  /** The node's own BLS key for notarization and finalization multi-signatures; 96 bytes. */
  readonly multiSigPublicKey: Uint8Array;
  signMulti(message: Uint8Array): Uint8Array;
  /** Whether this node holds a share of the transcript. */
  holdsShare(transcriptId: string): boolean;
  /** Signs with this node's share of the transcript. @throws InvariantError when the node holds no share of it */
  signThreshold(transcriptId: string, message: Uint8Array): Uint8Array;
}

/** A threshold key of a committee: public polynomial `A_k = g2^{a_k}`; member i's share key is its value at i+1. */
export interface Transcript {
  readonly id: string;
  readonly tag: "lowThreshold" | "highThreshold";
  readonly threshold: number;
  /** Sorted by node id; the index is the share's index. */
  readonly committee: readonly NodeId[];
  /** 96 bytes each; the first is the public key. */
  readonly publicCoefficients: readonly Uint8Array[];
}
