import { expect, test } from "vitest";
import { quantile } from "../../scripts/bench/row.ts";
import { watchLongMessage } from "../../scripts/bench/longMessage.ts";

test.each([1, 4])("%i at once: a message runs 40 G instructions to its trap while everybody else is answered", { timeout: 1_200_000 }, async (count) => {
  const { front, otherSubnet, sameSubnet, refusal, busy, seconds } = await watchLongMessage(count), p95 = (times: readonly number[]): number => quantile(times, 0.95);
  expect(refusal).toMatch(/IC0522|exceeded the limit of 40000000000 instructions/);
  expect(busy, "a query to the busy canister sees the state before the message").toEqual(["00000000"]);
  const figures = { front: p95(front), queriesThere: p95(otherSubnet.queries), updatesThere: p95(otherSubnet.updates), queries: p95(sameSubnet.queries), updates: p95(sameSubnet.updates) };
  process.stdout.write(`${seconds.toFixed(0)} s; p95 in ms: ${Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(1)}`).join(", ")}\n`);
  // Four threads beside the network and its askers are more than two cores hold.
  for (const name of ["front", "queriesThere", "updatesThere"] as const) expect(figures[name], name).toBeLessThanOrEqual(50 * count);
  for (const name of ["queries", "updates"] as const) expect(figures[name], name).toBeLessThanOrEqual(3000);
});
