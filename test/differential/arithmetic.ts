import type { Letter } from "./operations.ts";
import { canonicalShape, OPERATIONS, TYPES } from "./operations.ts";
import { wasm } from "../unit/replica/execution/wasm/fixture.ts";

/** A value as its bits: i32 and f32 as a signed number, i64 and f64 as a signed bigint, v128 as its two halves. */
export type Bits = number | bigint | readonly [bigint, bigint];

const PARAMS: Readonly<Record<Letter, string>> = { i: "i32", f: "i32", l: "i64", d: "i64", v: "i64 i64" };

/** The function of one operation over bits: what it computes is asked of V8, one operation at a time, without the rewriter. */
function text(name: string, takes: readonly Letter[], gives: Letter): string {
  let slot = 0;
  const operands = takes.map((letter) => {
    const get = (): string => `(local.get ${slot++})`;
    if (letter === "f") return `(f32.reinterpret_i32 ${get()})`;
    if (letter === "d") return `(f64.reinterpret_i64 ${get()})`;
    return letter === "v" ? `(i64x2.replace_lane 1 (i64x2.splat ${get()}) ${get()})` : get();
  });
  const result = `(${name} ${operands.join(" ")})`;
  const back = gives === "f" ? `(i32.reinterpret_f32 ${result})` : gives === "d" ? `(i64.reinterpret_f64 ${result})`
    : gives === "v" ? `(local.set $v ${result}) (i64x2.extract_lane 0 (local.get $v)) (i64x2.extract_lane 1 (local.get $v))` : result;
  return `(func (export "${name}") (param ${takes.map((letter) => PARAMS[letter]).join(" ")}) (result ${PARAMS[gives]}) (local $v ${TYPES.v}) ${back})`;
}

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm(`(module ${OPERATIONS.map(({ name, takes, gives }) => text(name, takes, gives)).join("\n")})`) as BufferSource));

const canonical32 = (bits: bigint): bigint => ((bits & 0x7fffffffn) > 0x7f800000n ? 0x7fc00000n : bits);
const canonical64 = (bits: bigint): bigint => ((bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n ? 0x7ff8000000000000n : bits);
function canonicalHalf(half: bigint, shape: string): bigint {
  const bits = BigInt.asUintN(64, half);
  return BigInt.asIntN(64, shape.startsWith("f64") ? canonical64(bits) : (canonical32(bits >> 32n) << 32n) | canonical32(bits & 0xffffffffn));
}

/** The result by the IC's rule: a NaN that an operation made is the canonical one. @throws WebAssembly.RuntimeError on a trap */
export function compute(name: string, operands: readonly Bits[]): Bits {
  const result = (exports[name] as (...args: (number | bigint)[]) => Bits)(...operands.flat() as (number | bigint)[]), shape = canonicalShape(name);
  if (shape === undefined) return result;
  if (typeof result === "number") return Number(BigInt.asIntN(32, canonical32(BigInt(result >>> 0))));
  return typeof result === "bigint" ? canonicalHalf(result, shape) : [canonicalHalf(result[0], shape), canonicalHalf(result[1], shape)];
}
