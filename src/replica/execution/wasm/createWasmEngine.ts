import { hash } from "node:crypto";
import type { ImportHandlers, ImportSignature, PreparedModule, ProgramState, RunLimits, WasmEngine, WasmEntry, WasmOutcome } from "../../interfaces/wasm.ts";
import { PAGE_BYTES, PagedMemory } from "../../state/pagedMemory.ts";
import type { Result, UserError } from "../../types/index.ts";
import { assert, err, InvariantError, ok, userError } from "../../types/index.ts";
import { FRAMES_RECORDED, backtraceOf } from "./backtrace.ts";
import type { RewriteRules } from "./layout.ts";
import { ALL_RULES, EXPORT } from "./layout.ts";
import { LiveInstance } from "./liveInstance.ts";
import { LiveInstances } from "./liveInstances.ts";
import type { CompiledModule } from "./prepareModule.ts";
import { prepareModule } from "./prepareModule.ts";
import { RunMemory } from "./runMemory.ts";
import { StableOverlay } from "./stableOverlay.ts";
import { errorOf } from "./trapErrors.ts";
import { UNDO_BYTES_KEPT, UndoMemory } from "./undoMemory.ts";

export interface WasmEngineOptions {
  /** Bytes of wasm frames before `stack overflow`. The thread's own stack must be larger; 984 KiB is Node's default. */
  readonly stackBytesMax?: number;
  /** Prepared modules kept by hash. */
  readonly modulesMax?: number;
  /** Live instances kept. V8 has room for about 16,000; creating one becomes slow long before. */
  readonly instancesMax?: number;
  /** Instances of one module before the oldest of them is brought to another canister's state: canisters of a module differ in few pages, so that this costs little of what a new one does. */
  readonly instancesPerModule?: number;
  /** What a test turns off to see that its absence is noticed. */
  readonly rules?: Partial<RewriteRules>;
}

/** Fits Node's default stack of 984 KiB with room for the frames of system calls below and above. */
export const STACK_BYTES_MAX = 512 * 1024;
const MODULES_MAX = 500;
const INSTANCES_MAX = 4096;
const INSTANCES_PER_MODULE = 32;

/** Traps of the machine and `ic0.trap`; other failures have none in the replica either. */
const WITH_BACKTRACE: readonly string[] = ["IC0502", "IC0503"];

/** A grown undo memory goes when nothing needed it for so many rounds: with it go all instances, and messages that write much often come one after the other. */
const TRIMS_WITH_LARGE_UNDO = 100;

class Engine implements WasmEngine {
  private readonly signatures: ReadonlyMap<string, ImportSignature>;
  private readonly rules: RewriteRules;
  private readonly stackBytesMax: number;
  private readonly modulesMax: number;
  private readonly instancesMax: number;
  private readonly instancesPerModule: number;
  /** Insertion order is age: the first is the least recently used. */
  private readonly modules = new Map<string, CompiledModule>();
  private readonly live = new LiveInstances();
  private undo = new UndoMemory();
  /** So many more times `trim` leaves a grown undo memory as it is. */
  private largeUndoFor = 0;
  /** Where the records of the open messages begin, the outermost first. */
  private readonly open: number[] = [];

  constructor(imports: readonly ImportSignature[], options: WasmEngineOptions) {
    this.signatures = new Map(imports.map((row) => [row.name, row]));
    this.rules = { ...ALL_RULES, ...options.rules };
    this.stackBytesMax = options.stackBytesMax ?? STACK_BYTES_MAX;
    this.modulesMax = options.modulesMax ?? MODULES_MAX;
    this.instancesMax = options.instancesMax ?? INSTANCES_MAX;
    this.instancesPerModule = options.instancesPerModule ?? INSTANCES_PER_MODULE;
  }

