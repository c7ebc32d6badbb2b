import { describe, expect, test } from "vitest";
import { EMPTY_STREAM, StateTip } from "../../src/replica/state/stateTip.ts";
import { SLOT_BYTES } from "../../src/replica/state/messageMemory.ts";
import type { SubnetParams } from "../../src/replica/params/subnetParams.ts";
import type { StreamSlice } from "../../src/replica/interfaces/xnet.ts";
import { MANAGEMENT_CANISTER_ID, type StreamMessage, canisterIdFromIndex, cycles, subnetId, time } from "../../src/replica/types/index.ts";
import { type Universal, type UniversalSubnet, createUniversalSubnet, replyOf, textOf, u64At, u128At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const NOTHING = Uint8Array.from(Buffer.from("DIDL\0\0")), randomness = (onReply: Program): Program => run().call({ callee: MANAGEMENT_CANISTER_ID, method: "raw_rand", arg: NOTHING, onReply });
/** Answers two rounds later: raw_rand takes the next round's tape. */
const WAITING = randomness(randomness(run().reply("late")));
const remote = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n), slice = { source: remote, certificate: new Uint8Array(0) };
const REPORT = run().number("msg_reject_code").take("msg_reject_msg").concat().take128("msg_cycles_refunded128").concat().reply();
const CODE = { fatal: 1n, transient: 2n, error: 5n, unknown: 6n } as const;
/** Code, words and cycles of a reported rejection. */
const reported = (answer: Uint8Array): readonly [bigint, string, bigint] => [u64At(answer), textOf(answer.subarray(8, -16)), u128At(answer, answer.length - 16)];

/** A subnet whose limits a test may change as it goes, and a door for what another subnet sends. */
async function limited(params: Partial<{ -readonly [K in keyof SubnetParams]: SubnetParams[K] }> = {}): Promise<UniversalSubnet & { readonly params: typeof params; take(messages: readonly StreamMessage[], signalsEnd?: bigint): void }> {
  const slices: StreamSlice[] = [], made = await createUniversalSubnet({}, { params, remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, readSlice: () => slices.shift() });
  return {
    ...made, params,
    take(messages, signalsEnd = 0n) {
      const begin = made.subnet.state.streams.get(remote)?.signalsEnd ?? 0n;
      slices.push({ header: { begin, end: begin + BigInt(messages.length), signalsEnd, rejectSignals: [] }, begin, messages });
      made.subnet.round([], 0, [slice]);
    },
  };
}
/** What the state says of its messages, and what counting them anew gives. */
const held = ({ subnet: { state } }: UniversalSubnet): unknown => {
  const { messages: _known, ...metrics } = state.metrics;
  expect(state.metrics.messages).toEqual(new StateTip({ ...state, metrics }).messages);
  return state.metrics.messages;
};
const NONE = { guaranteed: 0, bestEffort: 0, callbacks: 0 };
const send = ({ subnet }: UniversalSubnet, canister: Universal, program: Program): Parameters<UniversalSubnet["subnet"]["status"]>[0] => subnet.ingress(canister.id, "update", program.bytes);

