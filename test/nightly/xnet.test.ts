import { describe, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { splitInTheStorm } from "../xnet/movingStorm.ts";
import { type Weather, weatherTheStorm } from "../xnet/storm.ts";
import { measured } from "./ground.ts";

/** Calls between subnets at scale (protocol digest §1.9, §7 row 8). */
const HOUR = 3_600_000;
const weather: Weather = { lossPerMille: 200, repeatPerMille: 150, forgedPerMille: 300, delayMaxMs: 250 };

describe("four subnets in bad weather", () => {
  test("10,000 calls each way between any two: each delivered once and in order, every cycle accounted for", { timeout: HOUR }, async () => {
    const cpu = process.cpuUsage(), { counters, seconds } = await weatherTheStorm("ten thousand", { subnets: 4, calls: 10_000, atOnce: 150, cutSeconds: 60, weather });
    const { forged, ...others } = counters;
    for (const count of [...Object.values(forged), ...Object.values(others)]) expect(count).toBeGreaterThan(30);
    measured(`120,000 calls in ${seconds.toFixed(0)} s of simulated time, ${(process.cpuUsage(cpu).user / 1e6).toFixed(0)} s of CPU: ${JSON.stringify(counters)}`);
  });
  test("worse weather: more is lost than arrives", { timeout: HOUR }, async () => {
    const { counters } = await weatherTheStorm("worse", { subnets: 3, calls: 1_000, atOnce: 100, cutSeconds: 30, weather: { lossPerMille: 600, repeatPerMille: 300, forgedPerMille: 900, delayMaxMs: 2_000 } });
    expect(counters.lost * 2).toBeGreaterThan(counters.sent);
  });
  test("a storm that is made twice ends in the same states", { timeout: HOUR }, async () => {
    const run = (seed: string): Promise<{ readonly hash: string }> => weatherTheStorm(seed, { subnets: 3, calls: 100, atOnce: 20, cutSeconds: 5, weather });
    const { hash } = await run("twice");
    expect((await run("twice")).hash).toBe(hash);
    expect((await run("another")).hash).not.toBe(hash);
  });
});

describe("a subnet that becomes two", () => {
  test("four nodes a subnet, 300 calls to each peer, the early summary of an interval of 499 blocks: every node has one state", { timeout: HOUR }, async () => {
    const cpu = process.cpuUsage(), { refused, made } = await splitInTheStorm({ seed: "four nodes", calls: 300, atOnce: 40, weather, options: { nodes: 4 } });
    expect(refused).toBeGreaterThan(0n);
    expect(made.height).toBeGreaterThan(70);
    measured(`a split of four nodes at height ${made.height} with 3,600 calls: ${refused} were refused on their way, ${(process.cpuUsage(cpu).user / 1e6).toFixed(0)} s of CPU`);
  });
  test.each(Array.from({ length: 20 }, (_, i) => [`split ${i}`]))("%s: in worse weather, at another moment", { timeout: HOUR }, async (seed) => {
    await splitInTheStorm({ seed, calls: 120, atOnce: 30, weather: { lossPerMille: 400, repeatPerMille: 300, forgedPerMille: 600, delayMaxMs: 1_500 }, options: { dkgInterval: { heights: 5 + (seed.length % 3) * 10, ms: 0 } } });
  });
  test("a split that is made twice ends in the same states", { timeout: HOUR }, async () => {
    const run = async (): Promise<string> => (await splitInTheStorm({ seed: "twice", calls: 40, atOnce: 10, weather, options: { dkgInterval: { heights: 12, ms: 0 } } })).hash;
    expect(await run()).toBe(await run());
  });
  test("a subnet in a thread of its own", { timeout: HOUR }, async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "icx-split-"));
    try {
      const { network } = await startNetworkOn(createRealRuntime(), { stateDir, workers: true, dkgInterval: { heights: 4, ms: 0 } }), [, home] = network.subnets;
      const made = await network.splitSubnet({ subnet: home!.id, canisters: [home!.effectiveCanisterId] });
      expect(network.subnets.map(({ id }) => id)).toContain(made.destination);
      await network.stop();
      const again = await startNetworkOn(createRealRuntime(), { stateDir, workers: true });
      expect(again.network.subnets).toHaveLength(3);
      await again.network.stop();
    } finally { rmSync(stateDir, { recursive: true, force: true }); }
  });
});
