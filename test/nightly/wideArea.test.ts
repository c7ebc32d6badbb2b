import { expect, test, vi } from "vitest";
import { createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { time } from "../../src/replica/types/index.ts";
import { createChance } from "../sim/chance.ts";
import { errandsArg } from "../sim/chatter.ts";
import { ms } from "../sim/cluster.ts";
import { S1, S2, S3 } from "../sim/invariants/agreement.ts";
import type { Course } from "../sim/invariants/invariant.ts";
import { linearBls } from "../sim/linearBls.ts";
import { createNetwork } from "../sim/network.ts";
import { makeIngress } from "../sim/replicatedSubnet.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

/**
 * Thirteen nodes in five regions. One way, ms: half of the round trips that mainnet's nodes have (protocol digest §5: 12–42 ms inside Europe,
 * 102–276 ms between continents, 125 ms in the median).
 */
const REGIONS = ["europe", "europe", "europe", "europe", "east", "east", "east", "west", "west", "asia", "asia", "asia", "asia"] as const;
const ONE_WAY: Readonly<Record<string, number>> = { "europe europe": 14, "east east": 10, "west west": 10, "asia asia": 35, "east europe": 51, "europe west": 75, "asia europe": 125, "east west": 35, "asia east": 115, "asia west": 80 };
const distance = (from: number, to: number): number => ONE_WAY[[REGIONS[from]!, REGIONS[to]!].sort().join(" ")]!;
/** From a user to a boundary node, 15 ms, and on to a node anywhere: half the median round trip. How often it asks again. What signing, checking and executing take a node, in a step. */
const USER_ONE_WAY = 90, POLL = 25, STEP = 25, UPDATES = 200;

/** What final means: one block a height, one chain, nothing else notarized beside it. */
const FINAL = [S1, S2, S3];

test("thirteen nodes with wide-area delays and mainnet's parameters: an update takes 1.0 to 1.8 s in the median, less than 5 s for 99 of a hundred, and no final block is ever replaced", () => {
  const median = Array.from({ length: 13 }, (_, a) => Array.from({ length: 13 }, (_, b) => (a === b ? [] : [2 * distance(a, b)])).flat()).flat().sort((a, b) => a - b);
  expect(Math.abs(median[Math.floor(median.length / 2)]! - 125)).toBeLessThanOrEqual(25);
  const violations: string[] = [], course: Course = { seed: 0, phase: "safety", stages: [], exiled: undefined, fair: true, clockSpreadMs: 0 };
  const runtime = createSimulatedRuntime("wide area"), params = { unitDelay: ms(1_000), initialNotaryDelay: ms(300), idleBlockInterval: ms(0), dkgIntervalLength: 499 };
  const { main, subnets: [subnet] } = createNetwork(runtime, linearBls, { nodes: 13, params, stepMs: STEP, links: { distance: (from, to) => distance(from % 13, to % 13), retransmitAfter: 400, lossPerMille: 2 }, watches: (made) => FINAL.map((rule) => rule.watch(made, (what) => violations.push(`${rule.name}: ${what}`), course)) });
  const chance = createChance(runtime.rng.fork("users")), latencies: number[] = [];
  main.run(3_000);
  for (let update = 0; update < UPDATES; update++) {
    runtime.timers.after(ms(chance.between(0, 60_000)), "update", () => {
      const start = runtime.clock.now(), place = chance.below(13), message = makeIngress(chance.pick(subnet.canisters), "go", errandsArg([]), time(start + ms(240_000)), update);
      const isAnswered = (): boolean => {
        const { certifiedHeight, manager } = (main.nodes[place]!.surroundings as ReturnType<typeof subnet.surroundings>).showing();
        return manager.at(certifiedHeight as never)?.ingressHistory.get(message.messageId)?.kind === "completed";
      };
      const ask = (): void => { if (isAnswered()) latencies.push(Number(runtime.clock.now() - start) / 1e6 + USER_ONE_WAY); else runtime.timers.after(ms(POLL), "poll", ask); };
      runtime.timers.after(ms(USER_ONE_WAY), "arrive", () => { main.submit(place, message); ask(); });
    });
  }
  main.run(70_000);
  main.end();
  const sorted = latencies.sort((a, b) => a - b);
  expect(violations).toEqual([]);
  expect(sorted.length).toBe(UPDATES);
  expect(sorted[UPDATES / 2]!).toBeGreaterThanOrEqual(1_000);
  expect(sorted[UPDATES / 2]!).toBeLessThanOrEqual(1_800);
  expect(sorted[Math.ceil(UPDATES * 0.99) - 1]!).toBeLessThan(5_000);
});
