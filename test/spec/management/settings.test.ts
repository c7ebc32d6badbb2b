import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../src/replica/codec/candidManagement.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID } from "../../../src/replica/types/index.ts";
import { RELAY, relay } from "../../unit/replica/execution/relay.ts";
import { moduleText, replyWith } from "../../unit/replica/execution/testModule.ts";
import { OTHER, type TestSubnet, USER, bytes, createTestSubnet, settingsOf } from "../../unit/replica/execution/testSubnet.ts";

const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
const set = (subnet: TestSubnet, id: CanisterId, settings: Record<string, unknown>, sender = USER): unknown =>
  subnet.manage("update_settings", { ...record(id), settings: settingsOf(settings), sender_canister_version: [] }, sender);
const settings = (subnet: TestSubnet, id: CanisterId): Record<string, unknown> => (subnet.manage("canister_status", record(id)) as { settings: Record<string, unknown> }).settings;
const U64 = (1n << 64n) - 1n, U128 = (1n << 128n) - 1n;

describe("§ update_settings, canister_status", () => {
  const subnet = createTestSubnet(), id = subnet.create(10n ** 30n);

  test("defaults", () => {
    expect(settings(subnet, subnet.create())).toEqual({
      controllers: [candidFromPrincipal(USER)], compute_allocation: 0n, memory_allocation: 0n, freezing_threshold: 2_592_000n, reserved_cycles_limit: 5_000_000_000_000n,
      minimum_incoming_canister_call_cycles: 0n, log_visibility: { controllers: null }, snapshot_visibility: { controllers: null }, status_visibility: { controllers: null },
      wasm_memory_limit: 3n << 30n, wasm_memory_threshold: 0n, environment_variables: [], log_memory_limit: 4096n,
    });
  });
  test.each([
    ["compute_allocation", 1n], ["memory_allocation", 1n << 30n], ["freezing_threshold", 0n], ["freezing_threshold", 10n ** 9n], ["reserved_cycles_limit", U128], ["minimum_incoming_canister_call_cycles", U128],
    ["wasm_memory_limit", 0n], ["wasm_memory_limit", 1n << 48n], ["wasm_memory_threshold", 1n << 48n], ["log_memory_limit", 0n], ["log_memory_limit", 4096n], ["log_memory_limit", 2n << 20n],
    ["log_visibility", { public: null }], ["snapshot_visibility", { public: null }], ["status_visibility", { public: null }], ["environment_variables", [{ name: "", value: "" }]],
    ["log_visibility", { allowed_viewers: [] }], ["environment_variables", []],
  ])("%s may be %o", (field, value) => {
    const before = settings(subnet, id);
    expect(set(subnet, id, { [field]: value })).toBeUndefined();
    expect(settings(subnet, id)).toEqual({ ...before, [field]: value });
  });
  const viewers = Array.from({ length: 11 }, (_, i) => candidFromPrincipal(`${"cc".repeat(28)}${i.toString(16).padStart(2, "0")}` as CanisterId));
  test.each([
    ["compute_allocation", 101n, "IC0504", "ComputeAllocation expected to be in the range [0..100], got 101"],
    ["memory_allocation", U64 + 1n, "IC0504", "MemoryAllocation expected to be in the range [0..2^64-1]"],
    ["freezing_threshold", U64 + 1n, "IC0504", "Freezing threshold expected to be in the range of [0..2^64-1]"],
    ["reserved_cycles_limit", U128 + 1n, "IC0504", "Reserved cycles limit expected to be in the range of [0..2^128-1]"],
    ["minimum_incoming_canister_call_cycles", U128 + 1n, "IC0504", "range of [0..2^128-1]"],
    ["wasm_memory_limit", (1n << 48n) + 1n, "IC0504", "Wasm memory limit expected"], ["wasm_memory_threshold", (1n << 48n) + 1n, "IC0504", "Wasm memory threshold expected"],
    ["log_memory_limit", 4095n, "IC0406", "is too low. It must be at least 4096."], ["log_memory_limit", (2n << 20n) + 1n, "IC0406", "is too high. It must be at most 2097152."],
    ["controllers", viewers, "IC0408", "exceeds maximum allowed 10"], ["status_visibility", { allowed_viewers: viewers }, "IC0408", "exceeds maximum allowed 10"],
    ["environment_variables", [{ name: "A", value: "1" }, { name: "A", value: "2" }], "IC0408", "Duplicate environment variables are not allowed"],
    ["environment_variables", Array.from({ length: 21 }, (_, i) => ({ name: String(i), value: "" })), "IC0408", "Too many environment variables: 21 (max: 20)"],
    ["environment_variables", [{ name: "é".repeat(65), value: "" }], "IC0408", "exceeds the maximum allowed length of 128."],
    ["environment_variables", [{ name: "A", value: "v".repeat(129) }], "IC0408", "Environment variable value"],
  ])("%s may not be %o", (field, value, code, message) => {
    const before = subnet.state.canisters.get(id)!.system;
    expect(set(subnet, id, { [field]: value })).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(subnet.state.canisters.get(id)!.system).toMatchObject({ settings: before.settings, version: before.version });
  });
  test("controllers alone: others are refused, and each change of controllers is recorded", () => {
    const mine = subnet.create();
    expect(set(subnet, mine, { freezing_threshold: 1n }, OTHER)).toMatchObject({ code: "IC0512", message: expect.stringMatching(/^Only the controllers of the canister .* can control it\.\nCanister's controllers: .*\nSender's ID: /) });
    expect(set(subnet, mine, { controllers: [OTHER, USER, OTHER].map(candidFromPrincipal) })).toBeUndefined();
    expect(subnet.state.canisters.get(mine)!.system).toMatchObject({ version: 1n, historyTotal: 2n, settings: { controllers: [USER, OTHER] } });
    expect(set(subnet, mine, { freezing_threshold: 1n }, OTHER)).toBeUndefined();
    expect(subnet.state.canisters.get(mine)!.system).toMatchObject({ version: 2n, historyTotal: 2n });
    expect(subnet.manage("update_settings", { ...record("00000000000000990101" as CanisterId), settings: settingsOf({}), sender_canister_version: [] })).toMatchObject({ code: "IC0301" });
  });
  test("a canister reads its environment, and the creation entry carries its hash", () => {
    const variables = [{ name: "B", value: "2" }, { name: "A", value: "1" }], made = subnet.create(undefined, { environment_variables: variables });
    expect(subnet.install(made, moduleText({ "query first": `(drop (call $env_var_count)) (call $env_var_value_copy (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 1)) ${replyWith(0, 1)}` }, { data: { 8: "A" } }))).toBeUndefined();
    expect(subnet.query(made, "first")).toEqual({ ok: true, value: bytes("1") });
    const sha = (value: string | Uint8Array): Buffer => hash("sha256", value, "buffer");
    const expected = sha(Buffer.concat(variables.map(({ name, value }) => Buffer.concat([sha(name), sha(value)])).sort(Buffer.compare)));
    expect(subnet.state.canisters.get(made)!.system.history[0]!.details).toMatchObject({ kind: "creation", environmentVariablesHash: new Uint8Array(expected) });
    const plain = subnet.create();
    expect(subnet.state.canisters.get(plain)!.system.history[0]!.details).not.toHaveProperty("environmentVariablesHash");
  });
  test("a lower limit of the log forgets at once", () => {
    const mine = subnet.create(undefined, { log_memory_limit: 2n << 20n });
    subnet.install(mine, moduleText({ "update say": "(call $debug_print (i32.const 0) (i32.const 3000)) (call $msg_reply)" }));
    for (let i = 0; i < 3; i++) subnet.call(mine, "say");
    expect(subnet.state.canisters.get(mine)!.system.logs).toHaveLength(3);
    expect(set(subnet, mine, { log_memory_limit: 4096n })).toBeUndefined();
    expect(subnet.state.canisters.get(mine)!.system.logs.map(({ index }) => index)).toEqual([2n]);
    expect(set(subnet, mine, { log_memory_limit: 0n })).toBeUndefined();
    expect(subnet.state.canisters.get(mine)!.system.logs).toEqual([]);
  });
  test("status_visibility: self and controllers always, viewers and everyone when it says so", () => {
    const mine = subnet.create(undefined, { controllers: [] }), ask = (who: typeof OTHER): unknown => subnet.manage("canister_status", record(mine), who);
    expect(ask(OTHER)).toMatchObject({ code: "IC0542", message: expect.stringContaining("is not allowed to read the canister status") });
    const viewed = subnet.create(undefined, { status_visibility: { allowed_viewers: [candidFromPrincipal(OTHER)] } });
    expect(subnet.manage("canister_status", record(viewed), OTHER)).toMatchObject({ status: { running: null } });
    const asker = subnet.create(undefined, { controllers: [candidFromPrincipal(USER)] });
    subnet.install(asker, RELAY);
    expect(relay(subnet, asker, "canister_status", record(asker))).toMatchObject({ status: { running: null }, module_hash: [expect.any(Uint8Array)] });
    expect(relay(subnet, asker, "canister_status", record(mine))).toMatchObject({ code: 5, message: expect.stringContaining("is not allowed to read the canister status") });
  });
  test("every kind of memory is told apart and adds up", () => {
    const mine = subnet.create(undefined, { log_memory_limit: 4096n });
    subnet.install(mine, moduleText({ init: "(drop (call $stable64_grow (i64.const 2))) (call $debug_print (i32.const 0) (i32.const 5))" }, { prelude: "(global $g (mut i64) (i64.const 0))" }));
    subnet.manage("upload_chunk", { ...record(mine), chunk: Uint8Array.of(1) });
    subnet.manage("take_canister_snapshot", { ...record(mine), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    const { memory_metrics: metrics, memory_size } = subnet.manage("canister_status", record(mine)) as { memory_metrics: Record<string, bigint>; memory_size: bigint };
    expect(metrics).toMatchObject({ wasm_memory_size: 65_536n, stable_memory_size: 131_072n, global_memory_size: 64n, wasm_chunk_store_size: 1n << 20n, custom_sections_size: 0n });
    for (const kind of ["wasm_binary_size", "canister_history_size", "snapshots_size", "log_memory_store_size"]) expect(metrics[kind]).toBeGreaterThan(0n);
    expect(Object.values(metrics).reduce((sum, part) => sum + part, 0n)).toBe(memory_size);
  });
  test("as a query: balances are those of now, although nobody charged the canister", () => {
    const mine = subnet.create(), query = (): Record<string, bigint> => {
      const answer = subnet.query(MANAGEMENT_CANISTER_ID, "canister_status", encodeCandid(MANAGEMENT_TYPES.canister_status.args, [record(mine)]));
      const decoded = answer.ok ? decodeCandid(MANAGEMENT_TYPES.canister_status.results, answer.value) : undefined;
      return decoded?.ok === true ? decoded.value[0] as Record<string, bigint> : {};
    };
    const before = query();
    subnet.round([], 86_400);
    expect(before["cycles"]! - query()["cycles"]!).toBe(before["idle_cycles_burned_per_day"]);
  });
});
