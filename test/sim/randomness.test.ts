import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import type { RandomBeacon } from "../../src/replica/interfaces/consensus.ts";
import { ranking } from "../../src/replica/consensus/ranking.ts";
import { createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { generateSubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import type { Role } from "./cluster.ts";
import { linearBls } from "./linearBls.ts";
import { life, runTo } from "./scenarios/watched.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

test("ranks are fair: each of 13 nodes is first about as often as the others, over 5,000 rounds", () => {
  const nodes = 13, rounds = 5_000, first = new Array<number>(nodes).fill(0);
  for (let round = 0; round < rounds; round++) {
    const places = ranking({ id: createHash("sha256").update(`beacon ${round}`).digest("hex") } as RandomBeacon, "BlockmakerRanking", nodes), maker = places.indexOf(0);
    first[maker]!++;
  }
  const chiSquare = first.reduce((sum, count) => sum + (count - rounds / nodes) ** 2 / (rounds / nodes), 0);
  expect(chiSquare).toBeLessThan(26.2); // 12 degrees of freedom: p > 0.01
});

test("beacons and tapes do not depend on who withholds a share, nor on which blocks are made", () => {
  const keys = generateSubnetKeys(linearBls, createSimulatedRuntime("shared keys").rng, 4), silent: Role = { tamper: (artifact) => (artifact.kind.startsWith("random") ? undefined : artifact.bytes) };
  const lives = [undefined, 0, 3].map((place) => life({ seed: `withheld ${place}`, nodes: 4, keys, links: { delayMin: 1, delayMax: 6 }, roles: new Map(place === undefined ? [] : [[place, silent]]) }, (c) => runTo(c, 12)));
  const values = lives.map(({ honest: [node] }) => Array.from({ length: 11 }, (_, i) => [node!.consensus.pool.beacon((i + 1) as never)!.id, node!.consensus.pool.at("randomTape", (i + 1) as never)[0]!.id]));
  expect(values[1]).toEqual(values[0]);
  expect(values[2]).toEqual(values[0]);
  const blocks = lives.map(({ honest: [node] }) => node!.consensus.pool.finalized(8 as never)!.hash);
  expect(new Set(blocks).size).toBe(3);
});
