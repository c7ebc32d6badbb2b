import { describe, expect, test } from "vitest";
import { type CanisterId, MANAGEMENT_CANISTER_ID } from "../../../../src/replica/types/index.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { callTo, moduleText, replyWith } from "./testModule.ts";
import { OTHER, type TestSubnet, USER, bytes, candidPrincipal, createTestSubnet, dueSoon, text } from "./testSubnet.ts";

const record = (id: CanisterId): Record<string, unknown> => ({ canister_id: candidPrincipal(id) });
const statusOf = (subnet: TestSubnet, id: CanisterId): Record<string, unknown> => subnet.manage("canister_status", record(id)) as Record<string, unknown>;

/** Keeps a byte in a global, one in the heap and one in stable memory. */
const KEEPER = moduleText({
  "init": `(drop (call $stable64_grow (i64.const 1)))`,
  "update set": `(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1)) (global.set $kept (i32.load8_u (i32.const 0))) (i32.store8 (i32.const 10) (i32.load8_u (i32.const 0)))
    (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 1)) (call $certified_data_set (i32.const 0) (i32.const 1)) (call $msg_reply)`,
  "query get": `(i32.store8 (i32.const 20) (global.get $kept)) (i32.store8 (i32.const 21) (i32.load8_u (i32.const 10))) (call $stable64_read (i64.const 22) (i64.const 0) (i64.const 1)) ${replyWith(20, 3)}`,
  "pre_upgrade": `(if (i32.eq (global.get $kept) (i32.const 13)) (then (unreachable)))`,
  "query version": `(i64.store (i32.const 0) (call $canister_version)) ${replyWith(0, 1)}`,
}, { prelude: "(global $kept (mut i32) (i32.const 0))" });

describe("installing", () => {
  test("an upgrade keeps stable memory and certified data, and nothing else", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(subnet.install(id, KEEPER)).toBeUndefined();
    subnet.call(id, "set", Uint8Array.of(5));
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(5, 5, 5) });
    expect(subnet.install(id, KEEPER, { upgrade: [] })).toBeUndefined();
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(0, 0, 5) });
    expect(subnet.state.canisters.get(id)!.system.certifiedData).toEqual(Uint8Array.of(5));
    expect(subnet.install(id, KEEPER, { reinstall: null })).toBeUndefined();
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(0, 0, 0) });
    expect(subnet.state.canisters.get(id)!.system.certifiedData).toEqual(new Uint8Array(0));
  });
  test("a trapping pre_upgrade leaves everything as it was, and can be skipped", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, KEEPER);
    subnet.call(id, "set", Uint8Array.of(13));
    expect(subnet.install(id, KEEPER, { upgrade: [] })).toMatchObject({ code: "IC0502" });
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(13, 13, 13) });
    expect(subnet.install(id, KEEPER, { upgrade: [{ skip_pre_upgrade: [true], wasm_memory_persistence: [] }] })).toBeUndefined();
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(0, 0, 13) });
  });
  test.each([
    ["an import that does not exist", '(module (import "ic0" "no_such_call" (func)))', /no_such_call/],
    ["an import with another signature", '(module (import "ic0" "msg_reply" (func (param i32))))', /msg_reply/],
    ["an import of another module", '(module (import "env" "print" (func)))', /env/],
  ])("is refused with %s, which the message names", (_name, module, message) => {
    const subnet = createTestSubnet(), id = subnet.create();
    const answer = subnet.install(id, module) as { code: string; message: string };
    expect(answer.code).toBe("IC0505");
    expect(answer.message).toMatch(message);
    expect(answer.message).toMatch(/^Error from Canister /);
  });
  test("modes ask for what the canister is", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(subnet.install(id, KEEPER, { upgrade: [] })).toMatchObject({ code: "IC0537" });
    expect(subnet.install(id, KEEPER)).toBeUndefined();
    expect(subnet.install(id, KEEPER)).toMatchObject({ code: "IC0514" });
    expect(subnet.install(id, Uint8Array.of(0, 1, 2), { reinstall: null })).toMatchObject({ code: "IC0505" });
    expect(subnet.install(id, Uint8Array.of(0x1f, 0x8b, 8, 0, 0), { reinstall: null })).toMatchObject({ code: "IC0505" });
    expect(subnet.manage("install_code", { mode: { reinstall: null }, ...record(id), wasm_module: new Uint8Array(0), arg: new Uint8Array(0), sender_canister_version: [] }, OTHER)).toMatchObject({ code: "IC0512" });
  });
  test("init sees the installer and the argument, and a trap in it installs nothing", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    const module = moduleText({
      "init": `(if (i32.eqz (call $msg_arg_data_size)) (then (unreachable))) (i32.store (i32.const 0) (call $msg_caller_size))`,
      "query caller": replyWith(0, 1),
    });
    expect(subnet.install(id, module)).toMatchObject({ code: "IC0502" });
    expect(subnet.query(id, "caller")).toMatchObject({ ok: false, error: { code: "IC0537" } });
    expect(subnet.install(id, module, { install: null }, bytes("x"))).toBeUndefined();
    expect(subnet.query(id, "caller")).toEqual({ ok: true, value: Uint8Array.of(29) });
  });
  test("from chunks, checked by hash", () => {
    const subnet = createTestSubnet(), id = subnet.create(), store = subnet.create();
    const module = new TextEncoder().encode("x"), hash = subnet.manage("upload_chunk", { ...record(store), chunk: module }) as { hash: Uint8Array };
    expect(subnet.manage("stored_chunks", record(store))).toEqual([{ hash: hash.hash }]);
    const args = { mode: { install: null }, target_canister: candidPrincipal(id), store_canister: [candidPrincipal(store)], chunk_hashes_list: [hash], wasm_module_hash: hash.hash, arg: new Uint8Array(0), sender_canister_version: [] };
    expect(subnet.manage("install_chunked_code", args)).toMatchObject({ code: "IC0505" }); // the chunks were found and are no module
    expect(subnet.manage("install_chunked_code", { ...args, wasm_module_hash: new Uint8Array(32) })).toMatchObject({ code: "IC0504", message: expect.stringContaining("does not match") });
    expect(subnet.manage("install_chunked_code", { ...args, store_canister: [] })).toMatchObject({ code: "IC0504", message: expect.stringContaining("was not found") });
    expect(subnet.manage("clear_chunk_store", record(store))).toBeUndefined();
    expect(subnet.manage("stored_chunks", record(store))).toEqual([]);
  });
});

