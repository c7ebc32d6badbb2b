import { describe, expect, test } from "vitest";
import { createWasmEngine } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { IMPORTS, wasm } from "./fixture.ts";

const engine = createWasmEngine(IMPORTS);
const verdict = (bytes: Uint8Array): string => {
  const result = engine.prepare(bytes);
  return result.ok ? "accepted" : `${result.error.code} ${result.error.message.replace("Canister's Wasm module is not valid: ", "")}`;
};
/** Accepted, or refused by a rule: what the rewriter makes must always compile. */
const WELL_FORMED = /^accepted$|^IC0505 (?!.*engine's limits)/;
const raw = (...bytes: readonly number[]): Uint8Array => new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]);
const custom = (name: string, content = ""): number[] => { const n = [...Buffer.from(name)], c = [...Buffer.from(content)]; return [0, 1 + n.length + c.length, n.length, ...n, ...c]; };
const many = (count: number, text: (i: number) => string): string => Array.from({ length: count }, (_, i) => text(i)).join(" ");

const refusedText: Readonly<Record<string, readonly [string, RegExp]>> = {
  "an unknown import": ['(module (import "ic0" "nothing" (func)))', /invalid import section\. Module imports function 'nothing' from 'ic0' that is not exported by the runtime/],
  "an import from another module": ['(module (import "env" "msg_reply" (func)))', /expected to be imported from one of \["ic0"\]/],
  "a wrong import signature": ['(module (import "ic0" "debug_print" (func (param i32 i64))) (memory 1))', /invalid function signature\. Expected input params \[I32, I32\] for 'debug_print', got \[I32, I64\]/],
  "a wrong import result": ['(module (import "ic0" "stable64_size" (func (result i32))))', /Expected return type \[I64\]/],
  "a 32-bit signature in wasm64": ['(module (import "ic0" "debug_print" (func (param i32 i32))) (memory i64 1))', /Expected input params \[I64, I64\]/],
  "a 32-bit-only call in wasm64": ['(module (import "ic0" "stable_size" (func (result i32))) (memory i64 1))', /not exported by the runtime/],
  "an imported memory": ['(module (import "env" "memory" (memory 1)))', /Importing memories is not allowed/],
  "an imported global": ['(module (import "env" "g" (global i32)))', /Importing globals is not allowed/],
  "an entry point with parameters": ['(module (func (export "canister_update x") (param i32)))', /Expected input params \[\] for 'canister_update x'/],
  "an entry point with a result": ['(module (func (export "canister_init") (result i32) (i32.const 0)))', /Expected return type \[\]/],
  "an unknown canister export": ['(module (func (export "canister_foo")))', /Exporting reserved function 'canister_foo' with "canister_" prefix/],
  "a reserved symbol": ['(module (func (export "canister_start")))', /Exporting reserved symbol canister_start not allowed/],
  "a method under two kinds": ['(module (func (export "canister_update x")) (func (export "canister_query x")))', /Duplicate function 'x' exported multiple times/],
  "too many methods": [`(module ${many(1001, (i) => `(func (export "canister_update ${i}"))`)})`, /exceeds 1000/],
  "too long names": [`(module (func (export "canister_update ${"x".repeat(20_001)}")))`, /exceeds the allowed limit of 20000/],
  "too many functions": [`(module ${many(50_001, () => "(func)")})`, /defined 50001 functions/],
  "too many globals": [`(module ${many(1001, () => "(global i32 (i32.const 0))")})`, /defined 1001 globals/],
  "a reference global": ["(module (global (mut funcref) (ref.null func)))", /Unsupported global type/],
  atomics: ["(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))", /unsupported instruction 0xfe/],
  "a shared memory": ["(module (memory 1 1 shared))", /memory flags 0x3/],
  exceptions: ["(module (tag $e) (func (throw $e)))", /section 13/],
  "multiple memories": ["(module (memory 1) (memory 1))", /multiple memories/],
  "relaxed SIMD": ["(module (func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))", /unsupported instruction 0xfd 256/],
  "a data offset that is computed": ["(module (memory 1) (global i32 (i32.const 0)) (data (global.get 0) \"x\"))", /Invalid offset expression/],
  "a function that is too large": [`(module (func ${"nop ".repeat(1_000_001)}))`, /size 100000\d that exceeds the maximum allowed size of 1000000/],
};

