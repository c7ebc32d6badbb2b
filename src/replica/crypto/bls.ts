import type { NodeId } from "../types/index.ts";
import type { Opening } from "./opening.ts";
import type { SealedShares } from "./sealing.ts";

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
  /** Σ wᵢ·Kᵢ, weights as 32-byte scalars. @throws RangeError for no or malformed keys, a zero weight or a sum that is no key */
  combineKeys(keys: readonly Uint8Array[], weights: readonly Uint8Array[]): Uint8Array;
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
  /** The key that others seal shares for this node with: 32 bytes, X25519. Undefined for a node that is older than key generation. */
  readonly encryptionKey: Uint8Array | undefined;
  /** This node's dealing: always the same one for a generation. Undefined when it has nothing to deal: it is no dealer, or lacks the share. */
  deal(config: DkgConfig): Dealing | undefined;
  /** Which of the dealings, given by the places of their dealers, have a right share for this node; an opening shows everybody that one has not. */
  review(config: DkgConfig, dealings: readonly PlacedDealing[]): { readonly good: readonly number[]; readonly bad: readonly { readonly place: number; readonly opening: Opening }[] };
  /** Takes this node's share out of a transcript, and remembers it. False when it cannot have one. */
  learnShare(transcript: Transcript): boolean;
  /** Forgets shares of all other transcripts: old shares are worth nothing, and not kept. */
  keepShares(transcriptIds: readonly string[]): void;
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
  /** Where the members find their shares. Absent in the transcripts that a subnet began with: their shares are in the key stores. */
  readonly sealed?: { readonly dkgId: string; readonly resharing: boolean; readonly receivers: readonly Uint8Array[]; readonly dealings: readonly TranscriptDealing[] };
}
/** What a transcript keeps of a dealing; `place` among the generation's dealers. */
export interface TranscriptDealing extends SealedShares { readonly place: number; readonly dealer: NodeId }

/** A member that shares are sealed for: an X25519 key of 32 bytes. */
export interface DkgReceiver { readonly nodeId: NodeId; readonly encryptionKey: Uint8Array }
/** One run of the distributed key generation (protocol digest §4.2): who deals, who receives, and what is shared. */
export interface DkgConfig {
  readonly id: string;
  readonly tag: Transcript["tag"];
  /** Of the new key. */
  readonly threshold: number;
  /** Sorted by node id, as the receivers. */
  readonly dealers: readonly NodeId[];
  readonly receivers: readonly DkgReceiver[];
  /** The key that gets new shares and stays; absent: a new key. Its committee deals. */
  readonly resharing?: Transcript;
}
/** A dealing and the place of its dealer among the generation's. */
export interface PlacedDealing { readonly place: number; readonly dealing: Dealing }
/** One dealer's part: the public polynomial, and a sealed share for each receiver. */
export interface Dealing extends SealedShares { readonly commitments: readonly Uint8Array[] }
