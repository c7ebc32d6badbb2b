import { expect, test, vi } from "vitest";
import { type ClusterOptions, ms, plainSurroundings } from "../cluster.ts";
import { type SimulatedState, createHashChain } from "../simulatedState.ts";
import { blocksOf, finalized, life, runTo, slowest } from "./watched.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

test("10: a slow node follows, and its blocks come too late", () => {
  const cluster = life({ seed: "slow", nodes: 4 }, (c) => {
    c.links.slow(3, 150);
    runTo(c, 30);
    c.run(400);
  });
  expect(blocksOf(cluster, 3)).toBeLessThan(4);
  expect(cluster.nodes[3]!.state.height).toBeGreaterThan(20);
});

test.each([["behind", -10_000], ["ahead", 10_000]] as const)("11: f clocks are ten seconds %s: it goes on, and time only grows", (_, skew) => {
  const cluster = life({ seed: "skew", nodes: 4, skewMs: new Map([[1, skew]]) }, (c) => runTo(c, 14));
  for (const { state: { deliveries } } of cluster.honest) for (const [i, { batch }] of deliveries.entries()) if (i > 0) expect(batch.time).toBeGreaterThan(deliveries[i - 1]!.batch.time);
});

/** Hash chains of which something is held back while `held` says so. */
const holding = (held: { now: boolean }, change: (state: SimulatedState) => Partial<SimulatedState>): NonNullable<ClusterOptions["surroundings"]> => (_, from) => {
  const state = createHashChain(undefined, from), kept = change(state);
  return plainSurroundings(new Proxy(state, { get: (target, name) => (held.now && name in kept ? kept[name as keyof SimulatedState] : Reflect.get(target, name)) }));
};

test("12: execution is slow everywhere: notaries wait ever longer, stop 70 heights on, and go on when it has caught up", () => {
  const held = { now: false };
  life({ seed: "slow execution", nodes: 4, stepMs: 20, params: { idleBlockInterval: ms(20_000), unitDelay: ms(1_000) }, surroundings: holding(held, () => ({ hashesToCertify: () => [] })) }, (c) => {
    c.run(100_000);
    held.now = true;
    const { certified } = c.nodes[0]!.consensus.heights;
    c.run(9_000_000);
    const { notarized } = c.nodes[0]!.consensus.heights;
    expect([notarized - certified >= 60, notarized - certified <= 72]).toEqual([true, true]);
    c.run(200_000);
    expect(c.nodes[0]!.consensus.heights.notarized).toBe(notarized);
    held.now = false;
    for (const { place } of c.nodes) c.kick(place);
    c.run(200_000);
    expect(finalized(c)).toBeGreaterThan(notarized);
  });
});

test("13: a checkpoint that takes long at the end of an interval: the package of its height is made all the same", () => {
  const held = { now: true };
  const cluster = life({ seed: "slow checkpoint", nodes: 4, surroundings: holding(held, () => ({ checkpointHash: () => undefined })) }, (c) => {
    runTo(c, 34);
    expect(c.nodes.map(({ consensus }) => consensus.heights.catchUp)).toEqual([0, 0, 0, 0]);
    held.now = false;
    for (const { place } of c.nodes) c.kick(place);
    c.run(50);
  });
  expect(cluster.nodes.every(({ consensus }) => consensus.heights.catchUp === 20)).toBe(true);
});

test("17: 30 % loss, duplicates and reordering: one chain, only slower", () => {
  const links = { delayMin: 1, delayMax: 60, lossPerMille: 300, duplicatePerMille: 200, retransmitAfter: 80 };
  const cluster = life({ seed: "loss", nodes: 4, links }, (c) => runTo(c, 8)), { lost, doubled, reordered } = cluster.links.counters;
  expect([lost, doubled, reordered].every((count) => count > 50)).toBe(true);
  expect(slowest(cluster)).toBeGreaterThan(3);
});
