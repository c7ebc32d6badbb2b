import type { CandidPrincipal } from "../../codec/candid.ts";
import type { InstallModeCandid } from "../../codec/candidManagement.ts";
import { LIMITS } from "../../params/limits.ts";
import type { ChunkStore } from "../../state/canisterState.ts";
import { consume } from "../../state/consumedCycles.ts";
import { instructionCost, liquidCycles, memoryMetrics, memoryUsage } from "../../state/cyclesAccount.ts";
import { type Result, type UserError, bytesFromHex, cycles, err, hexFromBytes, ok, principalToText, userError } from "../../types/index.ts";
import { canisterNotFound, outOfCycles } from "../executionErrors.ts";
import { changeMemory } from "../memoryChange.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod, idOf } from "./defineManagementMethod.ts";
import { hashOfModule, install, sha256 } from "./installCode.ts";
import { mayCall } from "./permission.ts";

/** reference/interface-spec.md §7.2. */
export const UPLOAD_INSTRUCTIONS = 200_000_000n;

const storeError = (message: string): UserError => userError("IC0504", `Error from Wasm chunk store: ${message}.`);
/** The store with one chunk more, or as it is when it has the chunk; IC0504 for a chunk that is too large or a store that is full. */
export function withChunk(store: ChunkStore, chunk: Uint8Array): Result<{ readonly store: ChunkStore; readonly hash: Uint8Array }, UserError> {
  if (chunk.length > LIMITS.chunkBytesMax) return err(storeError(`Wasm chunk size ${chunk.length} exceeds the maximum chunk size of ${LIMITS.chunkBytesMax}`));
  const hash = sha256(chunk), name = hexFromBytes(hash);
  if (store.some((stored) => stored.hash === name)) return ok({ store, hash });
  if (store.length >= LIMITS.chunksMax) return err(storeError(`Wasm chunk store has already reached maximum capacity of ${LIMITS.chunksMax * LIMITS.chunkBytesMax} bytes or the maximum number of entries, ${LIMITS.chunksMax}`));
  return ok({ store: [...store, { hash: name, chunk }].sort((a, b) => (a.hash < b.hash ? -1 : 1)), hash });
}

/** Spec, "upload_chunk": charged before it is known whether the chunk is there already. */
export const uploadChunk = defineTargetMethod<{ canister_id: CandidPrincipal; chunk: Uint8Array }>({
  name: "upload_chunk", ingress: true, callers: "controllersOrSelf", target: byCanisterId,
  run(call, args, canister) {
    const { round } = call, { system } = canister, price = instructionCost(round.params, UPLOAD_INSTRUCTIONS, false), missing = price - liquidCycles(round.params, canister);
    if (price > 0n && missing > 0n) return err(storeError(`Error charging for 'upload_chunk': ${outOfCycles(canister.id, missing).message}`));
    system.balance = cycles(system.balance - price);
    consume(system, "instructions", price);
    call.used += UPLOAD_INSTRUCTIONS;
    const next = withChunk(system.chunkStore, Uint8Array.from(args.chunk));
    if (!next.ok) return next;
    const { store, hash } = next.value;
    if (store !== system.chunkStore) {
      const before = memoryUsage(canister), changed = changeMemory(round, canister, { before, after: before + BigInt(LIMITS.chunkBytesMax), price: 0n });
      if (!changed.ok) return changed;
      system.chunkStore = store;
    }
    return ok([{ hash }]);
  },
});

/** Spec, "stored_chunks". */
export const storedChunks = defineTargetMethod<CanisterIdArgs>({
  name: "stored_chunks", ingress: true, callers: "controllersOrSelf", target: byCanisterId,
  run: (_call, _args, { system }) => ok([system.chunkStore.map(({ hash }) => ({ hash: bytesFromHex(hash) }))]),
});

/** Spec, "clear_chunk_store". */
export const clearChunkStore = defineTargetMethod<CanisterIdArgs>({
  name: "clear_chunk_store", ingress: true, callers: "controllersOrSelf", target: byCanisterId,
  run({ round }, _args, canister) {
    const before = memoryUsage(canister), changed = changeMemory(round, canister, { before, after: before - memoryMetrics(canister).chunks, price: 0n });
    if (!changed.ok) return changed;
    canister.system.chunkStore = [];
    return ok([]);
  },
});

interface Args {
  mode: InstallModeCandid; target_canister: CandidPrincipal; store_canister: [] | [CandidPrincipal]; chunk_hashes_list: readonly { hash: Uint8Array }[]; wasm_module_hash: Uint8Array;
  arg: Uint8Array; sender_canister_version: [] | [bigint];
}
/** Spec, "install_chunked_code": an instruction for each byte that its chunks could have (dfinity/ic, instructions_to_assemble). */
export const installChunkedCode = defineTargetMethod<Args>({
  name: "install_chunked_code", ingress: true, callers: "controllers", target: ({ target_canister }) => target_canister,
  run(call, args, canister) {
    const storeId = args.store_canister[0] === undefined ? canister.id : idOf(args.store_canister[0]);
    const store = storeId === canister.id ? canister : call.round.tip.canister(storeId);
    if (store === undefined) return err(canisterNotFound(storeId));
    const allowed = mayCall("controllersOrSelf", store, call.caller, undefined);
    if (!allowed.ok) return allowed;
    const chunks: Uint8Array[] = [];
    for (const { hash } of args.chunk_hashes_list) {
      const name = hexFromBytes(Uint8Array.from(hash)), chunk = store.system.chunkStore.find((stored) => stored.hash === name)?.chunk;
      if (chunk === undefined) return err(storeError(`Chunk hash ${name} was not found in the chunk store of canister ${principalToText(storeId)}`));
      chunks.push(chunk);
    }
    const module = chunks.length === 1 ? chunks[0]! : new Uint8Array(Buffer.concat(chunks)), found = hexFromBytes(hashOfModule(module)), given = hexFromBytes(Uint8Array.from(args.wasm_module_hash));
    if (found !== given) return err(storeError(`Wasm module hash ${found} does not match given hash ${given}`));
    return install(call, canister, { assembly: BigInt(chunks.length * LIMITS.chunkBytesMax), mode: args.mode, module, arg: Uint8Array.from(args.arg), version: args.sender_canister_version });
  },
});
