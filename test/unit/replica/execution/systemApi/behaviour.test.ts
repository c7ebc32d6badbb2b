import { describe, expect, test } from "vitest";
import { bytesFromHex } from "../../../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../testModule.ts";
import { type TestSubnet, USER, bytes, createTestSubnet, settingsOf, candidPrincipal } from "../testSubnet.ts";

/** Installs one module; each test calls one of its methods. */
const reply = (status: ReturnType<TestSubnet["call"]>): Uint8Array => { expect(status).toMatchObject({ kind: "completed" }); return (status as { reply: Uint8Array }).reply; };
const put64 = (at: number, value: string): string => `(i64.store (i32.const ${at}) ${value})`;
const put32 = (at: number, value: string): string => `(i32.store (i32.const ${at}) ${value})`;
const u64 = (data: Uint8Array, at = 0): bigint => new DataView(data.buffer, data.byteOffset).getBigUint64(at, true);
const TABLE = "(table funcref (elem $nop $nop)) (func $nop (param i32))";

describe("a canister sees", () => {
  const subnet = createTestSubnet();
  const id = subnet.create(100_000_000_000_000n, { environment_variables: [{ name: "KEY", value: "value" }, { name: "A", value: "" }] });
  subnet.install(id, moduleText({
    "update caller": `(call $msg_caller_copy (i32.const 0) (i32.const 0) (call $msg_caller_size)) ${replyWith(0, 29)}`,
    "update self": `(call $canister_self_copy (i32.const 0) (i32.const 0) (call $canister_self_size)) ${replyWith(0, 10)}`,
    "update environment": `(call $env_var_name_copy (i32.const 1) (i32.const 100) (i32.const 0) (call $env_var_name_size (i32.const 1)))
      (call $env_var_value_copy (i32.const 50) (i32.const 3) (i32.const 103) (i32.const 0) (call $env_var_value_size (i32.const 50) (i32.const 3)))
      (i32.store8 (i32.const 108) (call $env_var_count)) (i32.store8 (i32.const 109) (call $env_var_name_exists (i32.const 50) (i32.const 2))) ${replyWith(100, 10)}`,
    "update no_variable": `(drop (call $env_var_value_size (i32.const 50) (i32.const 2)))`, "update name_out_of_bounds": `(drop (call $env_var_name_size (i32.const 2)))`,
    "update numbers": `${put64(0, "(call $time)")} ${put64(8, "(call $canister_version)")} ${put32(16, "(call $canister_status)")} ${put32(20, "(call $in_replicated_execution)")} ${put32(24, "(call $subnet_self_node_count)")}
      ${put64(32, "(call $global_timer_set (i64.const 77))")} ${put64(40, "(call $global_timer_set (i64.const 0))")} ${replyWith(0, 48)}`,
    "query replicated": `${put32(0, "(call $in_replicated_execution)")} ${replyWith(0, 1)}`,
    "update controls": `(call $msg_caller_copy (i32.const 0) (i32.const 0) (call $msg_caller_size)) (i32.store8 (i32.const 40) (call $is_controller (i32.const 0) (i32.const 29)))
      (i32.store8 (i32.const 41) (call $is_controller (i32.const 0) (i32.const 28))) ${replyWith(40, 2)}`,
    "update counter": `${put64(0, "(call $performance_counter (i32.const 0))")} ${put64(8, "(call $performance_counter (i32.const 0))")} ${put64(16, "(call $performance_counter (i32.const 1))")} ${replyWith(0, 24)}`,
    "update bad_counter": `(drop (call $performance_counter (i32.const 2)))`,
    "update balance": `(call $canister_cycle_balance128 (i32.const 0)) ${put64(16, "(call $canister_cycle_balance)")} (call $cycles_burn128 (i64.const 0) (i64.const 1000) (i32.const 24)) (call $canister_cycle_balance128 (i32.const 40)) ${replyWith(0, 56)}`,
    "update cost": `(call $cost_call (i64.const 4) (i64.const 0) (i32.const 0)) (call $cost_create_canister (i32.const 16)) (i32.store8 (i32.const 32) (call $cost_sign_with_ecdsa (i32.const 60) (i32.const 5) (i32.const 0) (i32.const 40)))
      (i32.store8 (i32.const 33) (call $cost_sign_with_ecdsa (i32.const 60) (i32.const 5) (i32.const 9) (i32.const 40))) (i32.store8 (i32.const 34) (call $cost_sign_with_schnorr (i32.const 60) (i32.const 4) (i32.const 1) (i32.const 40))) ${replyWith(0, 56)}`,
  }, { data: { 50: "KEY", 60: "key_1" } }));

  test("its caller and itself", () => {
    expect(reply(subnet.call(id, "caller"))).toEqual(bytesFromHex(USER));
    expect(reply(subnet.call(id, "self"))).toEqual(bytesFromHex(id));
  });
  test("its environment variables by name order", () => {
    expect(reply(subnet.call(id, "environment"))).toEqual(Uint8Array.from([...bytes("KEYvalue"), 2, 0]));
    expect(subnet.call(id, "no_variable")).toMatchObject({ code: "IC0504" });
    expect(subnet.call(id, "name_out_of_bounds")).toMatchObject({ code: "IC0504" });
  });
  test("time, version, status and its timer", () => {
    const answer = reply(subnet.call(id, "numbers"));
    expect(u64(answer)).toBe(subnet.state.time);
    expect([answer[16], answer[20], answer[24], u64(answer, 32), u64(answer, 40)]).toEqual([1, 1, 13, 0n, 77n]);
    expect(subnet.query(id, "replicated")).toEqual({ ok: true, value: Uint8Array.of(0) });
    expect(reply(subnet.call(id, "replicated"))).toEqual(Uint8Array.of(1));
    const next = reply(subnet.call(id, "numbers"));
    expect(u64(next, 8)).toBe(u64(answer, 8) + 1n); // a query as an update does not count
  });
  test("who controls it", () => { expect(reply(subnet.call(id, "controls"))).toEqual(Uint8Array.of(1, 0)); });
  test("its instructions", () => {
    const answer = reply(subnet.call(id, "counter")), [first, second, context] = [u64(answer), u64(answer, 8), u64(answer, 16)];
    expect(first).toBeGreaterThan(200n);
    expect(second - first).toBeLessThan(300n);
    expect(second - first).toBeGreaterThanOrEqual(200n);
    expect(context).toBeGreaterThan(second);
    expect(subnet.call(id, "bad_counter")).toMatchObject({ code: "IC0504" });
  });
  test("its balance, in both widths, and burns of it", () => {
    const answer = reply(subnet.call(id, "balance"));
    expect(u64(answer, 8)).toBe(0n);
    expect(u64(answer, 16)).toBe(u64(answer));
    expect(u64(answer, 24)).toBe(1000n);
    expect(u64(answer) - u64(answer, 40)).toBe(1000n);
    const held = subnet.state.canisters.get(id)!.system.balance;
    expect(held).toBeGreaterThan(u64(answer, 40)); // the prepayment of the message was taken out while it ran
  });
  test("prices", () => {
    const answer = reply(subnet.call(id, "cost"));
    expect(u64(answer)).toBe(260_000n + 1_000n * 4n + 1_000n * 2_097_152n + 5_000_000n + 40_000_000_000n);
    expect(u64(answer, 16)).toBe(500_000_000_000n);
    expect([answer[32], answer[33], answer[34]]).toEqual([0, 1, 2]);
    expect(u64(answer, 40)).toBe(10_000_000_000n);
  });
});

