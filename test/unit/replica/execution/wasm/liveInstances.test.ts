import { describe, expect, test } from "vitest";
import { createWasmEngine, type WasmEngineOptions } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import type { PreparedModule, ProgramState, WasmEngine } from "../../../../../src/replica/interfaces/wasm.ts";
import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";
import { IMPORTS, wasm } from "./fixture.ts";
import { seeded } from "./seeded.ts";

/** Two versions of a program. `sum` looks at the whole memory and leaves a checksum in it; `seed` comes from a global that every message changes. */
const program = (version: number, min = 1): string => `(module (import "ic0" "trap" (func $trap (param i32 i32))) (memory ${min} 40)
  (global $seed (mut i32) (i32.const ${version})) (global $runs (mut i64) (i64.const 0)) (data (i32.const 100) "version ${version}")
  (func $next (result i32) (global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345))) (i32.shr_u (global.get $seed) (i32.const 8)))
  (func $write (local $n i32) (global.set $runs (i64.add (global.get $runs) (i64.const 1)))
    (loop $each (i32.store (i32.rem_u (call $next) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 4))) (call $next))
      (br_if $each (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 6)))))
  (func (export "canister_update write") (call $write))
  (func (export "canister_update grow") (drop (memory.grow (i32.const 1))) (call $write))
  (func (export "canister_update fail") (call $write) (unreachable))
  (func (export "canister_update growAndFail") (drop (memory.grow (i32.const 1))) (call $write) (unreachable))
  (func (export "canister_update sum") (local $at i32) (local $sum i32)
    (loop $each (local.set $sum (i32.xor (i32.rotl (local.get $sum) (i32.const 1)) (i32.load (local.get $at))))
      (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.shl (memory.size) (i32.const 16)))))
    (i32.store (i32.const 0) (local.get $sum)))
  (func (export "canister_post_upgrade") (call $write)))`;
const TEXTS = [program(1), program(2), program(3, 2)].map(wasm);

interface Canister { module: PreparedModule; state: ProgramState }
/** Canisters on an engine of their own. */
class Subject {
  readonly engine: WasmEngine;
  private readonly modules: readonly PreparedModule[];
  readonly canisters: Canister[];
  constructor(options: WasmEngineOptions, count: number) {
    this.engine = createWasmEngine(IMPORTS, options);
    this.modules = TEXTS.map((bytes) => { const made = this.engine.prepare(bytes); if (!made.ok) throw new TypeError(made.error.message); return made.value; });
    this.canisters = Array.from({ length: count }, (_, i) => ({ module: this.modules[i % 2]!, state: this.fresh(this.modules[i % 2]!) }));
  }
  private fresh(module: PreparedModule, keep?: { readonly heap: PagedMemory }): ProgramState {
    const state = this.engine.instantiate(module, PagedMemory.empty(), keep);
    if (!state.ok) throw new TypeError(state.error.message);
    return state.value;
  }
  run(which: number, name: string, discard = false): string {
    const canister = this.canisters[which]!, outcome = this.engine.run(String(which), canister.module, canister.state, { kind: "export", name }, {}, { instructions: 10_000_000n, heapBytesMax: Infinity }, discard);
    if (outcome.kind === "returned") canister.state = outcome.state;
    return `${outcome.kind} ${outcome.used}`;
  }
  /** Another module over the same memory; the canister stays what it was when the upgrade fails. */
  upgrade(which: number, to: number, name: string): string {
    const before = this.canisters[which]!, module = this.modules[to]!;
    this.canisters[which] = { module, state: this.fresh(module, { heap: before.state.heap }) };
    const said = this.run(which, name);
    if (said.startsWith("trapped")) this.canisters[which] = before;
    return said;
  }
  look(which: number): string {
    const { state: { heap, globals } } = this.canisters[which]!, bytes = new Uint8Array(heap.wasmPages * 65_536);
    heap.read(0, bytes);
    return `${heap.wasmPages} ${Buffer.from(globals).toString("hex")} ${Buffer.from(bytes).toString("base64")}`;
  }
}

describe("one instance serves the canisters of its module in turns, and stays when the module changes", () => {
  test.each([1, 2, 3, 4])("seed %i: as if each message had an instance of its own", (seed) => {
    const COUNT = 5, few = new Subject({ instancesPerModule: 1 + seed % 2 }, COUNT), plain = new Subject({}, COUNT), next = seeded(seed), kept: Canister[][] = [];
    const entries = ["write", "write", "sum", "grow", "fail", "growAndFail"].map((name) => `canister_update ${name}`);
    for (let i = 0; i < 120; i++) {
      const which = next(COUNT), kind = next(10), to = next(3), entry = entries[next(entries.length)]!, act = (subject: Subject): string => {
        if (kind === 0) return subject.upgrade(which, to, "canister_post_upgrade");
        if (kind === 1) return subject.upgrade(which, to, "canister_update fail");
        return subject.run(which, entry, kind === 2);
      };
      const said = act(few);
      expect(act(plain)).toBe(said);
      plain.engine.trim(0);
      expect(few.look(which), `message ${i}`).toBe(plain.look(which));
      // an older version of one canister now and then: queries and paused messages read those
      if (next(8) === 0) kept.push([{ ...few.canisters[which]! }, { ...plain.canisters[which]! }]);
      if (kept.length > 0 && next(12) === 0) { const [a, b] = kept[next(kept.length)]!; few.canisters[which] = { ...a! }; plain.canisters[which] = { ...b! }; }
    }
    for (let which = 0; which < COUNT; which++) expect(few.run(which, "canister_update sum") === plain.run(which, "canister_update sum") && few.look(which) === plain.look(which)).toBe(true);
  });
});