describe("stopping", () => {
  /** Waits a round for an answer of `aaaaa-aa`. */
  const DICE = moduleText({ "update go": `${callTo(0, 0, 100, 8)} (call $call_data_append (i32.const 200) (i32.const 6)) (drop (call $call_perform))`, "update quick": "(call $msg_reply)" }, {
    data: { 100: "raw_rand", 200: "DIDL\u0000\u0000" },
    prelude: `(table funcref (elem $done $done)) (func $done (param i32) (call $msg_arg_data_copy (i32.const 300) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 300) (call $msg_arg_data_size)) (call $msg_reply))`,
  });
  const stop = (subnet: TestSubnet, id: CanisterId): ReturnType<TestSubnet["ingress"]> => subnet.ingress(MANAGEMENT_CANISTER_ID, "stop_canister", encodeCandid(MANAGEMENT_TYPES.stop_canister.args, [record(id)]));

  test("waits for open call contexts and refuses new calls meanwhile", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(subnet.install(id, DICE)).toBeUndefined();
    const open = subnet.ingress(id, "go"), stopping = stop(subnet, id);
    subnet.round([open]);
    expect(subnet.status(open).kind).toBe("processing");
    subnet.state = { ...subnet.state, subnetCalls: subnet.state.subnetCalls.map((call) => ({ ...call, since: (call.since + 3) as never })) }; // the answer takes three rounds more
    subnet.round([stopping]);
    expect(subnet.status(stopping).kind).toBe("processing");
    expect(subnet.state.canisters.get(id)!.system.status.kind).toBe("stopping");
    expect(subnet.call(id, "quick")).toMatchObject({ kind: "failed", code: "IC0509" });
    for (let i = 0; i < 4; i++) subnet.round();
    expect([subnet.status(open).kind, subnet.status(stopping).kind]).toEqual(["completed", "completed"]);
    expect(subnet.call(id, "quick")).toMatchObject({ kind: "failed", code: "IC0508" });
    expect(subnet.query(id, "quick")).toMatchObject({ ok: false, error: { code: "IC0508" } });
    subnet.manage("start_canister", record(id));
    expect(subnet.call(id, "quick").kind).toBe("completed");
  });
  test("start cancels the stops that wait; after five minutes they time out", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, DICE);
    const hold = (): void => { subnet.state = { ...subnet.state, subnetCalls: subnet.state.subnetCalls.map((call) => ({ ...call, since: 1_000_000 as never })) }; };
    subnet.round([subnet.ingress(id, "go")]);
    hold();
    const first = stop(subnet, id);
    subnet.round([first]);
    subnet.manage("start_canister", record(id));
    expect(subnet.status(first)).toMatchObject({ kind: "failed", code: "IC0511", rejectCode: 5 });
    const second = { ...stop(subnet, id), expiry: (subnet.now + 400_000_000_000n) as never };
    subnet.round([second]);
    subnet.round([], 301);
    expect(subnet.status(second)).toMatchObject({ kind: "failed", code: "IC0206", rejectCode: 2 });
  });
  test("raw_rand answers in the next round, with other bytes each time", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, DICE);
    const first = subnet.ingress(id, "go");
    subnet.round([first]);
    expect(subnet.status(first).kind).toBe("processing");
    subnet.round();
    const answers = [subnet.status(first), subnet.call(id, "go")].map((status) => (status as { reply: Uint8Array }).reply);
    expect(answers.map(({ length }) => length)).toEqual([8 + 32 + 1, 8 + 32 + 1].map(() => answers[0]!.length));
    expect(answers[0]).not.toEqual(answers[1]);
  });
  test("uninstalling rejects who waits; a late answer only brings cycles back", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, DICE);
    const open = subnet.ingress(id, "go");
    subnet.round([open]);
    const before = subnet.state.canisters.get(id)!.system.balance;
    const uninstalling = subnet.ingress(MANAGEMENT_CANISTER_ID, "uninstall_code", encodeCandid(MANAGEMENT_TYPES.uninstall_code.args, [{ ...record(id), sender_canister_version: [] }]));
    subnet.round([uninstalling]);
    subnet.round();
    expect(subnet.status(open)).toMatchObject({ kind: "failed", rejectCode: 4, message: "Canister has been uninstalled." });
    expect(subnet.state.canisters.get(id)!.system).toMatchObject({ callContexts: {}, callbacks: {} });
    expect(subnet.state.canisters.get(id)!.system.balance - before).toBeGreaterThan(40_000_000_000n);
    expect(subnet.call(id, "quick")).toMatchObject({ kind: "failed", code: "IC0537" });
  });
  test("only a stopped canister can be deleted, and it is gone", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(subnet.manage("delete_canister", record(id))).toMatchObject({ code: "IC0510" });
    subnet.manage("stop_canister", record(id));
    expect(subnet.manage("delete_canister", record(id), OTHER)).toMatchObject({ code: "IC0512" });
    expect(subnet.manage("delete_canister", record(id))).toBeUndefined();
    expect(subnet.state.canisters.has(id)).toBe(false);
    expect(subnet.manage("start_canister", record(id))).toMatchObject({ code: "IC0301" });
    expect(subnet.create()).not.toBe(id);
  });
});