describe("Inter-canister method calls: memory of guaranteed calls", () => {
  test("a call holds a place for its answer on both sides, until the answer has been read", async () => {
    const all = await limited(), { subnet, canister } = all, [a, b] = [canister(), canister()];
    expect(held(all)).toEqual(NONE);
    const message = send(all, a, run().call({ callee: b.id, method: "update", arg: WAITING }));
    subnet.round([message]);
    // a waits for b, b has not answered a and waits for randomness
    expect(held(all)).toEqual({ guaranteed: 3 * SLOT_BYTES, bestEffort: 0, callbacks: 2 });
    expect([a.system.messageBytes, b.system.messageBytes]).toEqual([SLOT_BYTES, 2 * SLOT_BYTES]);
    for (let i = 0; i < 4; i++) { subnet.round(); held(all); }
    expect(textOf(replyOf(subnet.status(message)))).toBe("late");
    expect(held(all)).toEqual(NONE);
    expect([a.system.messageBytes, b.system.messageBytes]).toEqual([undefined, undefined]);
  });
  test("an answer on its way to another subnet counts for what it is", async () => {
    const all = await limited(), a = all.canister(), answer = run().reply(new Uint8Array(5_000));
    all.take([{ kind: "request", sender: there, receiver: a.id, callback: 1, method: "update", arg: answer.bytes, cycles: cycles(0n), senderVersion: 1n }]);
    expect(held(all)).toEqual({ guaranteed: 5_128, bestEffort: 0, callbacks: 0 });
    all.take([], 1n);
    expect(held(all)).toEqual(NONE);
  });
  test("call_perform answers 2 when there is no memory for the answer, and a best-effort call needs none", async () => {
    const all = await limited(), { canister } = all, [a, b] = [canister(), canister()];
    all.params.guaranteedMessageBytes = SLOT_BYTES - 1;
    const called = (timeoutSeconds?: number): bigint => u64At(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reply("x"), keep: true, ...(timeoutSeconds !== undefined && { timeoutSeconds }), onReply: run(), onReject: run() }).do("asBlob").reply())));
    expect([called(), called(5)]).toEqual([2n, 0n]);
    all.params.guaranteedMessageBytes = 2 * SLOT_BYTES;
    expect(called()).toBe(0n);
  });
  test("calls of one execution share what is left", async () => {
    const all = await limited(), [a, b] = [all.canister(), all.canister()];
    all.params.guaranteedMessageBytes = 2 * SLOT_BYTES;
    const one = { callee: b.id, method: "update", arg: run().reply("x"), keep: true, onReply: run(), onReject: run() } as const;
    const answers = replyOf(a.update(run().call(one).do("asBlob").call(one).do("asBlob").concat().call(one).do("asBlob").concat().reply()));
    expect([0, 8, 16].map((at) => u64At(answers, at))).toEqual([0n, 0n, 2n]);
  });
  test("a request for whose answer the callee's side has no memory is rejected, with its cycles", async () => {
    const all = await limited(), [a, b] = [all.canister(), all.canister()];
    all.params.guaranteedMessageBytes = 2 * SLOT_BYTES - 1;
    const answer = replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reply("x"), cycles: 500n, onReject: REPORT })));
    expect(reported(answer)).toEqual([CODE.error, `Cannot induct request. Out of memory: requested ${SLOT_BYTES}`, 500n]);
    all.take([{ kind: "request", sender: there, receiver: a.id, callback: 1, method: "update", arg: run().reply("x").bytes, cycles: cycles(0n), senderVersion: 1n }]);
    expect(all.subnet.state.streams.get(remote)!.rejectSignals).toEqual([]);
    all.params.guaranteedMessageBytes = SLOT_BYTES - 1;
    all.take([{ kind: "request", sender: there, receiver: a.id, callback: 2, method: "update", arg: run().reply("x").bytes, cycles: cycles(0n), senderVersion: 1n }], 1n);
    expect(all.subnet.state.streams.get(remote)!.rejectSignals).toEqual([{ index: 1n, reason: "OutOfMemory" }]);
  });
  test("system subnets do not limit the calls within", async () => {
    const params: { guaranteedMessageBytes?: number } = {}, { canister } = await createUniversalSubnet({}, { type: "system", params }), [a, b] = [canister(), canister()];
    params.guaranteedMessageBytes = 2 * SLOT_BYTES - 1;
    expect(textOf(replyOf(a.update(run().call({ callee: b.id, method: "update", arg: run().reply("x") }))))).toBe("x");
  });
  test("50 open calls are every canister's; more come out of what the subnet shares", async () => {
    const all = await limited(), [a, b] = [all.canister(), all.canister()];
    all.params.callbacksSoft = 3;
    const one = run().call({ callee: b.id, method: "update", arg: WAITING, keep: true, onReply: run(), onReject: run() }).getVariable(5).drop().do("add").setVariableFrom(5);
    const refused = replyOf(a.update(run().push(0).setVariableFrom(5).times(60, one).getVariable(5).drop().do("asBlob").reply()));
    expect(u64At(refused)).toBe(20n); // ten answers of 2
    expect(Object.keys(a.system.callbacks)).toHaveLength(50);
  });
  test("places for answers are paid for like memory, and belong to what must not be spent", async () => {
    const all = await limited(), { subnet, canister } = all, [a, b] = [canister(), canister()];
    const liquid = (): bigint => u128At(replyOf(a.query(run().take128("canister_liquid_cycle_balance128").reply())));
    const frozen = (): bigint => a.system.balance - liquid(), before = frozen();
    subnet.round([send(all, a, run().call({ callee: b.id, method: "update", arg: WAITING }))]);
    expect(frozen() - before).toBe(30n * ((BigInt(SLOT_BYTES) * 317_500n * 86_400n) >> 30n)); // for thirty days
    for (let i = 0; i < 4; i++) subnet.round();
    expect(frozen()).toBe(before);
  });
});

