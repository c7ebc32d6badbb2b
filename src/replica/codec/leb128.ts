import { type Result, err, ok } from "../types/index.ts";

/** What is wrong with an encoded number: the bytes end early, it is longer than allowed, or it has needless trailing groups. */
export type Leb128Error = { readonly kind: "truncated" | "tooLong" | "notShortest"; readonly offset: number };
/** A decoded number and the offset after it. */
export interface Decoded<Value> { readonly value: Value; readonly next: number }

const SMALL = Number.MAX_SAFE_INTEGER;
/** Seven groups at once: what is left of a bigint after them is rarely one. */
const SEVEN_GROUPS = 49n, SEVEN_GROUPS_MASK = (1n << SEVEN_GROUPS) - 1n;

/** Shortest unsigned LEB128 of a natural number. @throws RangeError for negative or fractional numbers */
export function encodeUleb128(value: number | bigint): Uint8Array {
  if (value < 0 || (typeof value === "number" && !Number.isSafeInteger(value))) throw new RangeError(`not a natural number: ${value}`);
  const out: number[] = [];
  let big = BigInt(value);
  for (; big > SMALL; big >>= SEVEN_GROUPS) {
    let low = Number(big & SEVEN_GROUPS_MASK);
    for (let group = 0; group < 7; group++, low = Math.floor(low / 128)) out.push((low % 128) | 128);
  }
  let rest = Number(big);
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  out.push(rest);
  return new Uint8Array(out);
}

/** Shortest signed LEB128 of an integer. @throws RangeError for fractional numbers */
export function encodeSleb128(value: number | bigint): Uint8Array {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${value}`);
  const out: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    const group = Number(rest & 127n);
    if (rest >= -64n && rest <= 63n) { out.push(group); return new Uint8Array(out); }
    out.push(group | 128);
  }
}

/** Groups of seven bits, most significant last; `bytesMax` bounds the work that foreign bytes can cause. */
function groups(bytes: Uint8Array, offset: number, bytesMax: number): Result<Decoded<bigint>, Leb128Error> {
  let value = 0n, small = 0, shift = 0;
  for (let at = offset; at < bytes.length; at++) {
    if (at - offset >= bytesMax) return err({ kind: "tooLong", offset });
    const byte = bytes[at]!;
    if (shift < 49) { small += (byte & 127) * 2 ** shift; } else { if (shift === 49) value = BigInt(small); value |= BigInt(byte & 127) << BigInt(shift); }
    shift += 7;
    if (byte < 128) return ok({ value: shift <= 49 ? BigInt(small) : value, next: at + 1 });
  }
  return err({ kind: "truncated", offset });
}

/** Reads an unsigned number. `strict` refuses encodings that are not the shortest. */
export function decodeUleb128(bytes: Uint8Array, offset = 0, options: { readonly strict?: boolean; readonly bytesMax?: number } = {}): Result<Decoded<bigint>, Leb128Error> {
  const read = groups(bytes, offset, options.bytesMax ?? 128);
  if (read.ok && options.strict && read.value.next - offset > 1 && bytes[read.value.next - 1] === 0) return err({ kind: "notShortest", offset });
  return read;
}

/** Reads a signed number. `strict` refuses encodings that are not the shortest. */
export function decodeSleb128(bytes: Uint8Array, offset = 0, options: { readonly strict?: boolean; readonly bytesMax?: number } = {}): Result<Decoded<bigint>, Leb128Error> {
  const read = groups(bytes, offset, options.bytesMax ?? 128);
  if (!read.ok) return read;
  const { value, next } = read.value, last = bytes[next - 1]!, negative = (last & 64) !== 0;
  if (options.strict && next - offset > 1 && ((last === 0 && (bytes[next - 2]! & 64) === 0) || (last === 127 && (bytes[next - 2]! & 64) !== 0))) {
    return err({ kind: "notShortest", offset });
  }
  return ok({ value: negative ? value - (1n << BigInt((next - offset) * 7)) : value, next });
}
