import { describe, expect, test } from "vitest";
import { candidFromPrincipal } from "../../../src/replica/codec/candid.ts";
import { hexFromBytes } from "../../../src/replica/types/index.ts";
import type { CanisterId } from "../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../../unit/replica/execution/testModule.ts";
import { OTHER, type TestSubnet, USER, createTestSubnet } from "../../unit/replica/execution/testSubnet.ts";

/** Keeps the byte that it was told last in a global, the heap, stable memory and certified data; `tick` is what a timer changes. */
const KEEPER = moduleText({
  init: "(drop (call $stable64_grow (i64.const 1)))",
  "update set": `(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1)) (global.set $kept (i64.load8_u (i32.const 0))) (i32.store8 (i32.const 10) (i32.load8_u (i32.const 0)))
    (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 1)) (call $certified_data_set (i32.const 0) (i32.const 1)) (call $msg_reply)`,
  "update timer": "(drop (call $global_timer_set (i64.const 1800000000000000000))) (call $msg_reply)",
  "query get": `(i64.store8 (i32.const 20) (global.get $kept)) (i32.store8 (i32.const 21) (i32.load8_u (i32.const 10))) (call $stable64_read (i64.const 22) (i64.const 0) (i64.const 1)) ${replyWith(20, 3)}`,
  global_timer: "(nop)",
}, { prelude: "(global $kept (mut i64) (i64.const 0)) (global $ratio (mut f64) (f64.const 1.5)) (global $fixed i32 (i32.const 7))", pagesMax: 3 });

interface Shown { readonly id: Uint8Array; readonly taken_at_timestamp: bigint; readonly total_size: bigint }
const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
const take = (subnet: TestSubnet, id: CanisterId, more: Record<string, unknown> = {}, sender = USER): Shown =>
  subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [], ...more }, sender) as Shown;
const load = (subnet: TestSubnet, id: CanisterId, snapshot: Uint8Array, sender = USER): unknown =>
  subnet.manage("load_canister_snapshot", { ...record(id), snapshot_id: snapshot, sender_canister_version: [] }, sender);
const list = (subnet: TestSubnet, id: CanisterId, sender = USER): Shown[] => subnet.manage("list_canister_snapshots", record(id), sender) as Shown[];
const get = (subnet: TestSubnet, id: CanisterId): number[] => { const answer = subnet.query(id, "get"); return answer.ok ? [...answer.value] : []; };
const system = (subnet: TestSubnet, id: CanisterId) => subnet.state.canisters.get(id)!.system;
function keeper(): { subnet: TestSubnet; id: CanisterId } {
  const subnet = createTestSubnet(), id = subnet.create();
  expect(subnet.install(id, KEEPER)).toBeUndefined();
  subnet.call(id, "set", Uint8Array.of(5));
  return { subnet, id };
}

