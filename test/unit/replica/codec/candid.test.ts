import { IDL } from "@dfinity/candid";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCandid, encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { managementTarget } from "../../../../src/replica/codec/managementTarget.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

describe("candid from outside", () => {
  test.each([
    ["nothing", ""], ["another magic number", "4449444d0000"], ["a cut type table", "4449444c02"], ["a cut value", "4449444c00017d"], ["an endless number", "4449444cffffffffffffffffffff"],
    ["a vector of 2^32 nulls", "4449444c016d7f0100ffffffff0f"], ["a vector of empty records", "4449444c026c006d000101ffffffff0f"],
    ["a vector of records of nulls", "4449444c036c01007f6c0100006d010102ffffffff0f"], ["an unknown opcode", "4449444c016a"],
  ])("%s is refused with a reason", (_name, bytes) => {
    const decoded = decodeCandid([IDL.Vec(IDL.Nat)], hex(bytes));
    expect(decoded.ok).toBe(false);
    expect(decoded.ok || decoded.error.length).toBeGreaterThan(3);
  });
  test("a deep nest of types ends in a reason, not in a stack overflow", () => {
    const depth = 9_000, table = Array.from({ length: depth }, (_, i) => [0x6e, ...(i + 1 < depth ? leb(i + 1) : [0x7d])]).flat();
    const decoded = decodeCandid([IDL.Reserved], Uint8Array.from([0x44, 0x49, 0x44, 0x4c, ...leb(depth), ...table, 1, 0, ...new Array<number>(depth).fill(1), 0]));
    expect(typeof decoded.ok).toBe("boolean");
  });
  test("random bytes never throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const bytes = Uint8Array.from([0x44, 0x49, 0x44, 0x4c, ...tail]);
      for (const { args } of Object.values(MANAGEMENT_TYPES)) expect(typeof decodeCandid(args, bytes).ok).toBe("boolean");
    }), { numRuns: 200 });
  });
  test("a view into a larger buffer is read where it begins", () => {
    const bytes = encodeCandid([IDL.Text], ["hello"]), padded = Buffer.concat([Buffer.alloc(7, 1), bytes]);
    expect(decodeCandid([IDL.Text], padded.subarray(7))).toEqual({ ok: true, value: ["hello"] });
  });
});

test("the target of a management call is read from its argument", () => {
  const canister = hex("4449444c016c01b3c4b1f204680100010a00000000000000100101");
  expect(managementTarget("start_canister", canister)).toBe("00000000000000100101");
  expect(managementTarget("raw_rand", hex("4449444c0000"))).toBeUndefined();
  expect(managementTarget("start_canister", hex("00"))).toBeUndefined();
  expect(managementTarget("toString", canister)).toBeUndefined();
});
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
