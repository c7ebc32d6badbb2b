import { describe, expect, test } from "vitest";
import { createLinks } from "../../../../src/replica/gossip/links.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { type NodeId, time } from "../../../../src/replica/types/index.ts";

const [a, b, c] = ["0a", "0b", "0c"] as NodeId[] as [NodeId, NodeId, NodeId];
function three(behaviour = {}) {
  const runtime = createSimulatedRuntime("links"), links = createLinks(runtime, behaviour), got = new Map<NodeId, string[]>([[a, []], [b, []], [c, []]]);
  for (const node of [a, b, c]) links.attach(node, { receive: (from, bytes) => void got.get(node)!.push(`${from}:${bytes[0]}`), offer: () => [Uint8Array.of(99)] });
  runtime.advanceTo(time(runtime.clock.now() + 1_000_000_000n));
  for (const list of got.values()) list.length = 0;
  return { runtime, links, got, wait: (nanos: bigint) => runtime.advanceTo(time(runtime.clock.now() + nanos)) };
}

describe("links", () => {
  test("deliver after their delay, to everyone but the sender", () => {
    const { links, got, wait } = three({ delayMin: time(10n), delayMax: time(10n) });
    links.broadcast(a, Uint8Array.of(1));
    wait(9n);
    expect(got.get(b)).toEqual([]);
    wait(1n);
    expect([got.get(a), got.get(b), got.get(c)]).toEqual([[], ["0a:1"], ["0a:1"]]);
  });

  test("lose and send again until it arrives", () => {
    const { links, got, wait } = three({ lossPerMille: 700, retransmitAfter: time(50n) });
    for (let i = 0; i < 50; i++) links.send(a, b, Uint8Array.of(i));
    wait(10_000_000_000n);
    expect(new Set(got.get(b)).size).toBe(50);
    expect(links.counters.lost).toBeGreaterThan(20);
  });

  test("a partition cuts also what is on its way; healing makes both sides offer again", () => {
    const { links, got, wait } = three({ delayMin: time(10n), delayMax: time(10n) });
    links.send(a, b, Uint8Array.of(1));
    links.partition([[a], [b, c]]);
    links.send(a, c, Uint8Array.of(2));
    links.send(b, c, Uint8Array.of(3));
    wait(100n);
    expect([got.get(b), got.get(c)]).toEqual([[], ["0b:3"]]);
    links.heal();
    wait(100n);
    expect(got.get(a)).toEqual(["0b:99", "0c:99"]);
    expect(got.get(b)).toEqual(["0a:99"]);
  });

  test("a detached node gets nothing, and is offered what it missed when it returns", () => {
    const { links, got, wait } = three();
    links.detach(b);
    links.broadcast(a, Uint8Array.of(1));
    wait(10_000_000n);
    expect(got.get(b)).toEqual([]);
    links.attach(b, { receive: (from, bytes) => void got.get(b)!.push(`${from}:${bytes[0]}`), offer: () => [] });
    wait(10_000_000n);
    expect(got.get(b)).toEqual(["0a:99", "0c:99"]);
  });

  test("an isolated node reaches nobody, whatever the partition; healed it is offered what it missed", () => {
    const { links, got, wait } = three();
    links.partition([[a, b], [c]]);
    links.isolate(a);
    for (const node of [a, b, c]) links.broadcast(node, Uint8Array.of(1));
    wait(10_000_000n);
    expect([...got.values()]).toEqual([[], [], []]);
    expect([links.reaches(a, a), links.reaches(a, b), links.reaches(b, c)]).toEqual([true, false, false]);
    links.heal();
    wait(10_000_000n);
    expect(got.get(a)).toEqual(["0b:99", "0c:99"]);
  });

  test("who comes to the same side by another partition is offered what it missed", () => {
    const { links, got, wait } = three();
    links.partition([[a], [b, c]]);
    links.partition([[a, b], [c]]);
    wait(10_000_000n);
    expect([...got.values()]).toEqual([["0b:99"], ["0a:99"], []]);
  });
});
