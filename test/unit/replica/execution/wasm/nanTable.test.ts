import { describe, expect, test } from "vitest";
import { Canister } from "./fixture.ts";

type Shape = "f32" | "f64" | "f32x4" | "f64x2";
const wideOf = (shape: Shape): boolean => shape.startsWith("f64");
/** A NaN with a payload, negative, as no instruction of the IC makes it. */
const ODD = { f32: "(f32.reinterpret_i32 (i32.const 0xffc00123))", f64: "(f64.reinterpret_i64 (i64.const 0xfff8000000000123))" };
const value = (shape: Shape, text: string): string => (shape === "f32x4" || shape === "f64x2" ? `(${shape}.splat ${text})` : text);
const scalar = (shape: Shape): "f32" | "f64" => (wideOf(shape) ? "f64" : "f32");
const odd = (shape: Shape): string => value(shape, ODD[scalar(shape)]);
const number = (shape: Shape, literal: string): string => value(shape, `(${scalar(shape)}.const ${literal})`);
const CANONICAL = { f32: "7fc00000", f64: "7ff8000000000000" }, KEPT = { f32: "ffc00123", f64: "fff8000000000123" };
const times = (shape: Shape, bits: string): string => bits.repeat(shape === "f32x4" ? 4 : shape === "f64x2" ? 2 : 1);

/** Every operation that can make a NaN out of numbers, or hand one on, per shape. */
function producers(shape: Shape): readonly (readonly [string, string])[] {
  const binary = ["add", "sub", "mul", "div", "min", "max"], unary = ["sqrt", "ceil", "floor", "trunc", "nearest"], op = (name: string, ...operands: string[]): string => `(${shape}.${name} ${operands.join(" ")})`;
  return [
    ...binary.flatMap((name) => [[`${name} of a NaN on the left`, op(name, odd(shape), number(shape, "1"))], [`${name} of a NaN on the right`, op(name, number(shape, "1"), odd(shape))],
      [`${name} of two NaNs`, op(name, odd(shape), odd(shape))]] as const),
    ...unary.map((name) => [`${name} of a NaN`, op(name, odd(shape))] as const),
    ["0 / 0", op("div", number(shape, "0"), number(shape, "-0"))], ["inf - inf", op("sub", number(shape, "inf"), number(shape, "inf"))], ["inf * 0", op("mul", number(shape, "inf"), number(shape, "0"))],
    ["inf + -inf", op("add", number(shape, "inf"), number(shape, "-inf"))], ["inf / inf", op("div", number(shape, "inf"), number(shape, "inf"))], ["sqrt -1", op("sqrt", number(shape, "-1"))],
  ];
}

const prefix = (shape: Shape): string => (shape.length > 3 ? "v128" : shape);
/** Ways from an operation to the memory: each shows all bits. `X` is the operation's result. */
const WAYS: Readonly<Record<string, (shape: Shape, x: string) => string>> = {
  "stored at once": (shape, x) => `(${prefix(shape)}.store (i32.const 0) ${x})`,
  "through a local": (shape, x) => `(local.set $l ${x}) (${prefix(shape)}.store (i32.const 0) (local.get $l))`,
  "through a global": (shape, x) => `(global.set $g ${x}) (${prefix(shape)}.store (i32.const 0) (global.get $g))`,
  "through a call": (shape, x) => `(${prefix(shape)}.store (i32.const 0) (call $same ${x} (i32.const 5)))`,
  "through a block": (shape, x) => `(${prefix(shape)}.store (i32.const 0) (block (result ${prefix(shape)}) ${x} (br_if 0 (i32.const 1)) (drop) ${x}))`,
  "through select, with work between": (shape, x) => `(${prefix(shape)}.store (i32.const 0) (select ${x} ${odd(shape)} (i32.add (i32.const 1) (i32.load (i32.const 64)))))`,
  "after a store of something else": (shape, x) => `(i32.const 0) ${x} (i32.store (i32.const 64) (i32.const 0)) ${prefix(shape)}.store`,
};

/** The bytes behind the store of each body, most significant first; all bodies are one module. */
function storedByEach(shape: Shape, bodies: readonly string[]): readonly string[] {
  const type = prefix(shape), canister = new Canister(`(module (memory 1) (global $g (mut ${type}) ${type === "v128" ? "(v128.const i64x2 0 0)" : `(${type}.const 0)`})
    (func $same (param ${type} i32) (result ${type}) local.get 0) ${bodies.map((body, i) => `(func (export "canister_update ${i}") (local $l ${type}) ${body})`).join("\n")})`);
  return bodies.map((_, i) => {
    expect(canister.say(`canister_update ${i}`)).toBe("returned");
    return Buffer.from(canister.heap(0, type === "v128" ? 16 : wideOf(shape) ? 8 : 4).toReversed()).toString("hex");
  });
}
const stored = (shape: Shape, body: string): string => storedByEach(shape, [body])[0]!;

