import { describe, expect, test } from "vitest";
import { MANAGEMENT_CANISTER_ID, type SignedIngress, bytesFromHex, canisterIdFromIndex, subnetId } from "../../src/replica/types/index.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import { encodeCandid } from "../../src/replica/codec/candid.ts";
import { candidPrincipal, settingsOf } from "../unit/replica/execution/testSubnet.ts";
import { type Universal, createUniversalSubnet, failureOf, replyOf, textOf, u128At, u64At } from "./universalSubnet.ts";
import { universalModule } from "../canisters/universal.ts";
import { type Program, run } from "./universal.ts";

const NOTHING = Uint8Array.from(Buffer.from("DIDL\0\0")), DONE = run().ic0("msg_reply");
const remember = (text: string): Program => run().getVariable(0).push(text).concat().setVariable(0);
/** Waits for randomness this many rounds, then runs `last`. */
const waiting = (rounds: number, last: Program): Program => (rounds === 0 ? last : run().call({ callee: MANAGEMENT_CANISTER_ID, method: "raw_rand", arg: NOTHING, onReply: waiting(rounds - 1, last) }));

describe("Call contexts", async () => {
  const { subnet, canister } = await createUniversalSubnet(), about = (of: Universal): { canister_id: ReturnType<typeof candidPrincipal> } => ({ canister_id: candidPrincipal(of.id) });
  const send = (of: Universal, program: Program): SignedIngress => { const message = subnet.ingress(of.id, "update", program.bytes); subnet.round([message]); return message; };
  const rounds = (count: number): void => { for (let i = 0; i < count; i++) subnet.round(); };
  const stop = (of: Universal): SignedIngress => subnet.ingress(MANAGEMENT_CANISTER_ID, "stop_canister", encodeCandid(MANAGEMENT_TYPES.stop_canister.args, [about(of)]));

  test("a canister with open contexts stops when they are closed; it answers them, and takes nothing new meanwhile", () => {
    const made = canister(), open = send(made, waiting(4, run().number("canister_status").reply())), stopping = stop(made);
    subnet.round([stopping]);
    expect(made.system.status.kind).toBe("stopping");
    expect([failureOf(made.update(DONE)).code, failureOf(made.query(DONE)).code]).toEqual(["IC0509", "IC0509"]);
    rounds(4);
    expect(u64At(replyOf(subnet.status(open)))).toBe(2n);
    expect([made.system.status.kind, subnet.status(stopping).kind]).toEqual(["stopped", "completed"]);
    expect(failureOf(made.update(DONE)).code).toBe("IC0508");
  });
  test("starting a stopping canister rejects those who wait for the stop", () => {
    const made = canister(), open = send(made, waiting(6, run().reply("went on"))), stopping = stop(made);
    subnet.round([stopping]);
    expect(subnet.manage("start_canister", about(made))).toBeUndefined();
    expect(failureOf(subnet.status(stopping))).toMatchObject({ code: "IC0511", rejectCode: 5 });
    rounds(6);
    expect(textOf(replyOf(subnet.status(open)))).toBe("went on");
  });
  test("a stop that waits longer than five minutes is given up, the canister goes on stopping", () => {
    const made = canister(), open = send(made, waiting(8, run().reply("at last"))), stopping = stop(made);
    subnet.round([stopping]);
    for (let i = 0; i < 3; i++) subnet.round([], 99);
    expect(subnet.status(stopping).kind).toBe("processing");
    subnet.round([], 10);
    expect(failureOf(subnet.status(stopping))).toMatchObject({ code: "IC0206", rejectCode: 2 });
    expect(made.system.status.kind).toBe("stopping");
    rounds(6);
    expect(textOf(replyOf(subnet.status(open)))).toBe("at last");
    expect(made.system.status.kind).toBe("stopped");
  });
  test("a call to a stopped canister is rejected and its cycles come back", () => {
    const [a, b] = [canister(), canister()];
    subnet.manage("stop_canister", about(b));
    const answer = replyOf(a.update(run().call({ callee: b.id, method: "update", arg: DONE, cycles: 500n, onReject: run().number("msg_reject_code").take128("msg_cycles_refunded128").concat().reply() })));
    expect([u64At(answer), u128At(answer, 8)]).toEqual([5n, 500n]);
  });
  test("a call to a frozen canister is rejected with SYS_TRANSIENT and its cycles come back", () => {
    const [a, b] = [canister(), canister()];
    subnet.manage("update_settings", { ...about(b), settings: settingsOf({ freezing_threshold: 10n ** 15n }), sender_canister_version: [] });
    const answer = replyOf(a.update(run().call({ callee: b.id, method: "update", arg: DONE, cycles: 500n, onReject: run().number("msg_reject_code").take128("msg_cycles_refunded128").concat().reply() })));
    expect([u64At(answer), u128At(answer, 8)]).toEqual([2n, 500n]);
    expect(failureOf(b.query(DONE))).toMatchObject({ code: "IC0207" });
  });
  test("uninstalling rejects open contexts, gives their cycles back, and late answers run nothing", async () => {
    const [a, b, c] = [canister(), canister(), canister()], module = await universalModule();
    const callsC = run().call({ callee: c.id, method: "update", arg: waiting(6, DONE), onReply: remember("ran").splice(DONE) });
    const open = send(a, run().call({ callee: b.id, method: "update", arg: callsC, cycles: 500n, onReject: run().number("msg_reject_code").take128("msg_cycles_refunded128").concat().reply() }));
    subnet.manage("uninstall_code", { ...about(b), sender_canister_version: [] });
    rounds(1);
    const answer = replyOf(subnet.status(open));
    expect([u64At(answer), u128At(answer, 8)]).toEqual([4n, 500n]);
    expect(b.install(run(), "install", module)).toBeUndefined();
    const stopping = stop(b);
    subnet.round([stopping]);
    expect(b.system.status.kind).toBe("stopping"); // its deleted context is still open
    rounds(5);
    expect(b.system.status.kind).toBe("stopped");
    subnet.manage("start_canister", about(b));
    expect(textOf(replyOf(b.query(run().getVariable(0).reply())))).toBe("");
  });
  test("reinstalling keeps open contexts: the callback runs in the new code, where its closure means nothing", () => {
    const made = canister(), open = send(made, waiting(3, run().reply("old")));
    expect(made.install(remember("new"), "reinstall")).toBeUndefined();
    rounds(4);
    expect(failureOf(subnet.status(open))).toMatchObject({ rejectCode: 5 });
    expect([textOf(replyOf(made.query(run().getVariable(0).reply()))), made.system.callContexts]).toEqual(["new", {}]);
  });
  test("a context whose callbacks all trap is answered with the trap; one that nobody answers says so", () => {
    const [a, b] = [canister(), canister()];
    const silent = run().call({ callee: b.id, method: "update", arg: DONE, onReply: run() });
    expect(failureOf(a.update(silent))).toMatchObject({ code: "IC0506" });
    expect(Object.keys(a.system.callContexts)).toEqual([]);
    const noted = run().call({ callee: b.id, method: "update", arg: DONE, cycles: 100n, onReply: run().take128("msg_cycles_refunded128").reply() });
    expect(u128At(replyOf(a.update(noted)))).toBe(100n); // an unanswered context refunds all
  });
  test("calls to the subnet's own id reach the management canister; to another subnet's they are refused", () => {
    const made = canister(), ask = (callee: string): Uint8Array => replyOf(made.update(run().call({ callee, method: "raw_rand", arg: NOTHING })));
    expect(ask(subnetId(Uint8Array.of(1, 2, 3))).length).toBe(42); // DIDL and 32 bytes
    expect(ask(subnetId(Uint8Array.of(9, 9)))[0]).toBe(3);
    expect(replyOf(made.update(run().call({ callee: run().take("subnet_self"), method: "no_such_method", arg: NOTHING })))[0]).toBe(4);
  });
  test("the payload of a call is limited to 10 MiB on the subnet, and to 2 MiB beyond it", async () => {
    const [a, b] = [canister(), canister()];
    const large = (bytes: number): Program => run().push(bytesFromHex(b.id)).ic0("call_new", "update", 0, run().reply("sent"), 0, run().number("msg_reject_code").reply()).push(bytes).do("alloc").ic0("call_data_append").ic0("call_perform").drop();
    expect(u64At(replyOf(a.update(large(10 * 2 ** 20))))).toBe(5n); // zeroes are no program
    expect(failureOf(a.update(large(10 * 2 ** 20 + 1)))).toMatchObject({ code: "IC0504" });
    const remote = { id: subnetId(Uint8Array.of(9)), start: canisterIdFromIndex(0x200000n), end: canisterIdFromIndex(0x2fffffn) }, near = (await createUniversalSubnet({}, { remote })).canister();
    const far = (bytes: number): Program => run().push(bytesFromHex(remote.start)).ic0("call_new", "update", 0, 0, 0, 0).push(bytes).do("alloc").ic0("call_data_append").number("call_perform").reply();
    expect(u64At(replyOf(near.update(far(2 * 2 ** 20))))).toBe(0n);
    expect(failureOf(near.update(far(2 * 2 ** 20 + 1)))).toMatchObject({ code: "IC0504" });
  });
});

