import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildStateTree } from "../../../../src/replica/certification/stateTree.ts";
import { cborArray, decodeCbor } from "../../../../src/replica/codec/cbor.ts";
import { decodeUleb128, encodeUleb128 } from "../../../../src/replica/codec/leb128.ts";
import { decodeStreamHeader, decodeStreamMessage } from "../../../../src/replica/codec/streamCodec.ts";
import { digest } from "../../../../src/replica/hashTree/labeledTree.ts";
import { lookup, lookupSubtree, shownLabels } from "../../../../src/replica/hashTree/lookup.ts";
import { whole, witness } from "../../../../src/replica/hashTree/witness.ts";
import type { ReplicatedState, Stream } from "../../../../src/replica/state/replicatedState.ts";
import { type CanisterId, type MessageId, type Request, bytesFromHex, canisterIdFromIndex, cycles, height, principalBytes, time } from "../../../../src/replica/types/index.ts";
import { OTHER_SUBNET, SUBNET, canister, sampleState } from "./sampleState.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const root = (state: ReplicatedState): string => hex(digest(buildStateTree(state).root));
const at = (state: ReplicatedState, ...path: (string | Uint8Array)[]): ReturnType<typeof lookup> =>
  lookup(path.map((label) => (typeof label === "string" ? utf8(label) : label)), whole(buildStateTree(state).root));
const found = (state: ReplicatedState, ...path: (string | Uint8Array)[]): Uint8Array => {
  const answer = at(state, ...path);
  if (answer.kind !== "found") throw new TypeError(`${path.join("/")} is ${answer.kind}`);
  return answer.value;
};
const nat = (bytes: Uint8Array): bigint | undefined => { const read = decodeUleb128(bytes); return read.ok ? read.value.value : undefined; };
const request = (callback: number): Request => ({ kind: "request", sender: canisterIdFromIndex(1n), receiver: canisterIdFromIndex(2n), callback, method: "m", arg: Uint8Array.of(callback), cycles: cycles(5n), senderVersion: 3n });
const ids = [1n, 2n, 5n, 77n].map(canisterIdFromIndex);
const messageIds = Array.from({ length: 6 }, (_, i) => hex(digest(utf8(String(i)))) as MessageId);

/** A change of the state as a round makes it: an arbitrary step from one version to the next. */
const step: fc.Arbitrary<(state: ReplicatedState) => ReplicatedState> = fc.oneof(
  fc.tuple(fc.constantFrom(...ids), fc.nat(3), fc.boolean()).map(([id, data, code]) => (state: ReplicatedState) => ({ ...state, canisters: state.canisters.set(id, canister(id, data, code)) })),
  fc.constantFrom(...ids).map((id) => (state: ReplicatedState) => ({ ...state, canisters: state.canisters.delete(id) })),
  fc.tuple(fc.constantFrom(...messageIds), fc.constantFrom("processing", "completed", "failed", "done")).map(([id, kind]) => (state: ReplicatedState) => {
    const known = { receiver: ids[0] as CanisterId, sender: ids[1] as CanisterId, effectiveCanisterId: ids[0] as CanisterId, time: time(1n), expiry: time(2n) };
    const status = kind === "completed" ? { kind, ...known, reply: utf8("r") } as const : kind === "failed" ? { kind, ...known, code: "IC0503", rejectCode: 5, message: "trap" } as const : { kind: kind as "done", ...known };
    return { ...state, ingressHistory: state.ingressHistory.set(id, status) };
  }),
  fc.constantFrom(...messageIds).map((id) => (state: ReplicatedState) => ({ ...state, ingressHistory: state.ingressHistory.delete(id) })),
  fc.tuple(fc.constantFrom(SUBNET, OTHER_SUBNET), fc.nat(3), fc.nat(3)).map(([to, drop, add]) => (state: ReplicatedState) => {
    const old: Stream = state.streams.get(to) ?? { begin: 0n, messages: [], signalsEnd: 0n, rejectSignals: [] };
    const dropped = Math.min(drop, old.messages.length);
    const messages = [...old.messages.slice(dropped), ...Array.from({ length: add }, (_, i) => request(i))];
    return { ...state, streams: state.streams.set(to, { ...old, begin: old.begin + BigInt(dropped), messages, signalsEnd: old.signalsEnd + 1n }) };
  }),
  fc.constant((state: ReplicatedState) => ({ ...state, metrics: { ...state.metrics, updateTransactionsTotal: state.metrics.updateTransactionsTotal + 1n } })),
  fc.constant((state: ReplicatedState) => ({ ...state, topology: { ...state.topology, routingTable: state.topology.routingTable.slice(1) } })),
  fc.constant((state: ReplicatedState) => state),
);

