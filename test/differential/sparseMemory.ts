const CHUNK = 65_536;

/** A linear memory of which only touched 64 KiB chunks exist. */
export class SparseMemory {
  pages: number;
  private chunks = new Map<number, Uint8Array>();
  constructor(pages: number) { this.pages = pages; }

  copy(): SparseMemory {
    const other = new SparseMemory(this.pages);
    for (const [index, bytes] of this.chunks) other.chunks.set(index, bytes.slice());
    return other;
  }

  holds(at: bigint, size: bigint): boolean { return at + size <= BigInt(this.pages) * BigInt(CHUNK); }

  read(at: number, size: number): Uint8Array {
    const out = new Uint8Array(size);
    this.each(at, size, false, (chunk, from, length, done) => { if (chunk !== undefined) out.set(chunk.subarray(from, from + length), done); });
    return out;
  }
  write(at: number, bytes: Uint8Array): void {
    this.each(at, bytes.length, true, (chunk, from, length, done) => { chunk!.set(bytes.subarray(done, done + length), from); });
  }

  private each(at: number, size: number, make: boolean, visit: (chunk: Uint8Array | undefined, from: number, length: number, done: number) => void): void {
    for (let done = 0; done < size;) {
      const index = Math.floor((at + done) / CHUNK), from = (at + done) % CHUNK, length = Math.min(CHUNK - from, size - done);
      if (make && !this.chunks.has(index)) this.chunks.set(index, new Uint8Array(CHUNK));
      visit(this.chunks.get(index), from, length, done);
      done += length;
    }
  }
}
