import * as fc from "fast-check";
import { decode as referenceDecode } from "cbor-x";
import { describe, expect, test } from "vitest";
import { type CborMap, type CborValue, cborMap, cborNat, decodeCbor, encodeCbor, encodeSelfDescribedCbor } from "../../../../src/replica/codec/cbor.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const value = (): fc.Arbitrary<CborValue> =>
  fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof({ depthSize: "small" }, fc.integer(), fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), fc.string({ unit: "binary" }), fc.uint8Array(), fc.boolean(), fc.constant(null),
      fc.array(tie("value")), fc.dictionary(fc.string().filter((key) => key !== "__proto__"), tie("value"))),
  })).value;
const normal = (v: CborValue): unknown => (typeof v === "number" ? (Object.is(v, -0) ? 0n : BigInt(v)) : v instanceof Uint8Array ? [...v] : Array.isArray(v) ? v.map(normal)
  : typeof v === "object" && v !== null ? Object.fromEntries(Object.entries(v as CborMap).map(([k, item]) => [k, normal(item)])) : v);

describe("interface spec, CBOR", () => {
  test("what is encoded is decoded exactly, with and without tag 55799", () => {
    fc.assert(fc.property(value(), (v) => {
      for (const bytes of [encodeCbor(v), encodeSelfDescribedCbor(v)]) {
        const decoded = decodeCbor(bytes);
        expect(decoded.ok && normal(decoded.value)).toEqual(normal(v));
      }
    }), { numRuns: 300 });
  });

  test("maps are written in canonical order, whatever the order of insertion", () => {
    expect(encodeCbor({ bb: 1, a: 2, c: 3, skipped: undefined })).toEqual(encodeCbor({ c: 3, a: 2, bb: 1 }));
    expect(encodeCbor({ bb: 1, a: 2 })).toEqual(hex("a2 61 61 02 62 62 62 01"));
  });

  test.each<[number | bigint, string]>([[0, "00"], [23, "17"], [24, "1818"], [2 ** 32 - 1, "1affffffff"], [2 ** 32, "1b0000000100000000"], [5n, "05"], [-1n, "20"],
    [2n ** 64n - 1n, "1bffffffffffffffff"], [2n ** 64n, "c249010000000000000000"], [-(2n ** 64n), "3bffffffffffffffff"]])("%s keeps its value", (integer, encoded) => {
    const decoded = decodeCbor(hex(encoded));
    expect(decoded.ok && BigInt(decoded.value as bigint)).toBe(BigInt(integer));
    const again = decodeCbor(encodeCbor(integer));
    expect(again).toEqual(decoded);
    if (integer >= 0) expect(Buffer.from(encodeCbor(integer)).toString("hex")).toBe(encoded);
  });

  test.each([
    ["duplicate key", "a2 61 61 01 61 61 02", "duplicateKey"],
    ["duplicate key in a longer head", "a2 61 61 01 78 01 61 02", "duplicateKey"],
    ["key that is not text", "a1 01 02", "keyNotText"],
    ["array of 2^63 items", "9b 7f ff ff ff ff ff ff ff", "truncated"],
    ["string of 2^63 bytes", "5b 7f ff ff ff ff ff ff ff", "truncated"],
    ["text that is not UTF-8", "61 ff", "badText"],
    ["float", "fb 3f f0 00 00 00 00 00 00", "unsupported"],
    ["half float", "f9 3c 00", "unsupported"],
    ["date tag", "c0 61 61", "unsupported"],
    ["record tag of cbor-x", "d9 df f0 81 01", "unsupported"],
    ["bignum of text", "c2 61 61", "unsupported"],
    ["simple value", "e0", "unsupported"],
    ["lone break", "ff", "unsupported"],
    ["indefinite array without end", "9f 01", "truncated"],
    ["text in chunks", "7f 61 61 ff", "unsupported"],
    ["reserved head", "1c", "unsupported"],
    ["trailing bytes", "01 01", "trailingBytes"],
    ["nothing", "", "truncated"],
    ["__proto__", "a1 69 5f5f70726f746f5f5f a0", "unsupported"],
  ])("%s is refused", (_, encoded, kind) => {
    expect(decodeCbor(hex(encoded))).toMatchObject({ ok: false, error: { kind } });
  });

  test("depth, size and number of items are bounded", () => {
    expect(decodeCbor(new Uint8Array(1_000_000).fill(0x81))).toMatchObject({ error: { kind: "tooDeep" } });
    expect(decodeCbor(new Uint8Array(100), { bytesMax: 99 })).toMatchObject({ error: { kind: "tooLong" } });
    expect(decodeCbor(hex("830102 03"), { itemsMax: 3 })).toMatchObject({ error: { kind: "tooManyItems" } });
  });

  test("bytes from outside give a value or an error, never an exception, and agree with cbor-x", () => {
    const mutated = fc.tuple(value(), fc.nat(), fc.nat(255)).map(([v, at, byte]) => {
      const bytes = encodeCbor(v);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated), (bytes) => {
      const decoded = decodeCbor(bytes);
      if (decoded.ok && !(bytes[0] === 0xd9)) expect(normal(decoded.value)).toEqual(normal(referenceDecode(bytes) as CborValue));
    }), { numRuns: 2000 });
  });

  test("any keys give Maps; narrowing tells maps, naturals and the rest apart", () => {
    const cose = decodeCbor(hex("a2 01 02 20 41 05"), { keys: "any" });
    expect(cose.ok && cose.value).toEqual(new Map<number, unknown>([[1, 2], [-1, Uint8Array.of(5)]]));
    expect(cborMap([])).toBeUndefined();
    expect(cborMap({ a: 1 })).toEqual({ a: 1 });
    expect(cborNat(-1)).toBeUndefined();
    expect(cborNat(7)).toBe(7n);
  });
});
