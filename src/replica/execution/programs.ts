import { gunzipSync } from "node:zlib";
import { Trap, type PreparedModule, type ProgramState, type WasmEngine } from "../interfaces/wasm.ts";
import { LIMITS } from "../params/limits.ts";
import type { ExecutionState } from "../state/canisterState.ts";
import type { PagedMemory } from "../state/pagedMemory.ts";
import { type Result, type UserError, assert, err, hexFromBytes, ok, userError } from "../types/index.ts";
import type { NativeProgram } from "./native/nativeProgram.ts";
import { nativeCanisterProgram, nativeProgramName } from "./native/nativeCanisterProgram.ts";
import type { CanisterProgram, Programs } from "./program.ts";
import type { SystemApi } from "./systemApi/importHandlers.ts";

const PREPARED_MODULES_KEPT = 500;
/** Heap of live instances that stays cached between rounds. */
const LIVE_HEAP_BYTES = 2 ** 30;

/** The wasm bytes of a module as uploaded: modules that begin with `1f 8b 08` are gunzipped (spec, "install_code"). */
export function unpackModule(module: Uint8Array): Result<Uint8Array, UserError> {
  if (!(module[0] === 0x1f && module[1] === 0x8b && module[2] === 0x08)) return ok(module);
  try { return ok(new Uint8Array(gunzipSync(module, { maxOutputLength: LIMITS.moduleBytesMax }))); }
  catch (cause) { return err(userError("IC0505", `Canister's Wasm module is not valid: Failed to decode wasm module: ${cause instanceof Error ? cause.message : "broken gzip data"}`)); }
}

/** The parts of an execution state that follow from the module. */
export type Installed = Pick<ExecutionState, "module" | "moduleHash" | "exports" | "memory64" | "instructionCount" | "metadata">;

export interface ProgramStore extends Programs {
  prepare(module: Uint8Array, hash: Uint8Array): Result<PreparedModule, UserError>;
  prepared(execution: ExecutionState): PreparedModule;
  /** What an execution state says of its module, as one object for all canisters that have it: a module is many times larger than most canisters. */
  installed(module: Uint8Array, hash: Uint8Array): Installed;
  /** The state of a fresh instance over this stable memory; `keep` carries the heap over an upgrade. */
  instantiate(module: PreparedModule, stable: PagedMemory, keep: { readonly heap: PagedMemory } | undefined): Result<ProgramState, UserError>;
  /** Lets go of the live instances that were not used for longest. */
  trim(): void;
}

/** Keeps modules prepared by hash; a module of the state was valid when it was installed, so it can always be prepared again. */
export function createProgramStore(engine: WasmEngine, api: SystemApi, natives: ReadonlyMap<string, NativeProgram>): ProgramStore {
  const modules = new Map<string, PreparedModule>();
  const wasm = (module: PreparedModule): CanisterProgram => ({
    run(id, state, entry, host, limits, discard, variant) {
      if (entry.kind === "continuation") return { kind: "trapped", used: 0n, error: userError("IC0502", "Canister trapped: a callback of another kind of program") };
      return api.serve(host, () => engine.run(variant === undefined ? id : `${id}/${variant}`, module, state, entry, api.handlers, limits, discard));
    },
  });
  const programs = new WeakMap<PreparedModule, CanisterProgram>(), installed = new WeakMap<PreparedModule, Installed>();
  const store: ProgramStore = {
    prepare(module, hash) {
      const key = hexFromBytes(hash), known = modules.get(key);
      if (known !== undefined) return ok(known);
      const unpacked = unpackModule(module);
      if (!unpacked.ok) return unpacked;
      const prepared = engine.prepare(unpacked.value);
      if (!prepared.ok) return prepared;
      if (modules.size >= PREPARED_MODULES_KEPT) modules.delete(modules.keys().next().value!);
      modules.set(key, prepared.value);
      return prepared;
    },
    installed(module, hash) {
      const result = store.prepare(module, hash);
      assert(result.ok, "a module is installed when it is valid");
      const { exports, memory64, instructionCount, metadata } = result.value, known = installed.get(result.value);
      // Two modules may be the same but for their compression.
      if (known !== undefined && Buffer.compare(known.moduleHash, hash) === 0) return known;
      const made = { module, moduleHash: hash, exports: [...exports].sort(), memory64, instructionCount, metadata };
      installed.set(result.value, made);
      return made;
    },
    trim: () => engine.trim(LIVE_HEAP_BYTES),
    instantiate: (module, stable, keep) => engine.instantiate(module, stable, keep),
    prepared(execution) {
      const result = store.prepare(execution.module, execution.moduleHash);
      assert(result.ok, "an installed module stays valid");
      return result.value;
    },
    programOf(execution) {
      const name = nativeProgramName(execution);
      if (name !== undefined) {
        const native = natives.get(name);
        if (native === undefined) throw new Trap(userError("IC0521", `This replica does not know the native program ${name}`));
        return nativeCanisterProgram(native);
      }
      const module = store.prepared(execution);
      let program = programs.get(module);
      if (program === undefined) programs.set(module, program = wasm(module));
      return program;
    },
  };
  return store;
}
