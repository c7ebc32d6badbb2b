import { expect, test } from "vitest";
import { application, startFourNodes } from "./subnetOfFour.ts";

test("four nodes go on with another replica version at one height", { timeout: 240_000 }, async () => {
  await using four = await startFourNodes({ subnets: [{ type: "application", nodes: 4, replicaVersion: "0.0.9" }] });
  const { network } = four, { id } = application(network);
  expect(application(network).replicaVersion).toBe("0.0.9");
  expect(await four.increment()).toBe(1n);
  await network.upgradeSubnet(id);
  expect(application(network).replicaVersion).toBe("0.1.0");
  expect(await four.increment()).toBe(2n);
  console.log(four.seen);
});
