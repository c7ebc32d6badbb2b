import { describe, expect, test } from "vitest";
import { type ClusterOptions, createCluster, ms } from "./cluster.ts";

/** Every scenario runs twice: its invariants hold and its hash is the same. */
function life(options: ClusterOptions, script: (cluster: ReturnType<typeof createCluster>) => void): ReturnType<typeof createCluster> {
  const [first, second] = [createCluster(options), createCluster(options)];
  script(first);
  script(second);
  expect(first.invariants.violations).toEqual([]);
  expect(second.hash()).toBe(first.hash());
  return first;
}
const heights = (cluster: ReturnType<typeof createCluster>) => cluster.honest.map((node) => node.state.height as number);

describe("finalizes, delivers and certifies", () => {
  test.each([1, 4, 7])("%i nodes", (nodes) => {
    const cluster = life({ seed: `plain ${nodes}`, nodes }, (c) => c.run(2000));
    expect(Math.min(...heights(cluster))).toBeGreaterThan(50);
    expect(cluster.honest.every((node) => node.state.height - node.consensus.heights.certified <= 2)).toBe(true);
    expect(cluster.honest.every((node) => node.consensus.heights.catchUp >= 20)).toBe(true);
  });
});
