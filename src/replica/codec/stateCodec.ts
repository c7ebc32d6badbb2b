import { assert } from "../types/index.ts";

/**
 * Canonical bytes of plain data (design D8): numbers, bigints, strings, booleans, undefined, null, byte arrays, arrays and records whose
 * fields are written in byte order of their names. Equal data gives equal bytes; decoding gives equal data, absent and undefined fields
 * told apart. Large parts leave the bytes and are named by digest, so that what did not change is neither encoded nor stored again:
 * which parts those are follows from the data alone.
 */
export interface Outliner {
  /** The digest of an object that is never written inline, or is known already; undefined for anything else. */
  reference(value: object): Reference | undefined;
  /** Takes a record or array whose encoding reached `OUTLINE_BYTES`, gives its digest. Absent: they stay where they are. */
  outline?(value: object, encoded: Uint8Array): Uint8Array;
}
export type ReferenceKind = "value" | "blob" | "map" | "memory";
/** `digest`: 32 bytes. */
export interface Reference { readonly kind: ReferenceKind; readonly digest: Uint8Array }

/** Records and arrays from this size on are named by digest. */
export const OUTLINE_BYTES = 512;
/** Byte arrays from this size on are named by digest. */
export const BLOB_BYTES = 1024;

const TAG = { undefined: 0, null: 1, false: 2, true: 3, integer: 4, negativeInteger: 5, float: 6, bigint: 7, negativeBigint: 8, text: 9, utf16: 10, bytes: 11, array: 12, record: 13, reference: 14 } as const;
const KINDS: readonly ReferenceKind[] = ["value", "blob", "map", "memory"];
const DIGEST_BYTES = 32;

/** A buffer for the next writer: most values are small, and a writer may run while another one waits. */
let spare: Buffer | undefined;
const SPARE_BYTES_MAX = 1 << 20;

class Writer {
  private buffer: Buffer;
  private at = 0;
  private readonly outliner: Outliner | undefined;
  constructor(outliner: Outliner | undefined) {
    this.outliner = outliner;
    this.buffer = spare ?? Buffer.allocUnsafeSlow(4096);
    spare = undefined;
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.buffer.subarray(0, this.at));
    if (this.buffer.length <= SPARE_BYTES_MAX) spare = this.buffer;
    return bytes;
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
  private byte(value: number): void { this.room(1); this.buffer[this.at++] = value; }
  private raw(bytes: Uint8Array): void { this.room(bytes.length); this.buffer.set(bytes, this.at); this.at += bytes.length; }
  private length(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    this.byte(rest);
  }
  /** Field names and ids are short ASCII: written without a buffer of their own. */
  private text(value: string): void {
    if (value.length > 127) return this.tagged(TAG.text, Buffer.from(value));
    this.room(2 + value.length * 3);
    const bytes = this.buffer.write(value, this.at + 2, "utf8");
    if (bytes > 127) return this.tagged(TAG.text, Buffer.from(value));
    this.buffer[this.at] = TAG.text;
    this.buffer[this.at + 1] = bytes;
    this.at += 2 + bytes;
  }
  private tagged(tag: number, bytes: Uint8Array): void { this.byte(tag); this.length(bytes.length); this.raw(bytes); }

  value(value: unknown, top = false): void {
    switch (typeof value) {
      case "undefined": return this.byte(TAG.undefined);
      case "boolean": return this.byte(value ? TAG.true : TAG.false);
      case "number": return this.number(value);
      case "bigint": return this.bigint(value);
      case "string": return value.isWellFormed() ? this.text(value) : this.tagged(TAG.utf16, Buffer.from(value, "utf16le"));
      case "object": return value === null ? this.byte(TAG.null) : this.object(value, top);
      default: assert(false, `state is plain data, not a ${typeof value}`);
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.byte(value < 0 ? TAG.negativeInteger : TAG.integer);
      return this.length(Math.abs(value));
    }
    this.byte(TAG.float);
    this.room(8);
    this.at = this.buffer.writeDoubleBE(value, this.at);
  }

