import { expect, test } from "vitest";
import { seal } from "../../src/replica/consensus/artifact.ts";
import { randomBeaconRow, randomTapeRow } from "../../src/replica/consensus/artifacts/randomness.ts";
import { ranking } from "../../src/replica/consensus/ranking.ts";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import { generateSubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import { createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import type { SignatureShare } from "../../src/replica/interfaces/crypto.ts";
import { createSeededRng } from "../../src/replica/runtime/seededRng.ts";
import { hexFromBytes, height } from "../../src/replica/types/index.ts";
import { linearBls } from "../sim/linearBls.ts";
import { life, runTo } from "../sim/scenarios/watched.ts";

/** Protocol digest §7 row 14. */
const choose = (from: readonly number[], count: number): readonly (readonly number[])[] =>
  count === 0 ? [[]] : from.flatMap((first, i) => choose(from.slice(i + 1), count - 1).map((rest) => [first, ...rest]));

test("on the real curve the shares of any f+1 of seven nodes give one value of the tape, those of f give another that is none; whoever withholds changes nothing", async () => {
  const NODES = 7, F = 2, bls = await loadFastBls(), verifier = createVerifier(bls), { stores, transcripts: { low } } = generateSubnetKeys(bls, createSeededRng(Buffer.from("tape")), NODES), places = [...stores.keys()];
  const tapeOf = (at: number): { readonly values: ReadonlySet<string>; readonly few: ReadonlySet<string> } => {
    const message = randomTapeRow.signedBytes(height(at), { signature: new Uint8Array(0) }, "" as never), shares = stores.map((store, index): SignatureShare => ({ index, signature: createNodeKeys(store, [], verifier).signThreshold(low.id, message) }));
    const valueOf = (some: readonly number[]): { readonly id: string; readonly holds: boolean } => {
      const signature = bls.combine(some.map((place) => shares[place]!));
      return { id: seal(randomTapeRow, height(at), { signature }).id, holds: bls.verify(low.publicCoefficients[0]!, message, signature) };
    };
    const enough = choose(places, F + 1).map(valueOf), few = choose(places, F).map(valueOf);
    expect([enough.length, enough.every(({ holds }) => holds), few.length, few.some(({ holds }) => holds)]).toEqual([35, true, 21, false]);
    return { values: new Set(enough.map(({ id }) => id)), few: new Set(few.map(({ id }) => id)) };
  };
  const [ninth, tenth] = [tapeOf(9), tapeOf(10)], [value] = ninth.values;
  expect([ninth.values.size, tenth.values.size, tenth.values.has(value!), ninth.few.has(value!)]).toEqual([1, 1, false, false]);
});

test("every node is of every rank about as often as the others, over 5,000 rounds of a chain of beacons that different f+1 of thirteen nodes sign", () => {
  const NODES = 13, F = 4, ROUNDS = 5_000, { stores, transcripts: { low } } = generateSubnetKeys(linearBls, createSeededRng(Buffer.from("ranks")), NODES), verifier = createVerifier(linearBls), keys = stores.map((store) => createNodeKeys(store, [], verifier));
  const seen = Array.from({ length: NODES }, () => new Array<number>(NODES).fill(0));
  let beacon = seal(randomBeaconRow, height(0), { parent: "00".repeat(32) as never, signature: new Uint8Array(48) });
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [node, rank] of ranking(beacon, "BlockmakerRanking", NODES).entries()) seen[node]![rank]!++;
    const content = { parent: beacon.id, signature: new Uint8Array(0) }, message = randomBeaconRow.signedBytes(height(round), content, "" as never);
    const signers = Array.from({ length: F + 1 }, (_, i) => (round + 2 * i) % NODES);
    beacon = seal(randomBeaconRow, height(round), { ...content, signature: linearBls.combine(signers.map((index) => ({ index, signature: keys[index]!.signThreshold(low.id, message) }))) });
  }
  const expected = ROUNDS / NODES, distance = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 12 degrees of freedom: p > 0.01. Ranks of a round exclude each other, which leaves 144 for all of them together.
  expect(distance(seen.map(([first]) => first!))).toBeLessThan(26.2);
  expect((distance(seen.flat()) * (NODES - 1)) / NODES).toBeLessThan(186.4);
  expect((distance(seen.flat()) * (NODES - 1)) / NODES).toBeGreaterThan(108); // nor suspiciously even: p < 0.99
});

test("the randomness of a batch is the same for all nodes, and that of each height is another", () => {
  const cluster = life({ seed: "raw rand", nodes: 4 }, (c) => runTo(c, 40)), values = cluster.honest.map(({ state }) => new Map(state.deliveries.map(({ batch }) => [batch.height, hexFromBytes(batch.randomness)])));
  for (const [at, value] of values[0]!) expect(values.map((of) => of.get(at) ?? value)).toEqual([value, value, value, value]);
  for (const of of values) expect([new Set(of.values()).size, of.size >= 35]).toEqual([of.size, true]);
});
