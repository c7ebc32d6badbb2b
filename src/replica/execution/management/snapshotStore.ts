import { consume } from "../../state/consumedCycles.ts";
import { instructionCost, liquidCycles } from "../../state/cyclesAccount.ts";
import { LIMITS } from "../../params/limits.ts";
import { type CanisterSnapshot, canisterOfSnapshot, snapshotId } from "../../state/canisterSnapshot.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { type PagedMemory, WASM_PAGE_BYTES } from "../../state/pagedMemory.ts";
import { type CanisterId, type Result, type UserError, cycles, err, hexFromBytes, ok, principalToText, userError } from "../../types/index.ts";
import { outOfCycles } from "../executionErrors.ts";
import type { RoundContext } from "../roundContext.ts";
import type { ManagementCall } from "./defineManagementMethod.ts";

/** dfinity/ic, subnet_config.rs: what snapshots cost beside an instruction a byte. */
export const SNAPSHOT_INSTRUCTIONS = 2_000_000_000n;
/** The same for reading and writing a part of one. */
export const SNAPSHOT_DATA_INSTRUCTIONS = 5_000_000n;

/** IC0305: nothing has this id. */
export const snapshotNotFound = (canister: CanisterId, id: string): UserError => userError("IC0305", `Could not find the snapshot ID ${id} for canister ${principalToText(canister)}.`);

/** dfinity/ic, SnapshotId: eight bytes of number and the bytes of a principal. */
const ID_BYTES_MIN = 8, ID_BYTES_MAX = 8 + 29;
/** The hex of an id; IC0408 for what has another length. */
export function snapshotIdFrom(candidId: Uint8Array): Result<string, UserError> {
  const { length } = candidId;
  return length >= ID_BYTES_MIN && length <= ID_BYTES_MAX ? ok(hexFromBytes(Uint8Array.from(candidId)))
    : err(userError("IC0408", `Error decoding candid: Invalid snapshot ID length: provided ${length}, expected ${ID_BYTES_MIN} to ${ID_BYTES_MAX}.`));
}

interface HasSnapshots { readonly id: CanisterId; readonly snapshots?: readonly CanisterSnapshot[] }
/** A snapshot of this canister; IC0305 when there is none, IC0406 when it is another canister's. `find` gives the other canister. */
export function findSnapshot(canister: HasSnapshots, candidId: Uint8Array, find: (id: CanisterId) => HasSnapshots | undefined): Result<CanisterSnapshot, UserError> {
  const named = snapshotIdFrom(candidId);
  if (!named.ok) return named;
  const id = named.value, found = canister.snapshots?.find((snapshot) => snapshot.id === id);
  if (found !== undefined) return ok(found);
  const owner = canisterOfSnapshot(id), foreign = owner === undefined || owner === canister.id ? undefined : find(owner)?.snapshots?.some((snapshot) => snapshot.id === id);
  return err(foreign === true ? userError("IC0406", `The snapshot ${id} does not belong to canister ${principalToText(canister.id)}.`) : snapshotNotFound(canister.id, id));
}

/** The snapshot that a new one replaces, if one is named; IC0406 when there is no place for one more. */
export function replacedSnapshot(round: RoundContext, canister: CanisterTip, [replace]: [] | [Uint8Array]): Result<CanisterSnapshot | undefined, UserError> {
  if (replace !== undefined) return findSnapshot(canister, replace, (id) => round.tip.canister(id));
  return canister.snapshots.length < LIMITS.snapshotsMax ? ok(undefined)
    : err(userError("IC0406", `Canister ${principalToText(canister.id)} has reached the maximum number of snapshots allowed: ${LIMITS.snapshotsMax}.`));
}

/** Adds a snapshot under a fresh id, in the place of another one when it replaces it. */
export function addSnapshot(canister: CanisterTip, snapshot: Omit<CanisterSnapshot, "id">, replaced: CanisterSnapshot | undefined): CanisterSnapshot {
  const number = canister.system.snapshotsTotal ?? 0n, added = { ...snapshot, id: snapshotId(canister.id, number) };
  canister.system.snapshotsTotal = number + 1n;
  keepSnapshots(canister, [...canister.snapshots.filter((other) => other !== replaced), added]);
  return added;
}
/** The canister's snapshots from now on; their memory is counted anew. */
export function keepSnapshots(canister: CanisterTip, snapshots: readonly CanisterSnapshot[]): void {
  canister.snapshots = snapshots;
  canister.system.snapshotBytes = snapshots.reduce((sum, { bytes }) => sum + bytes, 0n);
}

/** Bytes of a memory as canisters count them. */
export const wasmBytes = (memory: PagedMemory): bigint => BigInt(memory.wasmPages) * BigInt(WASM_PAGE_BYTES);
/** IC0408: a part that lies outside what it is a part of. */
export const invalidSlice = (offset: bigint, size: bigint): UserError =>
  userError("IC0408", `Invalid subslice into wasm module / main memory / stable memory: offset: ${offset}, size: ${size}`);

/** Takes the price of a management call's instructions; IC0207 when that would freeze the canister. */
export function payInstructions(call: ManagementCall, canister: CanisterTip, instructions: bigint): Result<void, UserError> {
  const { params } = call.round, price = instructionCost(params, instructions, false), missing = price - liquidCycles(params, canister);
  if (price > 0n && missing > 0n) return err(userError("IC0207", `Canister snapshotting failed with: \`${outOfCycles(canister.id, missing).message}\``));
  canister.system.balance = cycles(canister.system.balance - price);
  consume(canister.system, "instructions", price);
  call.used += instructions;
  return ok(undefined);
}
