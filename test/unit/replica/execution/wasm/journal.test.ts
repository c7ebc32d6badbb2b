import { describe, expect, test } from "vitest";
import type { ProgramState, WasmMemory } from "../../../../../src/replica/interfaces/wasm.ts";
import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";
import { createWasmEngine } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { userError } from "../../../../../src/replica/types/index.ts";
import { Canister, IMPORTS, wasm } from "./fixture.ts";
import { seeded } from "./seeded.ts";

const POKE = (P: "i32" | "i64", pages: number): string => `(module (import "ic0" "msg_arg_data_copy" (func $fetch (param ${P} ${P} ${P}))) (memory ${P} ${pages})
  (func $poke (export "canister_update poke") (local $n i32) (loop
    (call $fetch (${P}.const 0) (${P}.const 0) (${P}.const 16))
    (i64.store (${P}.load (${P}.const 0)) (i64.load (${P}.const 8)))
    (br_if 0 (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50)))))
  (func (export "canister_update trap") call $poke unreachable))`;

/** Answers each fetch with an address and eight bytes to store there, and keeps its own copy of the heap. */
function poker(seed: number, is64: boolean, size: number): { readonly model: Buffer; readonly handlers: Canister["handlers"] } {
  const next = seeded(seed), model = Buffer.alloc(size);
  return { model, handlers: { msg_arg_data_copy: (memory: WasmMemory) => {
    const page = next(size / 4096), address = Math.min(Math.max(page * 4096 + next(24) - 12, 16), size - 8), row = Buffer.alloc(16);
    if (is64) row.writeBigUInt64LE(BigInt(address)); else row.writeUInt32LE(address);
    row.writeDoubleLE(1 + next(1000), 8);
    memory.write(0, row);
    row.copy(model, 0);
    row.copy(model, address, 8);
  } } };
}

describe("stores that cross pages", () => {
  test.each([["i32", 1], ["i32", 2], ["i64", 3], ["i64", 4]] as const)("memory of %s, seed %d: commits and rollbacks are exact", (P, seed) => {
    const canister = new Canister(POKE(P, 4)), { model, handlers } = poker(seed, P === "i64", 4 * 65_536);
    canister.handlers = handlers;
    for (let i = 0; i < 10; i++) {
      expect(canister.run("canister_update poke").kind).toBe("returned");
      expect(Buffer.from(canister.heap(0, model.length)).equals(model)).toBe(true);
      const kept = Buffer.from(model), before = canister.state;
      expect(canister.say("canister_update trap")).toBe("IC0502 Canister trapped: unreachable");
      kept.copy(model);
      expect(canister.state).toBe(before);
    }
  });

  test("into memory that grew in the same message", () => {
    const canister = new Canister(`(module (memory 1) (func (export "canister_update go") (i32.store (i32.const 65532) (i32.const 1)) (drop (memory.grow (i32.const 1))) (i64.store (i32.const 65532) (i64.const -1))))`);
    expect(canister.run("canister_update go").kind).toBe("returned");
    expect(canister.heap(65_528, 16)).toEqual(new Uint8Array([0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]));
    expect(canister.state.heap.wasmPages).toBe(2);
  });

  test("above 4 GiB", () => {
    const high = 5 * 2 ** 30;
    const canister = new Canister(`(module (memory i64 98304) (func $w (i64.store offset=4096 (i64.const ${high - 4}) (i64.const -1))) (func (export "canister_update good") call $w)
      (func (export "canister_update bad") (memory.fill (i64.const ${high}) (i32.const 7) (i64.const 9000)) (i64.store (i64.const ${high + 4092}) (i64.const 5)) unreachable)
      (func (export "canister_query same") (if (i64.ne (i64.load (i64.const ${high + 4092})) (i64.const -1)) (then unreachable))
        (if (i64.ne (i64.load (i64.const ${high + 4100})) (i64.const 0)) (then unreachable))))`);
    expect(canister.run("canister_update good").kind).toBe("returned");
    expect([...canister.state.heap.pages()].map(([page]) => page)).toEqual([high / 4096, high / 4096 + 1]);
    expect(canister.run("canister_update bad").kind).toBe("trapped");
    expect(canister.say("canister_query same")).toBe("returned");
  });
});

