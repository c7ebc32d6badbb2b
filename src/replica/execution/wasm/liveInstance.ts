import type { RunLimits, WasmMemory } from "../../interfaces/wasm.ts";
import { Trap } from "../../interfaces/wasm.ts";
import { PAGE_BYTES, PagedMemory } from "../../state/pagedMemory.ts";
import { sharedPage } from "../../state/sharedPages.ts";
import type { UserError } from "../../types/index.ts";
import { assert, userError } from "../../types/index.ts";
import type { Current } from "./importObject.ts";
import { importObject } from "./importObject.ts";
import { CALLEE_TABLE, EXPORT, RECORD_BYTES } from "./layout.ts";
import type { CompiledModule } from "./prepareModule.ts";
import { HEAP_PAGES_MAX } from "./rewriteModule.ts";
import type { UndoMemory } from "./undoMemory.ts";
import { createMemory } from "./undoMemory.ts";

interface Exports {
  readonly fuel: WebAssembly.Global<"i64">;
  readonly depth: WebAssembly.Global<"i64">;
  readonly reason: WebAssembly.Global<"i32">;
  readonly taint: WebAssembly.Global<"i32">;
  readonly callee: WebAssembly.Global<"i32">;
  save(at: bigint): void;
  restore(at: bigint): void;
  rollback(base: bigint): void;
  mark(page: number): void;
  callback(fun: number | bigint, env: number | bigint): void;
  readonly [entry: string]: unknown;
}

const WASM_PAGE = 65_536;
/**
 * V8 counts what a memory begins with as pressure on the heap, and collects all of it after 64 MiB: with tens of thousands of canisters each
 * collection takes long. What it grows by is not counted, so that small ones begin with nothing. Large ones are to be given back soon.
 */
const SMALL_PAGES = 128;
/** The first commits of an instance leave pages as those of the module's other canisters do; later ones are a canister's own, and comparing them would be for nothing. */
const COMMITS_SHARED = 2;
const NO_HANDLERS: Current["handlers"] = {};
const NO_BYTES = new Uint8Array(0), ZERO_PAGE = new Uint8Array(PAGE_BYTES);

/** Interface spec §6, IC0539, with both figures. */
const wasmMemoryLimit = (limit: number, bytes: number): UserError =>
  userError("IC0539", `Canister exceeded its current Wasm memory limit of ${limit} bytes. The peak Wasm memory usage was ${bytes} bytes. If the canister reaches 4GiB, then it may stop functioning and may become unrecoverable. Please reach out to the canister owner to investigate the reason for `
    + "the increased memory usage. It might be necessary to move data from the Wasm memory to the stable memory. If such high Wasm memory usage is expected and safe, then the developer can increase the Wasm memory limit in the canister settings.");

/** A live instance: a cache of one version (`heap`, `globals`) of one canister (design D5). */
export class LiveInstance {
  readonly module: CompiledModule;
  readonly exports: Exports;
  heap: PagedMemory;
  globals: Uint8Array;
  busy = false;
  /** Set for the time of a message. */
  limits: RunLimits | undefined;
  grown = false;
  /** Instructions of the message behind the slice under way, and slices begun. */
  reserve = 0n;
  slices = 1;
  readonly current: Current = { handlers: NO_HANDLERS, memory: undefined as unknown as WasmMemory, call: undefined };
  private readonly memory: WebAssembly.Memory;
  private readonly undo: UndoMemory;
  /** Since this instance was made. */
  private commits = 0;
  private seen: ArrayBuffer | undefined;
  private view: Buffer = Buffer.alloc(0);

