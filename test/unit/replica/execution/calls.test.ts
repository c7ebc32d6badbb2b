import { describe, expect, test } from "vitest";
import { bytesFromHex } from "../../../../src/replica/types/index.ts";
import type { CanisterId } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "./testModule.ts";
import { type TestSubnet, bytes, candidPrincipal, createTestSubnet, text } from "./testSubnet.ts";

const TABLE = (...functions: string[]): string => `(table funcref (elem ${functions.map((name) => `$${name}`).join(" ")}))`;
const increment = (by = 1): string => `(global.set $count (i32.add (global.get $count) (i32.const ${by})))`;

/** Answers, refuses, traps, forgets to answer. */
const CALLEE = moduleText({
  "update echo": `(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply)`,
  "update refuse": `(call $msg_reject (i32.const 2000) (i32.const 2))`,
  "update crash": `(unreachable)`,
  "update silent": ``,
  "update take": `(drop (call $msg_cycles_accept (i64.const 600))) (call $msg_reply)`,
  "query look": replyWith(2000, 2),
}, { data: { 2000: "no" } });

const CALLER = (method: string, more: { prelude?: string; beforePerform?: string; afterPerform?: string } = {}): string => moduleText({
  "update go": `${calleeFromArg} ${callTo(1000, 10, 100, method.length)} ${more.beforePerform ?? ""} (drop (call $call_perform)) ${more.afterPerform ?? ""}`,
  "query count": `(i32.store (i32.const 500) (global.get $count)) ${replyWith(500, 1)}`,
}, {
  data: { 100: method, 200: "rejected" },
  prelude: more.prelude ?? `${TABLE("onReply", "onReject")} (global $count (mut i32) (i32.const 0))
    (func $onReply (param i32) ${increment()} (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply))
    (func $onReject (param i32) ${increment(2)} (i32.store8 (i32.const 300) (call $msg_reject_code)) (call $msg_reject_msg_copy (i32.const 301) (i32.const 0) (call $msg_reject_msg_size))
      (call $msg_reply_data_append (i32.const 300) (i32.add (i32.const 1) (call $msg_reject_msg_size))) (call $msg_reply))`,
});

function pair(callerModule: string): { subnet: TestSubnet; caller: CanisterId; callee: CanisterId; go: () => ReturnType<TestSubnet["call"]>; balances: () => bigint } {
  const subnet = createTestSubnet();
  const [caller, callee] = [subnet.create(), subnet.create()];
  expect(subnet.install(caller, callerModule)).toBeUndefined();
  expect(subnet.install(callee, CALLEE)).toBeUndefined();
  return {
    subnet, caller, callee, go: () => subnet.call(caller, "go", bytesFromHex(callee)),
    balances: () => [caller, callee].reduce((sum, id) => sum + subnet.state.canisters.get(id)!.system.balance, 0n),
  };
}
const rejectOf = (status: ReturnType<TestSubnet["call"]>): { code: number; message: string } => {
  expect(status.kind).toBe("completed");
  const { reply } = status as { reply: Uint8Array };
  return { code: reply[0]!, message: text(reply.subarray(1)) };
};

