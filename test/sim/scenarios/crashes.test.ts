import { expect, test, vi } from "vitest";
import { executed, finalized, life, runTo, slowest } from "./watched.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

test("1: f nodes crash and come back from their disks: the others go on, and nobody signs what contradicts its past", () => {
  const cluster = life({ seed: "crash", nodes: 4, flushMs: 0.5 }, (c) => {
    runTo(c, 24);
    c.crash(2);
    runTo(c, 48);
    expect(c.nodes[2]!.state.height).toBeLessThan(30);
    c.restart(2);
    expect(c.nodes[2]!.state.base).toBe(20); // from its checkpoint, not from the beginning
    c.run(600);
  });
  expect(Math.max(...executed(cluster)) - slowest(cluster)).toBeLessThanOrEqual(2);
});

test("2: f+1 nodes crash: nothing more is final, what is certified stays so; back again, it goes on", () => {
  const cluster = life({ seed: "halt", nodes: 4 }, (c) => {
    runTo(c, 10);
    c.crash(0);
    c.crash(1);
    c.run(100);
    const { notarized, certified } = c.nodes[2]!.consensus.heights, root = c.nodes[2]!.state.rootAt(certified);
    c.run(1_500);
    expect(c.nodes[2]!.consensus.heights.notarized).toBe(notarized);
    expect([c.nodes[2]!.consensus.heights.certified >= certified, c.nodes[2]!.state.rootAt(certified)]).toEqual([true, root]);
    c.restart(0);
    c.restart(1);
    runTo(c, notarized + 8);
    c.run(100);
  });
  expect(Math.max(...executed(cluster)) - slowest(cluster)).toBeLessThanOrEqual(2);
});

test("3: a partition of 2f+1 and f: the majority goes on, the others notarize nothing; joined again, they catch up", () => {
  const cluster = life({ seed: "minority", nodes: 7 }, (c) => {
    runTo(c, 8);
    c.partition([[0, 1, 2, 3, 4], [5, 6]]);
    c.run(50);
    const stuck = [5, 6].map((place) => c.nodes[place]!.consensus.heights.notarized), before = finalized(c);
    runTo(c, before + 12);
    expect([5, 6].map((place) => c.nodes[place]!.consensus.heights.notarized)).toEqual(stuck);
    c.heal();
    c.run(300);
  });
  expect(Math.max(...executed(cluster)) - slowest(cluster)).toBeLessThanOrEqual(2);
});

test("4: a partition without 2f+1 on any side stalls all, and a few rounds after it nobody sees a trace of it", () => {
  life({ seed: "partition", nodes: 7 }, (c) => {
    runTo(c, 6);
    c.partition([[0, 1, 2, 3], [4, 5, 6]]);
    c.run(100);
    const before = c.nodes.map(({ consensus }) => consensus.heights.notarized);
    c.run(600);
    expect(c.nodes.map(({ consensus }) => consensus.heights.notarized)).toEqual(before);
    c.heal();
    runTo(c, Math.max(...before) + 5, 2_000);
  });
});
