import { describe, expect, test } from "vitest";
import { Canister } from "./fixture.ts";

const used = (body: string, { memory = "i32", rest = "" }: { readonly memory?: "i32" | "i64"; readonly rest?: string } = {}): bigint => {
  const canister = new Canister(`(module (memory ${memory} 1) (table 2 funcref) (global $g (mut i32) (i32.const 0)) (data $d "abcdef") ${rest} (func (export "canister_update go") (local i32 i64) ${body}))`);
  const outcome = canister.run("canister_update go");
  expect(outcome.kind).toBe("returned");
  return outcome.used;
};

/** By hand from interface spec §7.3: 1 for the entry, then the weights of what runs. */
const rows: readonly (readonly [string, string, number, Parameters<typeof used>[1]?])[] = [
  ["an empty function", "", 1],
  ["constants, arithmetic and drop", "(drop (i32.add (i32.const 1) (i32.const 2)))", 1 + 4],
  ["division", "(drop (i32.div_u (i32.const 1) (i32.const 2)))", 1 + 1 + 1 + 10 + 1],
  ["globals", "(global.set $g (global.get $g))", 1 + 4],
  ["a store of wasm32", "(i32.store (i32.const 0) (i32.const 1))", 1 + 3],
  ["a store of wasm64", "(i32.store (i64.const 0) (i32.const 1))", 1 + 4, { memory: "i64" }],
  ["a load of wasm64", "(drop (i32.load (i64.const 0)))", 1 + 1 + 2 + 1, { memory: "i64" }],
  ["a taken branch skips the rest of its block", "(block (br 0) (drop (i32.div_u (i32.const 1) (i32.const 2))))", 1 + 2],
  ["the arm that is taken", "(if (i32.const 1) (then nop) (else (drop (i32.div_u (i32.const 1) (i32.const 2)))))", 1 + 1 + 2 + 1],
  ["a loop of five", "(loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5))))", 1 + 5 * (1 + 1 + 1 + 1 + 1 + 1 + 2)],
  ["br_table", "(block (block (br_table 0 1 (i32.const 1))) nop)", 1 + 1 + 2],
  ["return ends", "return (drop (i32.const 0))", 1 + 1],
  ["a call", "call $f", 1 + 5 + 1 + 1, { rest: "(func $f nop)" }],
  ["an indirect call", "(call_indirect (i32.const 0))", 1 + 1 + 10 + 1, { rest: "(func $f) (elem (i32.const 0) $f)" }],
  ["a tail call", "call $t", 1 + 5 + (1 + 3) + (1 + 1), { rest: "(func $f nop) (func $t return_call $f)" }],
  ["float arithmetic", "(drop (f64.sqrt (f64.div (f64.const 1) (f64.const 2))))", 1 + 1 + 1 + 5 + 8 + 1],
  ["unsigned conversion", "(drop (f32.convert_i64_u (i64.const 1)))", 1 + 1 + 16 + 1],
  ["memory.size and memory.grow", "(drop (memory.size)) (drop (memory.grow (i32.const 0)))", 1 + 20 + 1 + 1 + 300 + 1],
  ["memory.fill counts its bytes", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 1000))", 1 + 3 + 100 + 1000],
  ["memory.copy counts its bytes", "(memory.copy (i32.const 0) (i32.const 100) (i32.const 77))", 1 + 3 + 100 + 77],
  ["memory.copy of wasm64", "(memory.copy (i64.const 0) (i64.const 100) (i64.const 77))", 1 + 3 + 100 + 77, { memory: "i64" }],
  ["memory.init counts its bytes", "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 6))", 1 + 3 + 100 + 6],
  ["table.fill counts its elements", "(table.fill (i32.const 0) (ref.null func) (i32.const 2))", 1 + 3 + 100 + 2],
  ["table.grow and table.size", "(drop (table.grow (ref.null func) (i32.const 3))) (drop (table.size))", 1 + 2 + 300 + 1 + 100 + 1],
  ["SIMD weights", "(drop (i8x16.shuffle 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 (v128.const i64x2 0 0) (v128.const i64x2 0 0))) (drop (f64x2.sqrt (v128.const i64x2 0 0)))", 1 + 2 + 3 + 1 + 1 + 14 + 1],
  ["nested blocks without work", "(block (block (block)))", 1],
];

