import { describe, expect, test } from "vitest";
import type { StreamSlice } from "../../../../src/replica/interfaces/xnet.ts";
import { inductSlices } from "../../../../src/replica/messaging/sliceInduction.ts";
import { buildStreams } from "../../../../src/replica/messaging/streamBuilder.ts";
import { createParamsOf } from "../../../../src/replica/execution/createExecution.ts";
import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import { defaultSettings, newCanister } from "../../../../src/replica/state/newCanister.ts";
import type { NetworkTopology, ReplicatedState, Stream } from "../../../../src/replica/state/replicatedState.ts";
import { StateTip } from "../../../../src/replica/state/stateTip.ts";
import { ANONYMOUS, type CanisterId, REJECT, type Request, type Response, type StreamMessage, type SubnetId, canisterIdFromIndex, cycles, subnetId, time } from "../../../../src/replica/types/index.ts";

/** A was split: `moved` went to B. Y and Z have nothing to do with it; `other` lives on Y, `stayed` on A. */
const [A, B, Y, Z] = [1, 2, 3, 4].map((byte) => subnetId(new Uint8Array(29).fill(byte))) as [SubnetId, SubnetId, SubnetId, SubnetId];
const [stayed, moved, other] = [0x10n, 0x20n, 0x30n].map(canisterIdFromIndex) as [CanisterId, CanisterId, CanisterId];
const range = (id: CanisterId, subnet: SubnetId): NetworkTopology["routingTable"][number] => ({ start: id, end: id, subnet });
const topology = (traced: boolean): NetworkTopology => ({
  rootSubnet: Z, rootKey: new Uint8Array(133), routingTable: [range(stayed, A), range(moved, B), range(other, Y)],
  subnets: [A, B, Y, Z].map((id) => ({ id, type: "application" as const, publicKey: new Uint8Array(133), nodes: [], pricedAs: 13 })),
  ...(traced && { migrations: [{ start: moved, end: moved, trace: [A, B] }] }),
});
const paramsOf = createParamsOf("local");
function stateOf(id: SubnetId, canisters: readonly CanisterId[], traced = true, streams: readonly (readonly [SubnetId, Stream])[] = []): ReplicatedState {
  const tip = new StateTip(genesisState({ subnetId: id, topology: topology(traced), time: time(1n) }));
  for (const one of canisters) tip.create(newCanister(one, { settings: defaultSettings([ANONYMOUS]), balance: cycles(1_000_000_000_000n), now: time(1n), origin: { kind: "user", user: ANONYMOUS } }));
  for (const [to, stream] of streams) tip.streams = tip.streams.set(to, stream);
  return tip.commit();
}
const request = (sender: CanisterId, receiver: CanisterId, deadline?: bigint): Request => ({ kind: "request", sender, receiver, callback: 7, method: "go", arg: new Uint8Array(0), cycles: cycles(500n), senderVersion: 1n, ...(deadline !== undefined && { deadline: time(deadline) }) });
const response = (respondent: CanisterId, originator: CanisterId, deadline?: bigint, reject = false): Response => ({
  kind: "response", respondent, originator, callback: 7, refund: cycles(300n), payload: reject ? { kind: "reject", code: REJECT.sysTransient, message: "no" } : { kind: "reply", data: new Uint8Array(0) }, ...(deadline !== undefined && { deadline: time(deadline) }),
});
const saying = (messages: readonly StreamMessage[], header: Partial<StreamSlice["header"]> = {}): StreamSlice => ({ header: { begin: 0n, end: BigInt(messages.length), signalsEnd: 0n, rejectSignals: [], ...header }, begin: 0n, messages });
/** One slice is taken, and the streams are built. */
function take(state: ReplicatedState, source: SubnetId, slice: StreamSlice): ReplicatedState {
  const tip = new StateTip(state);
  inductSlices(tip, [{ source, certificate: new Uint8Array(0) }], () => slice, paramsOf(state));
  buildStreams(tip);
  return tip.commit();
}
const inputOf = (state: ReplicatedState, id: CanisterId): readonly unknown[] => state.canisters.get(id)!.system.queues.input;
const signalsOf = (state: ReplicatedState, source: SubnetId): unknown => { const { signalsEnd, rejectSignals } = state.streams.get(source)!; return [Number(signalsEnd), rejectSignals.map(({ reason }) => reason)]; };

