import { type CanisterId, type Time, bytesFromHex } from "../types/index.ts";
import type { ChunkStore, HookStatus } from "./canisterState.ts";
import type { PagedMemory } from "./pagedMemory.ts";

export type GlobalType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Interface spec, "Canister snapshots". Memories are shared with the versions of the canister that they were taken from: nothing is copied. */
export interface CanisterSnapshot {
  /** Hex of the snapshot's id. */
  readonly id: string;
  readonly source: "taken" | "uploaded";
  readonly takenAt: Time;
  /** Version of the canister when it was taken. */
  readonly canisterVersion: bigint;
  /** Bytes of memory that the snapshot counts for. */
  readonly bytes: bigint;
  readonly certifiedData: Uint8Array;
  readonly chunkStore: ChunkStore;
  /** As it was installed; of an uploaded snapshot zeros until its data came. */
  readonly module: Uint8Array;
  /** Mutable globals in their order: types, and the bits as `ExecutionState.globals` holds them. */
  readonly globalTypes: readonly GlobalType[];
  readonly globals: Uint8Array;
  readonly heap: PagedMemory;
  readonly stable: PagedMemory;
  /** Undefined when an upload did not say; 0 when no timer is set. */
  readonly globalTimer: Time | undefined;
  readonly onLowWasmMemory: HookStatus | undefined;
}

/** A snapshot's id is its number as 8 bytes, big-endian, and the id of its canister (dfinity/ic, SnapshotId). */
export const snapshotId = (canister: CanisterId, number: bigint): string => number.toString(16).padStart(16, "0") + canister;
/** The canister that a snapshot id names; undefined for ids that no snapshot can have. */
export const canisterOfSnapshot = (id: string): CanisterId | undefined => (id.length >= 16 ? (id.slice(16) as CanisterId) : undefined);
/** The id as candid carries it. */
export const snapshotIdBytes = (id: string): Uint8Array => bytesFromHex(id);

/** Bytes that a mutable global takes in `ExecutionState.globals`. */
export const globalBytes = (type: GlobalType): number => (type === "v128" ? 16 : 8);
