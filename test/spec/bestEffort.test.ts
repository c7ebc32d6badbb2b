import { describe, expect, test } from "vitest";
import { MANAGEMENT_CANISTER_ID } from "../../src/replica/types/index.ts";
import { createUniversalSubnet, failureOf, replyOf, textOf, u128At, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const SECOND = 1_000_000_000n;

describe("Inter-canister method calls: bounded-wait", async () => {
  const { subnet, canister } = await createUniversalSubnet(), [a, b, c] = [canister(), canister(), canister()];
  const NOTHING = Uint8Array.from(Buffer.from("DIDL\0\0")), randomness = (onReply: Program): Program => run().call({ callee: MANAGEMENT_CANISTER_ID, method: "raw_rand", arg: NOTHING, onReply });
  /** Answers two rounds later: raw_rand takes the next round's tape. */
  const waiting = randomness(randomness(run().reply("late")));

  test("msg_deadline is the second of the call and its timeout, at most 300 s; 0 in calls without and in queries", () => {
    const deadline = (timeoutSeconds: number | undefined, method: "update" | "query" = "update"): bigint => {
      const answer = replyOf(a.update(run().call({ callee: b.id, method, arg: run().number("msg_deadline").reply(), ...(timeoutSeconds !== undefined && { timeoutSeconds }), onReply: run().take("msg_arg_data").number("time").concat().reply() })));
      const at = u64At(answer, 8);
      expect(u64At(answer) % SECOND).toBe(0n);
      return u64At(answer) === 0n ? 0n : u64At(answer) - (at - at % SECOND);
    };
    expect([deadline(10), deadline(300), deadline(4_000_000_000), deadline(undefined), deadline(10, "query")]).toEqual([10n * SECOND, 300n * SECOND, 300n * SECOND, 0n, 0n]);
    expect(u64At(replyOf(a.update(run().number("msg_deadline").reply())))).toBe(0n);
    expect(u64At(replyOf(a.query(run().number("msg_deadline").reply())))).toBe(0n);
  });
  test("the deadline is known in the callee's callbacks too", () => {
    const nested = run().call({ callee: c.id, method: "update", arg: run().number("msg_deadline").reply(), onReply: run().take("msg_arg_data").number("msg_deadline").concat().reply() });
    const answer = replyOf(a.update(run().call({ callee: b.id, method: "update", arg: nested, timeoutSeconds: 20 })));
    expect(u64At(answer)).toBe(0n); // the call within is an unbounded one
    expect(u64At(answer, 8)).toBeGreaterThan(subnet.state.time);
  });
  test("an answer in time is delivered like every other", () => {
    expect(textOf(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reply("here"), timeoutSeconds: 1 }))))).toBe("here");
    expect(textOf(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reject("no"), timeoutSeconds: 1 }))))).toBe("\x04no");
  });
  test("after the deadline the caller gets SYS_UNKNOWN, the late answer goes nowhere, its cycles come back", () => {
    const late = run().call({ callee: b.id, method: "update", arg: waiting, timeoutSeconds: 2, cycles: 1_000_000_000n, onReject: run().number("msg_reject_code").take("msg_reject_msg").concat().take128("msg_cycles_refunded128").concat().reply() });
    const message = subnet.ingress(a.id, "update", late.bytes);
    subnet.round([message]);
    expect(subnet.status(message).kind).toBe("processing");
    const before = a.system.balance + b.system.balance;
    subnet.round([], 3);
    const answer = replyOf(subnet.status(message));
    expect(u64At(answer)).toBe(6n);
    expect(u128At(answer, answer.length - 16)).toBe(0n);
    for (let i = 0; i < 4; i++) subnet.round();
    expect([a.system.callbacks, b.system.callbacks, b.system.callContexts]).toEqual([{}, {}, {}]);
    expect(before - a.system.balance - b.system.balance).toBeLessThan(200_000_000n);
  });
  test("a timeout of 0 ends at the next round", () => {
    const message = subnet.ingress(a.id, "update", run().call({ callee: b.id, method: "update", arg: waiting, timeoutSeconds: 0, onReject: run().number("msg_reject_code").reply() }).bytes);
    subnet.round([message]);
    for (let i = 0; i < 5; i++) subnet.round();
    expect(u64At(replyOf(subnet.status(message)))).toBe(6n);
  });
  test("unbounded calls wait for as long as it takes", () => {
    const message = subnet.ingress(a.id, "update", run().call({ callee: b.id, method: "update", arg: waiting }).bytes);
    subnet.round([message]);
    subnet.round([], 299);
    for (let i = 0; i < 4; i++) subnet.round();
    expect(textOf(replyOf(subnet.status(message)))).toBe("late");
  });
  test("calls to the management canister may have a deadline", () => {
    const random = replyOf(a.update(run().call({ callee: MANAGEMENT_CANISTER_ID, method: "raw_rand", arg: NOTHING, timeoutSeconds: 60 })));
    expect(random.length).toBeGreaterThan(32);
    expect(failureOf(a.update(run().ic0("call_with_best_effort_response", 1)))).toMatchObject({ code: "IC0504" });
  });
});
