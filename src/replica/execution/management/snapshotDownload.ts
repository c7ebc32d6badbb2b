import type { CandidPrincipal } from "../../codec/candid.ts";
import type { SnapshotReadCandid } from "../../codec/candidManagement.ts";
import { LIMITS } from "../../params/limits.ts";
import type { CanisterSnapshot } from "../../state/canisterSnapshot.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { type Result, type UserError, bytesFromHex, err, hexFromBytes, ok, userError } from "../../types/index.ts";
import { type ManagementCall, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { HOOK_CANDID, SOURCE_CANDID, candidGlobals } from "./snapshotCandid.ts";
import { SNAPSHOT_DATA_INSTRUCTIONS, findSnapshot, invalidSlice, payInstructions, wasmBytes } from "./snapshotStore.ts";

interface SnapshotArgs { canister_id: CandidPrincipal; snapshot_id: Uint8Array }
const snapshotOf = ({ round }: ManagementCall, canister: CanisterTip, id: Uint8Array): Result<CanisterSnapshot, UserError> => findSnapshot(canister, id, (other) => round.tip.canister(other));

/** Spec, "read_canister_snapshot_metadata". */
export const readCanisterSnapshotMetadata = defineTargetMethod<SnapshotArgs>({
  name: "read_canister_snapshot_metadata", ingress: true, callers: "snapshots", target: byCanisterId,
  run(call, { snapshot_id }, canister) {
    const found = snapshotOf(call, canister, snapshot_id);
    if (!found.ok) return found;
    const { source, takenAt, module, globalTypes, globals, heap, stable, chunkStore, canisterVersion, certifiedData, globalTimer, onLowWasmMemory } = found.value;
    return ok([{
      source: SOURCE_CANDID[source], taken_at_timestamp: takenAt, wasm_module_size: BigInt(module.length), globals: candidGlobals(globalTypes, globals), wasm_memory_size: wasmBytes(heap),
      stable_memory_size: wasmBytes(stable), wasm_chunk_store: chunkStore.map(({ hash }) => ({ hash: bytesFromHex(hash) })), canister_version: canisterVersion, certified_data: certifiedData,
      global_timer: globalTimer === undefined ? [] : [globalTimer === 0n ? { inactive: null } : { active: globalTimer }],
      on_low_wasm_memory_hook_status: onLowWasmMemory === undefined ? [] : [HOOK_CANDID[onLowWasmMemory]],
    }]);
  },
});

function slice(snapshot: CanisterSnapshot, kind: Exclude<SnapshotReadCandid, { wasm_chunk: unknown }>): Result<Uint8Array, UserError> {
  const { offset, size } = Object.values(kind)[0]!, memory = "wasm_memory" in kind ? snapshot.heap : "stable_memory" in kind ? snapshot.stable : undefined;
  const length = memory === undefined ? BigInt(snapshot.module.length) : wasmBytes(memory);
  if (offset + size > length) return err(invalidSlice(offset, size));
  if (memory === undefined) return ok(snapshot.module.slice(Number(offset), Number(offset + size)));
  const chunk = new Uint8Array(Number(size));
  memory.read(Number(offset), chunk);
  return ok(chunk);
}

/** Spec, "read_canister_snapshot_data". */
export const readCanisterSnapshotData = defineTargetMethod<SnapshotArgs & { kind: SnapshotReadCandid }>({
  name: "read_canister_snapshot_data", ingress: true, callers: "snapshots", target: byCanisterId,
  run(call, { snapshot_id, kind }, canister) {
    const found = snapshotOf(call, canister, snapshot_id);
    if (!found.ok) return found;
    const size = "wasm_chunk" in kind ? BigInt(LIMITS.chunkBytesMax) : Object.values(kind)[0]!.size;
    if (size > LIMITS.snapshotSliceBytesMax) return err(userError("IC0408", `Requested slice too large: ${size} > ${LIMITS.snapshotSliceBytesMax}`));
    const paid = payInstructions(call, canister, SNAPSHOT_DATA_INSTRUCTIONS + size);
    if (!paid.ok) return paid;
    if (!("wasm_chunk" in kind)) { const part = slice(found.value, kind); return part.ok ? ok([{ chunk: part.value }]) : part; }
    const hash = hexFromBytes(Uint8Array.from(kind.wasm_chunk.hash)), stored = found.value.chunkStore.find((chunk) => chunk.hash === hash);
    if (kind.wasm_chunk.hash.length !== 32) return err(userError("IC0504", `Error from Wasm chunk store: Bytes ${hash} are not a valid WasmChunkHash.`));
    return stored === undefined ? err(userError("IC0504", `Error from Wasm chunk store: WasmChunkHash ${hash} not found.`)) : ok([{ chunk: stored.chunk }]);
  },
});
