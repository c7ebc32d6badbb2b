import { PAGE_BYTES, PagedMemory } from "../../state/pagedMemory.ts";

/** Stable memory has at most 500 GiB (interface spec §7.4), in wasm pages of 64 KiB. */
export const STABLE_PAGES_MAX = (500 * 1024 ** 3) / 65_536;

/** One message's view of stable memory: what it writes stays here until the message commits. */
export class StableOverlay {
  private readonly base: PagedMemory;
  private readonly written = new Map<number, Uint8Array>();
  wasmPages: number;
  constructor(base: PagedMemory) { this.base = base; this.wasmPages = base.wasmPages; }

  /** Whether `[offset, offset + size)` lies inside. */
  holds(offset: number, size: number): boolean { return offset + size <= this.wasmPages * 65_536; }

  read(offset: number, target: Uint8Array): void {
    if (this.written.size === 0) { this.base.read(offset, target); return; }
    for (let at = 0; at < target.length;) {
      const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES, length = Math.min(PAGE_BYTES - start, target.length - at);
      const page = this.written.get(index) ?? this.base.page(index);
      if (page === undefined) target.fill(0, at, at + length); else target.set(page.subarray(start, start + length), at);
      at += length;
    }
  }

  /** Number of 4 KiB pages that this write touched first. */
  write(offset: number, bytes: Uint8Array): number {
    let fresh = 0;
    for (let at = 0; at < bytes.length;) {
      const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES, length = Math.min(PAGE_BYTES - start, bytes.length - at);
      let page = this.written.get(index);
      if (page === undefined) {
        fresh++;
        page = new Uint8Array(PAGE_BYTES);
        const before = length === PAGE_BYTES ? undefined : this.base.page(index);
        if (before !== undefined) page.set(before);
        this.written.set(index, page);
      }
      page.set(bytes.subarray(at, at + length), start);
      at += length;
    }
    return fresh;
  }

  /** The version after the message. The overlay must not be written to afterwards. */
  commit(): PagedMemory {
    if (this.written.size === 0 && this.wasmPages === this.base.wasmPages) return this.base;
    return this.base.with([...this.written].sort(([a], [b]) => a - b), this.wasmPages);
  }
}
