import { describe, expect, test } from "vitest";
import { candidPrincipal, settingsOf } from "../unit/replica/execution/testSubnet.ts";
import { createUniversalSubnet, failureOf, replyOf, u128At, u64At } from "./universalSubnet.ts";
import { PASS_ON, type Program, run } from "./universal.ts";

const BIG = 1n << 70n;
const amount = (value: bigint): [bigint, bigint] => [value >> 64n, BigInt.asIntN(64, value)];
const accept = (value: bigint): Program => run().take128("msg_cycles_accept128", ...amount(value));

describe.each([["32", { memory64: false }], ["64", { memory64: true }]] as const)("Cycles: with memories of %s bits", async (_width, options) => {
  const { canister, subnet } = await createUniversalSubnet(options), [a, b, rich] = [canister(), canister(), canister({ cycles: BIG * 8n })];
  const send = (cycles: bigint, arg: Program, onReply: Program = PASS_ON, from = a): Uint8Array => replyOf(from.update(run().call({ callee: b.id, method: "update", arg, cycles, onReply, onReject: onReply })));

  test("canister_cycle_balance128 is what is there without the reserve of the message; the liquid balance is less by the freezing threshold", () => {
    const prepaid = 5_000_000n + 40_000_000_000n * (options.memory64 ? 2n : 1n), before = a.system.balance;
    const seen = replyOf(a.update(run().take128("canister_cycle_balance128").take128("canister_liquid_cycle_balance128").concat().reply()));
    expect(before - u128At(seen)).toBeGreaterThanOrEqual(prepaid); // and the message's induction
    expect(before - u128At(seen)).toBeLessThan(prepaid + 10_000_000n);
    expect(u128At(seen, 16)).toBeLessThan(u128At(seen));
    expect(u128At(replyOf(a.query(run().take128("canister_cycle_balance128").reply())))).toBe(a.system.balance);
    subnet.manage("update_settings", { canister_id: candidPrincipal(b.id), settings: settingsOf({ freezing_threshold: 0n }), sender_canister_version: [] });
    const equal = replyOf(b.query(run().take128("canister_cycle_balance128").take128("canister_liquid_cycle_balance128").concat().reply()));
    expect(u128At(equal)).toBe(u128At(equal, 16));
  });
  test("msg_cycles_available128 falls by what is accepted, to 0 when the call is answered", () => {
    const program = run().take128("msg_cycles_available128").splice(accept(600n)).concat().take128("msg_cycles_available128").concat().append().take128("msg_cycles_available128").setVariable(0).ic0("msg_reply");
    const answer = send(1_000n, program);
    expect([u128At(answer), u128At(answer, 16), u128At(answer, 32)]).toEqual([1_000n, 600n, 400n]);
    const after = send(1_000n, run().push("x").append().ic0("msg_reply").take128("msg_cycles_available128").splice(accept(1n)).concat().setVariable(0));
    expect(after.length).toBe(1);
    const kept = replyOf(b.query(run().getVariable(0).reply()));
    expect([u128At(kept), u128At(kept, 16)]).toEqual([0n, 0n]);
  });
  test("msg_cycles_accept128 takes no more than there is, and nothing is lost or made", () => {
    const all = (): bigint => a.system.balance + b.system.balance, before = b.system.balance;
    const total = all();
    const answer = send(5_000_000_000n, run().splice(accept(0n)).splice(accept(BIG)).concat().reply(), run().take("msg_arg_data").take128("msg_cycles_refunded128").concat().reply());
    expect([u128At(answer), u128At(answer, 16), u128At(answer, 32)]).toEqual([0n, 5_000_000_000n, 0n]);
    expect(b.system.balance - before).toBeGreaterThan(4_900_000_000n);
    expect(total - all()).toBeLessThan(50_000_000n); // the fees
  });
  test("msg_cycles_refunded128 is the rest, also after a reject, and is in the balance already", () => {
    const refund = run().take128("msg_cycles_refunded128").reply();
    expect(u128At(send(1_000n, run().splice(accept(300n)).drop().drop().reply("x"), refund))).toBe(700n);
    expect(u128At(send(1_000n, run().splice(accept(300n)).drop().drop().reject("x"), refund))).toBe(700n);
    expect(u128At(send(1_000n, run().splice(accept(300n)).drop().drop().trap("x"), refund))).toBe(1_000n); // the trap took the acceptance back
  });
  test("cycles can be accepted in a callback, before the answer", () => {
    const relayed = send(1_000n, run().call({ callee: a.id, method: "update", arg: run().reply("x"), onReply: run().take128("msg_cycles_available128").splice(accept(250n)).concat().reply() }), run().take("msg_arg_data").take128("msg_cycles_refunded128").concat().reply());
    expect([u128At(relayed), u128At(relayed, 16), u128At(relayed, 32)]).toEqual([1_000n, 250n, 750n]);
  });
  test("amounts of more than 64 bits are sent, seen, accepted and refunded", () => {
    const answer = send(BIG + 5n, run().take128("msg_cycles_available128").splice(accept(BIG + 2n)).concat().reply(), run().take("msg_arg_data").take128("msg_cycles_refunded128").concat().reply(), rich);
    expect([u128At(answer), u128At(answer, 16), u128At(answer, 32)]).toEqual([BIG + 5n, BIG + 2n, 3n]);
    expect(u128At(replyOf(rich.query(run().take128("canister_cycle_balance128").reply())))).toBe(rich.system.balance);
  });
  test("call_cycles_add128 takes from the balance at once, adds up, and traps above what is liquid", () => {
    const begun = (): Program => run().push(Buffer.from(b.id, "hex")).ic0("call_new", "update", 0, PASS_ON, 0, PASS_ON);
    const seen = replyOf(a.update(run().take128("canister_cycle_balance128").splice(begun()).ic0("call_cycles_add128", ...amount(70n)).ic0("call_cycles_add128", ...amount(30n)).take128("canister_cycle_balance128").concat()
      .splice(begun()).take128("canister_cycle_balance128").concat().reply()));
    expect(u128At(seen) - u128At(seen, 16)).toBe(100n);
    expect(u128At(seen)).toBe(u128At(seen, 32)); // call_new threw the first away
    expect(failureOf(a.update(begun().ic0("call_cycles_add128", ...amount(BIG))))).toMatchObject({ code: "IC0504" });
  });
  test("call_perform answers 2 when the price is not there, and gives the cycles back", () => {
    const poor = canister({ cycles: options.memory64 ? 1_000_000_000_000n : 500_000_000_000n });
    const most = run().push(Buffer.from(b.id, "hex")).ic0("call_new", "update", 0, PASS_ON, 0, PASS_ON).ic0("call_cycles_add128", ...amount(options.memory64 ? 830_000_000_000n : 410_000_000_000n));
    const seen = replyOf(poor.update(run().take128("canister_cycle_balance128").splice(most).number("call_perform").concat().take128("canister_cycle_balance128").concat().reply()));
    expect(u64At(seen, 16)).toBe(2n);
    expect(u128At(seen, 24)).toBe(u128At(seen));
  });
  test("cycles_burn128 burns down to the freezing threshold, and tells how much", () => {
    const lost = canister({ cycles: 1_000_000_000_000n });
    const small = replyOf(lost.update(run().take128("cycles_burn128", ...amount(12_345n)).reply()));
    expect(u128At(small)).toBe(12_345n);
    const answer = replyOf(lost.update(run().take128("canister_liquid_cycle_balance128").take128("cycles_burn128", ...amount(BIG)).concat().take128("canister_liquid_cycle_balance128").concat().reply()));
    expect(u128At(answer, 16)).toBe(u128At(answer));
    expect(u128At(answer, 32)).toBe(0n);
    expect(lost.system.consumed?.["burned"] ?? 0n).toBe(12_345n + u128At(answer));
  });
  test("only the cycles minting canister may mint", () => {
    expect(failureOf(a.update(run().ic0("mint_cycles", 1).ic0("mint_cycles128", 0, 1, 0)))).toMatchObject({ code: "IC0504" });
    expect(failureOf(a.update(run().ic0("mint_cycles128", 0, 1, 0))).message).toContain("ic0.mint_cycles128 cannot be executed on non Cycles Minting Canister");
  });
  test("minimum_incoming_canister_call_cycles: other canisters attach that much, users and the canister itself need not", () => {
    const proud = canister({ settings: { minimum_incoming_canister_call_cycles: 500n } });
    const from = (cycles: bigint): Uint8Array => replyOf(a.update(run().call({ callee: proud.id, method: "update", arg: run().reply("ok"), cycles, onReject: run().number("msg_reject_code").take128("msg_cycles_refunded128").concat().reply() })));
    expect(from(500n)).toEqual(Uint8Array.from(Buffer.from("ok")));
    expect([u64At(from(499n)), u128At(from(499n), 8)]).toEqual([5n, 499n]);
    expect(replyOf(proud.update(run().call({ callee: proud.id, method: "update", arg: run().reply("own") }))).length).toBe(3);
  });
});

