import { expect, test } from "vitest";
import { createSeededRng } from "../../src/replica/runtime/seededRng.ts";
import type { SubnetParams } from "../../src/replica/params/subnetParams.ts";
import type { StreamSlice } from "../../src/replica/interfaces/xnet.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { StateTip } from "../../src/replica/state/stateTip.ts";
import { MANAGEMENT_CANISTER_ID, type StreamMessage, canisterIdFromIndex, cycles, subnetId, time } from "../../src/replica/types/index.ts";
import { createUniversalSubnet } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const NOTHING = Uint8Array.from(Buffer.from("DIDL\0\0")), SEEDS = [1, 2, 3, 4, 5, 6];
const remote = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n), slice = { source: remote, certificate: new Uint8Array(0) };
const carried = (message: StreamMessage): bigint => (message.kind === "request" ? message.cycles : message.kind === "response" ? message.refund : message.amount);
const sum = (values: Iterable<bigint>): bigint => [...values].reduce((all, value) => all + value, 0n);

/** All cycles of a subnet that charges nothing: balances, calls that are not answered, messages, refunds (protocol digest §2.7, X7). */
function allCycles({ canisters, refunds = [], streams, subnetQueue, subnetOutput, subnetCalls }: ReplicatedState): bigint {
  const held = [...canisters].map(([, { system: { balance, reservedBalance, callContexts, queues } }]) =>
    balance + reservedBalance + sum(Object.values(callContexts).map(({ availableCycles }) => availableCycles)) + sum([...queues.input, ...queues.output].map(carried)));
  return sum(held) + sum(refunds.map(carried)) + sum([...streams].flatMap(([, { messages }]) => messages.map(carried))) + sum(subnetOutput.map(carried))
    + sum(subnetQueue.map((message) => (message.kind === "request" ? message.cycles : 0n))) + sum(subnetCalls.map(({ request }) => request.cycles));
}

test.each(SEEDS)("no cycle is lost and no byte is counted wrongly, whatever is dropped on its way (seed %i)", async (seed) => {
  const random = createSeededRng(Uint8Array.of(seed)), below = (count: number): number => Buffer.from(random.bytes(4)).readUInt32LE() % count, pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const params: { -readonly [K in keyof SubnetParams]?: SubnetParams[K] } = {}, slices: StreamSlice[] = [];
  const { subnet, canister } = await createUniversalSubnet({}, { type: "system", params, remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, readSlice: () => slices.shift() });
  const all = Array.from({ length: 6 }, () => canister());
  Object.assign(params, { roundInstructions: 1n, bestEffortMessageBytes: 6_000 });
  /** Calls that call, accept a part, trap, never answer, or wait for randomness. */
  const program = (depth: number): Program => {
    const kind = below(8), bytes = run().reply(new Uint8Array(below(2_000)));
    if (kind === 0) return run().trap("no");
    if (kind === 1) return run().ic0("msg_cycles_accept128", 0n, BigInt(below(300)), 0).splice(bytes);
    if (kind === 2 || depth === 0) return bytes;
    if (kind === 3) return run().call({ callee: MANAGEMENT_CANISTER_ID, method: "raw_rand", arg: NOTHING, onReply: bytes });
    return calls(depth - 1);
  };
  const calls = (depth: number): Program => {
    let made = run();
    for (let i = below(3); i >= 0; i--) {
      const timeout = below(3) === 0 ? undefined : below(4);
      made = made.call({ callee: below(5) === 0 ? there : pick(all).id, method: "update", arg: program(depth), cycles: BigInt(below(1_000)), onReply: run().ic0("msg_cycles_accept128", 0n, BigInt(below(50)), 0), onReject: run(), ...(timeout !== undefined && { timeoutSeconds: timeout }) });
    }
    return made;
  };
  const total = allCycles(subnet.state);
  let seen = 0, taken = 0n, dropped = 0;
  for (let round = 0; round < 60; round++) {
    const messages = round < 30 ? Array.from({ length: below(4) }, () => subnet.ingress(pick(all).id, "update", calls(2).bytes)) : [];
    const stream = subnet.state.streams.get(remote), arriving: StreamMessage[] = [];
    if (stream !== undefined && below(3) === 0) {
      // the other subnet answers what it was asked, or asks something itself, and keeps what it got
      for (const asked of stream.messages) {
        taken += carried(asked);
        if (asked.kind === "request") arriving.push({ kind: "response", originator: asked.sender, respondent: there, callback: asked.callback, refund: cycles(asked.cycles / 2n), payload: { kind: "reply", data: new Uint8Array(below(3_000)) }, ...(asked.deadline !== undefined && { deadline: asked.deadline }) });
      }
      for (let i = below(3); i > 0; i--) arriving.push({ kind: "request", sender: there, receiver: pick(all).id, callback: seen++, method: "update", arg: program(1).bytes, cycles: cycles(BigInt(below(500))), senderVersion: 1n, ...(below(2) === 0 && { deadline: time(subnet.now + BigInt(below(3)) * 1_000_000_000n) }) });
      taken -= sum(arriving.map(carried));
      slices.push({ header: { begin: 0n, end: stream.signalsEnd + BigInt(arriving.length), signalsEnd: stream.begin + BigInt(stream.messages.length), rejectSignals: [] }, begin: stream.signalsEnd, messages: arriving });
    }
    subnet.round(messages, below(3) === 0 ? 1 : 0, arriving.length > 0 || slices.length > 0 ? [slice] : []);
    if (subnet.state.refunds !== undefined) dropped++;
    const { messages: counted, ...metrics } = subnet.state.metrics;
    expect([round, allCycles(subnet.state) + taken]).toEqual([round, total]);
    expect([round, counted]).toEqual([round, new StateTip({ ...subnet.state, metrics }).messages]);
    expect(counted!.bestEffort).toBeLessThanOrEqual(6_000);
  }
  delete params.roundInstructions;
  for (let round = 0; round < 12; round++) {
    const stream = subnet.state.streams.get(remote);
    const answers = (stream?.messages ?? []).flatMap((asked): StreamMessage[] => (asked.kind === "request" ? [{ kind: "response", originator: asked.sender, respondent: there, callback: asked.callback, refund: asked.cycles, payload: { kind: "reply", data: NOTHING }, ...(asked.deadline !== undefined && { deadline: asked.deadline }) }] : []));
    if (stream !== undefined) slices.push({ header: { begin: 0n, end: stream.signalsEnd + BigInt(answers.length), signalsEnd: stream.begin + BigInt(stream.messages.length), rejectSignals: [] }, begin: stream.signalsEnd, messages: answers });
    subnet.round([], 1, stream === undefined ? [] : [slice]);
  }
  expect(subnet.state.metrics.messages).toEqual({ guaranteed: 0, bestEffort: 0, callbacks: 0 });
  for (const { system } of all) expect([system.callContexts, system.callbacks, system.messageBytes]).toEqual([{}, {}, undefined]);
  expect(dropped).toBeGreaterThan(0);
});
