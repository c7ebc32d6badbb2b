import type { CandidPrincipal } from "../../codec/candid.ts";
import type { GlobalCandid, GlobalTimerCandid, HookStatusCandid, SnapshotWriteCandid } from "../../codec/candidManagement.ts";
import { LIMITS } from "../../params/limits.ts";
import type { CanisterSnapshot } from "../../state/canisterSnapshot.ts";
import { GLOBAL_BYTES, instructionCost, memoryUsage } from "../../state/cyclesAccount.ts";
import { PAGE_BYTES, PagedMemory, WASM_PAGE_BYTES } from "../../state/pagedMemory.ts";
import { type Result, type UserError, bytesFromHex, err, ok, time, userError } from "../../types/index.ts";
import { changeMemory } from "../memoryChange.ts";
import { UPLOAD_INSTRUCTIONS, withChunk } from "./chunkStore.ts";
import { byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { globalsFromCandid, hookFrom } from "./snapshotCandid.ts";
import { SNAPSHOT_DATA_INSTRUCTIONS, SNAPSHOT_INSTRUCTIONS, addSnapshot, findSnapshot, invalidSlice, keepSnapshots, payInstructions, replacedSnapshot, wasmBytes } from "./snapshotStore.ts";

interface MetadataArgs {
  canister_id: CandidPrincipal; replace_snapshot: [] | [Uint8Array]; wasm_module_size: bigint; globals: GlobalCandid[]; wasm_memory_size: bigint; stable_memory_size: bigint;
  certified_data: Uint8Array; global_timer: [] | [GlobalTimerCandid]; on_low_wasm_memory_hook_status: [] | [HookStatusCandid];
}
/** What is wrong with uploaded metadata, in the replica's order and words (dfinity/ic, MetadataValidationError). */
function metadataFault({ wasm_module_size, globals, wasm_memory_size, stable_memory_size, certified_data }: MetadataArgs, memory64: boolean): string | undefined {
  const page = BigInt(WASM_PAGE_BYTES);
  if (wasm_module_size === 0n) return "WasmModuleEmpty";
  if (wasm_module_size > BigInt(LIMITS.moduleBytesMax)) return "WasmModuleTooLarge";
  if (wasm_memory_size % page !== 0n) return "WasmMemoryNotPageAligned";
  if (wasm_memory_size > BigInt(memory64 ? LIMITS.heapBytesMax64 : LIMITS.heapBytesMax32)) return "WasmMemoryTooLarge";
  if (stable_memory_size % page !== 0n) return "StableMemoryNotPageAligned";
  if (stable_memory_size > LIMITS.stableBytesMax) return "StableMemoryTooLarge";
  if (globals.length > LIMITS.globalsMax) return "ExportedGlobalsTooLarge";
  return certified_data.length > LIMITS.certifiedDataBytesMax ? "CertifiedDataTooLarge" : undefined;
}

/** Spec, "upload_canister_snapshot_metadata": memories of zeros in these sizes, which `upload_canister_snapshot_data` fills. */
export const uploadCanisterSnapshotMetadata = defineTargetMethod<MetadataArgs>({
  name: "upload_canister_snapshot_metadata", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, args, canister) {
    const { round } = call, globals = globalsFromCandid(args.globals), [timer] = args.global_timer, [hook] = args.on_low_wasm_memory_hook_status;
    const fault = metadataFault(args, canister.execution?.memory64 ?? false) ?? (globals === undefined ? "ExportedGlobalsTooLarge" : undefined);
    if (fault !== undefined || globals === undefined) return err(userError("IC0408", `Snapshot Metadata contains invalid data: ${fault}`));
    const replaced = replacedSnapshot(round, canister, args.replace_snapshot);
    if (!replaced.ok) return replaced;
    const { types, bits } = globals, certifiedData = Uint8Array.from(args.certified_data);
    const bytes = args.wasm_module_size + args.wasm_memory_size + args.stable_memory_size + BigInt(certifiedData.length) + GLOBAL_BYTES * BigInt(types.length);
    const before = memoryUsage(canister), instructions = SNAPSHOT_INSTRUCTIONS + bytes;
    const changed = changeMemory(round, canister, { before, after: before + bytes - (replaced.value?.bytes ?? 0n), price: instructionCost(round.params, instructions, false) });
    if (!changed.ok) return changed;
    call.used += instructions;
    const added = addSnapshot(canister, {
      source: "uploaded", takenAt: round.tip.time, canisterVersion: canister.system.version, bytes, certifiedData, chunkStore: [], module: new Uint8Array(Number(args.wasm_module_size)),
      globalTypes: types, globals: bits, heap: PagedMemory.empty(Number(args.wasm_memory_size) / WASM_PAGE_BYTES), stable: PagedMemory.empty(Number(args.stable_memory_size) / WASM_PAGE_BYTES),
      globalTimer: timer === undefined ? undefined : time("active" in timer ? timer.active : 0n), onLowWasmMemory: hook === undefined ? undefined : hookFrom(hook),
    }, replaced.value);
    return ok([{ snapshot_id: bytesFromHex(added.id) }]);
  },
});