  private bigint(value: bigint): void {
    const hex = (value < 0n ? -value : value).toString(16);
    this.tagged(value < 0n ? TAG.negativeBigint : TAG.bigint, Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, "hex"));
  }

  private reference({ kind, digest }: Reference): void {
    assert(digest.length === DIGEST_BYTES, "a reference is a digest");
    this.byte(TAG.reference);
    this.byte(KINDS.indexOf(kind));
    this.raw(digest);
  }

  private object(value: object, top: boolean): void {
    const known = top ? undefined : this.outliner?.reference(value);
    if (known !== undefined) return this.reference(known);
    if (value instanceof Uint8Array) return this.tagged(TAG.bytes, value);
    const start = this.at;
    if (Array.isArray(value)) {
      this.byte(TAG.array);
      this.length(value.length);
      for (const item of value as readonly unknown[]) this.value(item);
    } else this.record(value);
    if (top || this.outliner?.outline === undefined || this.at - start < OUTLINE_BYTES) return;
    const digest = this.outliner.outline(value, new Uint8Array(this.buffer.subarray(start, this.at)));
    this.at = start;
    this.reference({ kind: "value", digest });
  }

  private record(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    assert(prototype === Object.prototype || prototype === null, `state is plain data, not a ${value.constructor.name}`);
    const names = Object.keys(value).sort();
    this.byte(TAG.record);
    this.length(names.length);
    for (const name of names) {
      this.value(name);
      this.value((value as Record<string, unknown>)[name]);
    }
  }
}

/** Canonical bytes; without an outliner everything is written inline. @throws InvariantError for what is not plain data */
export function encodeState(value: unknown, outliner?: Outliner): Uint8Array {
  const writer = new Writer(outliner);
  writer.value(value, true);
  return writer.finish();
}

/** What was written by `encodeState` and came back changed: callers check sums first, so this is damage that a sum did not show. */
export class DamagedState extends Error {
  override readonly name = "DamagedState";
}

class Reader {
  private at = 0;
  private readonly bytes: Buffer;
  private readonly resolve: (reference: Reference) => unknown;
  constructor(bytes: Uint8Array, resolve: (reference: Reference) => unknown) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.resolve = resolve;
  }

  get done(): boolean { return this.at === this.bytes.length; }

  private byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new DamagedState("truncated");
    return value;
  }
  private length(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
  private raw(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new DamagedState("truncated");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  private bigint(): bigint { const hex = this.raw(this.length()).toString("hex"); return hex === "" ? 0n : BigInt(`0x${hex}`); }

  value(): unknown {
    const tag = this.byte();
    switch (tag) {
      case TAG.undefined: return undefined;
      case TAG.null: return null;
      case TAG.false: return false;
      case TAG.true: return true;
      case TAG.integer: return this.length();
      case TAG.negativeInteger: return -this.length();
      case TAG.float: return this.raw(8).readDoubleBE();
      case TAG.bigint: return this.bigint();
      case TAG.negativeBigint: return -this.bigint();
      case TAG.text: return this.raw(this.length()).toString();
      case TAG.utf16: return this.raw(this.length()).toString("utf16le");
      case TAG.bytes: return new Uint8Array(this.raw(this.length()));
      case TAG.array: { const out: unknown[] = []; for (let left = this.length(); left > 0; left--) out.push(this.value()); return out; }
      case TAG.record: return this.record();
      case TAG.reference: return this.reference();
      default: throw new DamagedState(`no value begins with ${tag}`);
    }
  }

  private record(): unknown {
    const out: Record<string, unknown> = {};
    for (let left = this.length(); left > 0; left--) {
      const name = this.value();
      if (typeof name !== "string") throw new DamagedState("a field without a name");
      Object.defineProperty(out, name, { value: this.value(), enumerable: true, writable: true, configurable: true });
    }
    return out;
  }

  private reference(): unknown {
    const kind = KINDS[this.byte()];
    if (kind === undefined) throw new DamagedState("a reference to nothing known");
    return this.resolve({ kind, digest: new Uint8Array(this.raw(DIGEST_BYTES)) });
  }
}

/** The data again; `resolve` gives what references name. @throws DamagedState */
export function decodeState(bytes: Uint8Array, resolve: (reference: Reference) => unknown = () => { throw new DamagedState("a reference"); }): unknown {
  const reader = new Reader(bytes, resolve), value = reader.value();
  if (!reader.done) throw new DamagedState("trailing bytes");
  return value;
}
