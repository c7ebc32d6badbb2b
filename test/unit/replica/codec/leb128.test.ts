import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSleb128, decodeUleb128, encodeSleb128, encodeUleb128 } from "../../../../src/replica/codec/leb128.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("LEB128", () => {
  test.each<[number | bigint, string]>([[0, "00"], [127, "7f"], [128, "8001"], [624485, "e58e26"], [2n ** 64n - 1n, "ffffffffffffffffff01"]])("unsigned %s", (value, encoded) => {
    expect(hex(encodeUleb128(value))).toBe(encoded);
    expect(decodeUleb128(encodeUleb128(value))).toMatchObject({ ok: true, value: { value: BigInt(value) } });
  });
  test.each<[number, string]>([[0, "00"], [63, "3f"], [64, "c000"], [-1, "7f"], [-64, "40"], [-65, "bf7f"], [-123456, "c0bb78"]])("signed %s", (value, encoded) => {
    expect(hex(encodeSleb128(value))).toBe(encoded);
  });
  test("round trips, and the offset after the number", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 140n), max: 2n ** 140n }), fc.uint8Array({ maxLength: 4 }), (value, before) => {
      const signed = encodeSleb128(value);
      expect(decodeSleb128(Uint8Array.of(...before, ...signed, 0), before.length, { strict: true })).toEqual({ ok: true, value: { value, next: before.length + signed.length } });
      if (value < 0n) return;
      const unsigned = encodeUleb128(value);
      expect(decodeUleb128(Uint8Array.of(...before, ...unsigned, 0), before.length, { strict: true })).toEqual({ ok: true, value: { value, next: before.length + unsigned.length } });
    }));
  });
  test("truncated, endless and padded numbers are errors", () => {
    expect(decodeUleb128(Uint8Array.of(0x80))).toMatchObject({ error: { kind: "truncated" } });
    expect(decodeUleb128(new Uint8Array(1000).fill(0x80))).toMatchObject({ error: { kind: "tooLong" } });
    expect(decodeUleb128(Uint8Array.of(0x81, 0), 0, { strict: true })).toMatchObject({ error: { kind: "notShortest" } });
    expect(decodeUleb128(Uint8Array.of(0x81, 0))).toMatchObject({ value: { value: 1n } });
    expect(decodeSleb128(Uint8Array.of(0xff, 0x7f), 0, { strict: true })).toMatchObject({ error: { kind: "notShortest" } });
    expect(() => encodeUleb128(-1)).toThrow(RangeError);
    expect(() => encodeUleb128(0.5)).toThrow(RangeError);
  });
});
