import { describe, expect, test } from "vitest";
import { Canister } from "./fixture.ts";

const bits = (expression: string, store: string, rules = {}): string => {
  const canister = new Canister(`(module (memory 1) (func (export "canister_update go") (${store} (i32.const 0) ${expression})))`, { rules });
  expect(canister.say("canister_update go")).toBe("returned");
  return Buffer.from(canister.heap(0, 16).toReversed()).toString("hex").slice(store.startsWith("f32") ? 24 : store.startsWith("f64") ? 16 : 0);
};
const ODD64 = "(f64.reinterpret_i64 (i64.const 0xfff8000000000123))", ODD32 = "(f32.reinterpret_i32 (i32.const 0xffc00123))";
const ODD4 = "(v128.const i32x4 0xffc00123 0x3f800000 0xffc00123 0x40000000)", ODD2 = "(v128.const i64x2 0xfff8000000000123 0x3ff0000000000000)";

describe("NaN results are canonical, as on the IC", () => {
  for (const op of ["add", "sub", "mul", "div", "min", "max"]) {
    test(`f64.${op}`, () => expect(bits(`(f64.${op} (f64.const 1) ${ODD64})`, "f64.store")).toBe("7ff8000000000000"));
    test(`f32.${op}`, () => expect(bits(`(f32.${op} ${ODD32} (f32.const 1))`, "f32.store")).toBe("7fc00000"));
    test(`f32x4.${op}`, () => expect(bits(`(f32x4.${op} ${ODD4} ${ODD4})`, "v128.store")).toMatch(/^[0-9a-f]{8}7fc00000[0-9a-f]{8}7fc00000$/));
    test(`f64x2.${op}`, () => expect(bits(`(f64x2.${op} ${ODD2} ${ODD2})`, "v128.store")).toMatch(/7ff8000000000000$/));
  }
  for (const op of ["sqrt", "ceil", "floor", "trunc", "nearest"]) test(`f64.${op}`, () => expect(bits(`(f64.${op} ${ODD64})`, "f64.store")).toBe("7ff8000000000000"));
  test("0/0 and inf-inf", () => {
    expect(bits("(f64.div (f64.const 0) (f64.const 0))", "f64.store")).toBe("7ff8000000000000");
    expect(bits("(f64.sub (f64.const inf) (f64.const inf))", "f64.store")).toBe("7ff8000000000000");
    expect(bits("(f64.sqrt (f64.const -1))", "f64.store")).toBe("7ff8000000000000");
  });
  test("conversions between widths", () => {
    expect(bits(`(f64.promote_f32 ${ODD32})`, "f64.store")).toBe("7ff8000000000000");
    expect(bits(`(f32.demote_f64 ${ODD64})`, "f32.store")).toBe("7fc00000");
  });
  test("the sign of a NaN between two operations is not lost to the shortcut", () => {
    expect(bits(`(f64.neg (f64.add (f64.const 1) ${ODD64}))`, "f64.store")).toBe("fff8000000000000");
    expect(bits(`(f64.copysign (f64.const 1) (f64.mul (f64.const 1) ${ODD64}))`, "f64.store")).toBe("3ff0000000000000");
    expect(bits(`(f64.add (f64.const 1) (f64.mul (f64.const 1) ${ODD64}))`, "f64.store")).toBe("7ff8000000000000");
  });
  test("loads, stores, moves, abs, neg and copysign keep bits", () => {
    expect(bits(ODD64, "f64.store")).toBe("fff8000000000123");
    expect(bits(`(f64.neg ${ODD64})`, "f64.store")).toBe("7ff8000000000123");
    expect(bits(`(f32.copysign ${ODD32} (f32.const 1))`, "f32.store")).toBe("7fc00123");
    expect(bits(`(select ${ODD64} (f64.const 1) (i32.const 1))`, "f64.store")).toBe("fff8000000000123");
  });
  test("without the rule the host's bits would show", () => expect(bits(`(f64.add (f64.const 1) ${ODD64})`, "f64.store", { canonicalNaN: false })).toBe("fff8000000000123"));
});