const refusedBytes: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "an empty file": [new Uint8Array(0), /failed to validate/],
  "bad magic": [new Uint8Array([1, 2, 3, 4, 1, 0, 0, 0]), /failed to validate/],
  "a wrong version": [new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), /failed to validate/],
  "a truncated section": [raw(1, 10, 1), /failed to validate/],
  "an overlong LEB128": [raw(1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01), /failed to validate/],
  "a huge count": [raw(3, 5, 0xff, 0xff, 0xff, 0xff, 0x0f), /failed to validate/],
  "a garbage-collected type": [raw(1, 3, 1, 0x5f, 0), /type form 0x5f/],
  "a metadata section without visibility": [raw(...custom("icp:candid")), /no public\/private scope defined/],
  "a metadata section without a space": [raw(...custom("icp:public")), /must have a space/],
  "a metadata section twice": [raw(...custom("icp:public a"), ...custom("icp:private a")), /name a already exists/],
  "too many metadata sections": [raw(...Array.from({ length: 17 }, (_, i) => custom(`icp:public ${i}`)).flat()), /17 custom sections/],
};

describe("a module that breaks a rule is refused with IC0505", () => {
  test.each(Object.entries(refusedText))("%s", (_, [text, message]) => { const said = verdict(wasm(text)); expect(said).toMatch(/^IC0505 /); expect(said).toMatch(message); });
  test.each(Object.entries(refusedBytes))("%s", (_, [bytes, message]) => { const said = verdict(bytes); expect(said).toMatch(/^IC0505 /); expect(said).toMatch(message); });

  test("every truncation and every changed byte of a module gets a verdict, never a crash", () => {
    const whole = wasm(`(module (import "ic0" "msg_reply" (func $r)) (memory 1) (table 2 funcref) (elem (i32.const 0) $f) (global (mut i64) (i64.const 5)) (data (i32.const 3) "abc") (data "p")
      (func $f (param i32)) (func (export "canister_update x") (local i32 f64) (i32.store8 offset=3 (i32.const 1) (i32.const 2)) (memory.copy (i32.const 0) (i32.const 1) (i32.const 2))
      (block (result i32) (i32.const 1)) drop call $r (f64.store (i32.const 8) (f64.add (f64.const 1) (local.get 1))) (v128.store (i32.const 0) (v128.const i64x2 1 2))))`);
    expect(verdict(whole)).toBe("accepted");
    for (let length = 0; length < whole.length; length++) expect(verdict(whole.subarray(0, length))).toMatch(WELL_FORMED);
    for (let at = 8; at < whole.length; at++) for (const flip of [0x01, 0x80, 0xff]) expect(verdict(whole.map((byte, i) => (i === at ? byte ^ flip : byte)))).toMatch(WELL_FORMED);
  });
});

describe("what is allowed", () => {
  test("empty names, names with spaces, own exports, metadata", () => {
    const text = wasm('(module (memory (export "memory") 1) (func (export "canister_update ")) (func (export "canister_query a b")) (func (export "run")))');
    const result = engine.prepare(new Uint8Array([...text, ...custom("icp:public candid:service", "service : {}"), ...custom("icp:private secret", "s"), ...custom("name", "x")]));
    expect(result.ok && [...result.value.exports]).toEqual(["canister_update ", "canister_query a b"]);
    expect(result.ok && result.value.metadata.map(({ name, visibility, content }) => [name, visibility, Buffer.from(content).toString()])).toEqual([["candid:service", "public", "service : {}"], ["secret", "private", "s"]]);
  });
  test("no memory and no code at all", () => expect(verdict(raw())).toBe("accepted"));
  test("a data segment beyond the memory is refused at install", async () => {
    const { PagedMemory } = await import("../../../../../src/replica/state/pagedMemory.ts");
    const prepared = engine.prepare(wasm('(module (memory 1) (data (i32.const 65534) "abc"))'));
    expect(prepared.ok && engine.instantiate(prepared.value, PagedMemory.empty())).toMatchObject({ ok: false, error: { code: "IC0505", message: expect.stringContaining("invalid data segment of 3 bytes at 65534") } });
  });
});
