import createWabt from "wabt";
import type { ImportHandlers, ImportSignature, PreparedModule, ProgramState, WasmEngine, WasmOutcome } from "../../../../../src/replica/interfaces/wasm.ts";
import type { WasmEngineOptions } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { createWasmEngine } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";

const wabt = await createWabt();
const FEATURES = {
  exceptions: true, mutable_globals: true, sat_float_to_int: true, sign_extension: true, simd: true, threads: true, multi_value: true, tail_call: true,
  bulk_memory: true, reference_types: true, memory64: true, multi_memory: true, relaxed_simd: true, extended_const: true,
};

/** Assembles the text format. */
export function wasm(text: string): Uint8Array {
  const module = wabt.parseWat("test.wat", text, FEATURES);
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** A handful of system calls with every kind of value; the real rows belong to the System API's room. */
export const IMPORTS: readonly ImportSignature[] = [
  { name: "debug_print", params: ["I", "I"], results: [] }, { name: "msg_reply", params: [], results: [] }, { name: "msg_arg_data_size", params: [], results: ["I"] },
  { name: "msg_arg_data_copy", params: ["I", "I", "I"], results: [] }, { name: "stable64_size", params: [], results: ["i64"] },
  { name: "stable64_grow", params: ["i64"], results: ["i64"] }, { name: "stable64_write", params: ["i64", "i64", "i64"], results: [] },
  { name: "stable64_read", params: ["i64", "i64", "i64"], results: [] }, { name: "performance_counter", params: ["i32"], results: ["i64"] },
  { name: "call_on_cleanup", params: ["E", "E"], results: [] }, { name: "stable_size", params: [], results: ["i32"], only32: true },
  { name: "call_new", params: ["I", "I", "I", "I", "E", "E", "E", "E"], results: [] }, { name: "trap", params: ["I", "I"], results: [] },
];

/** One canister driven through the engine's door. */
export class Canister {
  readonly engine: WasmEngine;
  readonly module: PreparedModule;
  state: ProgramState;
  handlers: ImportHandlers = {};
  instructions = 1_000_000_000n;
  heapBytesMax = Infinity;
  /** Instructions of a slice, for engines that run in slices. */
  slice: bigint | undefined;
  slices = 1;
  constructor(bytes: Uint8Array | string, options: WasmEngineOptions = {}, engine: WasmEngine = createWasmEngine(IMPORTS, options)) {
    this.engine = engine;
    const prepared = engine.prepare(typeof bytes === "string" ? wasm(bytes) : bytes);
    if (!prepared.ok) throw new TypeError(prepared.error.message);
    this.module = prepared.value;
    const state = engine.instantiate(this.module, PagedMemory.empty());
    if (!state.ok) throw new TypeError(state.error.message);
    this.state = state.value;
  }

  run(name: string, discard = false): WasmOutcome {
    const outcome = this.engine.run("canister", this.module, this.state, { kind: "export", name }, this.handlers, { instructions: this.instructions, heapBytesMax: this.heapBytesMax,
      ...(this.slice !== undefined && { slice: { instructions: this.slice, begin: (slice: number) => { this.slices = slice; } } }) }, discard);
    if (outcome.kind === "returned") this.state = outcome.state;
    return outcome;
  }

  /** The whole message of the trap, or `returned`. */
  say(name: string): string {
    const outcome = this.run(name);
    return outcome.kind === "returned" ? "returned" : `${outcome.error.code} ${outcome.error.message}`;
  }

  heap(offset: number, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.state.heap.read(offset, bytes);
    return bytes;
  }
}
