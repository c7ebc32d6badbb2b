import { describe, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import { ModuleTrial } from "./moduleTrial.ts";
import { mutateModule } from "./mutateModule.ts";
import { realModules } from "./realModules.ts";

const MUTATIONS = 300;
const many = (count: number, row: (i: number) => string): string => Array.from({ length: count }, (_, i) => row(i)).join("\n");
const update = (body: string): string => `(func (export "canister_update f") ${body})`;

test(`${MUTATIONS} changed real modules: each is refused with a code or runs, and the neighbour goes on`, { timeout: 240_000 }, async () => {
  const modules = await realModules(), trial = new ModuleTrial(), wrong: string[] = [];
  for (const module of modules) expect(trial.try(module)).toBeUndefined();
  for (let seed = 0; seed < MUTATIONS; seed++) {
    const found = trial.try(mutateModule(modules[seed % modules.length]!, modules[(seed + 1) % modules.length]!, seed));
    if (found !== undefined) wrong.push(`seed ${seed}: ${found}`);
  }
  expect(wrong).toEqual([]);
  const { refused, installed, trapped, answered } = trial.verdicts;
  expect(Math.min(refused, installed, trapped, answered), "changes of every kind of effect").toBeGreaterThan(MUTATIONS / 10);
});

describe("programs that take all they can get", () => {
  const texts: Readonly<Record<string, string>> = {
    "an endless loop": `(module ${update("(loop $l (br $l))")})`, "an endless loop in init": `(module (func (export "canister_init") (loop $l (br $l))))`, "an endless start": `(module (func $s (loop $l (br $l))) (start $s))`,
    "recursion": `(module (func $r (call $r) (nop)) ${update("(call $r)")})`, "recursion through the table": `(module (type $t (func)) (table funcref (elem $r)) (func $r (call_indirect (type $t) (i32.const 0)) (nop)) ${update("(call $r)")})`,
    "endless tail calls": `(module (func $r (return_call $r)) ${update("(call $r)")})`, "recursion with large frames": `(module (func $r (local ${"i64 ".repeat(1000)}) (call $r) (nop)) ${update("(call $r)")})`,
    "memory to its end": `(module (memory 1) ${update("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1024)) (i32.const -1))))")})`, "wide memory to its end": `(module (memory i64 1) ${update("(loop $l (br_if $l (i64.ne (memory.grow (i64.const 8192)) (i64.const -1))))")})`,
    "a table to its end": `(module (table 1 funcref) ${update("(loop $l (br_if $l (i32.ne (table.grow (ref.null func) (i32.const 100000)) (i32.const -1))))")})`,
    "filling memory again and again": `(module (memory 64) ${update("(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)) (br $l))")})`,
    "a thousand globals": `(module ${many(1000, (i) => `(global $g${i} (mut i64) (i64.const ${i}))`)} ${update(many(1000, (i) => `(global.set $g${i} (i64.const 7))`))})`, "more globals than are allowed": `(module ${many(1001, () => "(global (mut i64) (i64.const 0))")} ${update("")})`,
    "thousands of data segments": `(module (memory 1) ${many(5000, (i) => `(data (i32.const ${i * 8}) "abcdefgh")`)} ${update("")})`, "thousands of functions": `(module ${many(5000, (i) => `(func $f${i} (result i32) (i32.const ${i}))`)} ${update(many(5000, (i) => `(drop (call $f${i}))`))})`,
    "a huge function": `(module (memory 1) ${update(many(5000, (i) => `(i32.store (i32.const ${i}) (i32.const ${i}))`))})`,
    "a wide jump": `(module ${update(`(block (br_table ${"0 ".repeat(2000)} (i32.const 5)))`)})`, "hundreds of parameters, thousands of locals": `(module (func $p (param ${"i64 ".repeat(300)})) ${update(`(local ${"f64 ".repeat(2000)}) (call $p ${"(i64.const 1)".repeat(300)})`)})`,
  };
  /** Blocks in blocks, by hand: the assembler takes for ever. */
  const nested = (depth: number): Uint8Array => {
    const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]), sized = (bytes: readonly number[]): number[] => [...leb(bytes.length), ...bytes];
    const body = [0, ...Array.from({ length: depth }, () => [0x02, 0x40]).flat(), ...Array.from({ length: depth + 1 }, () => 0x0b)], name = sized([...Buffer.from("canister_update f")]);
    return Uint8Array.from([...Buffer.from("\0asm\x01\0\0\0"), 1, ...sized([1, 0x60, 0, 0]), 3, ...sized([1, 0]), 7, ...sized([1, ...name, 0, 0]), 10, ...sized([1, ...sized(body)])]);
  };
  const trial = new ModuleTrial();
  test.each([1000, 20_000, 1_000_000])("%i blocks in each other", (depth) => expect(trial.try(nested(depth))).toBeUndefined());
  test.each(Object.entries(texts))("%s", async (_, text) => expect(trial.try(await assemble(text))).toBeUndefined());
});
