import { describe, expect, test, vi } from "vitest";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { type Cluster, type ClusterOptions, type Role, createCluster, ms } from "../sim/cluster.ts";
import { equivocatingBlockMaker, finalizeAll, flipped, forgetfulFinalizer, notarizeAll, silentNotary } from "../sim/adversaries.ts";
import type { Course } from "../sim/invariants/invariant.ts";
import { INVARIANTS } from "../sim/invariants/table.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

/** A cluster that is watched by all rules of safety. */
function watched(options: ClusterOptions): { readonly cluster: Cluster; readonly violations: readonly string[] } {
  const violations: string[] = [], course: Course = { seed: 0, phase: "safety", stages: [], exiled: undefined, fair: true, clockSpreadMs: 0 }, rules = INVARIANTS.filter(({ name }) => name.startsWith("S"));
  const watches: ClusterOptions["watches"] = (made) => [...rules.map((rule) => rule.watch(made, (what) => violations.push(`${rule.name}: ${what}`), course)), ...options.watches?.(made) ?? []];
  return { violations, cluster: createCluster({ ...options, watches }) };
}
/** Every scenario runs twice: its safety rules hold after each step of each honest node, and both lives end in the same hash. */
function life(options: ClusterOptions, script: (cluster: Cluster) => void): Cluster {
  const [first, second] = [watched(options), watched(options)];
  script(first.cluster);
  script(second.cluster);
  expect(first.violations).toEqual([]);
  expect(second.cluster.hash()).toBe(first.cluster.hash());
  return first.cluster;
}
const liar = (place: number, ...duties: readonly Duty[]): ReadonlyMap<number, Role> => new Map([[place, { duties }]]);
const heights = (cluster: Cluster): number[] => cluster.honest.map((node) => node.state.height as number);
const slowest = (cluster: Cluster): number => Math.min(...heights(cluster));

describe("finalizes, delivers and certifies", () => {
  test.each([1, 4, 7])("%i nodes", (nodes) => {
    const cluster = life({ seed: `plain ${nodes}`, nodes }, (c) => c.run(750));
    expect(slowest(cluster)).toBeGreaterThan(24);
    expect(cluster.honest.every((node) => node.state.height - node.consensus.heights.certified <= 2)).toBe(true);
    expect(cluster.honest.every((node) => node.consensus.heights.catchUp >= 20)).toBe(true);
  });

  test("4 nodes with the real curve", async () => {
    const bls = await loadFastBls();
    const cluster = life({ seed: "real", nodes: 4, bls }, (c) => c.run(100));
    expect(slowest(cluster)).toBeGreaterThan(2);
    expect(Math.max(...cluster.honest.map((node) => node.consensus.heights.certified))).toBeGreaterThan(1);
  });

  test("the same hash is not an empty promise: another seed gives another life", () => {
    const [a, b] = ["one", "two"].map((seed) => createCluster({ seed, nodes: 4 }));
    a!.run(200);
    b!.run(200);
    expect(a!.hash()).not.toBe(b!.hash());
  });
});