describe("§ take_canister_snapshot, load_canister_snapshot", () => {
  test("what was changed after the snapshot is gone when it is loaded", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id), version = system(subnet, id).version;
    expect(taken.total_size).toBeGreaterThan(2n * 65536n);
    expect(hexFromBytes(taken.id)).toBe(`0000000000000000${id}`);
    subnet.call(id, "set", Uint8Array.of(9));
    expect(get(subnet, id)).toEqual([9, 9, 9]);
    expect(load(subnet, id, taken.id)).toBeUndefined();
    expect(get(subnet, id)).toEqual([5, 5, 5]);
    expect(system(subnet, id)).toMatchObject({ certifiedData: Uint8Array.of(5), version: version + 2n, historyTotal: 3n });
    expect(system(subnet, id).history.at(-1)).toMatchObject({ version: version + 2n, origin: { kind: "user", user: USER }, details: { kind: "loadSnapshot", source: "taken", canisterVersion: version, takenAt: taken.taken_at_timestamp } });
    subnet.call(id, "set", Uint8Array.of(11)); // the canister goes on from the snapshot, which stays as it is
    expect(load(subnet, id, taken.id)).toBeUndefined();
    expect(get(subnet, id)).toEqual([5, 5, 5]);
  });
  test("memories are shared with the canister, not copied", () => {
    const { subnet, id } = keeper();
    take(subnet, id);
    const { execution, snapshots } = subnet.state.canisters.get(id)!;
    expect(snapshots![0]!.heap).toBe(execution!.heap);
    expect(snapshots![0]!.stable).toBe(execution!.stable);
    subnet.call(id, "set", Uint8Array.of(6));
    const after = subnet.state.canisters.get(id)!, shared = [...after.execution!.stable.changesSince(after.snapshots![0]!.stable)];
    expect(shared.map(([page]) => page)).toEqual([0]);
  });
  test("the timer that is set now stays when a taken snapshot is loaded", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id);
    subnet.call(id, "timer");
    expect(load(subnet, id, taken.id)).toBeUndefined();
    expect(system(subnet, id).globalTimer).toBe(1_800_000_000_000_000_000n);
  });
  test("the chunk store comes back with it", () => {
    const { subnet, id } = keeper();
    const { hash } = subnet.manage("upload_chunk", { ...record(id), chunk: Uint8Array.of(1, 2, 3) }) as { hash: Uint8Array }, taken = take(subnet, id);
    expect(subnet.manage("clear_chunk_store", record(id))).toBeUndefined();
    expect(load(subnet, id, taken.id)).toBeUndefined();
    expect(subnet.manage("stored_chunks", record(id))).toEqual([{ hash }]);
  });
  test("uninstall_code takes the code away in the same step; the snapshot brings it back", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id, { uninstall_code: [true] });
    expect(subnet.state.canisters.get(id)!.execution).toBeUndefined();
    expect(system(subnet, id).history.at(-1)!.details.kind).toBe("codeUninstall");
    expect(load(subnet, id, taken.id)).toBeUndefined();
    expect(get(subnet, id)).toEqual([5, 5, 5]);
  });
  test("ten at most; one may take another's place, and ids are not used again", () => {
    const { subnet, id } = keeper(), all = Array.from({ length: 10 }, () => take(subnet, id));
    expect(take(subnet, id)).toMatchObject({ code: "IC0406", message: expect.stringContaining("maximum number of snapshots allowed: 10") });
    const newest = take(subnet, id, { replace_snapshot: [all[3]!.id] });
    expect(hexFromBytes(newest.id)).toBe(`000000000000000a${id}`);
    expect(list(subnet, id).map((shown) => hexFromBytes(shown.id))).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9, 10].map((number) => number.toString(16).padStart(16, "0") + id));
    expect(take(subnet, id, { replace_snapshot: [all[3]!.id] })).toMatchObject({ code: "IC0305" });
  }, 20_000);
  test("an empty canister has nothing to take", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(take(subnet, id)).toMatchObject({ code: "IC0406", message: expect.stringContaining("Failed to create snapshot for empty canister") });
  });
  test("of another canister: only who controls both", () => {
    const { subnet, id } = keeper(), other = subnet.create(undefined, { controllers: [candidFromPrincipal(OTHER), candidFromPrincipal(USER)] }), taken = take(subnet, id);
    expect(load(subnet, other, taken.id, OTHER)).toMatchObject({ code: "IC0406", message: expect.stringContaining("Only a controller of the canister that snapshot") });
    expect(load(subnet, other, taken.id)).toBeUndefined();
    expect(get(subnet, other)).toEqual([5, 5, 5]);
    expect(system(subnet, other).history.at(-1)!.details).toMatchObject({ kind: "loadSnapshot", fromCanister: id });
    subnet.call(other, "set", Uint8Array.of(1));
    expect(get(subnet, id)).toEqual([5, 5, 5]);
  });
  test("only controllers may take, load and delete", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id);
    for (const answer of [take(subnet, id, {}, OTHER), load(subnet, id, taken.id, OTHER), subnet.manage("delete_canister_snapshot", { ...record(id), snapshot_id: taken.id }, OTHER)]) expect(answer).toMatchObject({ code: "IC0512" });
    for (const length of [0, 7, 38, 100_000]) expect(load(subnet, id, new Uint8Array(length))).toMatchObject({ code: "IC0408", message: expect.stringContaining(`Invalid snapshot ID length: provided ${length}`) });
    for (const length of [8, 18, 37]) expect(load(subnet, id, new Uint8Array(length).fill(9))).toMatchObject({ code: "IC0305" });
  });
});

