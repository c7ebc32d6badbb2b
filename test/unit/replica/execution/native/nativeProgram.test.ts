import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Trap } from "../../../../../src/replica/interfaces/wasm.ts";
import { nativeModule } from "../../../../../src/replica/systemCanisters/nativeModule.ts";
import type { NativeProgram } from "../../../../../src/replica/interfaces/nativeProgram.ts";
import { keyFromText, openStableMap } from "../../../../../src/replica/execution/native/stableMap.ts";
import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";
import { type CanisterId, hexFromBytes, userError } from "../../../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../testModule.ts";
import { bytes, createTestSubnet, wasmFromText } from "../testSubnet.ts";

const KEY = keyFromText("last");
/** Remembers the last argument; asks another canister and answers with what that said. */
const NOTEBOOK: NativeProgram = {
  name: "notebook",
  entries: {
    "canister_update write": ({ reply, state, arg }) => {
      state.set(KEY, arg);
      if (arg.length === 0) throw new Trap(userError("IC0503", "Canister called `ic0.trap` with message: 'nothing to write'"));
      reply(arg);
    },
    "canister_query read": ({ reply, state }) => { state.set(KEY, bytes("never kept")); reply(state.get(KEY) ?? bytes("empty")); },
    "canister_update ask": ({ call, arg }) => {
      call({ receiver: hexFromBytes(arg) as CanisterId, method: "answer", arg: new Uint8Array(0), onReply: { step: "heard", env: bytes("heard: ") }, onReject: { step: "refused", env: new Uint8Array(0) } });
    },
  },
  steps: {
    heard: ({ reply, state, arg }, { env }) => { state.set(KEY, arg); reply(Uint8Array.from([...env, ...arg])); },
    refused: ({ reply, rejectCode }) => { reply(bytes(String(rejectCode))); },
  },
};
const MODULE = nativeModule(NOTEBOOK);

describe("a native program", () => {
  const subnet = createTestSubnet({ natives: [NOTEBOOK] }), id = subnet.create(), other = subnet.create();
  expect(subnet.install(id, MODULE)).toBeUndefined();
  subnet.install(other, moduleText({ "update answer": replyWith(0, 2) }, { data: { 0: "hi" } }));
  test("keeps its state in stable memory; a trap and a query keep nothing", () => {
    expect(subnet.call(id, "write", bytes("one"))).toMatchObject({ kind: "completed", reply: bytes("one") });
    expect(subnet.call(id, "write")).toMatchObject({ kind: "failed", code: "IC0503", message: expect.stringMatching(/^Error from Canister .*nothing to write/) });
    expect(subnet.query(id, "read")).toEqual({ ok: true, value: bytes("never kept") });
    expect(openStableMap(subnet.state.canisters.get(id)!.execution!.stable).get(KEY)).toEqual(bytes("one"));
  });
  test("continues where its calls left off", () => {
    expect(subnet.call(id, "ask", Buffer.from(other, "hex"))).toMatchObject({ kind: "completed", reply: bytes("heard: hi") });
    expect(openStableMap(subnet.state.canisters.get(id)!.execution!.stable).get(KEY)).toEqual(bytes("hi"));
    expect(subnet.call(id, "ask", Buffer.from("00000000000000990101", "hex"))).toMatchObject({ kind: "completed", reply: bytes("3") });
    expect(subnet.state.canisters.get(id)!.system).toMatchObject({ callContexts: {}, callbacks: {} });
  });
  test("is a canister like any other: methods are checked, upgrades keep its state, wasm takes its place by reinstall only", () => {
    expect(subnet.call(id, "no_such")).toMatchObject({ code: "IC0536" });
    expect(subnet.install(id, MODULE, { upgrade: [] })).toBeUndefined();
    expect(openStableMap(subnet.state.canisters.get(id)!.execution!.stable).get(KEY)).toEqual(bytes("hi"));
    const wasm = wasmFromText(moduleText({ "query read": replyWith(0, 0) }));
    expect(subnet.install(id, wasm, { upgrade: [] })).toMatchObject({ code: "IC0504", message: expect.stringContaining("reinstall") });
    expect(subnet.install(id, wasm, { reinstall: null })).toBeUndefined();
    expect(subnet.query(id, "read")).toEqual({ ok: true, value: new Uint8Array(0) });
  });
});

test("a map in stable memory is the map that was written, whatever was written, after any reload", () => {
  const key = fc.constantFrom("00", "0001", "01", "ff", "ff00"), value = fc.option(fc.uint8Array({ maxLength: 6000 }), { nil: undefined });
  fc.assert(fc.property(fc.array(fc.array(fc.tuple(key, value), { maxLength: 5 }), { maxLength: 12 }), (commits) => {
    const model = new Map<string, Uint8Array>();
    let memory = PagedMemory.empty();
    for (const changes of commits) {
      const map = openStableMap(memory);
      for (const [name, content] of changes) { if (content === undefined) { map.delete(name); model.delete(name); } else { map.set(name, content); model.set(name, content); } }
      memory = map.commit();
      const reloaded = PagedMemory.empty().with(memory.pages(), memory.wasmPages); // without the cache of decoded entries
      expect([...openStableMap(reloaded).entries("")]).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
      expect([...openStableMap(reloaded).entries("ff")]).toEqual([...model].filter(([name]) => name.startsWith("ff")).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  }), { numRuns: 40 });
});
