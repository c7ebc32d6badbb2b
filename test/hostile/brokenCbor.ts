import { encodeCbor, encodeSelfDescribedCbor } from "../../src/replica/codec/cbor.ts";
import { type HostileContext, callContent, callPath, label, post, queryPath, readPath, row } from "./buildRequest.ts";

const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits.replaceAll(" ", ""), "hex"));
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const repeated = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);
const good = (context: HostileContext): Uint8Array => encodeSelfDescribedCbor({ content: callContent(context) });
/** A map of raw key and value bytes: what no encoder would write. */
const rawMap = (...entries: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array => joined(Uint8Array.of(0xa0 | entries.length), ...entries.flat());

/** Bodies that are no CBOR, or no CBOR that the interface speaks. */
const BODIES: readonly (readonly [string, Uint8Array | ((context: HostileContext) => Uint8Array)])[] = [
  ["no body", new Uint8Array(0)],
  ["noise", hex("5f3a9cbb1de0724411f09a")],
  ["only the self-describing tag", hex("d9d9f7")],
  ["half of an envelope", (context) => good(context).subarray(0, good(context).length >> 1)],
  ["an envelope without its last byte", (context) => good(context).subarray(0, -1)],
  ["an envelope and one byte more", (context) => joined(good(context), Uint8Array.of(0))],
  ["two envelopes", (context) => joined(good(context), good(context))],
  ["a text", encodeCbor("envelope")],
  ["a number", encodeCbor(7)],
  ["null", hex("f6")],
  ["true", hex("f5")],
  ["an array", encodeCbor([])],
  ["an empty map", encodeCbor({})],
  ["a map with an empty content", encodeCbor({ content: {} })],
  ["content that is bytes", encodeCbor({ content: label("call") })],
  ["content that is null", encodeCbor({ content: null })],
  ["content that is a list", encodeCbor({ content: [] })],
  ["10,000 nested arrays", joined(repeated(0x81, 10_000), hex("00"))],
  ["10,000 nested maps", joined(...Array.from({ length: 10_000 }, () => hex("a16161")), hex("00"))],
  ["10,000 nested tags", joined(...Array.from({ length: 10_000 }, () => hex("d9d9f7")), hex("a0"))],
  ["10,000 nested indefinite arrays", repeated(0x9f, 10_000)],
  ["a byte string of 2^64-1 bytes", hex("5bffffffffffffffff00")],
  ["a text of 2^63 bytes", hex("7b800000000000000041")],
  ["an array of 2^64-1 items", hex("9bffffffffffffffff00")],
  ["a map of 2^64-1 entries", hex("bbffffffffffffffff616100")],
  ["an array of 2^32-1 items", hex("9affffffff0000")],
  ["a million nulls", joined(hex("9a000f4240"), repeated(0xf6, 1_000_000))],
  ["an endless byte string", hex("5f4161")],
  ["an endless map", hex("bf6161")],
  ["only a break", hex("ff")],
  ["a break for a value", hex("a16161ff")],
  ["byte chunks in a text", hex("7f4161ff")],
  ["a nested endless string", hex("5f5f4161ffff")],
  ["a half float", hex("a167636f6e74656e74f93c00")],
  ["a float", hex("a167636f6e74656e74fa47c35000")],
  ["a double", hex("a167636f6e74656e74fb3ff199999999999a")],
  ["not a number", hex("a167636f6e74656e74f97e00")],
  ["an unassigned simple value", hex("a167636f6e74656e74f820")],
  ["a reserved length", hex("1c")],
  ["a reserved array length", hex("9e")],
  ["a date", hex("c074323031332d30332d32315432303a30343a30305a")],
  ["an unknown tag around the envelope", (context) => joined(hex("d82a"), good(context))],
  ["a bignum of text", hex("a167636f6e74656e74c26161")],
  ["a key twice in the envelope", rawMap([encodeCbor("content"), encodeCbor({})], [encodeCbor("content"), encodeCbor({})])],
  ["a key twice, once in a longer form", rawMap([encodeCbor("content"), encodeCbor({})], [joined(hex("7807"), label("content")), encodeCbor({})])],
  ["a key twice in the content", rawMap([encodeCbor("content"), rawMap([encodeCbor("arg"), encodeCbor("")], [encodeCbor("arg"), encodeCbor("")])])],
  ["a number for a key", rawMap([encodeCbor(1), encodeCbor({})])],
  ["bytes for a key", rawMap([encodeCbor(label("content")), encodeCbor({})])],
  ["a map for a key", rawMap([encodeCbor({}), encodeCbor({})])],
  ["a key in chunks", rawMap([hex("7f67636f6e74656e74ff"), encodeCbor({})])],
  ["a text that is not UTF-8", rawMap([encodeCbor("content"), rawMap([encodeCbor("method_name"), hex("62c328")])])],
  ["half of a surrogate pair", rawMap([encodeCbor("content"), hex("63eda080")])],
  ["the key __proto__", rawMap([encodeCbor("__proto__"), encodeCbor({ content: {} })])],
  ["the key constructor", rawMap([encodeCbor("constructor"), encodeCbor({ content: {} })])],
];

export const brokenCbor = [
  ...BODIES.map(([name, body]) => row(`call: ${name}`, 400, (context) => post(context, callPath(context), typeof body === "function" ? body(context) : body))),
  ...BODIES.slice(0, 8).map(([name, body]) => row(`query: ${name}`, 400, (context) => post(context, queryPath(context), typeof body === "function" ? body(context) : body))),
  ...BODIES.slice(0, 8).map(([name, body]) => row(`read_state: ${name}`, 400, (context) => post(context, readPath(context), typeof body === "function" ? body(context) : body))),
];
