/** A small seeded generator (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const I32_BINARY = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr", "eq", "lt_s", "gt_u", "le_s"];
const I64_BINARY = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "rotr"];
const FLOAT_BINARY = ["add", "sub", "mul", "div", "min", "max", "copysign"];
const FLOAT_UNARY = ["sqrt", "abs", "neg", "ceil", "floor", "trunc", "nearest"];

/**
 * A random terminating program in the text format: stores that cross pages, bulk operations, growth, floats, vectors, indirect and tail
 * calls, and now and then a trap. Floats are stored with canonical NaNs, so that raw V8 must agree bit for bit.
 */
export function randomProgram(seed: number): { readonly text: string; readonly is64: boolean } {
  const next = seeded(seed), pick = <T>(list: readonly T[]): T => list[next(list.length)] as T, is64 = next(2) === 1, P = is64 ? "i64" : "i32";
  const bytes = 3 * 65_536;
  /** An address, most often near the border of a page, seldom beyond the heap. */
  const address = (): string => {
    const kind = next(40);
    if (kind === 0) return `(${P}.const ${bytes - next(8)})`;
    const near = kind < 24 ? next(bytes / 4096) * 4096 + next(40) - 20 : next(bytes - 64);
    const base = `(${P}.const ${Math.max(near, 0)})`;
    return kind % 3 === 0 ? `(${P}.add ${base} ${is64 ? "(i64.extend_i32_u (i32.and (local.get $a) (i32.const 63)))" : "(i32.and (local.get $a) (i32.const 63))"})` : base;
  };
  const offset = (): string => (next(3) === 0 ? `offset=${pick([1, 7, 4090, 4096, 60_000])}` : "");
  const i32 = (depth: number): string => {
    if (depth <= 0) return pick([`(i32.const ${next(2 ** 32) | 0})`, "(local.get $a)", "(local.get $b)", "(global.get $g)", `(i32.const ${next(5)})`]);
    switch (next(11)) {
      case 0: return `(i32.load${pick(["", "8_u", "8_s", "16_u"])} ${offset()} ${address()})`;
      case 1: return `(i32.wrap_i64 ${i64(depth - 1)})`;
      case 2: return `(f64.lt ${f64(depth - 1)} ${f64(depth - 1)})`;
      case 3: return `(i32.trunc_sat_f64_s ${f64(depth - 1)})`;
      case 4: return `(select ${i32(depth - 1)} ${i32(depth - 1)} ${i32(depth - 1)})`;
      case 5: return `(if (result i32) ${i32(depth - 1)} (then ${i32(depth - 1)}) (else ${i32(depth - 1)}))`;
      case 6: return next(6) === 0 ? `(i32.${pick(["div_s", "rem_u"])} ${i32(depth - 1)} ${i32(depth - 1)})` : `(i32.clz ${i32(depth - 1)})`;
      case 7: return `(i8x16.extract_lane_s ${next(16)} ${v128(depth - 1)})`;
      default: return `(i32.${pick(I32_BINARY)} ${i32(depth - 1)} ${i32(depth - 1)})`;
    }
  };
  const i64 = (depth: number): string => {
    if (depth <= 0) return pick([`(i64.const ${next(2 ** 32)})`, "(local.get $x)", "(global.get $h)", "(i64.const -1)"]);
    switch (next(6)) {
      case 0: return `(i64.load${pick(["", "32_s", "8_u"])} ${offset()} ${address()})`;
      case 1: return `(i64.extend_i32_s ${i32(depth - 1)})`;
      case 2: return `(i64.trunc_sat_f64_u ${f64(depth - 1)})`;
      default: return `(i64.${pick(I64_BINARY)} ${i64(depth - 1)} ${i64(depth - 1)})`;
    }
  };
  const f64 = (depth: number): string => {
    if (depth <= 0) return pick(["(local.get $f)", `(f64.const ${next(1000) / 8})`, "(f64.const nan)", "(f64.const -inf)", "(f64.const -0)"]);
    switch (next(6)) {
      case 0: return `(f64.convert_i32_s ${i32(depth - 1)})`;
      case 1: return `(f64.promote_f32 (f32.${pick(FLOAT_BINARY)} (f32.demote_f64 ${f64(depth - 1)}) (f32.convert_i64_u ${i64(depth - 1)})))`;
      case 2: return `(f64.${pick(FLOAT_UNARY)} ${f64(depth - 1)})`;
      default: return `(f64.${pick(FLOAT_BINARY)} ${f64(depth - 1)} ${f64(depth - 1)})`;
    }
  };
  const v128 = (depth: number): string => (depth <= 0 ? pick(["(local.get $v)", "(v128.const i32x4 1 2 3 4)"]) : pick([
    `(i32x4.add ${v128(depth - 1)} (i32x4.splat ${i32(depth - 1)}))`, `(v128.load ${offset()} ${address()})`, `(i64x2.splat ${i64(depth - 1)})`,
    `(v128.load16_lane ${offset()} ${next(8)} ${address()} ${v128(depth - 1)})`,
  ]));
  const statement = (depth: number, callees: number): string => {
    switch (next(depth > 0 ? 20 : 12)) {
      case 0: case 1: return `(i32.store${pick(["", "8", "16"])} ${offset()} ${address()} ${i32(2)})`;
      case 2: case 3: return `(i64.store${pick(["", "8", "16", "32"])} ${offset()} ${address()} ${i64(2)})`;
      case 4: return `(f64.store ${offset()} ${address()} (select (local.tee $f ${f64(2)}) (f64.const nan) (f64.eq (local.get $f) (local.get $f))))`;
      case 5: return `(v128.store ${offset()} ${address()} (local.tee $v ${v128(2)}))`;
      case 6: return `(v128.store${pick(["8_lane", "64_lane"])} ${offset()} 1 ${address()} ${v128(1)})`;
      case 7: return `(global.set ${pick([`$g ${i32(2)}`, `$h ${i64(2)}`, `$k ${v128(1)}`])})`;
      case 8: return pick([`(local.set $a ${i32(3)})`, `(local.set $b ${i32(3)})`, `(local.set $x ${i64(3)})`]);
      case 9: return `(memory.fill ${address()} ${i32(1)} (${P}.const ${next(9000)}))`;
      case 10: return `(memory.copy ${address()} ${address()} (${P}.const ${next(9000)}))`;
      case 11: return pick([`(memory.init $d ${address()} (i32.const ${next(4)}) (i32.const ${next(5)}))`, `(drop (memory.grow (${P}.const ${next(3)})))`, `(f32.store ${address()} (f32.const ${next(99)}))`]);
      case 12: return `(if ${i32(2)} (then ${block(depth - 1, callees)}) (else ${block(depth - 1, callees)}))`;
      case 13: { const n = `$n${depth}`; return `(local.set ${n} (i32.const ${1 + next(6)})) (loop ${block(depth - 1, callees)} (br_if 0 (local.tee ${n} (i32.sub (local.get ${n}) (i32.const 1)))))`; }
      case 14: return `(block ${block(depth - 1, callees)} (br_if 0 ${i32(2)}) ${block(depth - 1, callees)})`;
      case 15: return `(block (block (block (br_table 0 1 2 ${i32(2)})) ${block(depth - 1, callees)}) ${block(depth - 1, callees)})`;
      case 16: return next(8) === 0 ? pick(["unreachable", "return"]) : "nop";
      case 17: return `(call_indirect (type $t) ${i32(1)} (i32.const ${next(30) === 0 ? next(8) : next(Math.max(callees, 1))}))`;
      default: return callees > 0 ? `(call $f${next(callees)} ${i32(2)})` : `(local.set $a ${i32(2)})`;
    }
  };
  const block = (depth: number, callees: number): string => Array.from({ length: 1 + next(4) }, () => statement(depth, callees)).join("\n");
  const locals = "(local $b i32) (local $x i64) (local $f f64) (local $v v128) (local $n1 i32) (local $n2 i32) (local $n3 i32)";
  const functions = [`(func $f0 (type $t) (param $a i32) (global.set $g (i32.add (global.get $g) (local.get $a))))`];
  for (let i = 1; i < 4; i++) functions.push(`(func $f${i} (type $t) (param $a i32) ${locals} ${block(2, i)} ${next(3) === 0 ? `(return_call $f${next(i)} (local.get $a))` : ""})`);
  return {
    is64,
    text: `(module (import "ic0" "stable64_write" (func $probe (param i64 i64 i64))) (type $t (func (param i32))) (memory (export "memory") ${P} 3 8) (table 6 funcref) (elem (i32.const 0) $f0 $f1 $f2 $f3)
      (global $g (export "g") (mut i32) (i32.const 1)) (global $h (export "h") (mut i64) (i64.const 2)) (global $k (mut v128) (v128.const i64x2 3 4)) (data $d "data")
      ${functions.join("\n")}
      (func (export "canister_query probe") (call $probe (i64.extend_i32_u (global.get $g)) (global.get $h) (i64x2.extract_lane 1 (global.get $k))))
      (func (export "canister_update main") (local $a i32) ${locals} (local.set $a (i32.const ${next(1000)})) ${block(3, 4)} ${block(3, 4)}))`,
  };
}
