import { describe, expect, test } from "vitest";
import { bytesFromHex, canisterIdFromIndex } from "../../src/replica/types/index.ts";
import { USER, candidPrincipal } from "../unit/replica/execution/testSubnet.ts";
import { createUniversalSubnet, failureOf, replyOf, textOf, u64At } from "./universalSubnet.ts";
import { PASS_ON, type Program, run } from "./universal.ts";

const WIDTHS = [["32", { memory64: false }], ["64", { memory64: true }]] as const;
const remember = (text: string): Program => run().getVariable(0).push(text).concat().setVariable(0);
const REMEMBERED = run().getVariable(0).reply();

describe.each(WIDTHS)("with memories of %s bits", async (_width, options) => {
  const { subnet, canister } = await createUniversalSubnet(options), [a, b] = [canister(), canister()];
  const remembered = (of = a): string => textOf(replyOf(of.query(REMEMBERED)));
  const forget = (): void => { for (const one of [a, b]) replyOf(one.update(run().push("").setVariable(0).ic0("msg_reply"))); };
  const toB = (arg: Program, more: Partial<Parameters<Program["call"]>[0]> = {}): Program => run().call({ callee: b.id, method: "update", arg, ...more });

  describe("Responding", () => {
    test("msg_reply_data_append collects, msg_reply sends, once", () => {
      expect(textOf(replyOf(a.update(run().push("con").append().push("cat").append().ic0("msg_reply"))))).toBe("concat");
      for (const ask of [a.update, a.query, a.replicatedQuery]) {
        expect(failureOf(ask(run().ic0("msg_reply").ic0("msg_reply")))).toMatchObject({ code: "IC0504" });
        expect(failureOf(ask(run().ic0("msg_reply").push("x").append()))).toMatchObject({ code: "IC0504" });
        expect(failureOf(ask(run().reject("x").ic0("msg_reply")))).toMatchObject({ code: "IC0504" });
        expect(failureOf(ask(run().reject("x").push("x").append()))).toMatchObject({ code: "IC0504" });
        expect(failureOf(ask(run().ic0("msg_reply").reject("x")))).toMatchObject({ code: "IC0504" });
      }
    });
    test("msg_reject gives code 4 and its text, and drops what was appended", () => {
      for (const ask of [a.update, a.query, a.replicatedQuery]) expect(failureOf(ask(run().push("dropped").append().reject("because")))).toMatchObject({ code: "IC0406", message: "because" });
      expect(failureOf(a.update(run().reject("because")))).toMatchObject({ rejectCode: 4 });
      expect(failureOf(a.update(run().ic0("msg_reject", Uint8Array.of(255))))).toMatchObject({ code: "IC0504" });
    });
    test("no response is an error, and what the update did stays", () => {
      expect(failureOf(a.update(remember("kept")))).toMatchObject({ code: "IC0506", rejectCode: 5 });
      expect(remembered()).toBe("kept");
      expect(failureOf(a.query(run()))).toMatchObject({ code: "IC0506" });
      forget();
    });
    test("data appended before a call is gone in its callback", () => {
      expect(textOf(replyOf(a.update(run().push("gone").append().splice(toB(run().reply("here"))))))).toBe("here");
    });
    test("the payload of an answer is limited: 2 MiB, in queries 3 MiB", () => {
      const append = (mib: number, more: number): Program => run().push(mib * 2 ** 20 + more).do("alloc").append().ic0("msg_reply");
      expect(replyOf(a.update(append(2, 0))).length).toBe(2 * 2 ** 20);
      expect(failureOf(a.update(append(2, 1)))).toMatchObject({ code: "IC0504" });
      expect(replyOf(a.query(append(3, 0))).length).toBe(3 * 2 ** 20);
      expect(failureOf(a.query(append(3, 1)))).toMatchObject({ code: "IC0504" });
    });
  });

  describe("Inter-canister method calls", () => {
    test("call_data_append really appends", () => {
      const program = run().reply("appended").bytes, half = program.length >> 1;
      const call = run().push(bytesFromHex(b.id)).ic0("call_new", "update", 0, PASS_ON, 0, PASS_ON).ic0("call_data_append", program.subarray(0, half)).ic0("call_data_append", program.subarray(half)).ic0("call_perform").drop();
      expect(textOf(replyOf(a.update(call)))).toBe("appended");
    });
    test("call_new throws away the call that was begun; without it the others trap", () => {
      const begun = run().push(bytesFromHex(b.id)).ic0("call_new", "no_such_method", 0, PASS_ON, 0, PASS_ON).ic0("call_data_append", "nonsense").splice(toB(run().reply("second")));
      expect(textOf(replyOf(a.update(begun)))).toBe("second");
      for (const [call, ...operands] of [["call_data_append", "x"], ["call_on_cleanup", 0, 0], ["call_cycles_add128", 0, 0], ["call_with_best_effort_response", 1], ["call_perform"]] as const) {
        expect(failureOf(a.update(run().ic0(call, ...operands))), call).toMatchObject({ code: "IC0504" });
        expect(failureOf(a.update(toB(run().reply("x"), { keep: true }).drop().ic0(call, ...operands))), call).toMatchObject({ code: "IC0504" });
      }
    });
    test("call_on_cleanup and call_with_best_effort_response may be called once", () => {
      const begun = (): Program => run().push(bytesFromHex(b.id)).ic0("call_new", "update", 0, PASS_ON, 0, PASS_ON);
      expect(failureOf(a.update(begun().ic0("call_on_cleanup", 0, PASS_ON).ic0("call_on_cleanup", 0, PASS_ON)))).toMatchObject({ code: "IC0504" });
      expect(failureOf(a.update(begun().ic0("call_with_best_effort_response", 1).ic0("call_with_best_effort_response", 1)))).toMatchObject({ code: "IC0504" });
    });
    test("the method's name has at most 20,000 bytes, the callee at most 29", () => {
      const to = (callee: Uint8Array, method: string): Program => run().push(callee).ic0("call_new", method, 0, PASS_ON, 0, PASS_ON);
      expect(failureOf(a.update(to(bytesFromHex(b.id), "x".repeat(20_001))))).toMatchObject({ code: "IC0504" });
      expect(failureOf(a.update(to(new Uint8Array(30), "x")))).toMatchObject({ code: "IC0504" });
      expect(failureOf(a.update(to(bytesFromHex(b.id), "x").reply("unharmed").trap("end")))).toMatchObject({ code: "IC0503" });
    });
    test("a call to what is not there is rejected with DESTINATION_INVALID; a method that is not there with CANISTER_ERROR", () => {
      const codeOf = (callee: string, method: string): number => replyOf(a.update(run().call({ callee, method })))[0]!;
      expect([codeOf(canisterIdFromIndex(0x99n), "update"), codeOf(canisterIdFromIndex(0xff_0099n), "update"), codeOf(USER, "update"), codeOf(b.id, "no_such"), codeOf(b.id, "composite")]).toEqual([3, 3, 3, 5, 5]);
    });
    test("queries make no calls", () => { expect(failureOf(a.query(toB(run().reply("x"))))).toMatchObject({ code: "IC0504" }); });
    test("a call to itself, to an update and to a query", () => {
      const self = (method: string): Program => run().call({ callee: run().take("canister_self"), method, arg: remember("self").splice(REMEMBERED) });
      expect(textOf(replyOf(a.update(self("update"))))).toBe("self");
      expect(textOf(replyOf(a.update(self("query"))))).toBe("selfself");
      expect(remembered()).toBe("self"); // the query's change is gone
      forget();
    });
    test("an update commits before its call is made, and before its callback runs", () => {
      const looksBack = run().call({ callee: a.id, method: "query", arg: REMEMBERED });
      expect(textOf(replyOf(a.update(remember("1").splice(toB(looksBack, { onReply: remember("2").splice(run().take("msg_arg_data").getVariable(0).concat().reply()) })))))).toBe("112");
      forget();
    });
    test("a loop of calls between two canisters ends when one of them answers", () => {
      const deep = (levels: number): Program => (levels === 0 ? run().reply("bottom") : run().call({ callee: levels % 2 === 0 ? a.id : b.id, method: "update", arg: deep(levels - 1) }));
      expect(textOf(replyOf(a.update(deep(8))))).toBe("bottom");
    });
    test("two calls: both callbacks run, the first answers", () => {
      const after = (text: string): Program => remember(text).splice(run().getVariable(0).reply());
      expect(failureOf(a.update(toB(run().reply("x"), { onReply: remember("1") }).splice(toB(run().reply("y"), { onReply: remember("2") }))))).toMatchObject({ code: "IC0506" });
      expect(remembered()).toBe("12");
      forget();
      expect(textOf(replyOf(a.update(toB(run().reply("x"), { onReply: remember("1") }).splice(toB(run().reply("y"), { onReply: after("2") })))))).toBe("12");
      forget();
    });
    test("reply after a trap, a trap after a reply, and both trapping", () => {
      const traps = run().trap("callback"), answers = run().reply("answered");
      expect(textOf(replyOf(a.update(toB(run().reply("x"), { onReply: traps }).splice(toB(run().reply("y"), { onReply: answers })))))).toBe("answered");
      expect(textOf(replyOf(a.update(toB(run().reply("x"), { onReply: answers }).splice(toB(run().reply("y"), { onReply: traps })))))).toBe("answered");
      expect(failureOf(a.update(toB(run().reply("x"), { onReply: traps }).splice(toB(run().reply("y"), { onReply: traps }))))).toMatchObject({ code: "IC0503" });
    });
    test("a second answer in a callback traps and changes nothing", () => {
      expect(textOf(replyOf(a.update(run().reply("first").splice(toB(run().reply("x"), { onReply: remember("no").reply("second") })))))).toBe("first");
      expect(remembered()).toBe("");
    });
    test("500 calls to one canister wait at most; the next call_perform answers 2", () => {
      const one = run().push(bytesFromHex(b.id)).ic0("call_new", "update", 0, 0, 0, 0).ic0("call_perform").getVariable(5).drop().do("add").setVariableFrom(5);
      subnet.manage("provisional_top_up_canister", { canister_id: candidPrincipal(a.id), amount: 10n ** 17n });
      expect(u64At(replyOf(a.update(run().push(0).setVariableFrom(5).times(503, one).getVariable(5).drop().do("asBlob").reply())))).toBe(6n);
    });
  });

  describe("Callbacks", () => {
    test("call_on_cleanup runs on the state before the callback that trapped, and only then", () => {
      const cleanup = { onCleanup: remember("cleaned") };
      expect(failureOf(a.update(toB(run().reply("x"), { onReply: remember("lost").trap("oh"), ...cleanup })))).toMatchObject({ code: "IC0503" });
      expect(remembered()).toBe("cleaned");
      expect(failureOf(a.update(toB(run().reject("x"), { onReject: remember("lost").do("unreachable"), ...cleanup })))).toMatchObject({ code: "IC0502" });
      expect(remembered()).toBe("cleanedcleaned");
      forget();
      replyOf(a.update(toB(run().reply("x"), cleanup)));
      replyOf(a.update(toB(run().reject("x"), cleanup)));
      expect(remembered()).toBe("");
    });
    test("a cleanup that traps leaves nothing, and both traps are told", () => {
      const failure = failureOf(a.update(toB(run().reply("x"), { onReply: run().trap("first"), onCleanup: remember("lost").trap("second") })));
      expect(failure.message).toMatch(/'first'[^]*call_on_cleanup also failed:[^]*'second'/);
      expect(remembered()).toBe("");
    });
    test("a callback that is not in the table, or of another type, traps; the cleanup runs", () => {
      const broken = run().push(bytesFromHex(b.id)).ic0("call_new", "update", 7, 0, 7, 0).ic0("call_on_cleanup", 0, remember("cleaned")).ic0("call_perform").drop();
      expect(failureOf(a.update(broken)).message).toMatch(/table|function/i);
      expect(remembered()).toBe("cleaned");
      forget();
    });
    test("msg_reject_code in the cleanup is that of its callback", () => {
      const note = run().number("msg_reject_code").setVariable(0);
      failureOf(a.update(toB(run().reject("x"), { onReject: run().trap("oh"), onCleanup: note })));
      expect(u64At(replyOf(a.query(REMEMBERED)))).toBe(4n);
      failureOf(a.update(toB(run().reply("x"), { onReply: run().trap("oh"), onCleanup: note })));
      expect(u64At(replyOf(a.query(REMEMBERED)))).toBe(0n);
      forget();
    });
  });
});
