import { hash } from "node:crypto";
import { type MessageId, messageId } from "../types/index.ts";
import { encodeSleb128, encodeUleb128 } from "./leb128.ts";
import type { CborMap, CborValue } from "./cbor.ts";

const sha256 = (bytes: Uint8Array | string): Buffer => hash("sha256", bytes, "buffer");

function hashOfValue(value: CborValue): Buffer {
  if (typeof value === "string" || value instanceof Uint8Array) return sha256(value);
  // Naturals are hashed as ULEB128, negative integers as SLEB128 (no field of the interface holds a signed integer).
  if (typeof value === "number" || typeof value === "bigint") return sha256(value >= 0 ? encodeUleb128(value) : encodeSleb128(value));
  if (Array.isArray(value)) return sha256(Buffer.concat((value as readonly CborValue[]).map(hashOfValue)));
  if (typeof value === "object" && value !== null) return hashOfMap(value as CborMap);
  throw new TypeError("the representation-independent hash is not defined for booleans and null");
}

/**
 * Interface spec, "Representation-independent hashing of structured data": SHA-256 over the sorted hashes of key and value. Absent
 * (undefined) fields do not take part. @throws TypeError for booleans and null
 */
export function hashOfMap(map: CborMap): Buffer {
  const pairs = Object.entries(map).filter(([, value]) => value !== undefined).map(([key, value]) => Buffer.concat([sha256(key), hashOfValue(value)]));
  return sha256(Buffer.concat(pairs.sort(Buffer.compare)));
}

/** Interface spec, "Request ids": the id of a request's content map. @throws TypeError for booleans and null */
export const requestId = (content: CborMap): MessageId => messageId(hashOfMap(content));
