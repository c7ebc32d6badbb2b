import type { Result, UserError } from "../types/index.ts";
import type { GlobalType } from "../state/canisterSnapshot.ts";
import type { PagedMemory } from "../state/pagedMemory.ts";
import type { WasmClosure } from "../state/canisterState.ts";

/** `I`: i32 or i64 by the module's pointer width, reaching a handler as a number. `E`: `fun` and `env`, the same width, always a bigint. */
export type ValueType = "I" | "E" | "i32" | "i64";

/** What the engine must know of an import to check signatures and to build stubs: derived from the system call rows. */
export interface ImportSignature { readonly name: string; readonly params: readonly ValueType[]; readonly results: readonly ValueType[]; readonly only32?: boolean }

/** A module that passed validation, rewritten and compiled: a pure function of its bytes, cached by hash. */
export interface PreparedModule {
  readonly hash: string;
  readonly memory64: boolean;
  /** Names of exported entry points as written: `canister_update inc`, `canister_init` … and `start` when the module has one. */
  readonly exports: ReadonlySet<string>;
  readonly metadata: readonly { readonly name: string; readonly visibility: "public" | "private"; readonly content: Uint8Array }[];
  /** Number of wasm instructions, for the compile cost (6,000 each, spec §3.8). */
  readonly instructionCount: number;
  /** Types of the mutable globals, in the order in which `ProgramState.globals` holds them. */
  readonly globals: readonly GlobalType[];
  /** Pages that the module declares its memory with, least and most (the architecture's limit when it names none); 0 and 0 without a memory. */
  readonly heapPagesMin: number;
  readonly heapPagesMax: number;
}

/** What persists of a canister between messages: memories and mutable globals, nothing else (design D5). */
export interface ProgramState { readonly heap: PagedMemory; readonly stable: PagedMemory; readonly globals: Uint8Array }

export type WasmEntry =
  /** An exported entry point by its wasm export name, `canister_update inc`. */
  | { readonly kind: "export"; readonly name: string }
  /** `(start)`, run at install only. */
  | { readonly kind: "start" }
  /** A callback: `call_indirect` with a checked type `(env) -> ()`. */
  | { readonly kind: "closure"; readonly closure: WasmClosure };

/** A trap of wasm or of a system call. `error` is the whole message as the replica words it, with its code. */
export class Trap extends Error {
  override readonly name = "Trap";
  readonly error: UserError;
  constructor(error: UserError) { super(error.message); this.error = error; }
}

/** The running instance as a system call sees it. Bounds are checked here; every write marks the journal. */
export interface WasmMemory {
  /** A copy of `[offset, offset + size)` of the heap. @throws Trap heap out of bounds */
  read(offset: number, size: number): Uint8Array;
  /** @throws Trap heap out of bounds */
  write(offset: number, bytes: Uint8Array): void;
  /** Stable memory in wasm pages; `-1` when it cannot grow. */
  stablePages(): number;
  stableGrow(pages: number): number;
  /** @throws Trap stable memory or heap out of bounds */
  stableRead(heapOffset: number, stableOffset: number, size: number): void;
  /** Number of 4 KiB stable pages that this write dirtied first in this message. @throws Trap */
  stableWrite(stableOffset: number, heapOffset: number, size: number): number;
  /** Instructions used so far in this entry. */
  instructionsUsed(): bigint;
  /** Takes instructions from the budget, before the work that they pay for. @throws Trap instruction limit exceeded (IC0522) */
  charge(instructions: number): void;
}

/** One handler for each import name; called with numbers and bigints as the row says. Throws `Trap` to trap. */
export type ImportHandlers = Readonly<Record<string, (memory: WasmMemory, ...args: never[]) => number | bigint | void>>;

export interface RunLimits {
  readonly instructions: bigint;
  /** Wasm heap limit in bytes for this execution (wasm_memory_limit or the architecture's), IC0539 beyond it when it is the setting. */
  readonly heapBytesMax: number;
  /** Size of a slice, and what is called before each after the first with its number from 1 on; it may block. Only for engines that rewrite with `sliced`. */
  readonly slice?: { readonly instructions: bigint; begin(slice: number): void };
  /** Called before the heap or the stable memory grows; a returned error traps, `"refuse"` makes the grow answer -1. */
  readonly onGrow?: (kind: "heap" | "stable", pagesAfter: number) => UserError | "refuse" | undefined;
}

/** A traps message or a return; `state` is the version after it, equal to the version before it when it trapped. */
export type WasmOutcome =
  | { readonly kind: "returned"; readonly used: bigint; readonly state: ProgramState }
  | { readonly kind: "trapped"; readonly used: bigint; readonly error: UserError; /** Where it trapped, if the module names its functions: lines, each with its end. */ readonly backtrace?: string };

/**
 * Runs programs. `run` is synchronous and deterministic: the outcome depends on (module, state, entry, handlers' answers, limits) alone.
 * A live instance is a cache of one version of one canister, named by `key`; a state that the instance does not hold is loaded from its
 * pages. `discard` true (queries) rolls the message back after a return and gives the state before it.
 */
export interface WasmEngine {
  /** Validates (spec §3.8), rewrites and compiles. The bytes are already gunzipped. Fails with IC0505. */
  prepare(module: Uint8Array): Result<PreparedModule, UserError>;
  /** The state of a fresh instance: data segments written, globals at their initial bits; stable memory as given. */
  instantiate(module: PreparedModule, stable: PagedMemory, keep?: { readonly heap: PagedMemory }): Result<ProgramState, UserError>;
  run(key: string, module: PreparedModule, state: ProgramState, entry: WasmEntry, handlers: ImportHandlers, limits: RunLimits, discard: boolean): WasmOutcome;
  /** Drops live instances, least recently used first, until at most `bytes` of heap stay cached; the one that was used last stays unless none may. */
  trim(bytes: number): void;
}