describe("instructions are counted as the replica counts them", () => {
  for (const [name, body, expected, options] of rows) test(name, () => expect(used(body, options)).toBe(BigInt(expected)));

  test("a message may end below zero between two checks, and stops at the next one", () => {
    const canister = new Canister(`(module (memory 1) (func (export "canister_update straight") ${"nop ".repeat(10)}) (func (export "canister_update looped") nop (loop nop)))`);
    canister.instructions = 11n;
    expect(canister.run("canister_update straight")).toMatchObject({ kind: "returned", used: 11n });
    canister.instructions = 10n;
    expect(canister.run("canister_update straight")).toMatchObject({ kind: "trapped", used: 10n, error: { code: "IC0522" } });
    canister.instructions = 2n;
    expect(canister.run("canister_update looped")).toMatchObject({ kind: "trapped", used: 2n });
    canister.instructions = 3n;
    expect(canister.run("canister_update looped")).toMatchObject({ kind: "returned", used: 3n });
  });

  test("system calls read the counter and take from it before they work", () => {
    const canister = new Canister(`(module (import "ic0" "performance_counter" (func $count (param i32) (result i64))) (import "ic0" "msg_reply" (func $reply)) (memory 1)
      (func (export "canister_update go") (i64.store (i32.const 0) (call $count (i32.const 0))) call $reply (i64.store (i32.const 8) (call $count (i32.const 0)))))`);
    canister.handlers = { performance_counter: (memory) => memory.instructionsUsed(), msg_reply: (memory) => memory.charge(500) };
    const outcome = canister.run("canister_update go");
    const counts = new BigUint64Array(canister.heap(0, 16).buffer), whole = 1n + 2n * (1n + 1n + 5n + 1n) + 5n;
    expect(counts[1]! - counts[0]!).toBe(500n);
    expect([counts[0], outcome.used]).toEqual([whole, whole + 500n]);
    canister.instructions = 400n;
    expect(canister.say("canister_update go")).toBe("IC0522 Canister exceeded the limit of 400 instructions for single message execution.");
  });
});

describe("in slices", () => {
  const text = `(module (memory 1)
    (func (export "canister_update loop") (local i32) (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 1000)))))
    (func (export "canister_update fill") (memory.fill (i32.const 0) (i32.const 1) (i32.const 20000)))
    (func $deep (call $deep)) (func (export "canister_update deep") (call $deep))
    (func (export "canister_update endless") (loop (br 0))))`;
  const run = (name: string, slice: bigint | undefined, instructions = 1_000_000n): { readonly outcome: unknown; readonly used: bigint; readonly slices: number } => {
    const canister = new Canister(text, { rules: { sliced: slice !== undefined } });
    canister.slice = slice;
    canister.instructions = instructions;
    const outcome = canister.run(`canister_update ${name}`);
    return { outcome: outcome.kind === "trapped" ? outcome.error : outcome.kind, used: outcome.used, slices: canister.slices };
  };
  test.each(["loop", "fill", "deep", "endless"])("%s ends as it does in one piece", (name) => {
    const whole = run(name, undefined);
    for (const slice of [7n, 1000n, 999_999n]) {
      const parts = run(name, slice);
      expect({ ...parts, slices: 1 }).toEqual(whole);
      expect(parts.slices, `slices of ${slice}`).toBe(Number((whole.used + slice - 1n) / slice));
    }
  });
  test("what does not fit into the message's last slice traps", () => expect(run("fill", 1000n, 20_100n)).toMatchObject({ outcome: { code: "IC0522" }, used: 20_100n }));
});