describe("Inter-canister method calls: messages that wait for too long", () => {
  /** The stream to the other subnet takes nothing more. */
  const fill = ({ subnet }: UniversalSubnet, sender: Universal): void => {
    const messages = Array.from({ length: 10_000 }, (_, i): StreamMessage => ({ kind: "response", originator: there, respondent: sender.id, callback: i, refund: cycles(0n), payload: { kind: "reply", data: new Uint8Array(0) }, deadline: time(1n) }));
    subnet.state = { ...subnet.state, streams: subnet.state.streams.set(remote, { ...EMPTY_STREAM, messages }) };
  };
  test("a guaranteed request that finds no way out in 300 s is answered by its own subnet: SYS_TRANSIENT, with its cycles", async () => {
    const all = await limited(), { subnet } = all, a = all.canister();
    fill(all, a);
    const message = send(all, a, run().call({ callee: there, method: "update", cycles: 700n, onReject: REPORT }));
    subnet.round([message]);
    subnet.round([], 299);
    expect(subnet.status(message).kind).toBe("processing");
    subnet.round([], 2);
    expect(reported(replyOf(subnet.status(message)))).toEqual([CODE.transient, "Request timed out.", 700n]);
    expect(a.system.queues.output).toEqual([]);
    expect(held(all)).toEqual(NONE);
  });
  test("a best-effort request that has not left by its deadline was certainly not executed: SYS_TRANSIENT", async () => {
    const all = await limited(), { subnet } = all, a = all.canister();
    fill(all, a);
    const message = send(all, a, run().call({ callee: there, method: "update", cycles: 700n, timeoutSeconds: 10, onReject: REPORT }));
    subnet.round([message]);
    expect(held(all)).toMatchObject({ guaranteed: 0, callbacks: 1 });
    subnet.round([], 11);
    expect(reported(replyOf(subnet.status(message)))).toEqual([CODE.transient, "Request timed out.", 700n]);
    expect(held(all)).toEqual(NONE);
  });
  test("a best-effort request in the callee's queue goes at its deadline, and its cycles go back", async () => {
    const all = await limited(), { subnet, params } = all, b = all.canister();
    const request = { kind: "request", sender: there, receiver: b.id, callback: 1, method: "update", arg: run().reply("x").bytes, cycles: cycles(5_000n), senderVersion: 1n, deadline: time(subnet.now + 10_000_000_000n) } as const;
    params.roundInstructions = 0n; // nothing runs
    all.take([request]);
    expect(b.system.queues.input).toHaveLength(1);
    expect(held(all)).toMatchObject({ guaranteed: 0, bestEffort: 128 + request.arg.length + 6 });
    subnet.round([], 11);
    expect(b.system.queues.input).toEqual([]);
    expect(subnet.state.streams.get(remote)!.messages).toEqual([{ kind: "refund", recipient: there, amount: 5_000n }]);
    expect(subnet.state.refunds).toBeUndefined();
    expect(held(all)).toEqual(NONE);
  });
  test("the answer to a best-effort call that has not left by the deadline goes, its cycles go back", async () => {
    const all = await limited(), { subnet } = all, b = all.canister();
    fill(all, b);
    subnet.state = { ...subnet.state, streams: subnet.state.streams.set(remote, { ...subnet.state.streams.get(remote)!, signalsEnd: 0n }) };
    all.take([{ kind: "request", sender: there, receiver: b.id, callback: 1, method: "update", arg: run().reply("x").bytes, cycles: cycles(5_000n), senderVersion: 1n, deadline: time(subnet.now + 10_000_000_000n) }]);
    expect(b.system.queues.output).toHaveLength(1);
    subnet.round([], 11);
    expect(b.system.queues.output).toEqual([]);
    expect(subnet.state.refunds).toEqual([{ kind: "refund", recipient: there, amount: 5_000n }]); // the stream is still full
    all.take([], 9_000n);
    expect(subnet.state.streams.get(remote)!.messages.at(-1)).toEqual({ kind: "refund", recipient: there, amount: 5_000n });
  });
  test("a late answer gives its cycles back", async () => {
    const all = await limited(), { subnet } = all, [a, b] = [all.canister(), all.canister()];
    const message = send(all, a, run().call({ callee: b.id, method: "update", arg: WAITING, timeoutSeconds: 2, cycles: 1_000_000_000_000n, onReject: REPORT }));
    const before = a.system.balance;
    subnet.round([message]);
    subnet.round([], 3);
    expect(reported(replyOf(subnet.status(message)))).toEqual([CODE.unknown, "Call deadline has expired.", 0n]);
    for (let i = 0; i < 4; i++) subnet.round();
    expect(before - a.system.balance).toBeLessThan(100_000_000_000n);
    expect(held(all)).toEqual(NONE);
  });
});