describe("§ list_canister_snapshots, delete_canister_snapshot", () => {
  test("what is deleted is gone, and its memory is free", () => {
    const { subnet, id } = keeper(), size = (): bigint => (subnet.manage("canister_status", record(id)) as { memory_metrics: { snapshots_size: bigint } }).memory_metrics.snapshots_size;
    const first = take(subnet, id), second = take(subnet, id);
    expect(size()).toBe(first.total_size + second.total_size);
    expect(subnet.manage("delete_canister_snapshot", { ...record(id), snapshot_id: first.id })).toBeUndefined();
    expect(list(subnet, id)).toEqual([second]);
    expect(size()).toBe(second.total_size);
    expect(subnet.manage("delete_canister_snapshot", { ...record(id), snapshot_id: first.id })).toMatchObject({ code: "IC0305", message: expect.stringContaining("Could not find the snapshot ID") });
  });
  test("a snapshot of another canister is not this one's", () => {
    const { subnet, id } = keeper(), other = subnet.create(), taken = take(subnet, id);
    expect(subnet.manage("delete_canister_snapshot", { ...record(other), snapshot_id: taken.id })).toMatchObject({ code: "IC0406", message: expect.stringContaining("does not belong to canister") });
  });
  test("snapshot_visibility lets others list and read, never change", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id), empty = Object.fromEntries(["controllers", "compute_allocation", "memory_allocation", "freezing_threshold", "reserved_cycles_limit",
      "minimum_incoming_canister_call_cycles", "log_visibility", "status_visibility", "wasm_memory_limit", "wasm_memory_threshold", "environment_variables", "log_memory_limit"].map((name) => [name, []]));
    expect(list(subnet, id, OTHER)).toMatchObject({ code: "IC0406" });
    subnet.manage("update_settings", { ...record(id), settings: { ...empty, snapshot_visibility: [{ allowed_viewers: [candidFromPrincipal(OTHER)] }] }, sender_canister_version: [] });
    expect(list(subnet, id, OTHER)).toEqual([taken]);
    expect(subnet.manage("read_canister_snapshot_metadata", { ...record(id), snapshot_id: taken.id }, OTHER)).toMatchObject({ canister_version: 2n });
    expect(take(subnet, id, {}, OTHER)).toMatchObject({ code: "IC0512" });
  });
  test("they go with their canister", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id), other = subnet.create();
    subnet.manage("stop_canister", record(id));
    expect(subnet.manage("delete_canister", record(id))).toBeUndefined();
    expect(load(subnet, other, taken.id)).toMatchObject({ code: "IC0305" });
  });
});