describe("settings and status", () => {
  test("what is set is reported, out of range is refused", () => {
    const subnet = createTestSubnet(), id = subnet.create(undefined, { freezing_threshold: 1n, environment_variables: [{ name: "B", value: "2" }, { name: "A", value: "1" }] });
    expect(statusOf(subnet, id)).toMatchObject({
      status: { running: null }, version: 0n, module_hash: [], cycles: 100_000_000_000_000n - 1_600_000n,
      settings: { freezing_threshold: 1n, environment_variables: [{ name: "A", value: "1" }, { name: "B", value: "2" }], compute_allocation: 0n },
    });
    for (const [settings, code] of [[{ compute_allocation: 101n }, "IC0504"], [{ freezing_threshold: 1n << 64n }, "IC0504"], [{ controllers: Array.from({ length: 11 }, () => candidPrincipal(USER)) }, "IC0408"]] as const) {
      expect(subnet.manage("update_settings", { ...record(id), settings: { ...EMPTY, ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, [value]])) }, sender_canister_version: [] })).toMatchObject({ code });
    }
    expect(subnet.manage("update_settings", { ...record(id), settings: { ...EMPTY, controllers: [[candidPrincipal(OTHER), candidPrincipal(OTHER)]] }, sender_canister_version: [] })).toBeUndefined();
    expect(statusOf(subnet, id)).toMatchObject({ code: "IC0542" });
    expect(subnet.manage("canister_status", record(id), OTHER)).toMatchObject({ version: 1n });
    expect(subnet.query(MANAGEMENT_CANISTER_ID, "canister_status", encodeCandid(MANAGEMENT_TYPES.canister_status.args, [record(id)]), OTHER).ok).toBe(true);
    expect(subnet.query(MANAGEMENT_CANISTER_ID, "start_canister", encodeCandid(MANAGEMENT_TYPES.start_canister.args, [record(id)]), OTHER)).toMatchObject({ ok: false, error: { code: "IC0536", message: "Query method start_canister not found." } });
  });
  test("compute can be reserved until the subnet has none left", () => {
    const subnet = createTestSubnet();
    for (let i = 0; i < 2; i++) subnet.create(10n ** 17n, { compute_allocation: 100n });
    const id = subnet.create(10n ** 17n, { compute_allocation: 90n });
    const reserve = (percent: bigint): unknown => subnet.manage("update_settings", { ...record(id), settings: { ...EMPTY, compute_allocation: [percent] }, sender_canister_version: [] });
    expect(reserve(100n)).toMatchObject({ code: "IC0101", message: expect.stringContaining("remaining compute capacity is 99%") });
    expect(reserve(99n)).toBeUndefined();
  });
  test("specified ids must be the subnet's and unused", () => {
    const subnet = createTestSubnet(), create = (id: string): unknown => subnet.manage("provisional_create_canister_with_cycles", { amount: [], settings: [], specified_id: [candidPrincipal(id as never)], sender_canister_version: [] });
    expect(create("00000000000000100101")).toHaveProperty("canister_id");
    expect(create("00000000000000100101")).toMatchObject({ code: "IC0205" });
    expect(create("0000000000ff00100101")).toMatchObject({ code: "IC0408" });
    expect(subnet.create()).toBe("00000000000000110101");
  });
  test("idle canisters pay for what they hold when they are next looked at", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, moduleText({ "update ping": "(call $msg_reply)" }, { pages: 160 }));
    const before = subnet.state.canisters.get(id)!.system.balance;
    subnet.round([{ ...subnet.ingress(id, "ping"), expiry: (subnet.now + 86_500_000_000_000n) as never }], 86_400);
    const day = before - subnet.state.canisters.get(id)!.system.balance;
    const expected = BigInt(160 * 65536) * 317_500n * 86_400n / 2n ** 30n + 10_000n * 86_400n;
    expect(day).toBeGreaterThan(expected);
    expect(day).toBeLessThan(expected + 50_000_000n);
  });
  test("a canister without cycles for a message is frozen: calls and queries are refused", () => {
    const subnet = createTestSubnet(), id = subnet.create(400_000_000_000n);
    expect(subnet.install(id, KEEPER)).toBeUndefined();
    subnet.manage("update_settings", { ...record(id), settings: { ...EMPTY, freezing_threshold: [10n ** 15n] }, sender_canister_version: [] });
    expect(subnet.call(id, "set", Uint8Array.of(1))).toMatchObject({ kind: "failed", code: "IC0207", rejectCode: 2 });
    expect(subnet.query(id, "get")).toMatchObject({ ok: false, error: { code: "IC0207" } });
    subnet.manage("update_settings", { ...record(id), settings: { ...EMPTY, freezing_threshold: [0n] }, sender_canister_version: [] }); // the way out is open
    expect(subnet.call(id, "set", Uint8Array.of(1)).kind).toBe("completed");
  });
  test("logs hold prints and traps, for controllers", () => {
    const logs: string[] = [], subnet = createTestSubnet({ logs }), id = subnet.create();
    subnet.install(id, moduleText({ "update say": `(call $debug_print (i32.const 0) (i32.const 5)) (call $msg_reply)`, "update crash": `(call $debug_print (i32.const 0) (i32.const 2)) (unreachable)`, "query quiet": `(call $debug_print (i32.const 0) (i32.const 5)) (call $msg_reply)` }, { data: { 0: "hello" } }));
    subnet.call(id, "say"); subnet.call(id, "crash"); subnet.query(id, "quiet");
    expect(logs[0]).toBe("hello");
    const fetch = encodeCandid(MANAGEMENT_TYPES.fetch_canister_logs.args, [{ ...record(id), filter: [] }]);
    const answer = subnet.query(MANAGEMENT_CANISTER_ID, "fetch_canister_logs", fetch);
    expect(answer.ok).toBe(true);
    expect(subnet.state.canisters.get(id)!.system.logs.map(({ content }) => text(content))).toEqual(["hello", "he", "[TRAP]: unreachable"]);
    expect(subnet.query(MANAGEMENT_CANISTER_ID, "fetch_canister_logs", fetch, OTHER)).toMatchObject({ ok: false, error: { code: "IC0406" } });
  });
});

