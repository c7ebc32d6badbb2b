import { refuse } from "./moduleRefused.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads WebAssembly's binary encodings within `[at, end)`. Every step past the end or over-long number refuses the module. */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) { this.bytes = bytes; this.at = at; this.end = end; }

  get done(): boolean { return this.at >= this.end; }

  u8(): number {
    if (this.at >= this.end) refuse("Failed to decode wasm module: unexpected end");
    return this.bytes[this.at++]!;
  }

  /** Moves on by `length` bytes and gives the position before. */
  skip(length: number): number {
    if (length > this.end - this.at) refuse("Failed to decode wasm module: unexpected end");
    const start = this.at;
    this.at += length;
    return start;
  }

  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse("Failed to decode wasm module: invalid var_u32");
  }

  /** An unsigned 64-bit number; exact below 2^53, and above it only known to be large. */
  u64(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.u8();
      if (shift === 63 && byte > 0x01) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse("Failed to decode wasm module: invalid var_u64");
  }

  /** A signed number of at most `bits` bits, as a bigint. */
  signed(bits: 32 | 33 | 64): bigint {
    let value = 0n;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) return byte & 0x40 ? value - (1n << BigInt(shift + 7)) : value;
    }
    return refuse("Failed to decode wasm module: invalid signed number");
  }

  /** Steps over a LEB128 number of at most `size` bytes. */
  skipLeb(size: 5 | 10): void {
    for (let i = 0; i < size; i++) if (this.u8() < 0x80) return;
    refuse("Failed to decode wasm module: invalid LEB128");
  }

  /** A length-prefixed UTF-8 name. */
  text(): string {
    const length = this.u32(), start = this.skip(length);
    try { return decoder.decode(this.bytes.subarray(start, start + length)); } catch { return refuse("Failed to decode wasm module: malformed UTF-8 encoding"); }
  }
}