  /**
   * @param former an instance of the canister's module before an upgrade, which is not used again: its memory becomes this one's
   * @throws RangeError when V8 has no room for another memory; WebAssembly.RuntimeError when an element segment is out of bounds.
   */
  constructor(module: CompiledModule, undo: UndoMemory, heap: PagedMemory, globals: Uint8Array | undefined, former?: LiveInstance) {
    this.module = module;
    this.undo = undo;
    this.heap = former?.heap ?? heap;
    const small = heap.wasmPages <= SMALL_PAGES;
    this.memory = former?.memory ?? createMemory(module.memory64, small ? 0 : heap.wasmPages, module.heapPagesMax);
    if (former !== undefined) this.follow(heap); else if (small) this.growMemory(heap.wasmPages);
    const instance = new WebAssembly.Instance(module.compiled, {
      ic0: importObject(module.imports, module.memory64, this.current),
      icx: { grow: (pages: number | bigint) => this.grow(pages), slice: () => this.nextSlice(), heap: this.memory, dirty: undo.dirtyMemory, undo: undo.memory } as unknown as WebAssembly.ModuleImports,
    });
    this.exports = instance.exports as unknown as Exports;
    if (former === undefined) {
      const { bytes } = this;
      heap.forEachPage((index, page) => { bytes.set(page, index * PAGE_BYTES); });
    }
    this.globals = globals ?? NO_BYTES;
    if (globals === undefined) this.globals = this.save(); else this.restore(globals);
  }

  /** The heap as it is now; growing detaches the buffer before. */
  get bytes(): Buffer {
    const buffer = this.memory.buffer as ArrayBuffer;
    if (buffer !== this.seen) { this.seen = buffer; this.view = Buffer.from(buffer); }
    return this.view;
  }
  get wasmPages(): number { return this.memory.buffer.byteLength / WASM_PAGE; }

  private save(): Uint8Array {
    const { spillBytes } = this.module;
    if (spillBytes === 0) return NO_BYTES;
    const at = this.undo.scratch(spillBytes);
    this.exports.save(BigInt(at));
    const { bytes } = this.undo;
    if (bytes.compare(this.globals, 0, this.globals.length, at, at + spillBytes) === 0) return this.globals;
    return new Uint8Array(bytes.subarray(at, at + spillBytes));
  }

  private restore(globals: Uint8Array): void {
    assert(globals.length === this.module.spillBytes, "spilled globals belong to the module");
    if (globals.length === 0) return;
    const at = this.undo.scratch(globals.length);
    this.undo.bytes.set(globals, at);
    this.exports.restore(BigInt(at));
  }

  /** Whether the memory can come to hold this version: memories do not shrink. */
  holds(heap: PagedMemory): boolean { return heap === this.heap || heap.wasmPages >= this.wasmPages; }

  /** Whether an instance of another module can take the memory over, at this version. */
  gives(module: CompiledModule, heap: PagedMemory): boolean { return this.module.memory64 === module.memory64 && this.module.heapPagesMax === module.heapPagesMax && this.holds(heap); }

  /** Brings the memory to another version that it can hold. */
  private follow(heap: PagedMemory): void {
    if (heap === this.heap) return;
    const missing = heap.wasmPages - this.wasmPages;
    if (missing > 0) this.growMemory(missing);
    const { bytes } = this;
    for (const [index, page] of heap.changesSince(this.heap)) {
      if (page === undefined) bytes.fill(0, index * PAGE_BYTES, (index + 1) * PAGE_BYTES); else bytes.set(page, index * PAGE_BYTES);
    }
    this.heap = heap;
  }

  /** Takes another version of the same canister; false if only a new instance can hold it. */
  load(heap: PagedMemory, globals: Uint8Array): boolean {
    if (!this.holds(heap)) return false;
    this.follow(heap);
    if (globals !== this.globals) { this.restore(globals); this.globals = globals; }
    return true;
  }