describe("interface spec, The system state tree", () => {
  test("a tree that followed the changes has the root of one made from scratch", () => {
    fc.assert(fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 8 }), (rounds) => {
      let tree = buildStateTree(sampleState());
      for (const [i, round] of rounds.entries()) {
        const state = round.reduce((now, change) => change(now), { ...tree.state, height: height(i + 1), time: time(BigInt(i) * 1000n), prevStateHash: digest(tree.root) });
        tree = buildStateTree(state, tree);
        expect(hex(digest(tree.root))).toBe(root(state));
      }
    }), { numRuns: 150 });
  });

  test("canisters: everything of one with code, little of one without", () => {
    const [withCode, without] = [ids[0]!, ids[1]!];
    const state = sampleState([canister(withCode, 7, true), canister(without, 7, false)]), id = principalBytes(withCode), empty = principalBytes(without);
    expect(found(state, "canister", id, "certified_data")).toEqual(Uint8Array.of(7));
    expect(found(state, "canister", id, "module_hash")).toHaveLength(32);
    expect(found(state, "canister", id, "metadata", "candid:service")).toEqual(utf8("service : {}"));
    expect(nat(found(state, "canister", id, "last_install_timestamp"))).toBe(200n);
    expect(nat(found(state, "canister", id, "canister_creation_timestamp"))).toBe(100n);
    expect(nat(found(state, "canister", empty, "canister_creation_timestamp"))).toBe(100n);
    const controllers = decodeCbor(found(state, "canister", empty, "controllers"));
    expect(controllers.ok && controllers.value).toEqual([principalBytes(ids[3]!)]);
    for (const gone of ["certified_data", "module_hash", "metadata", "last_install_timestamp"]) expect(at(state, "canister", empty, gone).kind).toBe("absent");
    expect(at(state, "canister", id, "metadata", "none").kind).toBe("absent");
  });

  test("request statuses in the spec's words", () => {
    const known = { receiver: ids[0]!, sender: ids[1]!, effectiveCanisterId: ids[0]!, time: time(1n), expiry: time(2n) };
    let state = sampleState();
    const put = (i: number, status: Parameters<typeof state.ingressHistory.set>[1]): Uint8Array => {
      state = { ...state, ingressHistory: state.ingressHistory.set(messageIds[i]!, status) };
      return bytesFromHex(messageIds[i]!);
    };
    const received = put(0, { kind: "received", ...known }), replied = put(1, { kind: "completed", ...known, reply: utf8("DIDL") });
    const rejected = put(2, { kind: "failed", ...known, code: "IC0503", rejectCode: 5, message: "trap" }), done = put(3, { kind: "done", ...known }), unknown = put(4, { kind: "unknown" });
    expect([received, replied, rejected, done].map((id) => Buffer.from(found(state, "request_status", id, "status")).toString())).toEqual(["received", "replied", "rejected", "done"]);
    expect(found(state, "request_status", replied, "reply")).toEqual(utf8("DIDL"));
    expect(nat(found(state, "request_status", rejected, "reject_code"))).toBe(5n);
    expect(found(state, "request_status", rejected, "reject_message")).toEqual(utf8("trap"));
    expect(found(state, "request_status", rejected, "error_code")).toEqual(utf8("IC0503"));
    expect(at(state, "request_status", unknown, "status").kind).toBe("absent");
  });

  test("subnets: keys and ranges of all, nodes and metrics of the own", () => {
    const state = sampleState([canister(ids[0]!, 1, true)]), own = principalBytes(SUBNET), other = principalBytes(OTHER_SUBNET);
    expect(found(state, "subnet", own, "type")).toEqual(utf8("application"));
    expect(found(state, "subnet", other, "public_key")).toHaveLength(133);
    expect(lookupSubtree([utf8("subnet"), other, utf8("node")], whole(buildStateTree(state).root))).toBe("absent");
    expect(at(state, "subnet", other, "metrics").kind).toBe("absent");
    const node = state.topology.subnets.find(({ id }) => id === SUBNET)!.nodes[0]!;
    expect(found(state, "subnet", own, "node", principalBytes(node.id), "public_key")).toEqual(node.publicKey);
    const metrics = decodeCbor(found(state, "subnet", own, "metrics"));
    expect(metrics).toEqual({ ok: true, value: { num_canisters: 1, canister_state_bytes: 10, update_transactions_total: 3, consumed_cycles_total: { low: 5, high: 1 } } });
    const ranges = decodeCbor(found(state, "subnet", own, "canister_ranges"));
    expect(ranges.ok && cborArray(ranges.value)).toHaveLength(7);
  });

  test("canister ranges in shards of five under their first canister id", () => {
    const tree = whole(buildStateTree(sampleState()).root);
    const shards = shownLabels([utf8("canister_ranges"), principalBytes(SUBNET)], tree);
    expect(shards.map(hex)).toEqual([canisterIdFromIndex(0n), canisterIdFromIndex(500n)]);
    const sizes = shards.map((shard) => { const read = lookup([utf8("canister_ranges"), principalBytes(SUBNET), shard], tree), list = read.kind === "found" ? decodeCbor(read.value) : undefined; return list?.ok && cborArray(list.value)?.length; });
    expect(sizes).toEqual([5, 2]);
    const none = lookup([utf8("canister_ranges"), principalBytes(OTHER_SUBNET), principalBytes(canisterIdFromIndex(0n))], tree);
    expect(none.kind === "found" && decodeCbor(none.value)).toEqual({ ok: true, value: [] });
  });

  test("streams: header and messages of others, nothing of the loopback", () => {
    const messages = [request(1), request(2)];
    const stream: Stream = { begin: 9n, messages, signalsEnd: 4n, rejectSignals: [{ index: 3n, reason: "QueueFull" }] };
    const state = { ...sampleState(), streams: sampleState().streams.set(SUBNET, stream).set(OTHER_SUBNET, stream) }, to = principalBytes(OTHER_SUBNET);
    expect(decodeStreamHeader(found(state, "streams", to, "header"))).toEqual({ ok: true, value: { begin: 9n, end: 11n, signalsEnd: 4n, rejectSignals: stream.rejectSignals } });
    expect(decodeStreamMessage(found(state, "streams", to, "messages", bytesFromHex("000000000000000a")))).toEqual({ ok: true, value: messages[1] });
    expect(lookupSubtree([utf8("streams"), principalBytes(SUBNET)], whole(buildStateTree(state).root))).toBe("absent");
  });

  test("time and metadata", () => {
    const state = { ...sampleState(), height: height(7), time: time(123_456_789_012_345_678n), prevStateHash: new Uint8Array(32).fill(9) };
    expect(found(state, "time")).toEqual(encodeUleb128(123_456_789_012_345_678n));
    expect(nat(found(state, "metadata", "height"))).toBe(7n);
    expect(found(state, "metadata", "prev_state_hash")).toEqual(state.prevStateHash);
    expect(witness(buildStateTree(state).root, [[utf8("api_boundary_nodes")]])).toBeDefined();
  });
});