describe("Canister version", async () => {
  const { subnet, canister } = await createUniversalSubnet({ hooks: ["pre_upgrade", "global_timer"] }), VERSION = run().number("canister_version").reply(), note = run().number("canister_version").setVariable(0);
  const about = (of: Universal): { canister_id: ReturnType<typeof candidPrincipal> } => ({ canister_id: candidPrincipal(of.id) }), noted = (of: Universal): bigint => u64At(replyOf(of.query(run().getVariable(0).reply())));
  /** By how much the version grows when this is done. */
  const growth = (of: Universal, act: () => unknown): bigint => { const before = of.system.version; act(); return of.system.version - before; };

  test("is what the code sees: the old one in pre_upgrade, the new one in init and post_upgrade", () => {
    const made = canister({ init: note });
    expect([noted(made), made.system.version]).toEqual([1n, 1n]);
    const before = made.system.version;
    expect(u64At(replyOf(made.query(VERSION)))).toBe(before);
    expect(made.install(note, "upgrade")).toBeUndefined();
    expect([noted(made), made.system.version]).toEqual([before + 1n, before + 1n]);
    expect(made.install(note, "reinstall")).toBeUndefined();
    expect(noted(made)).toBe(before + 2n);
    replyOf(made.update(run().ic0("stable64_grow", 1).drop().hook("pre_upgrade", run().push(0).number("canister_version").ic0("stable64_write")).splice(DONE)));
    const old = made.system.version;
    expect(made.install(run().push(8).do("alloc", "over").push(0, 8).ic0("stable64_read").setVariable(0), "upgrade")).toBeUndefined();
    expect(noted(made)).toBe(old);
  });
  test("grows by one with every success: messages, callbacks, tasks and changes by the management canister", () => {
    const [a, b] = [canister(), canister()];
    expect([growth(a, () => a.update(DONE)), growth(a, () => a.query(DONE)), growth(a, () => a.replicatedQuery(DONE))]).toEqual([1n, 0n, 0n]);
    expect(growth(a, () => a.update(run().call({ callee: b.id, method: "update", arg: DONE })))).toBe(2n);
    expect(growth(a, () => a.update(run().call({ callee: b.id, method: "update", arg: DONE, onReply: run().trap("no"), onCleanup: run() })))).toBe(2n);
    expect(growth(a, () => { a.update(run().hook("global_timer", run()).ic0("global_timer_set", 1).drop().splice(DONE)); subnet.round(); })).toBe(2n);
    const settings = { ...about(a), settings: settingsOf({ freezing_threshold: 7n }), sender_canister_version: [] };
    expect([growth(a, () => subnet.manage("update_settings", settings)), growth(a, () => subnet.manage("stop_canister", about(a))), growth(a, () => subnet.manage("start_canister", about(a)))]).toEqual([1n, 2n, 1n]);
    expect(growth(a, () => subnet.manage("uninstall_code", { ...about(a), sender_canister_version: [] }))).toBe(1n);
  });
  test("does not grow with what fails", () => {
    const [a, b] = [canister(), canister()], no = run().trap("no");
    expect([growth(a, () => a.update(no)), growth(a, () => a.query(no)), growth(a, () => a.install(no, "upgrade")), growth(a, () => a.install(no, "reinstall")), growth(a, () => a.install(run(), "install"))]).toEqual([0n, 0n, 0n, 0n, 0n]);
    expect(growth(a, () => a.update(run().call({ callee: b.id, method: "update", arg: DONE, onReply: no, onCleanup: no })))).toBe(1n);
    expect(growth(a, () => { a.update(run().hook("global_timer", no).ic0("global_timer_set", 1).drop().splice(DONE)); subnet.round(); })).toBe(1n);
    expect(growth(a, () => { a.update(run().hook("pre_upgrade", no).splice(DONE)); a.install(run(), "upgrade"); })).toBe(1n);
  });
});

describe("Update call request clean up", async () => {
  const { subnet, canister } = await createUniversalSubnet({}, { params: { roundInstructions: 1_000_000n } }), made = canister(), spin = run().times(6_000, run()).reply("x").bytes;
  test("a message that waits for its turn until it has expired is told so", () => {
    const [first, second] = [subnet.ingress(made.id, "update", spin), subnet.ingress(made.id, "update", spin)];
    subnet.round([first, second]);
    expect([subnet.status(first).kind, subnet.status(second).kind]).toEqual(["completed", "received"]);
    subnet.round([], 400);
    expect([subnet.status(first).kind, failureOf(subnet.status(second)).code]).toEqual(["unknown", "IC0202"]);
    subnet.round([], 59);
    expect(subnet.status(second).kind).toBe("failed");
    subnet.round([], 3);
    expect([subnet.status(second).kind, subnet.state.ingressHistory.size]).toEqual(["unknown", 0]);
  });
});