describe("Inter-canister method calls: more best-effort messages than there is memory for", () => {
  test("the largest go first: callers of this subnet hear so at once or at the deadline, and get their cycles back", async () => {
    const all = await limited(), { subnet, params } = all, b = all.canister();
    const request = (callback: number, bytes: number): StreamMessage => ({ kind: "request", sender: there, receiver: b.id, callback, method: "update", arg: new Uint8Array(bytes), cycles: cycles(BigInt(callback)), senderVersion: 1n, deadline: time(subnet.now + 100_000_000_000n) });
    params.roundInstructions = 0n;
    params.bestEffortMessageBytes = 4_000;
    all.take([request(1, 1_000), request(2, 3_000), request(4, 900), request(8, 2_000), request(16, 1_000)]);
    expect(b.system.queues.input.map(({ callback }) => callback)).toEqual([1, 4, 16]);
    expect(subnet.state.refunds).toEqual([{ kind: "refund", recipient: there, amount: 10n }]);
    subnet.round();
    expect(subnet.state.streams.get(remote)!.messages).toEqual([{ kind: "refund", recipient: there, amount: 10n }]);
    held(all);
  });
  test("an answer that was dropped is SYS_UNKNOWN for who waits for it", async () => {
    const all = await limited(), { subnet, params } = all, a = all.canister();
    const message = send(all, a, run().call({ callee: there, method: "update", timeoutSeconds: 100, cycles: 300n, onReject: REPORT }));
    subnet.round([message]);
    const balance = a.system.balance, callback = Number(Object.keys(a.system.callbacks)[0]);
    params.roundInstructions = 0n;
    params.bestEffortMessageBytes = 1_000;
    all.take([{ kind: "response", originator: a.id, respondent: there, callback, refund: cycles(300n), payload: { kind: "reply", data: new Uint8Array(5_000) }, deadline: time(subnet.now + 90_000_000_000n) }], 1n);
    expect(held(all)).toMatchObject({ bestEffort: 0, callbacks: 1 });
    delete params.roundInstructions;
    subnet.round();
    expect(reported(replyOf(subnet.status(message)))).toEqual([CODE.unknown, "Response was dropped.", 0n]);
    expect(a.system.balance).toBeGreaterThan(balance); // what was not used of the call, and 300 cycles
    expect(subnet.state.refunds).toBeUndefined();
  });
  test("a request that has not left yet is answered at once", async () => {
    const all = await limited(), { subnet, params } = all, a = all.canister();
    const full = Array.from({ length: 10_000 }, (_, i): StreamMessage => ({ kind: "response", originator: there, respondent: a.id, callback: i, refund: cycles(0n), payload: { kind: "reply", data: new Uint8Array(0) }, deadline: time(1n) }));
    subnet.state = { ...subnet.state, streams: subnet.state.streams.set(remote, { ...EMPTY_STREAM, messages: full }) };
    params.bestEffortMessageBytes = 500;
    const message = send(all, a, run().call({ callee: there, method: "update", arg: new Uint8Array(1_000), timeoutSeconds: 100, cycles: 300n, onReject: REPORT }));
    subnet.round([message]);
    subnet.round();
    expect(reported(replyOf(subnet.status(message)))).toEqual([CODE.transient, "Request timed out.", 300n]);
  });
  test("refunds of other subnets reach the balance; for canisters that moved they are sent back, for those that are gone they are lost", async () => {
    const all = await limited(), { subnet } = all, a = all.canister(), before = a.system.balance, refund = (recipient: typeof a.id, amount: bigint): StreamMessage => ({ kind: "refund", recipient, amount: cycles(amount) });
    all.take([refund(a.id, 40n), refund(a.id, 2n), refund(canisterIdFromIndex(0x7777n), 9n), refund(canisterIdFromIndex(0x30000n), 11n)]);
    expect(a.system.balance).toBe(before + 42n);
    expect(subnet.state.refunds).toBeUndefined();
    expect(subnet.state.streams.get(remote)).toMatchObject({ signalsEnd: 4n, rejectSignals: [{ index: 3n, reason: "CanisterMigrating" }] });
  });
});
