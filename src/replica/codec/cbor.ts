import { Decoder, Encoder } from "cbor-x/encode"; // without the native addon: finding it takes longer than it saves
import { type Result, err, ok } from "../types/index.ts";
import { type CborError, type CborLimits, checkCbor } from "./cborCheck.ts";

export type { CborError, CborLimits } from "./cborCheck.ts";

/** What the interface's CBOR can say. Integers are numbers when they are safe, bigints otherwise. */
export type CborValue = null | undefined | boolean | number | bigint | string | Uint8Array | readonly CborValue[] | CborMap;
export interface CborMap { readonly [key: string]: CborValue }

const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7);
const OPTIONS = { useRecords: false, mapsAsObjects: true, variableMapSize: true, tagUint8Array: false, useTag259ForMaps: false } as const;
const encoder = new Encoder(OPTIONS);
const textDecoder = new Decoder(OPTIONS);
const anyDecoder = new Decoder({ ...OPTIONS, mapsAsObjects: false });

const ASCII = /^[\0-\x7f]*$/;
/** RFC 7049 §3.9, canonical order: shorter keys first, then by bytes. */
const canonicalOrder = (a: string, b: string): number => (ASCII.test(a) && ASCII.test(b)
  ? a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  : Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Large integers as bigints (cbor-x writes floats otherwise) and small ones as numbers (shortest heads), maps in canonical order. */
function prepared(value: CborValue): unknown {
  if (typeof value === "number" || typeof value === "bigint") {
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError(`CBOR of the interface has no floats: ${value}`);
    return value >= -(2 ** 31) && value < 2 ** 32 ? Number(value) : BigInt(value);
  }
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(prepared);
  const entries = Object.entries(value as CborMap).filter(([, item]) => item !== undefined).sort(([a], [b]) => canonicalOrder(a, b));
  return new Map(entries.map(([key, item]) => [key, prepared(item)]));
}

/** Deterministic CBOR: canonical map order, definite lengths, undefined fields omitted. @throws RangeError for floats */
export const encodeCbor = (value: CborValue): Uint8Array => new Uint8Array(encoder.encode(prepared(value)));

/** The same behind tag 55799, as every top-level item of the interface is written (interface spec, "CBOR"). */
export function encodeSelfDescribedCbor(value: CborValue): Uint8Array {
  const body = encoder.encode(prepared(value));
  const out = new Uint8Array(SELF_DESCRIBED.length + body.length);
  out.set(SELF_DESCRIBED);
  out.set(body, SELF_DESCRIBED.length);
  return out;
}

const withoutTag = (bytes: Uint8Array): Uint8Array => {
  let body = bytes;
  while (SELF_DESCRIBED.every((byte, i) => body[i] === byte)) body = body.subarray(SELF_DESCRIBED.length);
  return body;
};

/** Byte strings become arrays of their own, so that nothing decoded keeps or changes the input; safe integers become numbers. */
function owned(value: unknown): CborValue {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value === "bigint") return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  if (Array.isArray(value)) return value.map(owned);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [owned(key), owned(item)])) as unknown as CborMap;
  if (typeof value !== "object" || value === null) return value as CborValue;
  for (const [key, item] of Object.entries(value)) (value as Record<string, unknown>)[key] = owned(item);
  return value as CborMap;
}

/** Decodes foreign bytes, with or without tag 55799. Everything that `checkCbor` names is an error, never an exception. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): Result<CborValue, CborError> {
  const checked = checkCbor(bytes, limits);
  if (!checked.ok) return checked;
  try {
    return ok(owned((limits.keys === "any" ? anyDecoder : textDecoder).decode(withoutTag(bytes))));
  } catch {
    return err({ kind: "unsupported", offset: 0 });
  }
}

/** A map of text keys, or undefined: what narrowing a decoded value begins with. */
export const cborMap = (value: CborValue): CborMap | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Map) ? (value as CborMap) : undefined;
/** A natural number as a bigint, or undefined. */
export const cborNat = (value: CborValue): bigint | undefined =>
  (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) && value >= 0 ? BigInt(value) : undefined;
export const cborBytes = (value: CborValue): Uint8Array | undefined => (value instanceof Uint8Array ? value : undefined);
export const cborText = (value: CborValue): string | undefined => (typeof value === "string" ? value : undefined);
export const cborArray = (value: CborValue): readonly CborValue[] | undefined => (Array.isArray(value) ? (value as readonly CborValue[]) : undefined);
