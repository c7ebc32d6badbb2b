import { describe, expect, test } from "vitest";
import { STACK_BYTES_MAX } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { Trap } from "../../../../../src/replica/interfaces/wasm.ts";
import { userError } from "../../../../../src/replica/types/index.ts";
import { Canister } from "./fixture.ts";

const CODE: Readonly<Record<string, readonly [string, string]>> = {
  unreachable: ["unreachable", "IC0502 Canister trapped: unreachable"],
  "load beyond the heap": ["(drop (i32.load (i32.const 65533)))", "IC0502 Canister trapped: heap out of bounds"],
  "store beyond the heap": ["(i32.store (i32.const 65533) (i32.const 1))", "IC0502 Canister trapped: heap out of bounds"],
  "store at the largest address": ["(i64.store offset=4294967295 (i32.const -1) (i64.const 1))", "IC0502 Canister trapped: heap out of bounds"],
  "memory.copy beyond the heap": ["(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000))", "IC0502 Canister trapped: heap out of bounds"],
  "memory.fill beyond the heap": ["(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000))", "IC0502 Canister trapped: heap out of bounds"],
  "memory.init beyond the segment": ["(memory.init $d (i32.const 0) (i32.const 0) (i32.const 4))", "IC0502 Canister trapped: heap out of bounds"],
  "memory.init of a dropped segment": ["(data.drop $d) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))", "IC0502 Canister trapped: heap out of bounds"],
  "memory.init of an active segment": ["(memory.init $active (i32.const 0) (i32.const 0) (i32.const 1))", "IC0502 Canister trapped: heap out of bounds"],
  "division by zero": ["(drop (i32.div_u (i32.const 1) (i32.const 0)))", "IC0502 Canister trapped: integer division by 0"],
  "remainder by zero": ["(drop (i64.rem_s (i64.const 1) (i64.const 0)))", "IC0502 Canister trapped: integer division by 0"],
  "division overflow": ["(drop (i32.div_s (i32.const -2147483648) (i32.const -1)))", "IC0502 Canister trapped: unknown"],
  "truncation of a large float": ["(drop (i32.trunc_f64_s (f64.const 1e30)))", "IC0502 Canister trapped: unknown"],
  "call of an index beyond the table": ["(call_indirect (i32.const 9))", "IC0502 Canister trapped: table out of bounds"],
  "table.set beyond the table": ["(table.set (i32.const 9) (ref.null func))", "IC0502 Canister trapped: table out of bounds"],
  "table.get beyond the table": ["(drop (table.get (i32.const 9)))", "IC0502 Canister trapped: table out of bounds"],
  "table.init beyond the segment": ["(table.init $e (i32.const 0) (i32.const 0) (i32.const 9))", "IC0502 Canister trapped: table out of bounds"],
  "call of a null entry": ["(call_indirect (i32.const 1))", "IC0502 Canister trapped: unknown"],
  "call with a wrong signature": ["(call_indirect (param i64) (i64.const 1) (i32.const 0))", "IC0504 Canister violated contract: function invocation does not match its signature"],
  "endless recursion": ["call $recurse", "IC0502 Canister trapped: stack overflow"],
  "endless recursion through the table": ["(call_indirect (i32.const 2))", "IC0502 Canister trapped: stack overflow"],
  "endless loop": ["(loop (br 0))", "IC0522 Canister exceeded the limit of 1000000 instructions for single message execution."],
  "endless tail calls": ["call $tail", "IC0522 Canister exceeded the limit of 1000000 instructions for single message execution."],
  "a bulk operation larger than the budget": ["(memory.fill (i32.const 0) (i32.const 1) (i32.const 2000000))", "IC0522 Canister exceeded the limit of 1000000 instructions for single message execution."],
  "a system call's trap": ["(call $trap (i32.const 0) (i32.const 5))", "IC0503 Canister called `ic0.trap` with message: 'hello'"],
};

const module = (body: string): string => `(module (import "ic0" "trap" (func $trap (param i32 i32))) (memory 1 1) (table 3 funcref) (elem (i32.const 0) $f) (elem (i32.const 2) $viaTable)
  (data $active (i32.const 0) "hello") (data $d "abc") (elem $e func $f) (func $f)
  (func $recurse (local i64 i64) call $recurse) (func $viaTable (call_indirect (i32.const 2)))
  (func $tail return_call $tail)
  (func (export "canister_update go") (i32.store (i32.const 100) (i32.const 1)) ${body}))`;

describe("a trap is told in the replica's words and leaves no trace", () => {
  test.each(Object.entries(CODE))("%s", (_, [body, message]) => {
    const canister = new Canister(module(body)), before = canister.state;
    canister.instructions = 1_000_000n;
    canister.handlers = { trap: (memory, offset: number, size: number) => { throw new Trap(userError("IC0503", `Canister called \`ic0.trap\` with message: '${Buffer.from(memory.read(offset, size)).toString()}'`)); } };
    for (let i = 0; i < 2; i++) expect(canister.say("canister_update go")).toBe(message);
    expect(canister.state).toBe(before);
  });
});

describe("the depth of the stack", () => {
  const deep = (frame: string, budget = STACK_BYTES_MAX): { readonly frames: number; readonly message: string } => {
    const canister = new Canister(`(module (memory 1) (func $down ${frame} (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (if (i32.lt_u (i32.load (i32.const 0)) (i32.load (i32.const 4))) (then (call $down))))
      (func (export "canister_update go") (call $down)) (data (i32.const 4) "\\ff\\ff\\ff\\7f"))`, { stackBytesMax: budget });
    return { frames: Number(canister.run("canister_update go").used / 24n), message: canister.say("canister_update go") };
  };
  test("is bounded in bytes: a function with large frames reaches it earlier", () => {
    const small = deep(""), large = deep(`(local ${"i64 ".repeat(1000)})`);
    expect([small.message, large.message]).toEqual(["IC0502 Canister trapped: stack overflow", "IC0502 Canister trapped: stack overflow"]);
    expect(small.frames).toBeGreaterThan(2000);
    expect(large.frames).toBeLessThan(small.frames / 20);
  });
  test("does not depend on the optimising compiler", () => {
    const first = deep(""), again = Array.from({ length: 5 }, () => deep("").frames);
    expect(new Set([first.frames, ...again]).size).toBe(1);
  });
  test("holds for frames with many operands and vectors, in V8's own stack", () => {
    const operands = `${"(i64.load (i32.const 0)) ".repeat(500)} ${"i64.add ".repeat(499)} drop`;
    for (const frame of [operands, `(local ${"v128 ".repeat(300)})`]) expect(deep(frame).message).toBe("IC0502 Canister trapped: stack overflow");
    const held = new Canister(`(module (func $down (result i64) ${"(i64.const 1) ".repeat(400)} call $down ${"i64.add ".repeat(400)}) (func (export "canister_update go") call $down drop))`);
    expect(held.say("canister_update go")).toBe("IC0502 Canister trapped: stack overflow");
  });
});
