import { expect, test } from "vitest";
import { weatherTheStorm } from "./storm.ts";

/** Protocol digest §1.9 and §7 row 8; `npm run nightly -- xnet` makes ten thousand calls each way. */
test("four subnets, 504 calls out of each: lost, late, repeated, overtaken and forged slices, and a subnet cut off for a while", async () => {
  const { counters } = await weatherTheStorm("storm", { subnets: 4, calls: 168, atOnce: 24, cutSeconds: 10, weather: { lossPerMille: 200, repeatPerMille: 150, forgedPerMille: 300, delayMaxMs: 250 } });
  const { forged, ...others } = counters;
  for (const count of [...Object.values(forged), ...Object.values(others)]) expect(count).toBeGreaterThan(2);
});
