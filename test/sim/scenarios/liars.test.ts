import { expect, test, vi } from "vitest";
import { seal } from "../../../src/replica/consensus/artifact.ts";
import { rowOf } from "../../../src/replica/consensus/artifactRows.ts";
import type { ArtifactId, BlockHash } from "../../../src/replica/interfaces/consensus.ts";
import { type Hash, err, height, ok, time } from "../../../src/replica/types/index.ts";
import { createSeededRng } from "../../../src/replica/runtime/seededRng.ts";
import { adversary, equivocatingBlockMaker, finalizeAll, flipped, makingInstead, notarizeAll, resigned } from "../adversaries.ts";
import { createChance } from "../chance.ts";
import { type ClusterOptions, type Role, ms, plainSurroundings } from "../cluster.ts";
import { emptyPayloads } from "../simulatedNode.ts";
import { createHashChain } from "../simulatedState.ts";
import { blocksOf, finalized, liar, life, runTo, slowest } from "./watched.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

const acting = (others: readonly number[]): Parameters<ReturnType<typeof adversary>["role"]>[0] => ({ chance: createChance(createSeededRng(new Uint8Array(32))), note: () => undefined, others });

test("5: an equivocating maker tells each half another block: one of them or none becomes final, and a proof names it", () => {
  const named = new Set<string>();
  const roles = new Map<number, Role>([[1, {
    duties: [equivocatingBlockMaker],
    tamper: (artifact, to) => artifact.kind !== "blockProposal" || (artifact.block.context.time + BigInt(to)) % 2n === 0n ? artifact.bytes : undefined,
  }]]);
  const watches: ClusterOptions["watches"] = () => [{ step: (_, sent) => { for (const artifact of sent) if (artifact.kind === "equivocationProof") named.add(artifact.signer); } }];
  const cluster = life({ seed: "equivocation", nodes: 4, roles, watches }, (c) => runTo(c, 12));
  expect([...named]).toEqual([cluster.nodes[1]!.id]);
});

test("6: f nodes notarize and finalize everything, and equivocate: at most more is notarized", () => {
  life({ seed: "everything", nodes: 7, roles: new Map([...liar(0, equivocatingBlockMaker, notarizeAll, finalizeAll), ...liar(3, equivocatingBlockMaker, notarizeAll, finalizeAll)]) }, (c) => runTo(c, 10));
});

const SHARES = ["notarizationShare", "randomBeaconShare", "randomTapeShare", "certificationShare"] as const;
test.each(SHARES)("7: f nodes withhold each %s: the others do without", (kind) => {
  life({ seed: "withheld", nodes: 4, roles: new Map([[3, { tamper: (artifact) => (artifact.kind === kind ? undefined : artifact.bytes) }]]) }, (c) => runTo(c, 12));
});

test("7: too few shares of the tape: blocks become final, nothing is executed, and 70 heights on notarization stops", () => {
  // The threshold is f+1, so n-f of them have to be silent: of four nodes three.
  const silent: Role = { duties: [{ name: "randomTapeMaker", onStateChange: () => [] }] }, quiet = { idleBlockInterval: ms(20_000), unitDelay: ms(1_000) };
  const cluster = life({ seed: "no tape", nodes: 4, params: quiet, stepMs: 20, roles: new Map([[1, silent], [2, silent], [3, silent]]) }, (c) => c.run(9_000_000));
  const { notarized, finalized: final } = cluster.nodes[0]!.consensus.heights, { height: last } = cluster.nodes[0]!.state;
  expect([last, final >= 60, notarized]).toEqual([0, true, 70]);
});

test("8: f nodes send shares with a flipped byte: thrown out one by one, and aggregates still form", () => {
  life({ seed: "flipped", nodes: 4, roles: new Map([[1, { tamper: ({ bytes }) => flipped(bytes) }]]) }, (c) => runTo(c, 12));
});

