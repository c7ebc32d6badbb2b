import { describe, expect, test } from "vitest";
import type { WasmMemory } from "../../../../../src/replica/interfaces/wasm.ts";
import { Canister } from "./fixture.ts";

const STABLE = `(module (import "ic0" "stable64_grow" (func $grow (param i64) (result i64))) (import "ic0" "stable64_size" (func $size (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64))) (import "ic0" "stable64_read" (func $read (param i64 i64 i64))) (memory 1) (data (i32.const 100) "stable!")
  (func (export "canister_update grow") (i64.store (i32.const 0) (call $grow (i64.const 2))))
  (func (export "canister_update huge") (i64.store (i32.const 0) (call $grow (i64.const 8191999))) (i64.store (i32.const 8) (call $grow (i64.const 2))) (call $write (i64.const 536870000000) (i64.const 100) (i64.const 7)))
  (func (export "canister_update write") (call $write (i64.const 4093) (i64.const 100) (i64.const 7)))
  (func (export "canister_update twice") (call $write (i64.const 4093) (i64.const 100) (i64.const 7)) (call $write (i64.const 4090) (i64.const 100) (i64.const 3)))
  (func (export "canister_update read") (call $read (i64.const 8190) (i64.const 4093) (i64.const 7)))
  (func (export "canister_update bad") (call $write (i64.const 0) (i64.const 100) (i64.const 7)) (drop (call $grow (i64.const 5))) (call $read (i64.const 8190) (i64.const 0) (i64.const 7)) unreachable)
  (func (export "canister_update beyond") (call $read (i64.const 0) (i64.const 131070) (i64.const 3)))
  (func (export "canister_update beyondHeap") (call $write (i64.const 0) (i64.const 65535) (i64.const 3)))
  (func (export "canister_update size") (i64.store (i32.const 0) (call $size))))`;

function stableCanister(): { readonly canister: Canister; readonly dirtied: number[] } {
  const canister = new Canister(STABLE), dirtied: number[] = [];
  canister.handlers = {
    stable64_grow: (memory: WasmMemory, pages: bigint) => BigInt(memory.stableGrow(Number(pages))), stable64_size: (memory: WasmMemory) => BigInt(memory.stablePages()),
    stable64_write: (memory: WasmMemory, offset: bigint, source: bigint, size: bigint) => { dirtied.push(memory.stableWrite(Number(offset), Number(source), Number(size))); },
    stable64_read: (memory: WasmMemory, target: bigint, offset: bigint, size: bigint) => memory.stableRead(Number(target), Number(offset), Number(size)),
  };
  return { canister, dirtied };
}
const stable = (canister: Canister, offset: number, size: number): string => { const bytes = new Uint8Array(size); canister.state.stable.read(offset, bytes); return Buffer.from(bytes).toString("latin1"); };

describe("stable memory", () => {
  test("grows, is written across pages and read back; pages are counted when first dirtied", () => {
    const { canister, dirtied } = stableCanister();
    expect(canister.say("canister_update write")).toBe("IC0502 Canister trapped: stable memory out of bounds");
    canister.run("canister_update grow");
    expect(canister.state.stable.wasmPages).toBe(2);
    canister.run("canister_update write");
    canister.run("canister_update twice");
    expect(dirtied).toEqual([2, 2, 0]);
    expect(stable(canister, 4090, 10)).toBe("stastable!");
    canister.run("canister_update read");
    expect(Buffer.from(canister.heap(8190, 7)).toString()).toBe("stable!");
  });
  test("a trap undoes size and content, in stable memory and in the heap that it was read into", () => {
    const { canister } = stableCanister();
    canister.run("canister_update grow");
    const before = canister.state;
    expect(canister.say("canister_update bad")).toBe("IC0502 Canister trapped: unreachable");
    expect(canister.state).toBe(before);
    expect(canister.heap(8190, 7)).toEqual(new Uint8Array(7));
    canister.run("canister_update size");
    expect(canister.heap(0, 1)).toEqual(new Uint8Array([2]));
    expect(stable(canister, 0, 7)).toBe("\0".repeat(7));
  });
  test("bounds are checked on both sides", () => {
    const { canister } = stableCanister();
    canister.run("canister_update grow");
    expect(canister.say("canister_update beyond")).toBe("IC0502 Canister trapped: stable memory out of bounds");
    expect(canister.say("canister_update beyondHeap")).toBe("IC0502 Canister trapped: heap out of bounds");
  });
  test("reaches 500 GiB and no further, sparsely", () => {
    const { canister } = stableCanister();
    expect(canister.say("canister_update huge")).toBe("returned");
    expect([...new BigInt64Array(canister.heap(0, 16).buffer)]).toEqual([0n, -1n]);
    expect(stable(canister, 536_870_000_000, 7)).toBe("stable!");
    expect([...canister.state.stable.pages()].length).toBe(1);
  });
});
