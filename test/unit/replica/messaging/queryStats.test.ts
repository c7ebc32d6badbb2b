import { describe, expect, test } from "vitest";
import { deliverQueryStats } from "../../../../src/replica/messaging/queryStats.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { StateTip } from "../../../../src/replica/state/stateTip.ts";
import { type CanisterId, type NodeId, type QueryStats, canisterIdFromIndex, nodeId } from "../../../../src/replica/types/index.ts";
import { createTestSubnet } from "../execution/testSubnet.ts";

const NODES = Array.from({ length: 7 }, (_, i) => nodeId(Uint8Array.of(i + 1)));
const of = (calls: number): QueryStats => ({ calls: BigInt(calls), instructions: BigInt(calls * 1_000), requestBytes: BigInt(calls * 10), responseBytes: BigInt(calls * 20) });

/** A subnet of so many nodes with two canisters. */
function subnetOf(count: number): { tell(node: NodeId, epoch: number, stats: readonly (readonly [CanisterId, number])[]): void; calls(id: CanisterId): bigint; readonly state: ReplicatedState; readonly ids: readonly CanisterId[] } {
  const subnet = createTestSubnet(), ids = [subnet.create(), subnet.create()], nodes = NODES.slice(0, count).map((id) => ({ id, publicKey: new Uint8Array(44) }));
  let { state } = subnet;
  state = { ...state, topology: { ...state.topology, subnets: state.topology.subnets.map((known) => ({ ...known, nodes })) } };
  return {
    ids,
    tell(node, epoch, stats) {
      const tip = new StateTip(state);
      deliverQueryStats(tip, { node, epoch, stats: stats.map(([canister, calls]) => ({ canister, ...of(calls) })) });
      state = tip.commit();
    },
    calls: (id) => state.canisters.get(id)!.system.queryStats.calls,
    get state() { return state; },
  };
}

describe("aggregation of query statistics", () => {
  test("one node: what it counted, as soon as it goes on to the next epoch", () => {
    const subnet = subnetOf(1), [a, b] = subnet.ids as [CanisterId, CanisterId];
    subnet.tell(NODES[0]!, 0, [[a, 3]]);
    expect(subnet.calls(a)).toBe(0n);
    subnet.tell(NODES[0]!, 1, [[b, 2]]);
    expect(subnet.state.canisters.get(a)!.system.queryStats).toEqual(of(3));
    expect(subnet.calls(b)).toBe(0n);
    subnet.tell(NODES[0]!, 5, []);
    expect([subnet.calls(a), subnet.calls(b)]).toEqual([3n, 2n]);
    expect(subnet.state.queryStats).toEqual({ aggregated: 1, nodes: [{ node: NODES[0], epochs: [{ epoch: 5, stats: [] }] }] });
  });
  test("four nodes: the median of those that told all, times four; three are enough", () => {
    const subnet = subnetOf(4), [a] = subnet.ids as [CanisterId];
    for (const [i, calls] of [10, 12, 1_000_000].entries()) subnet.tell(NODES[i]!, 0, [[a, calls]]);
    for (const i of [0, 1]) subnet.tell(NODES[i]!, 1, []);
    expect(subnet.calls(a)).toBe(0n); // two have told all
    subnet.tell(NODES[2]!, 1, []);
    expect(subnet.calls(a)).toBe(48n);
    subnet.tell(NODES[3]!, 0, [[a, 9]]); // too late
    expect(subnet.calls(a)).toBe(48n);
  });
  test("who told nothing of a canister counts as nothing; of an even number the mean of the middle", () => {
    const subnet = subnetOf(4), [a, b] = subnet.ids as [CanisterId, CanisterId];
    for (const [i, stats] of [[[a, 4], [b, 8]], [[a, 6]], [[a, 20]], []].entries()) subnet.tell(NODES[i]!, 0, stats as [CanisterId, number][]);
    for (const i of [3, 0, 1]) subnet.tell(NODES[i]!, 1, []);
    expect([subnet.calls(a), subnet.calls(b)]).toEqual([16n, 0n]); // 0, 4, 6
    const even = subnetOf(5), [c] = even.ids as [CanisterId];
    for (const [i, calls] of [4, 6, 7, 20].entries()) even.tell(NODES[i]!, 0, [[c, calls]]);
    for (const i of [0, 1, 2, 3]) even.tell(NODES[i]!, 1, []);
    expect(even.calls(c)).toBe(30n); // (6 + 7) / 2 in whole numbers
  });
  test("parts of an epoch are put together; what was said stays; unknown canisters are left out", () => {
    const subnet = subnetOf(1), [a, b] = subnet.ids as [CanisterId, CanisterId];
    subnet.tell(NODES[0]!, 0, [[a, 3], [canisterIdFromIndex(0x9999n), 5]]);
    subnet.tell(NODES[0]!, 0, [[a, 100], [b, 4]]);
    subnet.tell(NODES[0]!, 1, []);
    expect([subnet.calls(a), subnet.calls(b)]).toEqual([3n, 4n]);
  });
  test("a node that was silent for epochs does not hold up the others for ever", () => {
    const subnet = subnetOf(4), [a] = subnet.ids as [CanisterId];
    for (let epoch = 0; epoch < 4; epoch++) for (const node of NODES.slice(0, 3)) subnet.tell(node, epoch, [[a, 1]]);
    expect(subnet.calls(a)).toBe(12n);
  });
});