describe("faults within f", () => {
  test("one of four nodes crashed: the others go on, and it catches up from its journal", () => {
    const cluster = life({ seed: "crash", nodes: 4 }, (c) => {
      c.run(200);
      c.crash(2);
      c.run(800);
      const without = c.nodes[0]!.state.height;
      expect(without).toBeGreaterThan(c.nodes[2]!.state.height + 3);
      c.restart(2);
      c.run(600);
    });
    expect(cluster.nodes[2]!.state.height).toBeGreaterThan(slowest(cluster) - 2);
    expect(Math.max(...heights(cluster)) - slowest(cluster)).toBeLessThanOrEqual(2);
  });

  test("30 % loss and delays of up to 60 ms: slower, the same chain everywhere", () => {
    const cluster = life({ seed: "loss", nodes: 4, links: { delayMin: 1, delayMax: 60, lossPerMille: 300, retransmitAfter: 80 } }, (c) => c.run(2000));
    expect(slowest(cluster)).toBeGreaterThan(3);
  });

  test("an equivocating block maker tells each half another block: nobody finalizes both, and it is named", () => {
    const named = new Set<string>();
    const roles = new Map<number, Role>([[1, {
      duties: [equivocatingBlockMaker],
      tamper: (artifact, to) => artifact.kind !== "blockProposal" || (artifact.block.context.time + BigInt(to)) % 2n === 0n ? artifact.bytes : undefined,
    }]]);
    const proofs: ClusterOptions["watches"] = () => [{ step: (_, sent) => { for (const artifact of sent) if (artifact.kind === "equivocationProof") named.add(artifact.signer); } }];
    const cluster = life({ seed: "equivocation", nodes: 4, roles, watches: proofs }, (c) => c.run(1500));
    expect(slowest(cluster)).toBeGreaterThan(6);
    expect([...named]).toEqual([cluster.nodes[1]!.id]);
    const makers = new Set(cluster.honest.flatMap((node) => node.state.deliveries.map(({ block }) => block.maker)));
    expect(makers.size).toBeGreaterThan(2);
  });

  test("a node that notarizes and finalizes everything, and equivocates", () => {
    const cluster = life({ seed: "everything", nodes: 4, roles: liar(0, equivocatingBlockMaker, notarizeAll, finalizeAll) }, (c) => c.run(1200));
    expect(slowest(cluster)).toBeGreaterThan(5);
  });

  test("a silent notary", () => {
    const cluster = life({ seed: "silent", nodes: 4, roles: liar(3, silentNotary) }, (c) => c.run(1000));
    expect(slowest(cluster)).toBeGreaterThan(10);
  });

  test("flipped bytes from one node: its shares are thrown out one by one, and aggregates still form", () => {
    const cluster = life({ seed: "flipped", nodes: 4, roles: new Map([[1, { tamper: ({ bytes }) => flipped(bytes) }]]) }, (c) => c.run(1500));
    expect(slowest(cluster)).toBeGreaterThan(10);
  });

  test("a corrupt state on one node: the others certify theirs, and it does not", () => {
    const cluster = life({ seed: "corrupt", nodes: 4, corruptState: new Map([[2, 5]]) }, (c) => c.run(900));
    expect(slowest(cluster)).toBeGreaterThan(15);
    expect(cluster.nodes[2]!.consensus.heights.certified).toBe(4);
  });

  test("clocks that are 10 s apart", () => {
    const cluster = life({ seed: "skew", nodes: 4, skewMs: new Map([[1, -10_000]]) }, (c) => c.run(1500));
    expect(slowest(cluster)).toBeGreaterThan(10);
    for (const { state: { deliveries } } of cluster.honest) for (const [i, { batch }] of deliveries.entries()) if (i > 0) expect(batch.time).toBeGreaterThan(deliveries[i - 1]!.batch.time);
  });
});

describe("faults beyond f", () => {
  test("two of four nodes gone: nothing is finalized, nothing forks; back again, it goes on", () => {
    const cluster = life({ seed: "halt", nodes: 4 }, (c) => {
      c.run(300);
      c.crash(0);
      c.crash(1);
      c.run(100);
      const before = c.nodes[2]!.consensus.heights.notarized;
      c.run(1500);
      expect(c.nodes[2]!.consensus.heights.notarized).toBe(before);
      c.restart(0);
      c.restart(1);
      c.run(800);
      expect(c.nodes[2]!.state.height).toBeGreaterThan(before + 5);
    });
    expect(Math.max(...heights(cluster)) - slowest(cluster)).toBeLessThanOrEqual(2);
  });

  test("a partition without a quorum stalls, and heals", () => {
    const cluster = life({ seed: "partition", nodes: 7 }, (c) => {
      c.run(200);
      c.partition([[0, 1, 2, 3], [4, 5, 6]]);
      c.run(100);
      const before = c.nodes.map((node) => node.consensus.heights.notarized);
      c.run(600);
      expect(c.nodes.map((node) => node.consensus.heights.notarized)).toEqual(before);
      c.heal();
      c.run(500);
    });
    expect(slowest(cluster)).toBeGreaterThan(12);
  });
});

describe("the rules catch a planted fault", () => {
  const wild = (seed: number): ClusterOptions => ({
    seed: `wild ${seed}`, nodes: 4, params: { unitDelay: ms(20) }, links: { delayMin: 1, delayMax: 120, lossPerMille: 100, retransmitAfter: 100 },
  });
  const violations = (options: ClusterOptions): readonly string[] => { const { cluster, violations: seen } = watched(options); cluster.run(1200); return seen; };

  test("a finalizer that does not look at its own notarization shares breaks S4; the real one does not", () => {
    const seeds = [1, 2, 3];
    expect(seeds.flatMap((seed) => violations(wild(seed)))).toEqual([]);
    expect(seeds.flatMap((seed) => violations({ ...wild(seed), planted: [forgetfulFinalizer] })).some((rule) => rule.startsWith("S4"))).toBe(true);
  });
});
