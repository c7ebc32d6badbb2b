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