/** A version of the memory with these bytes at this offset; the caller checked the bounds. */
function written(memory: PagedMemory, offset: number, chunk: Uint8Array): PagedMemory {
  const pages: [number, Uint8Array][] = [];
  for (let at = 0; at < chunk.length;) {
    const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES, length = Math.min(PAGE_BYTES - start, chunk.length - at);
    const page = memory.page(index)?.slice() ?? new Uint8Array(PAGE_BYTES);
    page.set(chunk.subarray(at, at + length), start);
    pages.push([index, page]);
    at += length;
  }
  return memory.with(pages);
}
function withData(snapshot: CanisterSnapshot, kind: Exclude<SnapshotWriteCandid, { wasm_chunk: null }>, chunk: Uint8Array): Result<CanisterSnapshot, UserError> {
  const { offset } = Object.values(kind)[0] as { offset: bigint }, field = "wasm_memory" in kind ? "heap" : "stable_memory" in kind ? "stable" : undefined, size = BigInt(chunk.length);
  const length = field === undefined ? BigInt(snapshot.module.length) : wasmBytes(snapshot[field]);
  if (offset + size > length) return err(invalidSlice(offset, size));
  if (field !== undefined) return ok({ ...snapshot, [field]: written(snapshot[field], Number(offset), chunk) });
  const module = snapshot.module.slice();
  module.set(chunk, Number(offset));
  return ok({ ...snapshot, module });
}

/** Spec, "upload_canister_snapshot_data": for snapshots that were uploaded, never for those that were taken. */
export const uploadCanisterSnapshotData = defineTargetMethod<{ canister_id: CandidPrincipal; snapshot_id: Uint8Array; kind: SnapshotWriteCandid; chunk: Uint8Array }>({
  name: "upload_canister_snapshot_data", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, { snapshot_id, kind, chunk: given }, canister) {
    const { round } = call, chunk = Uint8Array.from(given), found = findSnapshot(canister, snapshot_id, (id) => round.tip.canister(id));
    if (!found.ok) return found;
    const snapshot = found.value;
    if (snapshot.source !== "uploaded") return err(userError("IC0409", "Only canister snapshots created by metadata upload can be mutated."));
    const paid = payInstructions(call, canister, SNAPSHOT_DATA_INSTRUCTIONS + ("wasm_chunk" in kind ? BigInt(LIMITS.chunkBytesMax) : BigInt(chunk.length)));
    if (!paid.ok) return paid;
    let next: CanisterSnapshot;
    if ("wasm_chunk" in kind) {
      const store = withChunk(snapshot.chunkStore, chunk);
      if (!store.ok) return store;
      if (store.value.store === snapshot.chunkStore) return ok([]);
      const bytes = BigInt(LIMITS.chunkBytesMax), before = memoryUsage(canister), changed = changeMemory(round, canister, { before, after: before + bytes, price: 0n });
      if (!changed.ok) return changed;
      call.used += UPLOAD_INSTRUCTIONS;
      next = { ...snapshot, chunkStore: store.value.store, bytes: snapshot.bytes + bytes };
    } else {
      const changed = withData(snapshot, kind, chunk);
      if (!changed.ok) return changed;
      next = changed.value;
    }
    keepSnapshots(canister, canister.snapshots.map((other) => (other === snapshot ? next : other)));
    return ok([]);
  },
});