describe("a message traps", () => {
  const cases: Readonly<Record<string, readonly [body: string, code: string, message: RegExp]>> = {
    reply_twice: ["(call $msg_reply) (call $msg_reply)", "IC0504", /already replied/],
    append_after_reply: ["(call $msg_reply) (call $msg_reply_data_append (i32.const 0) (i32.const 1))", "IC0504", /already replied/],
    reject_not_utf8: ["(i32.store8 (i32.const 0) (i32.const 255)) (call $msg_reject (i32.const 0) (i32.const 1))", "IC0504", /UTF-8/],
    reply_too_large: ["(drop (memory.grow (i32.const 32))) (call $msg_reply_data_append (i32.const 0) (i32.const 2097152)) (call $msg_reply_data_append (i32.const 0) (i32.const 1))", "IC0504", /2097153.*2097152/],
    heap_bounds: ["(call $msg_reply_data_append (i32.const 65530) (i32.const 10))", "IC0502", /heap out of bounds/],
    stable_bounds: ["(call $stable64_read (i64.const 0) (i64.const 0) (i64.const 1))", "IC0502", /stable memory out of bounds/],
    arg_bounds: ["(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 1))", "IC0504", /exceeds the slice size/],
    certified_too_large: ["(call $certified_data_set (i32.const 0) (i32.const 33))", "IC0504", /no larger than 32 bytes/],
    perform_nothing: ["(drop (call $call_perform))", "IC0504", /no call is under construction/],
    append_nothing: ["(call $call_data_append (i32.const 0) (i32.const 0))", "IC0504", /no call is under construction/],
    cleanup_twice: ["(call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (call $call_on_cleanup (i32.const 0) (i32.const 0)) (call $call_on_cleanup (i32.const 0) (i32.const 0))", "IC0504", /at most once/],
    callee_no_principal: ["(call $call_new (i32.const 0) (i32.const 30) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))", "IC0504", /not a principal/],
    method_too_long: ["(call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 20001) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))", "IC0504", /20001/],
    overspend: ["(call $call_new (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (call $call_cycles_add128 (i64.const 1) (i64.const 0))", "IC0504", / is out of cycles: please top up the canister with at least [\d_]+ additional cycles$/],
    controller_too_long: ["(drop (call $is_controller (i32.const 0) (i32.const 30)))", "IC0504", /not a principal/],
    mint: ["(drop (call $mint_cycles (i64.const 1)))", "IC0504", /non Cycles Minting Canister/],
    own_trap: ['(call $trap (i32.const 500) (i32.const 4))', "IC0503", /Canister called `ic0\.trap` with message: 'oops'/],
    division: ["(drop (i32.div_s (i32.const 1) (i32.const 0)))", "IC0502", /integer division by 0/],
    recursion: ["(call $deep)", "IC0502", /stack overflow/],
  };
  const subnet = createTestSubnet(), id = subnet.create();
  expect(subnet.install(id, moduleText(Object.fromEntries(Object.entries(cases).map(([name, [body]]) => [`update ${name}`, body])), { prelude: `${TABLE} (func $deep (call $deep))`, data: { 500: "oops" } }))).toBeUndefined();
  test.each(Object.keys(cases))("at %s", (name) => {
    const status = subnet.call(id, name), [, code, message] = cases[name]!;
    expect(status).toMatchObject({ kind: "failed", code });
    expect((status as { message: string }).message).toMatch(message);
    expect((status as { message: string }).message).toMatch(/^Error from Canister [a-z0-9-]+-cai: Canister /);
  });
});