describe("tasks", () => {
  const CLOCK = moduleText({
    "init": `(drop (call $global_timer_set (i64.add (call $time) (i64.const 5000000000))))`,
    "global_timer": `(global.set $rang (i32.add (global.get $rang) (i32.const 1)))`,
    "heartbeat": `(global.set $beats (i32.add (global.get $beats) (i32.const 1)))`,
    "query get": `(i32.store8 (i32.const 0) (global.get $rang)) (i32.store8 (i32.const 1) (global.get $beats)) ${replyWith(0, 2)}`,
  }, { prelude: "(global $rang (mut i32) (i32.const 0)) (global $beats (mut i32) (i32.const 0))" });
  const read = (subnet: TestSubnet, id: CanisterId): number[] => [...(subnet.query(id, "get") as { value: Uint8Array }).value];

  test("a timer rings once at its time, a heartbeat in every round, neither while stopped", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, CLOCK);
    expect(read(subnet, id)).toEqual([0, 0]);
    subnet.round(); subnet.round();
    expect(read(subnet, id)).toEqual([0, 2]);
    expect(dueSoon(subnet)).toEqual([id]);
    expect(subnet.state.active.size).toBe(0);
    subnet.round([], 6);
    expect(read(subnet, id)).toEqual([1, 3]);
    expect(dueSoon(subnet)).toEqual([]);
    subnet.round([], 60);
    expect(read(subnet, id)).toEqual([1, 4]);
    subnet.manage("stop_canister", record(id));
    subnet.round(); subnet.round();
    subnet.manage("start_canister", record(id));
    expect(read(subnet, id)).toEqual([1, 4]);
    subnet.round();
    expect(read(subnet, id)).toEqual([1, 5]);
  });
  test("the hook for low memory runs once when the limit comes near", () => {
    const subnet = createTestSubnet(), id = subnet.create(undefined, { wasm_memory_limit: 10n * 65536n, wasm_memory_threshold: 5n * 65536n });
    subnet.install(id, moduleText({
      "update grow": "(drop (memory.grow (i32.const 3))) (call $msg_reply)",
      "on_low_wasm_memory": "(global.set $low (i32.add (global.get $low) (i32.const 1)))",
      "query get": `(i32.store8 (i32.const 0) (global.get $low)) ${replyWith(0, 1)}`,
    }, { prelude: "(global $low (mut i32) (i32.const 0))" }));
    const low = (): number => (subnet.query(id, "get") as { value: Uint8Array }).value[0]!;
    subnet.call(id, "grow");
    expect(low()).toBe(0);
    subnet.call(id, "grow");
    expect(low()).toBe(1);
    subnet.round();
    expect(low()).toBe(1);
    expect(subnet.call(id, "grow").kind).toBe("completed");
    expect(subnet.call(id, "grow")).toMatchObject({ kind: "failed", code: "IC0539" });
  });
});
const EMPTY = Object.fromEntries(["controllers", "compute_allocation", "memory_allocation", "freezing_threshold", "reserved_cycles_limit", "minimum_incoming_canister_call_cycles", "log_visibility",
  "snapshot_visibility", "status_visibility", "wasm_memory_limit", "wasm_memory_threshold", "environment_variables", "log_memory_limit"].map((name) => [name, []]));
