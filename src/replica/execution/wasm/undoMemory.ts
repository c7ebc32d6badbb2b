import { RECORD_BYTES, UNDO_START } from "./layout.ts";

/** A wasm page of dirty map covers 256 MiB of heap; 64 cover the 16 GiB that V8 can address. */
const DIRTY_PAGES = 64;
/** Beyond this size the undo memory is given back some time after it was needed. */
export const UNDO_BYTES_KEPT = 64 * 1024 * 1024;

type Memory64Descriptor = WebAssembly.MemoryDescriptor & { address?: "i64" };
/** A wasm memory of either pointer width. @throws RangeError when V8 has no room for another. */
export function createMemory(is64: boolean, pages: number, maximum?: number): WebAssembly.Memory {
  if (!is64) return new WebAssembly.Memory(maximum === undefined ? { initial: pages } : { initial: pages, maximum });
  const wide = { initial: BigInt(pages), address: "i64", ...(maximum === undefined ? {} : { maximum: BigInt(maximum) }) };
  return new WebAssembly.Memory(wide as unknown as Memory64Descriptor);
}

/**
 * The thread's dirty map and undo memory, shared by all its instances (design D4). The journal is a stack: while a message of one
 * canister is open, messages of others may run; theirs begin at `open` and end at `close`.
 */
export class UndoMemory {
  readonly dirtyMemory = createMemory(false, DIRTY_PAGES, DIRTY_PAGES);
  readonly memory = createMemory(true, 1);
  readonly dirty = new Uint8Array(this.dirtyMemory.buffer);
  private seen: ArrayBuffer | undefined;
  private cachedView = new DataView(new ArrayBuffer(0));
  private cachedBytes: Buffer = Buffer.alloc(0);

  constructor() { this.top = UNDO_START; }

  /** wasm grows the memory, which detaches its buffer. */
  private refresh(): void {
    const buffer = this.memory.buffer as ArrayBuffer;
    if (buffer === this.seen) return;
    this.seen = buffer;
    this.cachedView = new DataView(buffer);
    this.cachedBytes = Buffer.from(buffer);
  }
  get view(): DataView { this.refresh(); return this.cachedView; }
  get bytes(): Buffer { this.refresh(); return this.cachedBytes; }

  get top(): number { return this.number(0); }
  set top(value: number) { this.view.setBigUint64(0, BigInt(value), true); }
  private number(at: number): number { const view = this.view; return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32; }

  pageAt(record: number): number { return this.view.getUint32(record, true); }
  lengthAt(record: number): number { return this.view.getUint32(record + 8, true); }

  /** Marks the pages of the records in `[from, top)` as touched, or forgets them, while another instance runs. */
  flag(from: number, touched: 0 | 1): void {
    for (let record = from, { top } = this; record < top; record += RECORD_BYTES) this.dirty[this.pageAt(record)] = touched;
  }

  /** Room of `bytes` behind the top, for spilled globals. */
  scratch(bytes: number): number {
    const { top } = this, missing = top + bytes - this.memory.buffer.byteLength;
    if (missing > 0) (this.memory as unknown as { grow(pages: bigint): bigint }).grow(BigInt(Math.ceil(missing / 65_536)));
    return top;
  }

  get tooLarge(): boolean { return this.memory.buffer.byteLength > UNDO_BYTES_KEPT; }
}