describe("§ read_canister_snapshot_*, upload_canister_snapshot_*", () => {
  interface Metadata { readonly wasm_module_size: bigint; readonly wasm_memory_size: bigint; readonly stable_memory_size: bigint; readonly globals: unknown[]; readonly certified_data: Uint8Array; readonly global_timer: unknown; readonly on_low_wasm_memory_hook_status: unknown }
  const metadata = (subnet: TestSubnet, id: CanisterId, snapshot_id: Uint8Array): Metadata => subnet.manage("read_canister_snapshot_metadata", { ...record(id), snapshot_id }) as Metadata;
  const read = (subnet: TestSubnet, id: CanisterId, snapshot_id: Uint8Array, kind: unknown): { chunk: Uint8Array } => subnet.manage("read_canister_snapshot_data", { ...record(id), snapshot_id, kind }) as { chunk: Uint8Array };
  const write = (subnet: TestSubnet, id: CanisterId, snapshot_id: Uint8Array, kind: unknown, chunk: Uint8Array): unknown => subnet.manage("upload_canister_snapshot_data", { ...record(id), snapshot_id, kind, chunk });
  const declare = (subnet: TestSubnet, id: CanisterId, { globals, ...of }: Metadata, more: Record<string, unknown> = {}): unknown => subnet.manage("upload_canister_snapshot_metadata", {
    ...record(id), replace_snapshot: [], wasm_module_size: of.wasm_module_size, globals, wasm_memory_size: of.wasm_memory_size, stable_memory_size: of.stable_memory_size, certified_data: of.certified_data,
    global_timer: of.global_timer, on_low_wasm_memory_hook_status: of.on_low_wasm_memory_hook_status, ...more,
  });

  test("a snapshot is carried to another canister part by part, with its timer", () => {
    const { subnet, id } = keeper();
    subnet.call(id, "timer");
    subnet.manage("upload_chunk", { ...record(id), chunk: Uint8Array.of(4, 2) });
    const taken = take(subnet, id), of = metadata(subnet, id, taken.id), target = subnet.create();
    expect(of).toMatchObject({
      source: { taken_from_canister: null }, globals: [{ i64: 5n }, { f64: 1.5 }], wasm_memory_size: 65536n, stable_memory_size: 65536n, certified_data: Uint8Array.of(5),
      global_timer: [{ active: 1_800_000_000_000_000_000n }], on_low_wasm_memory_hook_status: [{ condition_not_satisfied: null }],
    });
    const { snapshot_id } = declare(subnet, target, of) as { snapshot_id: Uint8Array };
    for (const [part, size] of [["wasm_module", of.wasm_module_size], ["wasm_memory", of.wasm_memory_size], ["stable_memory", of.stable_memory_size]] as const) {
      for (let offset = 0n; offset < size; offset += 40_000n) {
        const { chunk } = read(subnet, id, taken.id, { [part]: { offset, size: size - offset < 40_000n ? size - offset : 40_000n } });
        expect(write(subnet, target, snapshot_id, { [part]: { offset } }, chunk)).toBeUndefined();
      }
    }
    const [{ hash }] = (metadata(subnet, id, taken.id) as unknown as { wasm_chunk_store: [{ hash: Uint8Array }] }).wasm_chunk_store;
    expect(write(subnet, target, snapshot_id, { wasm_chunk: null }, read(subnet, id, taken.id, { wasm_chunk: { hash } }).chunk)).toBeUndefined();
    expect(load(subnet, target, snapshot_id)).toBeUndefined();
    expect(get(subnet, target)).toEqual([5, 5, 5]);
    expect(system(subnet, target)).toMatchObject({ globalTimer: 1_800_000_000_000_000_000n, certifiedData: Uint8Array.of(5) });
    expect(system(subnet, target).history.at(-1)!.details).toMatchObject({ kind: "loadSnapshot", source: "uploaded" });
    expect(subnet.manage("stored_chunks", record(target))).toEqual([{ hash }]);
  });
  test("what was taken does not change", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id);
    expect(write(subnet, id, taken.id, { wasm_memory: { offset: 0n } }, Uint8Array.of(1))).toMatchObject({ code: "IC0409", message: "Only canister snapshots created by metadata upload can be mutated." });
  });
  test("parts outside the whole, and parts that are too large, are refused", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id), of = metadata(subnet, id, taken.id);
    expect(read(subnet, id, taken.id, { wasm_memory: { offset: 65_530n, size: 7n } })).toMatchObject({ code: "IC0408", message: "Invalid subslice into wasm module / main memory / stable memory: offset: 65530, size: 7" });
    expect(read(subnet, id, taken.id, { wasm_memory: { offset: 0n, size: 2_000_001n } })).toMatchObject({ code: "IC0408", message: "Requested slice too large: 2000001 > 2000000" });
    expect(read(subnet, id, taken.id, { wasm_module: { offset: of.wasm_module_size, size: 0n } })).toEqual({ chunk: new Uint8Array(0) });
    expect(read(subnet, id, taken.id, { stable_memory: { offset: (1n << 64n) - 1n, size: 2n } })).toMatchObject({ code: "IC0408" });
    expect(read(subnet, id, taken.id, { wasm_chunk: { hash: new Uint8Array(32) } })).toMatchObject({ code: "IC0504" });
    expect(read(subnet, id, new Uint8Array(18), { wasm_chunk: { hash: new Uint8Array(32) } })).toMatchObject({ code: "IC0305" });
    const { snapshot_id } = declare(subnet, id, of) as { snapshot_id: Uint8Array };
    expect(write(subnet, id, snapshot_id, { stable_memory: { offset: 65_535n } }, Uint8Array.of(1, 2))).toMatchObject({ code: "IC0408" });
  });
  test.each([
    ["no module", { wasm_module_size: 0n }, "WasmModuleEmpty"], ["a module that is too large", { wasm_module_size: 104_857_601n }, "WasmModuleTooLarge"],
    ["half a page of heap", { wasm_memory_size: 32_768n }, "WasmMemoryNotPageAligned"], ["a heap beyond 4 GiB", { wasm_memory_size: (1n << 32n) + 65_536n }, "WasmMemoryTooLarge"],
    ["half a stable page", { stable_memory_size: 1n }, "StableMemoryNotPageAligned"], ["too much stable memory", { stable_memory_size: (500n << 30n) + 65_536n }, "StableMemoryTooLarge"],
    ["too many globals", { globals: Array.from({ length: 1001 }, () => ({ i32: 1 })) }, "ExportedGlobalsTooLarge"], ["too much certified data", { certified_data: new Uint8Array(33) }, "CertifiedDataTooLarge"],
  ])("metadata with %s is refused", (_name, more, fault) => {
    const { subnet, id } = keeper(), of = metadata(subnet, id, take(subnet, id).id);
    expect(declare(subnet, id, of, more)).toMatchObject({ code: "IC0408", message: `Snapshot Metadata contains invalid data: ${fault}` });
  });
  test("nobody gives a native program a memory that it did not write", () => {
    const { subnet, id } = keeper(), of = metadata(subnet, id, take(subnet, id).id), name = "icp:private icx:native-program";
    const module = Buffer.concat([Buffer.from(subnet.state.canisters.get(id)!.execution!.module), Buffer.from([0, name.length + 2, name.length]), Buffer.from(name), Buffer.from("x")]);
    const { snapshot_id } = declare(subnet, id, of, { wasm_module_size: BigInt(module.length) }) as { snapshot_id: Uint8Array };
    write(subnet, id, snapshot_id, { wasm_module: { offset: 0n } }, new Uint8Array(module));
    expect(load(subnet, id, snapshot_id)).toMatchObject({ code: "IC0406", message: expect.stringContaining("native programs") });
  });
  test("an incomplete upload is not loaded, nor one whose globals or hook do not fit; the canister stays as it was", () => {
    const { subnet, id } = keeper(), taken = take(subnet, id), of = metadata(subnet, id, taken.id);
    const zeros = declare(subnet, id, of) as { snapshot_id: Uint8Array };
    expect(load(subnet, id, zeros.snapshot_id)).toMatchObject({ code: "IC0505" });
    const module = read(subnet, id, taken.id, { wasm_module: { offset: 0n, size: of.wasm_module_size } }).chunk;
    const tryWith = (more: Record<string, unknown>): unknown => {
      const { snapshot_id } = declare(subnet, id, of, more) as { snapshot_id: Uint8Array };
      write(subnet, id, snapshot_id, { wasm_module: { offset: 0n } }, module);
      return load(subnet, id, snapshot_id);
    };
    expect(tryWith({ globals: [{ i32: 5 }, { f64: 1.5 }] })).toMatchObject({ code: "IC0408", message: expect.stringContaining("globals of canister module and snapshot metadata do not match") });
    expect(tryWith({ on_low_wasm_memory_hook_status: [{ ready: null }] })).toMatchObject({ code: "IC0408", message: expect.stringContaining("Hook status (Ready) of uploaded snapshot is inconsistent") });
    for (const wasm_memory_size of [0n, 1n << 32n]) expect(tryWith({ wasm_memory_size })).toMatchObject({ code: "IC0408", message: expect.stringContaining("does not fit the canister module, which declares 1 to 3 pages") });
    expect(get(subnet, id)).toEqual([5, 5, 5]);
    expect(tryWith({})).toBeUndefined();
    expect(get(subnet, id)).toEqual([5, 0, 0]);
  });
});