const refusing: NonNullable<ClusterOptions["surroundings"]> = (_, from) => ({
  ...plainSurroundings(createHashChain(undefined, from)), payloads: { build: emptyPayloads.build, validate: (_at, _context, { ingress }) => (ingress.length === 0 ? ok(undefined) : err({ kind: "invalid", reason: "not signed" })) },
});
test("9: a payload that is no good is notarized by nobody honest; the next rank wins", () => {
  const bad = makingInstead((proposal, duty) => {
    const { payload } = proposal.block;
    return payload.kind === "summary" ? [proposal] : [resigned(proposal, { payload: { ...payload, batch: { ...payload.batch, ingress: [new Uint8Array(1)] } } }, duty)];
  });
  const cluster = life({ seed: "payload", nodes: 4, roles: liar(2, bad), surroundings: refusing }, (c) => runTo(c, 16));
  expect(blocksOf(cluster, 2)).toBe(0);
  expect(cluster.honest[0]!.state.deliveries.some(({ block }) => block.rank === 1)).toBe(true);
});

test("9: a block from the future waits until it is the present: never refused, and never final before its time", () => {
  const early: number[] = [];
  const roles = liar(2, makingInstead((proposal, duty) => [resigned(proposal, { context: { ...proposal.block.context, time: time(proposal.block.context.time + ms(40)) } }, duty)]));
  const cluster = life({ seed: "future", nodes: 4, roles, watches: (made) => [{ step: (_, sent) => {
    for (const artifact of sent) if (artifact.kind === "notarizationShare" && (made.honest[0]!.consensus.pool.proposal(artifact.block)?.block.context.time ?? 0n) > made.runtime.clock.now()) early.push(artifact.height);
  } }] }, (c) => runTo(c, 24));
  expect(early).toEqual([]);
  expect(blocksOf(cluster, 2)).toBeGreaterThan(0);
});

test("18: a flood of artifacts of far heights: pools stay small, and nothing slows down", () => {
  const cluster = life({ seed: "flood", nodes: 4, roles: new Map([[2, adversary("floodFuture").role(acting([0, 1, 3]))]]) }, (c) => runTo(c, 24));
  for (const { consensus: { pool } } of cluster.honest) {
    const { sizes } = pool as unknown as { readonly sizes: { readonly unvalidated: number } };
    expect(sizes.unvalidated).toBeLessThan(6_000);
    expect(pool.unvalidatedAt("randomTapeShare", height(finalized(cluster) + 300))).toEqual([]);
  }
  expect(slowest(cluster)).toBeGreaterThan(20);
});

test("18: a flood of shares in the names of others, of blocks and states that there are not: it uses up the liar's own room alone", () => {
  let made = 0;
  const mischief: Role["mischief"] = ({ peers, consensus: { heights } }) => [1, 2, 3, 4, 5, 6].flatMap((above) => peers.flatMap((signer) => {
    const signature = new Uint8Array(48).fill(1 + made++ % 255), nothing = Buffer.alloc(32, made), block = nothing.toString("hex") as BlockHash, at = height(heights.notarized + above);
    return [
      seal(rowOf("notarizationShare"), at, { block, signer, signature }), seal(rowOf("finalizationShare"), at, { block, signer, signature }), seal(rowOf("randomBeaconShare"), at, { parent: nothing.toString("hex") as ArtifactId, signer, signature }),
      seal(rowOf("randomTapeShare"), at, { signer, signature }), seal(rowOf("certificationShare"), at, { hash: nothing as Uint8Array as Hash<"StateRoot">, signer, signature }),
    ].map(({ bytes }) => ({ bytes }));
  }));
  const cluster = life({ seed: "names", nodes: 4, roles: new Map([[3, { mischief, duties: [{ name: "shareAggregator", onStateChange: () => [] }] }]]) }, (c) => runTo(c, 24));
  for (const { consensus: { pool } } of cluster.honest) for (let at = 1; at < 60; at++) expect(pool.unvalidatedAt("notarizationShare", height(at)).length).toBeLessThanOrEqual(4 * (2 * 4 + 8));
  expect(slowest(cluster)).toBeGreaterThan(20);
});