describe("calls between canisters of one subnet", () => {
  test("a reply reaches the reply callback in the same round", () => {
    const { subnet, caller, callee } = pair(CALLER("echo", { beforePerform: "(call $call_data_append (i32.const 200) (i32.const 8))" }));
    const message = subnet.ingress(caller, "go", bytesFromHex(callee));
    subnet.round([message]);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: bytes("rejected") });
    expect(subnet.query(caller, "count")).toEqual({ ok: true, value: Uint8Array.of(1) });
    const { callContexts, callbacks, queues } = subnet.state.canisters.get(caller)!.system;
    expect([callContexts, callbacks, queues]).toEqual([{}, {}, { ingress: [], input: [], output: [] }]);
  });

  test.each([
    ["refuse", 4, /^no$/], ["crash", 5, /^Error from Canister .*-cai: Canister trapped: unreachable/], ["silent", 5, /Canister did not reply to the call$/],
    ["nothing", 5, /^Error from Canister .*-cai: Canister has no update method 'nothing'\.\.\nCheck that the method being called is exported by the target canister\. See documentation: https:\S+#method-not-found$/],
  ])("`%s` reaches the reject callback with code %i", (method, code, message) => {
    const { go } = pair(CALLER(method));
    const reject = rejectOf(go());
    expect(reject.code).toBe(code);
    expect(reject.message).toMatch(message);
  });

  test("a call to a canister that does not exist is rejected as an invalid destination", () => {
    const { subnet, caller } = pair(CALLER("echo"));
    const missing = "00000000000000990101" as CanisterId, elsewhere = "0000000000ff00990101" as CanisterId;
    expect(rejectOf(subnet.call(caller, "go", bytesFromHex(missing)))).toMatchObject({ code: 3, message: expect.stringMatching(/^Canister .*-cai not found$/) });
    expect(rejectOf(subnet.call(caller, "go", bytesFromHex(elsewhere)))).toMatchObject({ code: 3 });
  });

  test("queries of other canisters can be called from updates, and their state is thrown away", () => {
    expect(pair(CALLER("look")).go()).toMatchObject({ kind: "completed", reply: bytes("no") });
  });

  test("cycles are conserved: what the callee does not take comes back, and only fees are lost", () => {
    const send = pair(CALLER("take", { beforePerform: "(call $call_cycles_add (i64.const 1000))" })), quiet = pair(CALLER("take"));
    const start = [send.balances(), quiet.balances()];
    const calleeBefore = send.subnet.state.canisters.get(send.callee)!.system.balance, quietBefore = quiet.subnet.state.canisters.get(quiet.callee)!.system.balance;
    expect([send.go().kind, quiet.go().kind]).toEqual(["completed", "completed"]);
    const taken = send.subnet.state.canisters.get(send.callee)!.system.balance - calleeBefore, untouched = quiet.subnet.state.canisters.get(quiet.callee)!.system.balance - quietBefore;
    expect(taken - untouched).toBe(600n);
    const [costSend, costQuiet] = [start[0]! - send.balances(), start[1]! - quiet.balances()];
    expect(costSend - costQuiet).toBeLessThan(5_000n); // the instructions of call_cycles_add, no cycles of the call
    expect(costSend).toBeGreaterThan(260_000n);
  });

  test("a trap in a callback is rolled back, the cleanup runs on the state before it, and the caller gets the trap", () => {
    const { subnet, caller, go } = pair(CALLER("echo", {
      beforePerform: "(call $call_on_cleanup (i32.const 2) (i32.const 0))",
      prelude: `${TABLE("onReply", "onReject", "cleanup")} (global $count (mut i32) (i32.const 0))
        (func $onReply (param i32) ${increment(50)} (unreachable)) (func $onReject (param i32)) (func $cleanup (param i32) ${increment(7)})`,
    }));
    expect(go()).toMatchObject({ kind: "failed", code: "IC0502", message: expect.stringContaining("Canister trapped: unreachable") });
    expect(subnet.query(caller, "count")).toEqual({ ok: true, value: Uint8Array.of(7) });
  });

  test("when the cleanup traps too, both are told and nothing stays", () => {
    const { subnet, caller, go } = pair(CALLER("echo", {
      beforePerform: "(call $call_on_cleanup (i32.const 2) (i32.const 0))",
      prelude: `${TABLE("onReply", "onReject", "cleanup")} (global $count (mut i32) (i32.const 0))
        (func $onReply (param i32) (unreachable)) (func $onReject (param i32)) (func $cleanup (param i32) ${increment()} (drop (i32.div_u (i32.const 1) (i32.const 0))))`,
    }));
    expect(go()).toMatchObject({ kind: "failed", code: "IC0502", message: expect.stringMatching(/unreachable[^]*call_on_cleanup also failed:[^]*integer division by 0/) });
    expect(subnet.query(caller, "count")).toEqual({ ok: true, value: Uint8Array.of(0) });
  });

  test("a closure that is not in the table traps and the cleanup runs", () => {
    const { subnet, caller, go } = pair(CALLER("echo", {
      beforePerform: "(call $call_on_cleanup (i32.const 0) (i32.const 0))",
      prelude: `(table funcref (elem $cleanup)) (global $count (mut i32) (i32.const 0)) (func $cleanup (param i32) ${increment(9)})`,
    }).replace("(i32.const 4) (i32.const 0) (i32.const 0) (i32.const 1)", "(i32.const 4) (i32.const 77) (i32.const 0) (i32.const 1)"));
    expect(go().kind).toBe("failed");
    expect(subnet.query(caller, "count")).toEqual({ ok: true, value: Uint8Array.of(9) });
  });

  test("a trap after call_perform sends nothing", () => {
    const { subnet, caller, callee, go, balances } = pair(CALLER("take", { beforePerform: "(call $call_cycles_add (i64.const 1000))", afterPerform: "(unreachable)" }));
    const before = subnet.state.canisters.get(callee)!.system.balance, all = balances();
    expect(go()).toMatchObject({ kind: "failed", code: "IC0502" });
    expect(subnet.state.canisters.get(callee)!.system.balance).toBe(before);
    expect(all - balances()).toBeLessThan(10_000_000n);
    expect(subnet.state.canisters.get(caller)!.system.callbacks).toEqual({});
  });

  test("the 501st call to one canister is not enqueued", () => {
    const { subnet, caller, callee } = pair(moduleText({
      "update go": `(local $i i32) (local $sent i32) ${calleeFromArg}
        (loop $more ${callTo(1000, 10, 100, 4)} (if (i32.eqz (call $call_perform)) (then (local.set $sent (i32.add (local.get $sent) (i32.const 1)))))
          (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $more (i32.lt_u (local.get $i) (i32.const 510))))
        (i32.store (i32.const 500) (local.get $sent)) ${replyWith(500, 2)}`,
    }, { data: { 100: "echo" }, prelude: `${TABLE("nothing", "nothing")} (func $nothing (param i32))` }));
    subnet.manage("provisional_top_up_canister", { canister_id: candidPrincipal(caller), amount: 10n ** 16n });
    expect(subnet.call(caller, "go", bytesFromHex(callee))).toMatchObject({ kind: "completed", reply: Uint8Array.of(500 & 255, 500 >> 8) });
  });
});
