import type { Hash, Height, Result } from "../types/index.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import type { HashTree } from "../hashTree/hashTree.ts";
import type { Certification, Path } from "./subnet.ts";

/** A witness of the certified tree at a height and the subnet's signature on its root. */
export interface CertifiedWitness { readonly witness: HashTree; readonly certification: Certification }
export interface CertifiedState { readonly state: ReplicatedState; readonly certification: Certification }
/** The certification does not fit: nothing is known of the height, or this node computed another root (protocol digest §3.5). */
export type CertificationError = { readonly kind: "unknownHeight" } | { readonly kind: "diverged"; readonly own: Hash<"StateRoot"> };

/** The versions of one node's replicated state and their certification (design §3.4). Synchronous and in memory. */
export interface StateManager {
  /** The newest committed version: the input of the next round. */
  latest(): ReplicatedState;
  /** A version that is still kept. */
  at(height: Height): ReplicatedState | undefined;
  /**
   * Commits the output of a round, one height above the latest. Sets its `prevStateHash`, so go on from `latest()`.
   * @returns the root of the certified tree
   */
  commitAndCertify(state: ReplicatedState): Hash<"StateRoot">;
  /** Committed heights without a certification, ascending. */
  hashesToCertify(): readonly { readonly height: Height; readonly hash: Hash<"StateRoot"> }[];
  /** Takes a certification whose signature was checked; older versions than the newest certified one and `keepFrom` are dropped. */
  deliverCertification(certification: Certification): Result<void, CertificationError>;
  /** Undefined until the first certification. */
  latestCertified(): CertifiedState | undefined;
  /** The newest certified tree pruned to the paths and `/time`; undefined until the first certification. */
  readCertified(paths: readonly Path[]): CertifiedWitness | undefined;
  /** Hash of the full state at a height that is still kept: heaps, stable memories, globals, queues, everything (design D8). */
  fullHash(height: Height): Hash<"State"> | undefined;
  /** Versions at and above this height stay until it is raised, whatever is certified: for queries and checkpoints under way. */
  keepFrom(height: Height): void;
  /** Goes on from a state that came from elsewhere: in place of the newest version, or at another height, and then versions that are not certified are dropped. */
  adopt(state: ReplicatedState): void;
}

/** Bytes that consensus wants back after a restart, by their id: artifacts of a height. */
export interface JournalEntry { readonly id: string; readonly bytes: Uint8Array }
/** All that a node wrote of a height; `icx` is the version that wrote it first. */
export interface JournalHeight { readonly height: Height; readonly icx: string; readonly entries: readonly JournalEntry[] }

/** What stands between a directory and its network. `code` is stable: the shell words it. */
export interface StoreError {
  readonly code: "locked" | "newerFormat" | "damaged" | "diskFull" | "notWritable" | "closed";
  readonly directory: string;
  /** What was found: the owner's process id, the format's number, the file that is damaged, the system's own words. */
  readonly detail: string;
}

/** What a subnet comes back with: the last complete checkpoint and everything that was journaled above it. */
export interface LoadedState {
  readonly state: ReplicatedState;
  readonly fullHash: Hash<"State">;
  readonly certification: Certification | undefined;
}

/** Where one subnet's data lives (design D10): on disk, or in memory with the same behaviour for networks that do not stay. */
export interface Store {
  /** Adds artifacts of a height; an id that is already there stays as it is. Durable when `flushed` says so. */
  putHeight(height: Height, entries: readonly JournalEntry[]): void;
  /** Journaled heights at and above `from`, ascending. */
  heights(from: Height): readonly JournalHeight[];
  /** Node-own records and key stores: what a node must never forget (own shares, the block it signed). An undefined value deletes. */
  putRecord(key: string, value: Uint8Array | undefined): void;
  getRecord(key: string): Uint8Array | undefined;
  /** Records whose key begins so, in byte order of the keys. */
  records(prefix: string): readonly (readonly [string, Uint8Array])[];
  /** Resolves when everything put before the call is on disk. One flush serves all that wait. Rejects with a `StoreFailure`. */
  flushed(): Promise<void>;
  /** Heights below are not needed to go on from the newest checkpoint; they stay as long as the checkpoint before it may need them. */
  forgetBelow(height: Height): void;
  /** Writes what changed since the last checkpoint; when it resolves the checkpoint and all that it needs is on disk. */
  checkpoint(state: ReplicatedState, certification: Certification | undefined): Promise<void>;
  /** Copies what is on disk to a folder beside it and gives its path; an earlier copy of that name stays. Undefined in memory. @throws StoreFailure */
  keepCopy(name: string): string | undefined;
  /** The newest checkpoint that is whole; undefined for a new directory. */
  load(): Result<LoadedState | undefined, StoreError>;
  /** Forgets the checkpoints, which turned out to be wrong: the state has to come from elsewhere. */
  dropCheckpoints(): void;
  /** Keeps a chunk of a state that is on its way here, for a life after this one. Not durable: it may be gone, or damaged. */
  putChunk(bytes: Uint8Array): void;
  chunks(): Iterable<Uint8Array>;
  dropChunks(): void;
  /** The state of an older checkpoint that is still there whole: of the newest two, whoever needs the one before. */
  loadAt(height: Height): ReplicatedState | undefined;
  /** What opening had to repair, for one line to the user. */
  readonly repairs: readonly string[];
  /** Flushes and releases the directory. Idempotent. */
  close(): Promise<void>;
}
