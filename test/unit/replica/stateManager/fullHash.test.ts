import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StateObjects, readState } from "../../../../src/replica/stateManager/stateObjects.ts";
import { PagedMemory } from "../../../../src/replica/state/pagedMemory.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { canisterIdFromIndex, cycles } from "../../../../src/replica/types/index.ts";
import { canister, sampleState } from "../certification/sampleState.ts";
import { collect } from "./collect.ts";
import { nextState, seeded, stateAfter } from "./randomRounds.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fresh = (state: ReplicatedState): string => hex(new StateObjects().hash(state));

describe("full state hash", () => {
  test("following the changes gives the hash of a state seen for the first time, in any order of versions", () => {
    fc.assert(fc.property(fc.string(), fc.array(fc.nat(11), { maxLength: 6 }), (seed, jumps) => {
      const objects = new StateObjects(), versions = [sampleState()];
      for (let i = 0; i < 11; i++) versions.push(nextState(versions.at(-1)!, seeded(seed + i)));
      for (const version of [...versions, ...jumps.map((i) => versions[i]!)]) expect(hex(objects.hash(version))).toBe(fresh(version));
    }), { numRuns: 8 });
  });

  test("it covers heaps, stable memories, globals, queues and balances, which the certified root does not", () => {
    const id = canisterIdFromIndex(1n), base = sampleState([canister(id, 1, true)]), one = base.canisters.get(id)!, execution = one.execution!;
    const variants: ReplicatedState[] = [base, ...[
      { ...one, execution: { ...execution, heap: execution.heap.with([[1, new Uint8Array(4096).fill(9)]]) } },
      { ...one, execution: { ...execution, heap: execution.heap.with([], 3) } },
      { ...one, execution: { ...execution, stable: PagedMemory.empty(1).with([[15, new Uint8Array(4096).fill(1)]]) } },
      { ...one, execution: { ...execution, stable: PagedMemory.empty(1) } },
      { ...one, execution: { ...execution, globals: Uint8Array.of(1) } },
      { ...one, system: { ...one.system, balance: cycles(1n) } },
      { ...one, system: { ...one.system, nextCallback: 1 } },
    ].map((changed) => ({ ...base, canisters: base.canisters.set(id, changed) })), { ...base, nextSubnetCall: 1 }];
    expect(new Set(variants.map(fresh)).size).toBe(variants.length);
    // What was written with zeros reads as what was never written: a state that came from other nodes knows no difference.
    const zeros = { ...one, execution: { ...execution, stable: PagedMemory.empty(1).with([[70, new Uint8Array(4096)]]) } };
    expect(fresh({ ...base, canisters: base.canisters.set(id, zeros) })).toBe(fresh(variants[4]!));
  });

  test("what is collected reads back to the same state and hash; a second collection holds what changed only", () => {
    fc.assert(fc.property(fc.string(), (seed) => {
      const objects = new StateObjects(), stored = new Map<string, Uint8Array>();
      let state = stateAfter(seed, 30), root = new Uint8Array();
      const store = (): number => {
        const collected = collect(objects, state, (name) => stored.has(name));
        for (const { name, make } of collected.objects) stored.set(name, make().slice());
        root = collected.root as typeof root;
        return collected.objects.length;
      };
      store();
      const rounds = 3;
      for (let i = 0; i < rounds; i++) {
        state = nextState(state, seeded(seed + i));
        store();
        const back = readState(root, (name) => stored.get(name)!);
        expect(fresh(back)).toBe(hex(objects.hash(state)));
        expect([...back.canisters.keys()]).toEqual([...state.canisters.keys()]);
        for (const [id, one] of back.canisters) expect(one.system).toStrictEqual(state.canisters.get(id)!.system);
      }
      expect(store()).toBe(0);
    }), { numRuns: 4 });
  });

  test("a state is collected in many short steps, whatever happens to newer ones meanwhile", () => {
    const whole = sampleState(Array.from({ length: 300 }, (_, i) => canister(canisterIdFromIndex(BigInt(i)), i % 7, i % 3 === 0))), objects = new StateObjects(), stored = new Map<string, Uint8Array>();
    let newer = whole;
    const { objects: found, root, steps } = collect(objects, whole, () => false, () => { newer = nextState(newer, seeded(String(newer.height))); objects.hash(newer); });
    for (const { name, make } of found) { expect(stored.has(name)).toBe(false); stored.set(name, make().slice()); }
    expect(steps).toBeGreaterThan(300);
    expect(fresh(readState(root, (name) => stored.get(name)!))).toBe(fresh(whole));
    const after = collect(objects, newer, (name) => stored.has(name));
    for (const { name, make } of after.objects) stored.set(name, make().slice());
    expect(fresh(readState(after.root, (name) => stored.get(name)!))).toBe(fresh(newer));
  });

  test("one page of a large memory costs one chunk", () => {
    const id = canisterIdFromIndex(1n), one = canister(id, 1, true), stored = new Set<string>(), objects = new StateObjects();
    const heap = PagedMemory.empty(1024).with(Array.from({ length: 4096 }, (_, i) => [i, new Uint8Array(new Uint32Array(1024).fill(i).buffer)] as const));
    const of = (memory: PagedMemory): ReplicatedState => sampleState([{ ...one, execution: { ...one.execution!, heap: memory } }]);
    const bytes = (state: ReplicatedState): number => collect(objects, state, (name) => stored.has(name)).objects.reduce((sum, { name, make }) => { stored.add(name); return sum + make().length; }, 0);
    const first = of(heap), all = bytes(first);
    expect(all).toBeGreaterThan(4096 * 4096);
    const second: ReplicatedState = { ...first, canisters: first.canisters.set(id, { ...first.canisters.get(id)!, execution: { ...first.canisters.get(id)!.execution!, heap: heap.with([[77, new Uint8Array(4096).fill(200)]]) } }) };
    expect(bytes(second)).toBeLessThan(100_000);
  });
});