describe("Cycles: the calls of 64 bits", async () => {
  const { canister } = await createUniversalSubnet(), [a, b, rich] = [canister(), canister(), canister({ cycles: BIG * 8n })];
  const legacy = (call: string, ...operands: readonly number[]): Program => run().number(call, ...operands);
  test("say the same as those of 128 bits", () => {
    const program = legacy("msg_cycles_available").splice(legacy("msg_cycles_accept", 600)).concat().splice(legacy("msg_cycles_available")).concat().splice(legacy("msg_cycles_accept", 9_999)).concat().reply();
    const call = run().push(Buffer.from(b.id, "hex")).ic0("call_new", "update", 0, run().take("msg_arg_data").number("msg_cycles_refunded").concat().reply(), 0, PASS_ON).ic0("call_data_append", program.bytes).ic0("call_cycles_add", 900).ic0("call_cycles_add", 100).ic0("call_perform").drop();
    const answer = replyOf(a.update(call));
    expect([0, 8, 16, 24, 32].map((at) => u64At(answer, at))).toEqual([1_000n, 600n, 400n, 400n, 0n]);
    expect(u64At(replyOf(a.query(legacy("canister_cycle_balance").reply())))).toBe(a.system.balance);
    const refund = run().push(Buffer.from(b.id, "hex")).ic0("call_new", "update", 0, legacy("msg_cycles_refunded").reply(), 0, PASS_ON).ic0("call_data_append", run().reply("x").bytes).ic0("call_cycles_add", 77).ic0("call_perform").drop();
    expect(u64At(replyOf(a.update(refund)))).toBe(77n);
  });
  test("trap when the amount needs more", () => {
    expect(failureOf(rich.query(legacy("canister_cycle_balance")))).toMatchObject({ code: "IC0502" });
    const toB = (arg: Program, onReply: Program = PASS_ON): Uint8Array => replyOf(rich.update(run().call({ callee: b.id, method: "update", arg, cycles: BIG, onReply })));
    expect(toB(legacy("msg_cycles_available").reply())[0]).toBe(5);
    expect(failureOf(rich.update(run().call({ callee: b.id, method: "update", arg: run().reply("x"), cycles: BIG, onReply: legacy("msg_cycles_refunded").reply() })))).toMatchObject({ code: "IC0502" });
    expect(failureOf(a.update(run().push(Buffer.from(b.id, "hex")).ic0("call_new", "update", 0, 0, 0, 0).ic0("call_cycles_add", -1)))).toMatchObject({ code: "IC0504" });
  });
});