describe("stable memory", () => {
  test("grows to what the cycles allow and is charged by the page", () => {
    const subnet = createTestSubnet(), id = subnet.create(1_000_000_000_000n);
    subnet.install(id, moduleText({
      "update grow": `(i64.store (i32.const 0) (call $stable64_grow (i64.const 1))) (i64.store (i32.const 8) (call $stable64_grow (i64.const 99999999))) (i64.store (i32.const 16) (call $stable64_size)) ${replyWith(0, 24)}`,
      "update legacy": `(i32.store (i32.const 0) (call $stable_grow (i32.const 70000))) (i32.store (i32.const 4) (call $stable_size)) ${replyWith(0, 8)}`,
      "update much": `(drop (call $stable64_grow (i64.const 1000000))) (call $msg_reply)`,
      "update write": `(call $stable64_write (i64.const 0) (i64.const 0) (i64.const 4096)) ${put64(0, "(call $performance_counter (i32.const 0))")} (call $stable64_write (i64.const 0) (i64.const 0) (i64.const 4096)) ${put64(8, "(call $performance_counter (i32.const 0))")} ${replyWith(0, 16)}`,
    }));
    const grown = reply(subnet.call(id, "grow"));
    expect([u64(grown), u64(grown, 8), u64(grown, 16)]).toEqual([0n, (1n << 64n) - 1n, 1n]);
    expect(reply(subnet.call(id, "legacy"))).toEqual(Uint8Array.of(255, 255, 255, 255, 1, 0, 0, 0));
    expect(subnet.call(id, "much")).toMatchObject({ kind: "failed", code: "IC0532" });
    const costs = reply(subnet.call(id, "write")), [first, both] = [u64(costs), u64(costs, 8)];
    expect(first - (both - first)).toBeGreaterThan(700n); // the first write pays for the page that it dirties
  });
  test("settings of a canister reach its next message", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, moduleText({ "update count": `(i32.store8 (i32.const 0) (call $env_var_count)) ${replyWith(0, 1)}` }));
    subnet.manage("update_settings", { canister_id: candidPrincipal(id), settings: settingsOf({ environment_variables: [{ name: "X", value: "y" }] }), sender_canister_version: [] });
    expect(reply(subnet.call(id, "count"))).toEqual(Uint8Array.of(1));
  });
});

describe("instructions", () => {
  const params = { messageInstructionsMax: 100_000n, queryInstructionsMax: 50_000n, installInstructionsMax: 30_000_000n };
  const subnet = createTestSubnet({ params }), id = subnet.create();
  const module = (init: string): string => moduleText({ "init": init, "update spin": "(global.set $n (i32.const 1)) (loop $more (br $more))", "query spin_query": "(loop $more (br $more))", "query get": `(i32.store8 (i32.const 0) (global.get $n)) ${replyWith(0, 1)}` },
    { prelude: "(global $n (mut i32) (i32.const 0))" });
  test("of a message are limited; what it used is paid, what it did is undone", () => {
    expect(subnet.install(id, module(""))).toBeUndefined();
    const before = subnet.state.canisters.get(id)!.system.balance, status = subnet.call(id, "spin");
    expect(status).toMatchObject({ kind: "failed", code: "IC0522", message: expect.stringContaining("Canister exceeded the limit of 100000 instructions for single message execution") });
    expect(before - subnet.state.canisters.get(id)!.system.balance).toBe(1_600_000n + 5_000_000n + 100_000n);
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(0) });
  });
  test("of a query and of an installation have limits of their own", () => {
    expect(subnet.query(id, "spin_query")).toMatchObject({ ok: false, error: { code: "IC0522", message: expect.stringContaining("50000") } });
    expect(subnet.install(id, module("(loop $more (br $more))"), { reinstall: null })).toMatchObject({ code: "IC0522" });
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(0) });
  });
});
