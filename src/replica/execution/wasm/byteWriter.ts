/** A growing byte buffer with WebAssembly's encodings. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;
  constructor(capacity = 256) { this.bytes = new Uint8Array(capacity); }

  private room(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const bigger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra));
    bigger.set(this.bytes.subarray(0, this.length));
    this.bytes = bigger;
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) this.room(1);
    this.bytes[this.length++] = value;
  }

  op(...values: readonly number[]): void { for (const value of values) this.u8(value); }

  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) { this.u8((rest % 0x80) | 0x80); rest = Math.floor(rest / 0x80); }
    this.u8(rest);
  }

  /** Signed LEB128. */
  signed(value: number | bigint): void {
    for (let rest = BigInt(value); ;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) { this.u8(low); return; }
      this.u8(low | 0x80);
    }
  }

  copy(from: Uint8Array, start: number, end: number): void {
    this.room(end - start);
    if (end - start < 12) for (let i = start; i < end; i++) this.bytes[this.length++] = from[i]!;
    else { this.bytes.set(from.subarray(start, end), this.length); this.length += end - start; }
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.u32(encoded.length);
    this.copy(encoded, 0, encoded.length);
  }

  /** A section or body: its length, then its bytes. */
  sized(content: ByteWriter): void {
    this.u32(content.length);
    this.copy(content.bytes, 0, content.length);
  }

  /** A vector section: id, size, count, and the rows already encoded. */
  section(id: number, count: number, rows: ByteWriter): void {
    const head = new ByteWriter(8);
    head.u32(count);
    this.u8(id);
    this.u32(head.length + rows.length);
    this.copy(head.bytes, 0, head.length);
    this.copy(rows.bytes, 0, rows.length);
  }

  take(): Uint8Array { return this.bytes.slice(0, this.length); }
}
