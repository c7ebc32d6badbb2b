import createWabt from "wabt";
import { createWasmEngine } from "../../../src/replica/execution/wasm/createWasmEngine.ts";
import type { ProgramState } from "../../../src/replica/interfaces/wasm.ts";
import { PagedMemory } from "../../../src/replica/state/pagedMemory.ts";
import { assert } from "../../../src/replica/types/index.ts";

const MIB = 2 ** 20, UPDATES = 400;

/** A canister with a heap of so many MiB, every page of it written, and an update that writes to sixteen pages of its first MiB. */
const text = (mib: number): string => `(module (memory ${mib * 16}) (global $at (mut i32) (i32.const 0))
  (func (export "canister_update grow") (local $end i32) (local.set $end (i32.add (global.get $at) (i32.const ${Math.min(mib, 16) * MIB})))
    (loop $each (i32.store (global.get $at) (i32.or (global.get $at) (i32.const 1)))
      (global.set $at (i32.add (global.get $at) (i32.const 512))) (br_if $each (i32.lt_u (global.get $at) (local.get $end)))))
  (func (export "canister_update touch") (local $i i32) (local $p i32)
    (loop $each (local.set $p (i32.mul (local.get $i) (i32.const 65536)))
      (i32.store (local.get $p) (i32.add (i32.load (local.get $p)) (i32.const 2)))
      (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))))`;

const wabt = await createWabt();

/** One canister of its own engine, with its heap filled. */
function filled(mib: number): { readonly run: (entry: string) => void; readonly evict: () => void } {
  const engine = createWasmEngine([]), module = engine.prepare(wabt.parseWat("heap", text(mib), {}).toBinary({}).buffer);
  assert(module.ok, "the module is valid");
  const state = engine.instantiate(module.value, PagedMemory.empty());
  assert(state.ok, "the module instantiates");
  let current: ProgramState = state.value;
  const run = (entry: string): void => {
    const outcome = engine.run("heap", module.value, current, { kind: "export", name: `canister_update ${entry}` }, {}, { instructions: 1n << 50n, heapBytesMax: Infinity }, false);
    assert(outcome.kind === "returned", "the update returns");
    current = outcome.state;
  };
  for (let done = 0; done < mib; done += Math.min(mib, 16)) run("grow");
  return { run, evict: () => engine.trim(0) };
}

/** Median microseconds of each work; they take turns, so that a busy machine is busy for all. */
function mediansUs(...works: readonly (() => void)[]): number[] {
  const times = works.map((): number[] => []);
  for (let i = 0; i < UPDATES; i++) works.forEach((work, k) => { const start = performance.now(); work(); times[k]!.push(performance.now() - start); });
  return times.map((all) => all.sort((a, b) => a - b)[UPDATES / 2]! * 1000);
}

export interface HeapResult { readonly largeUs: number; readonly smallUs: number; readonly coldMs: number; readonly touchMs: number }

/** The same update on 1 GiB and on 1 MiB, the first call after an eviction, and what the system takes to hand out 1 GiB of memory. */
export function runHeaps(): HeapResult {
  const small = filled(1), large = filled(1024), updates = [(): void => small.run("touch"), (): void => large.run("touch")];
  mediansUs(...updates);
  const [smallUs, largeUs] = mediansUs(...updates) as [number, number];
  let coldMs = Infinity, touchMs = Infinity;
  for (let i = 0; i < 3; i++) {
    large.evict();
    const start = performance.now();
    large.run("touch");
    coldMs = Math.min(coldMs, performance.now() - start);
    const fresh = new Uint8Array(new WebAssembly.Memory({ initial: 16_384 }).buffer), begin = performance.now();
    for (let at = 0; at < fresh.length; at += 4096) fresh[at] = 1;
    touchMs = Math.min(touchMs, performance.now() - begin);
  }
  return { largeUs, smallUs, coldMs, touchMs };
}