describe("growth", () => {
  const GROW = `(module (memory 1 20) (func (export "canister_update grow") (i32.store (i32.const 0) (memory.grow (i32.const 2))) (i32.store (i32.const 100000) (i32.const 9)))
    (func (export "canister_update bad") (drop (memory.grow (i32.const 2))) (i32.store (i32.const 100000) (i32.const 9)) unreachable)
    (func (export "canister_update size") (i32.store (i32.const 0) (memory.size)) (i32.store (i32.const 4) (memory.grow (i32.const 99)))))`;
  const words = (canister: Canister): number[] => [...new Int32Array(canister.heap(0, 8).buffer)];

  test("is undone by a trap and kept by a return", () => {
    const canister = new Canister(GROW);
    expect(canister.run("canister_update bad").kind).toBe("trapped");
    canister.run("canister_update size");
    expect(words(canister)).toEqual([1, -1]);
    canister.run("canister_update grow");
    expect([canister.state.heap.wasmPages, words(canister)[0]]).toEqual([3, 1]);
    expect(canister.run("canister_update grow", true).kind).toBe("returned");
    canister.run("canister_update size");
    expect(words(canister)).toEqual([3, -1]);
  });
  test("meets the wasm memory limit and the subnet's verdict", () => {
    const canister = new Canister(GROW);
    canister.heapBytesMax = 2 * 65_536;
    expect(canister.say("canister_update grow")).toMatch(/^IC0539 Canister exceeded its current Wasm memory limit of 131072 bytes\. The peak Wasm memory usage was 196608 bytes/);
    const verdicts: (ReturnType<typeof userError> | "refuse")[] = ["refuse", userError("IC0532", "no cycles")];
    const asked: unknown[] = [];
    const run = (): unknown => canister.engine.run("canister", canister.module, canister.state, { kind: "export", name: "canister_update bad" }, {},
      { instructions: 1_000_000n, heapBytesMax: Infinity, onGrow: (kind, pages) => { asked.push([kind, pages]); return verdicts.shift(); } }, false);
    expect(run()).toMatchObject({ error: { code: "IC0502", message: "Canister trapped: heap out of bounds" } });
    expect(run()).toMatchObject({ error: { code: "IC0532" } });
    expect(asked).toEqual([["heap", 3], ["heap", 3]]);
  });
});

describe("what an instance may not keep", () => {
  test("tables and dropped segments are fresh in every message", () => {
    const canister = new Canister(`(module (memory 1) (table 1 9 funcref) (data $d "abc") (elem declare func $f) (func $f (i32.store (i32.const 0) (i32.const 1)))
      (func (export "canister_update set") (table.set (i32.const 0) (ref.func $f)) (data.drop $d) (drop (table.grow (ref.null func) (i32.const 3))))
      (func (export "canister_update use") (i32.store (i32.const 0) (table.size)) (memory.init $d (i32.const 4) (i32.const 0) (i32.const 3)) (if (i32.eqz (ref.is_null (table.get (i32.const 0)))) (then unreachable))))`);
    expect(canister.say("canister_update set")).toBe("returned");
    expect(canister.say("canister_update use")).toBe("returned");
    expect([...canister.heap(0, 8)]).toEqual([1, 0, 0, 0, 97, 98, 99, 0]);
  });
  test("globals of every type keep their bits, NaN payloads and vectors too", () => {
    const canister = new Canister(`(module (memory 1) (global $a (mut i32) (i32.const 1)) (global $c i32 (i32.const 5)) (global $b (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -nan:0x8000000000123)) (global $v (mut v128) (v128.const i64x2 1 2))
      (func (export "canister_update show") (i32.store (i32.const 0) (global.get $a)) (f32.store (i32.const 4) (global.get $b)) (f64.store (i32.const 8) (global.get $d)) (v128.store (i32.const 16) (global.get $v)))
      (func $set (export "canister_update set") (global.set $a (i32.const 2)) (global.set $b (f32.const nan:0x200002)) (global.set $d (f64.const 7)) (global.set $v (v128.const i64x2 -1 -2)))
      (func (export "canister_update bad") call $set unreachable))`);
    const show = (): string => { canister.run("canister_update show"); return Buffer.from(canister.heap(0, 32)).toString("hex"); };
    const initial = "010000000100a07f" + "230100000000f8ff" + "01000000000000000200000000000000";
    expect(show()).toBe(initial);
    canister.run("canister_update bad");
    expect(show()).toBe(initial);
    canister.run("canister_update set");
    canister.engine.trim(0);
    expect(show()).toBe("020000000200a07f" + "0000000000001c40" + "fffffffffffffffffeffffffffffffff");
  });
});

