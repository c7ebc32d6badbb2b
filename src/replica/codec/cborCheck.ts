import { isUtf8 } from "node:buffer";
import { type Result, err, ok } from "../types/index.ts";

/** Why foreign bytes are not CBOR that the Internet Computer speaks; `offset` is where. */
export interface CborError {
  readonly kind: "truncated" | "trailingBytes" | "tooLong" | "tooDeep" | "tooManyItems" | "duplicateKey" | "keyNotText" | "badText" | "unsupported";
  readonly offset: number;
}
/** `keys: "any"` allows map keys that are not text (COSE); such maps are decoded as `Map`. */
export interface CborLimits { readonly bytesMax?: number; readonly depthMax?: number; readonly itemsMax?: number; readonly keys?: "text" | "any" }

/** A request has at most 2 MiB of arg (interface spec); certificates, blocks and slices are below 4 MiB plus their frame. */
const BYTES_MAX = 16 * 1024 * 1024;
/** serde_cbor, which the replica and agent-rs use, stops at 128. */
const DEPTH_MAX = 128;
const ITEMS_MAX = 1_000_000;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
/** RFC 8949 §3.4: bignums and "self-described CBOR" are the only tags of the interface. */
const TAGS = { positiveBignum: 2, negativeBignum: 3, selfDescribed: 55799 } as const;
/** Up to here a loop is quicker than a call out of JavaScript. */
const SHORT_TEXT = 64;
const BREAK = 0xff;
const INDEFINITE = 31;

class Refusal extends Error {
  readonly reason: CborError;
  constructor(kind: CborError["kind"], offset: number) { super(kind); this.reason = { kind, offset }; }
}

/** Walks the bytes once, recursing at most `depthMax` deep, and stops at the first thing that is not allowed. */
class Walk {
  private at = 0;
  private items = 0;
  private readonly bytes: Buffer;
  private readonly limits: Required<CborLimits>;
  constructor(bytes: Uint8Array, limits: Required<CborLimits>) { this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength); this.limits = limits; }

  document(): void {
    this.item(0);
    if (this.at !== this.bytes.length) throw new Refusal("trailingBytes", this.at);
  }

  private byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new Refusal("truncated", this.at);
    this.at++;
    return value;
  }

  /** The argument of a head; lengths above 2^53 can only be truncated. */
  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Refusal("unsupported", this.at - 1);
    let value = 0;
    for (let left = 1 << (info - 24); left > 0; left--) value = value * 256 + this.byte();
    return value;
  }

  private skip(length: number): void {
    if (length > this.bytes.length - this.at) throw new Refusal("truncated", this.at);
    this.at += length;
  }

  private item(depth: number): void {
    if (depth > this.limits.depthMax) throw new Refusal("tooDeep", this.at);
    if (++this.items > this.limits.itemsMax) throw new Refusal("tooManyItems", this.at);
    const start = this.at, head = this.byte(), major = head >> 5, info = head & 31;
    if (major === MAJOR.unsigned || major === MAJOR.negative) this.argument(info);
    else if (major === MAJOR.bytes || major === MAJOR.text) this.string(major, info, start);
    else if (major === MAJOR.array) this.children(info, () => this.item(depth + 1));
    else if (major === MAJOR.map) this.map(info, depth);
    else if (major === MAJOR.tag) this.tag(this.argument(info), start, depth);
    else if (info < 20 || info > 23) throw new Refusal("unsupported", start); // floats and unassigned simple values
  }

  private string(major: number, info: number, start: number): void {
    const length = this.argument(info), content = this.at;
    this.skip(length);
    if (major === MAJOR.text && !this.isText(content)) throw new Refusal("badText", start);
  }

  /** What lies before `at`, from `start` on: nearly always ASCII, and short. */
  private isText(start: number): boolean {
    const end = Math.min(this.at, start + SHORT_TEXT);
    let at = start;
    while (at < end && this.bytes[at]! < 0x80) at++;
    return at === this.at || isUtf8(this.bytes.subarray(start, this.at));
  }

  private children(info: number, child: () => void): void {
    if (info === INDEFINITE) {
      while (this.bytes[this.at] !== BREAK) child();
      this.at++;
      return;
    }
    const count = this.argument(info);
    if (count > this.bytes.length - this.at) throw new Refusal("truncated", this.at);
    for (let i = 0; i < count; i++) child();
  }

  private map(info: number, depth: number): void {
    const seen = new Set<string>();
    this.children(info, () => {
      const start = this.at;
      if (this.limits.keys === "text" && this.bytes[start]! >> 5 !== MAJOR.text) throw new Refusal("keyNotText", start);
      this.item(depth + 1);
      const key = this.bytes.toString("latin1", start, this.at);
      const name = this.limits.keys === "text" ? textKey(key) : key;
      if (seen.has(name)) throw new Refusal("duplicateKey", start);
      if (name === "__proto__") throw new Refusal("unsupported", start);
      seen.add(name);
      this.item(depth + 1);
    });
  }

  private tag(tag: number, start: number, depth: number): void {
    const major = (this.bytes[this.at] ?? 0) >> 5;
    if (tag === TAGS.selfDescribed) return this.item(depth + 1);
    if ((tag !== TAGS.positiveBignum && tag !== TAGS.negativeBignum) || major !== MAJOR.bytes) throw new Refusal("unsupported", start);
    this.item(depth + 1);
  }
}

/** The key without its head, so that one key in two encodings is still a duplicate. */
const textKey = (encoded: string): string => {
  const info = encoded.charCodeAt(0) & 31;
  return encoded.slice(1 + (info < 24 ? 0 : 1 << (info - 24)));
};

/**
 * Checks foreign bytes before a decoder sees them: one well-formed item, depth and size bounded, text keys without duplicates, no floats,
 * no strings in chunks, no tags but bignums and 55799 (interface spec, "CBOR").
 */
export function checkCbor(bytes: Uint8Array, limits: CborLimits = {}): Result<void, CborError> {
  const full = { bytesMax: limits.bytesMax ?? BYTES_MAX, depthMax: limits.depthMax ?? DEPTH_MAX, itemsMax: limits.itemsMax ?? ITEMS_MAX, keys: limits.keys ?? "text" };
  if (bytes.length > full.bytesMax) return err({ kind: "tooLong", offset: full.bytesMax });
  try {
    new Walk(bytes, full).document();
    return ok(undefined);
  } catch (error) {
    if (error instanceof Refusal) return err(error.reason);
    throw error;
  }
}
