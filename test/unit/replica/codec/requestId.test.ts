import { requestIdOf } from "@dfinity/agent";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CborMap } from "../../../../src/replica/codec/cbor.ts";
import { hashOfMap, requestId } from "../../../../src/replica/codec/requestId.ts";

const call: CborMap = {
  request_type: "call", sender: Uint8Array.of(4), ingress_expiry: 1685570400000000000n, canister_id: Uint8Array.of(0, 0, 0, 0, 0, 0, 4, 0xd2), method_name: "hello",
  arg: Uint8Array.from(Buffer.from("DIDL\x00\xFD*", "latin1")),
};

describe("interface spec, request ids", () => {
  test("published vector", () => {
    expect(requestId(call)).toBe("1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101");
  });
  test("absent fields do not take part, unknown fields do", () => {
    expect(requestId({ ...call, nonce: undefined })).toBe(requestId(call));
    expect(requestId({ ...call, extra: 1 })).not.toBe(requestId(call));
  });
  test("agrees with @dfinity/agent on nested content", () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }).filter((key) => key !== "__proto__"), fc.oneof(fc.string(), fc.uint8Array(), fc.bigInt({ min: 0n, max: 2n ** 64n }), fc.array(fc.uint8Array()))), (map) => {
      expect(new Uint8Array(hashOfMap(map))).toEqual(new Uint8Array(requestIdOf(map)));
    }), { numRuns: 200 });
  });
  test("a boolean has no hash", () => {
    expect(() => hashOfMap({ flag: true })).toThrow(TypeError);
  });
});