  prepare(module: Uint8Array): Result<PreparedModule, UserError> {
    const digest = hash("sha256", module, "hex");
    let known = this.modules.get(digest);
    if (known === undefined) {
      const result = prepareModule(module, digest, this.signatures, this.rules);
      if (!result.ok) return result;
      known = result.value;
    }
    this.modules.delete(digest);
    this.modules.set(digest, known);
    for (const [oldest] of this.modules) { if (this.modules.size <= this.modulesMax) break; this.modules.delete(oldest); }
    return ok(known);
  }

  instantiate(prepared: PreparedModule, stable: PagedMemory, keep?: { readonly heap: PagedMemory }): Result<ProgramState, UserError> {
    const module = prepared as CompiledModule;
    if (module.initialGlobals === undefined) {
      try {
        module.initialGlobals = this.create(module, PagedMemory.empty(module.heapPagesMin), undefined).globals;
      } catch (cause) {
        if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
        return err(userError("IC0521", "Canister encountered a Wasm engine error: Failed to instantiate module: an element segment is out of bounds"));
      }
    }
    const globals = module.initialGlobals;
    if (keep !== undefined) {
      const { heap } = keep;
      return ok({ heap: heap.wasmPages < module.heapPagesMin ? heap.with([], module.heapPagesMin) : heap, stable, globals });
    }
    if (module.initialHeap !== undefined) return ok({ heap: module.initialHeap, stable, globals });
    const pages = new Map<number, Uint8Array>();
    for (const { offset, bytes } of module.segments) {
      if (offset + bytes.length > module.heapPagesMin * 65_536) {
        return err(userError("IC0505", `Could not instrument wasm module of canister: Wasm module has invalid data segment of ${bytes.length} bytes at ${offset}`));
      }
      for (let at = 0; at < bytes.length;) {
        const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES, length = Math.min(PAGE_BYTES - start, bytes.length - at);
        let page = pages.get(index);
        if (page === undefined) pages.set(index, page = new Uint8Array(PAGE_BYTES));
        page.set(bytes.subarray(at, at + length), start);
        at += length;
      }
    }
    module.initialHeap = PagedMemory.empty(module.heapPagesMin).with(pages);
    return ok({ heap: module.initialHeap, stable, globals });
  }

  run(key: string, prepared: PreparedModule, state: ProgramState, entry: WasmEntry, handlers: ImportHandlers, limits: RunLimits, discard: boolean): WasmOutcome {
    const module = prepared as CompiledModule, instance = this.instanceFor(key, module, state), { exports, current } = instance, { undo } = this;
    const stable = new StableOverlay(state.stable), base = undo.top, outer = this.open.at(-1);
    if (outer !== undefined) undo.flag(outer, 0);
    this.open.push(base);
    current.handlers = handlers;
    current.memory = new RunMemory(instance, stable, limits.instructions);
    instance.limits = limits;
    instance.grown = false;
    instance.busy = true;
    const first = limits.slice !== undefined && limits.slice.instructions < limits.instructions ? limits.slice.instructions : limits.instructions;
    instance.reserve = limits.instructions - first;
    instance.slices = 1;
    exports.fuel.value = first;
    exports.depth.value = BigInt(this.stackBytesMax);
    exports.reason.value = 0;
    let top = base, error: UserError | undefined, faulty = true, backtrace: string | undefined;
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = FRAMES_RECORDED;
    current.call = undefined;
    try {
      this.enter(instance, entry);
      ({ top } = undo);
      if (discard) instance.rollback(base); else instance.commit(base, this.rules.crossingStores);
      faulty = false;
    } catch (thrown) {
      ({ top } = undo);
      error = errorOf(thrown, {
        reason: exports.reason.value, limit: limits.instructions, fun: entry.kind === "closure" ? entry.closure.fun : undefined, calleeIsEmpty: () => instance.calleeIsEmpty,
      });
      if (error === undefined) throw thrown instanceof RangeError ? new InvariantError("the stack of the thread is larger than the limit of the engine", { cause: thrown }) : thrown;
      if (WITH_BACKTRACE.includes(error.code) && thrown instanceof Error) backtrace = backtraceOf(thrown, module, current.call);
      instance.rollback(base);
      faulty = false;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      instance.busy = false;
      this.open.pop();
      if (faulty) { undo.flag(base, 0); undo.top = base; }
      if (outer !== undefined) undo.flag(outer, 1);
      const undone = discard || error !== undefined;
      if ((faulty || exports.taint.value !== 0 || (undone && instance.grown)) && this.live.get(key) === instance) this.live.delete(key);
    }
    const left = exports.fuel.value + instance.reserve, used = left < 0n ? limits.instructions : limits.instructions - left;
    if (top > UNDO_BYTES_KEPT) this.largeUndoFor = TRIMS_WITH_LARGE_UNDO;
    if (error !== undefined) return { kind: "trapped", used, error, ...(backtrace !== undefined && { backtrace }) };
    return { kind: "returned", used, state: discard ? state : this.stateOf(instance, state, stable) };
  }