describe("who is believed", () => {
  test.each([["the subnet that it left", A, 2], ["the subnet where it lives", B, 2], ["any other, which lies", Z, 0]] as const)("requests and answers of a moved canister from %s", (_, source, taken) => {
    const state = take(stateOf(Y, [other]), source, saying([request(moved, other), response(moved, other)]));
    expect([inputOf(state, other).length, signalsOf(state, source)]).toEqual([taken, [2, []]]); // a liar gets no answer
  });
  test("without a trace nobody but the subnet of the table is believed: the move is complete", () => {
    const state = stateOf(Y, [other], false), messages = saying([request(moved, other), response(moved, other)]);
    expect([A, B].map((source) => inputOf(take(state, source, messages), other).length)).toEqual([0, 2]);
  });
  test("the subnet that a canister left may tell it of a refusal, and of nothing else, in the name of others", () => {
    const there = stateOf(B, [moved]), refusal = response(other, moved, undefined, true);
    expect(inputOf(take(there, A, saying([refusal])), moved)).toEqual([refusal]);
    expect(inputOf(take(there, A, saying([response(other, moved), request(other, moved)])), moved)).toEqual([]);
    expect(inputOf(take(there, Z, saying([refusal])), moved)).toEqual([]);
    // Not the other way round: nobody refuses in the name of others what was sent before a canister came.
    expect(inputOf(take(stateOf(A, [stayed]), B, saying([response(other, stayed, undefined, true)])), stayed)).toEqual([]);
  });
});

describe("what reaches the subnet that a canister left", () => {
  test("requests and answers are refused while it moves", () => {
    const state = take(stateOf(A, [stayed]), Y, saying([request(other, moved), response(other, moved), request(other, stayed), response(other, moved, 9n), { kind: "refund", recipient: moved, amount: cycles(5n) }]));
    expect(signalsOf(state, Y)).toEqual([5, ["CanisterMigrating", "CanisterMigrating", "CanisterMigrating", "CanisterMigrating"]]);
    expect(inputOf(state, stayed)).toHaveLength(1);
  });
  test("a subnet that was asked before it knows of the table's change refuses as well", () => {
    const early = stateOf(B, []), routed = { ...early, topology: { ...early.topology, routingTable: [range(stayed, A), range(moved, A), range(other, Y)] } };
    expect(signalsOf(take(routed, Y, saying([request(other, moved), response(other, moved)])), Y)).toEqual([2, ["CanisterMigrating", "CanisterMigrating"]]);
  });
  test("a bounded-wait answer that comes after the move is complete goes, and its cycles go after the canister", () => {
    const state = take(stateOf(A, [stayed], false), Y, saying([response(other, moved, 9n)]));
    expect(signalsOf(state, Y)).toEqual([1, []]);
    expect(state.streams.get(B)?.messages).toEqual([{ kind: "refund", recipient: moved, amount: 300n }]);
  });
});

describe("what was refused because its receiver moves", () => {
  const refused = { signalsEnd: 1n, rejectSignals: [{ index: 0n, reason: "CanisterMigrating" as const }] };
  const sent = (message: StreamMessage): readonly (readonly [SubnetId, Stream])[] => [[A, { begin: 0n, messages: [message], signalsEnd: 0n, rejectSignals: [] }]];
  test("a request is answered by the subnet of its caller, with its cycles", () => {
    const state = take(stateOf(Y, [other], true, sent(request(other, moved))), A, saying([], refused));
    expect(inputOf(state, other)).toMatchObject([{ kind: "response", respondent: moved, refund: 500n, payload: { kind: "reject", code: REJECT.sysTransient } }]);
    expect(state.streams.get(A)).toMatchObject({ begin: 1n, messages: [] });
  });
  test("an answer goes where the table says, once", () => {
    const answer = response(other, moved), state = take(stateOf(Y, [other], true, sent(answer)), A, saying([], refused));
    expect([state.streams.get(A)!.messages, state.streams.get(B)!.messages]).toEqual([[], [answer]]);
  });
  test("an answer that came here with its receiver is delivered at once", () => {
    const state = stateOf(B, [moved], true, sent(response(stayed, moved)));
    expect(inputOf(take(state, A, saying([], refused)), moved)).toHaveLength(1);
  });
  test("a refused request of a canister that has moved meanwhile is answered where it lives now", () => {
    const state = take(stateOf(A, [stayed], true, [[Y, { begin: 0n, messages: [request(moved, other)], signalsEnd: 0n, rejectSignals: [] }]]), Y, saying([], { signalsEnd: 1n, rejectSignals: [{ index: 0n, reason: "CanisterStopped" }] }));
    const [answer] = state.streams.get(B)!.messages;
    expect(answer).toMatchObject({ kind: "response", originator: moved, respondent: other, refund: 500n, payload: { kind: "reject", code: REJECT.canisterError } });
    expect(inputOf(take(stateOf(B, [moved]), A, saying([answer!])), moved)).toHaveLength(1);
  });
});
