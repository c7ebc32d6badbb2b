import { describe, expect, test } from "vitest";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import { type ClusterOptions, createCluster, ms } from "./cluster.ts";
import { equivocatingBlockMaker, finalizeAll, forgetfulFinalizer, notarizeAll, silentNotary } from "./adversaries.ts";

type Cluster = ReturnType<typeof createCluster>;

/** Every scenario runs twice: its safety rules hold after each step of each honest node, and both lives end in the same hash. */
function life(options: ClusterOptions, script: (cluster: Cluster) => void): Cluster {
  const [first, second] = [createCluster(options), createCluster(options)];
  script(first);
  script(second);
  expect(first.invariants.violations).toEqual([]);
  expect(second.hash()).toBe(first.hash());
  return first;
}
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
    const cluster = life({ seed: "loss", nodes: 4, links: { delayMin: ms(1), delayMax: ms(60), lossPerMille: 300, retransmitAfter: ms(80) } }, (c) => c.run(2000));
    expect(slowest(cluster)).toBeGreaterThan(3);
  });

  test("an equivocating block maker tells each half another block: nobody finalizes both, and it is named", () => {
    const named = new Set<string>();
    const cluster = life({
      tamper: (_, artifact) => { if (artifact.kind === "equivocationProof") named.add(artifact.signer); return artifact.bytes; },
      seed: "equivocation", nodes: 4, byzantine: new Map([[1, [equivocatingBlockMaker]]]),
      route: (from, artifact, to) => from !== 1 || artifact.kind !== "blockProposal" || (artifact.block.context.time + BigInt(to)) % 2n === 0n,
    }, (c) => c.run(1500));
    expect(slowest(cluster)).toBeGreaterThan(6);
    expect([...named]).toEqual([cluster.nodes[1]!.id]);
    const makers = new Set(cluster.honest.flatMap((node) => node.state.blocks.map((block) => block.maker)));
    expect(makers.size).toBeGreaterThan(2);
  });

  test("a node that notarizes and finalizes everything, and equivocates", () => {
    const cluster = life({ seed: "everything", nodes: 4, byzantine: new Map([[0, [equivocatingBlockMaker, notarizeAll, finalizeAll]]]) }, (c) => c.run(1200));
    expect(slowest(cluster)).toBeGreaterThan(5);
  });

  test("a silent notary", () => {
    const cluster = life({ seed: "silent", nodes: 4, byzantine: new Map([[3, [silentNotary]]]) }, (c) => c.run(1000));
    expect(slowest(cluster)).toBeGreaterThan(10);
  });

  test("flipped bytes from one node: its shares are thrown out one by one, and aggregates still form", () => {
    const flip = (bytes: Uint8Array): Uint8Array => { const copy = bytes.slice(); copy[copy.length - 1]! ^= 1; return copy; };
    const cluster = life({ seed: "flipped", nodes: 4, byzantine: new Map([[1, []]]), tamper: (from, artifact) => (from === 1 ? flip(artifact.bytes) : artifact.bytes) }, (c) => c.run(1500));
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
    for (const { state } of cluster.honest) for (const [i, batch] of state.batches.entries()) if (i > 0) expect(batch.time).toBeGreaterThan(state.batches[i - 1]!.time);
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
      const ids = c.nodes.map(({ id }) => id);
      c.links.partition([ids.slice(0, 4), ids.slice(4)]);
      c.run(100);
      const before = c.nodes.map((node) => node.consensus.heights.notarized);
      c.run(600);
      expect(c.nodes.map((node) => node.consensus.heights.notarized)).toEqual(before);
      c.links.heal();
      c.run(500);
    });
    expect(slowest(cluster)).toBeGreaterThan(12);
  });
});

describe("the rules catch a planted fault", () => {
  const wild = (seed: number): ClusterOptions => ({
    seed: `wild ${seed}`, nodes: 4, params: { unitDelay: ms(20) }, links: { delayMin: ms(1), delayMax: ms(120), lossPerMille: 100, retransmitAfter: ms(100) },
  });
  const violations = (options: ClusterOptions): readonly string[] => { const cluster = createCluster(options); cluster.run(1200); return cluster.invariants.violations; };

  test("a finalizer that does not look at its own notarization shares breaks S4; the real one does not", () => {
    const seeds = [1, 2, 3];
    expect(seeds.flatMap((seed) => violations(wild(seed)))).toEqual([]);
    expect(seeds.flatMap((seed) => violations({ ...wild(seed), planted: [forgetfulFinalizer] })).some((rule) => rule.startsWith("S4"))).toBe(true);
  });
});
