import { type Result, err, ok } from "../types/index.ts";
import type { HashTree } from "./hashTree.ts";

/** Why bytes are not a hash tree of the interface. */
export interface HashTreeError { readonly kind: "malformed" | "tooDeep" | "trailingBytes" | "labelsNotIncreasing" | "leafInForest"; readonly offset: number }

/** serde_cbor, which the replica and agent-rs use, stops at 128 levels. */
const DEPTH_MAX = 128;
const MAJOR = { unsigned: 0, bytes: 2, array: 4 } as const;

const headBytes = (value: number): number => (value < 24 ? 1 : value < 256 ? 2 : value < 65536 ? 3 : 5);
const stringBytes = (bytes: Uint8Array): number => headBytes(bytes.length) + bytes.length;

/** Size of the encoding, so that it is written once into its place. */
export function encodedBytes(tree: HashTree): number {
  switch (tree[0]) {
    case 0: return 2;
    case 1: return 2 + encodedBytes(tree[1]) + encodedBytes(tree[2]);
    case 2: return 2 + stringBytes(tree[1]) + encodedBytes(tree[2]);
    default: return 2 + stringBytes(tree[1]);
  }
}

function writeBytes(out: Buffer, at: number, bytes: Uint8Array): number {
  const major = MAJOR.bytes << 5, length = bytes.length;
  if (length < 24) out[at++] = major | length;
  else if (length < 256) { out[at++] = major | 24; out[at++] = length; }
  else if (length < 65536) { out[at++] = major | 25; at = out.writeUInt16BE(length, at); }
  else { out[at++] = major | 26; at = out.writeUInt32BE(length, at); }
  out.set(bytes, at);
  return at + length;
}

function write(out: Buffer, at: number, tree: HashTree): number {
  out[at++] = (MAJOR.array << 5) | tree.length;
  out[at++] = tree[0];
  switch (tree[0]) {
    case 0: return at;
    case 1: return write(out, write(out, at, tree[1]), tree[2]);
    case 2: return write(out, writeBytes(out, at, tree[1]), tree[2]);
    default: return writeBytes(out, at, tree[1]);
  }
}

/** CBOR of a hash tree without tag 55799, as it stands inside a certificate (interface spec, "Certificate"). */
export function encodeHashTree(tree: HashTree): Uint8Array {
  const out = Buffer.alloc(encodedBytes(tree));
  write(out, 0, tree);
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}

class Malformed extends Error {
  readonly reason: HashTreeError;
  constructor(kind: HashTreeError["kind"], offset: number) { super(kind); this.reason = { kind, offset }; }
}

class Reader {
  at = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) { this.bytes = bytes; }

  head(major: number): number {
    const start = this.at, first = this.bytes[this.at++] ?? 0xff, info = first & 31;
    if (first >> 5 !== major || info > 27) throw new Malformed("malformed", start);
    if (info < 24) return info;
    let value = 0;
    for (let left = 1 << (info - 24); left > 0; left--) value = value * 256 + (this.bytes[this.at++] ?? 0);
    if (this.at > this.bytes.length) throw new Malformed("malformed", start);
    return value;
  }

  string(): Uint8Array {
    const length = this.head(MAJOR.bytes), start = this.at;
    if (length > this.bytes.length - start) throw new Malformed("malformed", start);
    this.at += length;
    return this.bytes.slice(start, this.at);
  }

  tree(depth: number): HashTree {
    const start = this.at;
    if (depth > DEPTH_MAX) throw new Malformed("tooDeep", start);
    const length = this.head(MAJOR.array), kind = this.head(MAJOR.unsigned);
    if (kind === 0 && length === 1) return [0];
    if (kind === 1 && length === 3) return [1, this.tree(depth + 1), this.tree(depth + 1)];
    if (kind === 2 && length === 3) return [2, this.string(), this.tree(depth + 1)];
    if (kind === 3 && length === 2) return [3, this.string()];
    if (kind === 4 && length === 2) {
      const digest = this.string();
      if (digest.length === 32) return [4, digest];
    }
    throw new Malformed("malformed", start);
  }
}

type Order = { readonly last: Uint8Array | undefined; readonly forked: boolean };
/** Checks the forest that `tree` begins, then the trees below its labels; gives the last label seen. */
function checkForest(tree: HashTree, order: Order): Uint8Array | undefined {
  switch (tree[0]) {
    case 1: return checkForest(tree[2], { last: checkForest(tree[1], { ...order, forked: true }), forked: true });
    case 2:
      if (order.last !== undefined && Buffer.compare(order.last, tree[1]) >= 0) throw new Malformed("labelsNotIncreasing", 0);
      checkForest(tree[2], { last: undefined, forked: false });
      return tree[1];
    case 3:
      if (order.forked) throw new Malformed("leafInForest", 0);
      return order.last;
    default: return order.last;
  }
}

/** Interface spec, "Certificate": labels strictly increase in a forest, and a leaf stands alone. */
export function checkHashTree(tree: HashTree): Result<void, HashTreeError> {
  return caught(() => { checkForest(tree, { last: undefined, forked: false }); });
}

function caught<Value>(work: () => Value): Result<Value, HashTreeError> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof Malformed) return err(error.reason);
    throw error;
  }
}

function fromValue(value: unknown, depth: number): HashTree {
  if (!Array.isArray(value)) throw new Malformed("malformed", 0);
  if (depth > DEPTH_MAX) throw new Malformed("tooDeep", 0);
  const [kind, first, second] = value as readonly unknown[], { length } = value;
  if (kind === 0 && length === 1) return [0];
  if (kind === 1 && length === 3) return [1, fromValue(first, depth + 1), fromValue(second, depth + 1)];
  if (kind === 2 && length === 3 && first instanceof Uint8Array) return [2, first, fromValue(second, depth + 1)];
  if (kind === 3 && length === 2 && first instanceof Uint8Array) return [3, first];
  if (kind === 4 && length === 2 && first instanceof Uint8Array && first.length === 32) return [4, first];
  throw new Malformed("malformed", 0);
}

/** The tree in decoded CBOR (nested arrays), checked: how trees come inside certificates and canister signatures. */
export function hashTreeFromValue(value: unknown): Result<HashTree, HashTreeError> {
  return caught(() => {
    const tree = fromValue(value, 0);
    checkForest(tree, { last: undefined, forked: false });
    return tree;
  });
}

/** Decodes and checks a foreign hash tree. */
export function decodeHashTree(bytes: Uint8Array): Result<HashTree, HashTreeError> {
  return caught(() => {
    const reader = new Reader(bytes);
    if (bytes[0] === 0xd9 && bytes[1] === 0xd9 && bytes[2] === 0xf7) reader.at = 3;
    const tree = reader.tree(0);
    if (reader.at !== bytes.length) throw new Malformed("trailingBytes", reader.at);
    checkForest(tree, { last: undefined, forked: false });
    return tree;
  });
}
