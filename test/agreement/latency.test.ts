import { expect, test } from "vitest";
import { ranking } from "../../src/replica/consensus/ranking.ts";
import { height } from "../../src/replica/types/index.ts";
import { type ClusterOptions, ms } from "../sim/cluster.ts";
import { life, runTo } from "../sim/scenarios/watched.ts";

/** Protocol digest §7 row 4: what a crashed node costs. Milliseconds. */
const UNIT_DELAY = 200, HOP = 3, SLACK = 4 * HOP;

test("with f of seven nodes down each round that one of them was to begin takes a unit delay more, and no other round anything; the states of the others are equal", () => {
  const nodes = 7, down = [1, 5];
  const since = new Map<number, number>(), missed = new Map<number, number>();
  let last = 0;
  const watches: ClusterOptions["watches"] = (cluster) => [{ step(node) {
    const { pool, heights } = node.consensus, now = Number(cluster.runtime.clock.now()) / 1e6;
    for (; last < heights.finalized; since.set(++last, now)) {
      const places = ranking(pool.beacon(height(last))!, "BlockmakerRanking", nodes), gone = [...node.peers, node.id].sort().flatMap((id, member) => (cluster.nodes.some((one) => one.id === id && !cluster.isAlive(one.place)) ? [places[member]!] : []));
      // As many of the first ranks in a row as are down.
      let count = 0;
      while (gone.includes(count)) count++;
      missed.set(last + 1, count);
    }
  } }];
  const took = (from: number, to: number): readonly { readonly ms: number; readonly missed: number }[] => Array.from({ length: to - from }, (_, i) => ({ ms: since.get(from + i + 1)! - since.get(from + i)!, missed: missed.get(from + i + 1)! }));
  let whole = 0, apart = 0, end = 0;
  life({ seed: "a node less", nodes, params: { unitDelay: ms(UNIT_DELAY), idleBlockInterval: ms(0) }, links: { delayMin: HOP, delayMax: HOP }, watches }, (c) => {
    runTo(c, 30);
    whole = last;
    for (const place of down) c.crash(place);
    c.run(50);
    apart = last + 1; // what was begun before
    runTo(c, apart + 40);
    end = last;
  });
  const usual = Math.max(...took(1, whole).map((round) => round.ms)), rounds = took(apart, end);
  expect(usual).toBeLessThan(UNIT_DELAY / 2);
  expect(rounds.filter((round) => round.ms > usual + SLACK + round.missed * (UNIT_DELAY + SLACK))).toEqual([]);
  // As often as chance has it, the ones that are down are first.
  const late = rounds.filter((round) => round.missed > 0);
  expect([late.length > 4, late.length < rounds.length - 4]).toEqual([true, true]);
  for (const round of late) expect(round.ms).toBeGreaterThan(UNIT_DELAY * round.missed - SLACK);
});
