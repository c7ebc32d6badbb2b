import { expect, test } from "vitest";
import { splitInTheStorm } from "./movingStorm.ts";

test("a subnet is split while its canisters call each other and others: each call has its one answer, in order, every cycle accounted for", async () => {
  const { refused } = await splitInTheStorm({ seed: "split", calls: 48, atOnce: 8, weather: { lossPerMille: 100, repeatPerMille: 100, forgedPerMille: 200, delayMaxMs: 40 }, options: { dkgInterval: { heights: 12, ms: 0 } } });
  // Calls that were on their way to a canister that moved.
  expect(refused).toBeGreaterThan(0n);
});
