import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DamagedState, OUTLINE_BYTES, decodeState, encodeState } from "../../../../src/replica/codec/stateCodec.ts";

const plain = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: "medium" }, fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.bigInt(), fc.string({ unit: "binary" }), fc.boolean(), fc.constantFrom(undefined, null, "\ud800"),
    fc.uint8Array(), fc.array(tie("value")), fc.dictionary(fc.string(), tie("value"), { noNullPrototype: true })),
})).value;
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

describe("canonical bytes of plain data", () => {
  test("decoding gives the same data, undefined fields and -0 included", () => {
    fc.assert(fc.property(plain, (value) => {
      expect(decodeState(encodeState(value))).toStrictEqual(value);
    }), { numRuns: 500 });
    const kept = decodeState(encodeState({ a: undefined })) as object;
    expect(Object.keys(kept)).toEqual(["a"]);
    expect(encodeState({ a: undefined })).not.toEqual(encodeState({}));
    expect(encodeState(1)).not.toEqual(encodeState(1n));
  });

  test("the order of insertion does not matter", () => {
    expect(encodeState({ a: 1, b: { d: 2, c: 3 } })).toEqual(encodeState({ b: { c: 3, d: 2 }, a: 1 }));
  });

  test("large parts leave the bytes; what is known is not encoded again", () => {
    fc.assert(fc.property(plain, fc.array(fc.string({ minLength: 40 }), { minLength: 20, maxLength: 40 }), (value, large) => {
      const objects = new Map<string, Uint8Array>(), known = new Map<object, Uint8Array>();
      let encoded = 0;
      const outliner = {
        reference: (part: object) => { const digest = known.get(part); return digest && { kind: "value" as const, digest }; },
        outline: (part: object, bytes: Uint8Array) => { encoded++; const digest = sha256(bytes); objects.set(Buffer.from(digest).toString("hex"), bytes); known.set(part, digest); return digest; },
      };
      const state = { value, large, deep: { large } }, bytes = encodeState(state, outliner);
      expect(bytes.length).toBeLessThan(OUTLINE_BYTES * 4);
      const resolve = ({ digest }: { digest: Uint8Array }): unknown => decodeState(objects.get(Buffer.from(digest).toString("hex"))!, resolve);
      expect(decodeState(bytes, resolve)).toStrictEqual(state);
      const before = encoded;
      expect(encodeState(state, outliner)).toEqual(bytes);
      expect(encoded).toBe(before);
    }), { numRuns: 100 });
  });

  test("classes, functions and Maps are not state", () => {
    expect(() => encodeState(new Map())).toThrow("plain data");
    expect(() => encodeState({ f: () => 1 })).toThrow("plain data");
    expect(() => encodeState(new Date())).toThrow("plain data");
  });

  test("damaged bytes are told, and nothing else is thrown", () => {
    fc.assert(fc.property(plain, fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = encodeState(value);
      bytes[at % bytes.length] = byte;
      try { decodeState(bytes); } catch (error) { expect(error).toBeInstanceOf(DamagedState); }
      expect(() => decodeState(Uint8Array.of(...encodeState(value), 0))).toThrow(DamagedState);
    }), { numRuns: 500 });
  });
});