  /** Marks the pages of `[offset, offset + size)` in the journal: every host write passes here. */
  touch(offset: number, size: number): void {
    if (size === 0) return;
    const { dirty } = this.undo, last = Math.floor((offset + size - 1) / PAGE_BYTES);
    for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page++) if (dirty[page] === 0) this.exports.mark(page);
  }

  private growMemory(pages: number): number {
    return Number((this.memory as unknown as { grow(pages: number | bigint): number | bigint }).grow(this.module.memory64 ? BigInt(pages) : pages));
  }

  /** Nothing of the slice is left: takes as many of the message's further slices as make up for it. Without any the counter stays below zero. */
  nextSlice(): void {
    const { fuel } = this.exports, slice = this.limits?.slice;
    if (slice === undefined || this.reserve === 0n) return;
    const count = (slice.instructions - 1n - fuel.value) / slice.instructions, taken = count * slice.instructions < this.reserve ? count * slice.instructions : this.reserve;
    this.slices += Number((taken + slice.instructions - 1n) / slice.instructions);
    slice.begin(this.slices);
    this.reserve -= taken;
    fuel.value += taken;
  }

  /** The hook of `memory.grow`. */
  private grow(operand: number | bigint): number | bigint {
    const { limits, module } = this, before = this.wasmPages;
    const pages = typeof operand === "bigint" ? Number(BigInt.asUintN(64, operand)) : operand >>> 0, answer = (value: number): number | bigint => (module.memory64 ? BigInt(value) : value);
    if (pages === 0) return answer(before);
    const after = before + pages;
    assert(limits !== undefined, "memory grows inside a message");
    if (after > module.heapPagesMax) return answer(-1);
    if (after * WASM_PAGE > limits.heapBytesMax) {
      if (limits.heapBytesMax >= HEAP_PAGES_MAX[module.memory64 ? 64 : 32] * WASM_PAGE) return answer(-1);
      throw new Trap(wasmMemoryLimit(limits.heapBytesMax, after * WASM_PAGE));
    }
    const verdict = limits.onGrow?.("heap", after);
    if (verdict === "refuse") return answer(-1);
    if (verdict !== undefined) throw new Trap(verdict);
    this.growMemory(pages);
    this.grown = true;
    return answer(before);
  }

  /** Whether the table entry that was called last is null. */
  get calleeIsEmpty(): boolean {
    const callee = this.exports.callee.value >>> 0, which = Math.floor(callee / CALLEE_TABLE), index = callee % CALLEE_TABLE;
    const table = this.exports[`${EXPORT.table}${which}`] as WebAssembly.Table;
    return table.get((this.module.tables64[which] === true ? BigInt(index) : index) as number) === null;
  }

  /** Undoes everything since `base`. The instance holds the version before the message again, unless `grown`. */
  rollback(base: number): void {
    this.exports.rollback(BigInt(base));
    this.restore(this.globals);
  }

  /** Makes the message's writes a version: pages that really differ are copied out (design D4, the crossing rule included). */
  commit(base: number, crossing: boolean): void {
    const { undo, heap } = this, { top } = undo, saved = undo.bytes, { bytes } = this, changed = new Map<number, Uint8Array>();
    const take = (page: number): void => {
      if (changed.has(page)) return;
      const now = bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      // The head of a page may have been saved by its neighbour in the middle of the message: then only the version before can tell.
      if ((undo.dirty[page - 1] === 1 || undo.dirty[page + 1] === 1) && now.equals(heap.page(page) ?? ZERO_PAGE)) return;
      changed.set(page, this.commits < COMMITS_SHARED ? sharedPage(now) : new Uint8Array(now));
    };
    for (let record = base; record < top; record += RECORD_BYTES) {
      const page = undo.pageAt(record), start = page * PAGE_BYTES, copy = record + 16;
      if (bytes.compare(saved, copy, copy + PAGE_BYTES, start, start + PAGE_BYTES) !== 0) take(page);
      const tail = undo.lengthAt(record) - PAGE_BYTES;
      if (crossing && tail > 0 && bytes.compare(saved, copy + PAGE_BYTES, copy + PAGE_BYTES + tail, start + PAGE_BYTES, start + PAGE_BYTES + tail) !== 0) take(page + 1);
    }
    const border = heap.wasmPages * (WASM_PAGE / PAGE_BYTES);
    if (this.grown && bytes.subarray(border * PAGE_BYTES, border * PAGE_BYTES + 16).some((byte) => byte !== 0)) take(border);
    this.commits++;
    undo.flag(base, 0);
    undo.top = base;
    if (changed.size > 0 || this.grown) this.heap = heap.with([...changed].sort(([a], [b]) => a - b), this.wasmPages);
    this.globals = this.save();
  }
}