  trim(bytes: number): void {
    if (this.open.length === 0 && this.undo.tooLarge && --this.largeUndoFor <= 0) this.renewUndo();
    const idle = [...this.live.idle()], last = bytes > 0 ? idle.at(-1)?.[0] : undefined;
    let total = idle.reduce((sum, [, instance]) => sum + instance.bytes.length, 0);
    for (const [key, instance] of idle) {
      if (total <= bytes) return;
      if (key === last) continue;
      total -= instance.bytes.length;
      this.live.delete(key);
    }
  }

  private stateOf(instance: LiveInstance, before: ProgramState, stable: StableOverlay): ProgramState {
    const { heap, globals } = instance, after = stable.commit();
    return heap === before.heap && globals === before.globals && after === before.stable ? before : { heap, globals, stable: after };
  }

  private enter(instance: LiveInstance, entry: WasmEntry): void {
    if (entry.kind !== "closure") {
      const name = entry.kind === "start" ? EXPORT.start : entry.name;
      assert(instance.module.exports.has(name), `the module exports ${name}`);
      (instance.exports[name] as () => void)();
      return;
    }
    const { fun, env } = entry.closure, { module } = instance;
    instance.exports.callback(module.tables64[0] === true ? BigInt.asIntN(64, fun) : Number(BigInt.asIntN(32, fun)), module.memory64 ? BigInt.asIntN(64, env) : Number(BigInt.asIntN(32, env)));
  }

  /** The instance that holds `state`: the cached one, brought to this version, or a new one. */
  private instanceFor(key: string, module: CompiledModule, { heap, globals }: ProgramState): LiveInstance {
    const cached = this.live.get(key);
    if (cached?.busy === true) return this.create(module, heap, globals);
    const known = cached?.module === module ? cached : this.live.takeOldest(module, this.instancesPerModule, heap);
    const former = cached !== undefined && cached.module !== module && cached.gives(module, heap) ? cached : undefined;
    this.live.delete(key);
    const instance = known?.load(heap, globals) === true ? known : this.create(module, heap, globals, former);
    this.live.set(key, instance);
    if (this.live.size > this.instancesMax) for (const [oldest] of this.live.idle()) if (oldest !== key) { this.live.delete(oldest); break; }
    return instance;
  }

  /** V8 has room for a limited number of memories: on refusal half of the idle instances are given up. */
  private create(module: CompiledModule, heap: PagedMemory, globals: Uint8Array | undefined, former?: LiveInstance): LiveInstance {
    for (;;) {
      try { return new LiveInstance(module, this.undo, heap, globals, former); } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        const idle = [...this.live.idle()];
        if (idle.length === 0) throw cause;
        for (const [key] of idle.slice(0, Math.ceil(idle.length / 2))) this.live.delete(key);
      }
    }
  }

  /** Gives a grown undo memory back; instances import it, so they go with it. */
  private renewUndo(): void {
    this.live.clear();
    this.undo = new UndoMemory();
  }
}

/** The wasm engine of one thread (design D3–D5). `imports` are the system calls' signatures. */
export function createWasmEngine(imports: readonly ImportSignature[], options: WasmEngineOptions = {}): WasmEngine {
  return new Engine(imports, options);
}
