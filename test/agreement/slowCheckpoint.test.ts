import { expect, test } from "vitest";
import { linearBls } from "../sim/linearBls.ts";
import { createEvolvingSubnet } from "./evolvingSubnet.ts";

test("scenario 13: a checkpoint that takes long where the registry lets the subnet stop: nothing is executed behind the summary, and its package is made when the checkpoint is there", () => {
  const checkpoints = { slow: false }, stopsAt = 2, subnet = createEvolvingSubnet({ bls: linearBls, seed: "slow checkpoint", nodes: 4, checkpoints, haltsAt: (version) => version >= stopsAt });
  subnet.runTo(12);
  expect(subnet.nodes.map(({ consensus }) => consensus.heights.catchUp)).toEqual([10, 10, 10, 10]);
  checkpoints.slow = true;
  expect(subnet.setMembers(subnet.publicKeys)).toBe(stopsAt);
  expect(() => subnet.runTo(22)).toThrow("stuck");
  const summary = Math.max(...subnet.summaries().keys());
  expect([summary > 12, subnet.summaries().get(summary)!.registryVersion, subnet.nodes.map(({ batches }) => batches.at(-1)!.height)]).toEqual([true, 1, [summary, summary, summary, summary]]);
  expect(subnet.nodes.map(({ consensus, certified }) => [consensus.heights.catchUp, certified.at(-1)!.height])).toEqual(Array.from({ length: 4 }, () => [10, summary]));
  checkpoints.slow = false;
  expect(() => subnet.runTo(22)).toThrow("stuck");
  expect(subnet.nodes.map(({ consensus, batches }) => [consensus.heights.catchUp, batches.at(-1)!.height])).toEqual(Array.from({ length: 4 }, () => [summary, summary]));
});

test("where hashing takes longer than an interval the package is made for the summary that is done, not for the newest", () => {
  const checkpoints = { slow: (_: number): boolean => false }, subnet = createEvolvingSubnet({ bls: linearBls, seed: "slower than an interval", nodes: 4, checkpoints }), packages = (): number[] => subnet.nodes.map(({ consensus }) => consensus.heights.catchUp);
  checkpoints.slow = (height) => height !== 20;
  subnet.runTo(55);
  expect([[...subnet.summaries().keys()].filter((height) => height > 10), packages()]).toEqual([[20, 30, 40, 50], [20, 20, 20, 20]]);
  checkpoints.slow = () => false;
  subnet.runTo(57);
  expect(packages()).toEqual([50, 50, 50, 50]);
});

test("the chain stops 130 heights above a summary whose package does not come, and goes on with the package", () => {
  const checkpoints = { slow: true }, subnet = createEvolvingSubnet({ bls: linearBls, seed: "no package", nodes: 4, checkpoints }), notarized = (): number[] => subnet.nodes.map(({ consensus }) => consensus.heights.notarized);
  expect(() => subnet.runTo(200)).toThrow("stuck");
  expect(notarized()).toEqual([140, 140, 140, 140]);
  checkpoints.slow = false;
  subnet.runTo(200);
  expect(Math.min(...notarized())).toBeGreaterThanOrEqual(200);
});