describe("versions and instances", () => {
  const COUNT = `(module (import "ic0" "msg_reply" (func $other)) (memory 1) (global $g (mut i32) (i32.const 0))
    (func (export "canister_update inc") (i32.store offset=8000 (i32.const 0) (i32.add (i32.load offset=8000 (i32.const 0)) (i32.const 1))) (global.set $g (i32.add (global.get $g) (i32.const 1))))
    (func (export "canister_update nested") (i32.store (i32.const 0) (i32.const 1)) call $other (i32.store (i32.const 4) (i32.const 2)) (i32.store offset=8000 (i32.const 0) (i32.const 77)))
    (func (export "canister_update nestedBad") (i32.store (i32.const 0) (i32.const 1)) call $other (i32.store (i32.const 4) (i32.const 2)) unreachable))`;
  const value = (state: ProgramState, at = 8000): number => { const bytes = new Uint8Array(4); state.heap.read(at, bytes); return new Int32Array(bytes.buffer)[0]!; };
  const limits = { instructions: 1_000_000n, heapBytesMax: Infinity };

  test("an older version can be run after a newer one, and both go on", () => {
    const canister = new Canister(COUNT), states = [canister.state];
    for (let i = 0; i < 5; i++) { canister.run("canister_update inc"); states.push(canister.state); }
    for (const at of [2, 5, 0, 4]) {
      const outcome = canister.engine.run("canister", canister.module, states[at]!, { kind: "export", name: "canister_update inc" }, {}, limits, false);
      expect(outcome.kind === "returned" && value(outcome.state)).toBe(at + 1);
      expect(outcome.kind === "returned" && new Int32Array(outcome.state.globals.buffer, outcome.state.globals.byteOffset, 1)[0]).toBe(at + 1);
    }
    expect(states.map((state) => value(state))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a message may run others inside, of other canisters and of itself, and each journal stays its own", () => {
    const engine = createWasmEngine(IMPORTS), a = new Canister(COUNT, {}, engine);
    for (const [entry, inner] of [["canister_update nested", "canister_update inc"], ["canister_update nestedBad", "canister_update inc"], ["canister_update nested", "canister_update nestedBad"]] as const) {
      for (const key of ["b", "a"]) {
        const before = a.state;
        let innerState: ProgramState | undefined, depth = 0;
        const handlers = { msg_reply: () => {
          if (depth++ > 0) return;
          const outcome = engine.run(key, a.module, before, { kind: "export", name: inner }, handlers, limits, false);
          innerState = outcome.kind === "returned" ? outcome.state : before;
        } };
        const outcome = engine.run("a", a.module, before, { kind: "export", name: entry }, handlers, limits, false);
        expect(value(innerState!)).toBe(inner === "canister_update inc" ? 1 : 0);
        expect(value(innerState!, 0)).toBe(0);
        if (entry === "canister_update nested") expect(outcome.kind === "returned" && [value(outcome.state, 0), value(outcome.state, 4), value(outcome.state)]).toEqual([1, 2, 77]);
        else expect(outcome.kind).toBe("trapped");
        const after = engine.run("a", a.module, before, { kind: "export", name: "canister_update inc" }, {}, limits, false);
        expect(after.kind === "returned" && [value(after.state, 0), value(after.state)]).toEqual([0, 1]);
      }
    }
  });

  test("more canisters than live instances take turns", () => {
    const engine = createWasmEngine(IMPORTS, { instancesMax: 20 }), { module, state } = new Canister(COUNT, {}, engine);
    const states = Array.from({ length: 300 }, () => state);
    for (const round of [1, 2]) {
      for (let i = 0; i < states.length; i += round === 1 ? 1 : 2) {
        const outcome = engine.run(`canister ${i}`, module, states[i]!, { kind: "export", name: "canister_update inc" }, {}, limits, false);
        if (outcome.kind === "returned") states[i] = outcome.state;
      }
    }
    expect([value(states[0]!), value(states[1]!), value(states[298]!)]).toEqual([2, 1, 2]);
  });

  test("start runs when asked, and a kept heap is not overwritten by data segments", () => {
    const canister = new Canister(`(module (memory 2) (data (i32.const 0) "data") (start $s) (func $s (i32.store (i32.const 8) (i32.const 5))))`), { engine, module } = canister;
    expect([...module.exports]).toEqual(["start"]);
    expect(canister.heap(8, 1)).toEqual(new Uint8Array([0]));
    const outcome = engine.run("c", module, canister.state, { kind: "start" }, {}, limits, false);
    expect(outcome.kind === "returned" && value(outcome.state, 8)).toBe(5);
    const heap = PagedMemory.empty(1).with([[0, new Uint8Array(4096).fill(3)]]), kept = engine.instantiate(module, PagedMemory.empty(), { heap });
    expect(kept.ok && [kept.value.heap.wasmPages, value(kept.value, 0)]).toEqual([2, 0x03030303]);
  });

  test("closures go through the table with a checked type", () => {
    const canister = new Canister(`(module (memory 1) (table 3 funcref) (elem (i32.const 0) $f $g) (func $f (param i32) (i32.store (i32.const 0) (local.get 0))) (func $g))`), { engine, module, state } = canister;
    const call = (fun: bigint, env = 4_000_000_000n): unknown => {
      const outcome = engine.run("c", module, state, { kind: "closure", closure: { fun, env } }, {}, limits, false);
      return outcome.kind === "returned" ? value(outcome.state, 0) >>> 0 : `${outcome.error.code} ${outcome.error.message}`;
    };
    expect([0n, 1n, 2n, 3n, 0xffffffffn].map((fun) => call(fun))).toEqual([4_000_000_000, "IC0504 Canister violated contract: function invocation does not match its signature",
      ...[2, 3, 4_294_967_295].map((fun) => `IC0513 Canister requested to invoke a non-existent Wasm function ${fun} from table 0.`)]);
  });
});