describe.each(["f32", "f64", "f32x4", "f64x2"] as const)("NaNs of %s", (shape) => {
  test("of every operation that can have one are canonical, however they reach the memory", () => {
    const rows = producers(shape).flatMap(([name, operation]) => Object.entries(WAYS).map(([way, show]) => [`${name}, ${way}`, show(shape, operation)] as const));
    const bits = storedByEach(shape, rows.map(([, body]) => body));
    expect(rows.map(([name], i) => `${name}: ${bits[i]}`)).toEqual(rows.map(([name]) => `${name}: ${times(shape, CANONICAL[scalar(shape)])}`));
  });
  test("what only moves bits keeps them", () => {
    for (const show of Object.values(WAYS)) expect(stored(shape, show(shape, odd(shape)))).toBe(times(shape, KEPT[scalar(shape)]));
    expect(stored(shape, WAYS["stored at once"]!(shape, `(${shape}.neg ${odd(shape)})`))).toBe(times(shape, KEPT[scalar(shape)].replace("f", "7")));
    expect(stored(shape, WAYS["stored at once"]!(shape, `(${shape}.abs ${odd(shape)})`))).toBe(times(shape, KEPT[scalar(shape)].replace("f", "7")));
  });
  test("an expression of many operations has one NaN, and its sign shows as the IC's", () => {
    const twice = `(${shape}.mul (${shape}.add ${odd(shape)} ${number(shape, "1")}) (${shape}.sub ${number(shape, "2")} ${odd(shape)}))`;
    expect(stored(shape, WAYS["stored at once"]!(shape, twice))).toBe(times(shape, CANONICAL[scalar(shape)]));
    expect(stored(shape, WAYS["stored at once"]!(shape, `(${shape}.neg ${twice})`))).toBe(times(shape, CANONICAL[scalar(shape)].replace("7", "f")));
  });
});

describe("NaNs between shapes", () => {
  const v = (expression: string): string => stored("f32x4", `(v128.store (i32.const 0) ${expression})`);
  test("a vector's lanes are read in another shape as they are", () => {
    const single = `(f32x4.add ${odd("f32x4")} ${odd("f32x4")})`, wide = `(f64x2.add ${odd("f64x2")} ${odd("f64x2")})`;
    expect(v(`(f64x2.add ${single} ${number("f64x2", "0")})`)).toBe("7fc000007fc00000".repeat(2)); // a number there
    expect(v(`(i32x4.add ${single} ${value("f32x4", "(f32.const 0)")})`)).toBe("7fc00000".repeat(4));
    expect(v(`(f32x4.mul ${wide} (v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000))`)).toBe("7fc0000000000000".repeat(2));
    expect(v(`(v128.and ${single} ${wide})`)).toBe("7fc00000000000007fc0000000000000");
  });
  test("promote and demote", () => {
    expect(v(`(f64x2.promote_low_f32x4 ${odd("f32x4")})`)).toBe("7ff8000000000000".repeat(2));
    expect(v(`(f32x4.demote_f64x2_zero ${odd("f64x2")})`)).toBe("0".repeat(16) + "7fc00000".repeat(2));
    expect(v(`(f32x4.demote_f64x2_zero (f64x2.sqrt (f64x2.promote_low_f32x4 ${odd("f32x4")})))`)).toBe("0".repeat(16) + "7fc00000".repeat(2));
    expect(stored("f32", `(f32.store (i32.const 0) (f32.demote_f64 (f64.promote_f32 ${ODD.f32})))`)).toBe("7fc00000");
  });
  test("lanes that are taken out, put in and compared", () => {
    expect(stored("f32", `(f32.store (i32.const 0) (f32x4.extract_lane 2 (f32x4.add ${odd("f32x4")} ${odd("f32x4")})))`)).toBe("7fc00000");
    expect(v(`(f64x2.replace_lane 1 ${number("f64x2", "0")} (f64.add (f64.const 1) ${ODD.f64}))`)).toBe("7ff8000000000000" + "0".repeat(16));
    expect(v(`(f32x4.pmin (f32x4.add ${odd("f32x4")} ${odd("f32x4")}) ${number("f32x4", "1")})`)).toBe("7fc00000".repeat(4));
    expect(v(`(f64x2.ne (f64x2.add ${odd("f64x2")} ${odd("f64x2")}) ${number("f64x2", "1")})`)).toBe("f".repeat(32));
    expect(v(`(i32x4.trunc_sat_f32x4_s (f32x4.add ${odd("f32x4")} ${odd("f32x4")}))`)).toBe("0".repeat(32));
  });
  test("bits that are read as an integer", () => {
    expect(stored("f64", `(i64.store (i32.const 0) (i64.reinterpret_f64 (f64.add (f64.const 1) ${ODD.f64})))`)).toBe("7ff8000000000000");
    expect(stored("f32", `(i32.store (i32.const 0) (i32.reinterpret_f32 (f32.div (f32.const 0) (f32.const 0))))`)).toBe("7fc00000");
    expect(stored("f64", `(f64.store (i32.const 0) (f64.copysign (f64.const 3) (f64.add (f64.const 1) ${ODD.f64})))`)).toBe("4008000000000000");
    expect(stored("f64", `(i64.store (i32.const 0) (i64.extend_i32_u (i32.trunc_sat_f64_s (f64.add (f64.const 1) ${ODD.f64}))))`)).toBe("0".repeat(16));
  });
});
