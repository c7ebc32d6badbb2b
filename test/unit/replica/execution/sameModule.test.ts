import { expect, test } from "vitest";
import { encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { MANAGEMENT_CANISTER_ID } from "../../../../src/replica/types/index.ts";
import { candidPrincipal, createTestSubnet, wasmFromText } from "./testSubnet.ts";

/** 40,000 instructions: more than a fifth of what a round has for management calls goes into compiling them. */
const large = (value: number): Uint8Array => wasmFromText(`(module (import "ic0" "msg_reply" (func $reply)) (memory 1) (data (i32.const 0) "${"abcdefgh".repeat(2000)}")
  (func (export "canister_init") (i32.store (i32.const 4096) (i32.const ${value})))
  (func (export "canister_update own") (i32.store (i32.const 0) (i32.const 7)) (call $reply))
  (func $filler ${"(drop (i32.const 1))".repeat(20_000)}))`);
const COUNT = 8;

test("a module that was compiled lately costs the canister the same and the round little: many are installed in one round", () => {
  const subnet = createTestSubnet(), module = large(1);
  const installed = (modules: readonly Uint8Array[]): { readonly rounds: number; readonly prices: ReadonlySet<bigint> } => {
    const ids = modules.map(() => subnet.create()), before = subnet.state.height, balance = (i: number): bigint => subnet.state.canisters.get(ids[i]!)!.system.balance;
    const balances = ids.map((_, i) => balance(i));
    const messages = ids.map((id, i) => subnet.ingress(MANAGEMENT_CANISTER_ID, "install_code", encodeCandid(MANAGEMENT_TYPES.install_code.args, [{
      mode: { install: null }, canister_id: candidPrincipal(id), wasm_module: modules[i]!, arg: new Uint8Array(0), sender_canister_version: [],
    }])));
    subnet.round(messages);
    while (messages.some((message) => subnet.status(message).kind !== "completed")) subnet.round();
    return { rounds: subnet.state.height - before, prices: new Set(ids.map((_, i) => balances[i]! - balance(i))) };
  };
  const different = installed(Array.from({ length: COUNT }, (_, i) => large(i + 10))), first = installed([module]), same = installed(Array.from({ length: COUNT }, () => module));
  expect(different.rounds).toBeGreaterThan(1);
  expect(same.rounds).toBe(1);
  expect(same.prices).toEqual(first.prices);
});

test("canisters of one module share the module and the pages that are equal, and differ in the others", () => {
  const subnet = createTestSubnet(), ids = [subnet.create(), subnet.create(), subnet.create()];
  for (const id of ids) subnet.install(id, large(1));
  subnet.call(ids[2]!, "own");
  const [a, b, c] = ids.map((id) => subnet.state.canisters.get(id)!.execution!);
  expect(a!.module).toBe(b!.module);
  expect(a!.exports).toBe(b!.exports);
  expect([0, 1, 2, 3].map((page) => a!.heap.page(page) === b!.heap.page(page))).toEqual([true, true, true, true]);
  expect([0, 1, 2, 3].map((page) => a!.heap.page(page) === c!.heap.page(page))).toEqual([false, true, true, true]);
  expect([a!, c!].map(({ heap }) => heap.page(0)![0])).toEqual([0x61, 7]);
});
