import { describe, expect, test } from "vitest";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import { linearBls } from "../sim/linearBls.ts";
import { createEvolvingSubnet } from "./evolvingSubnet.ts";

test("four nodes share their key again every interval, and have a fresh low-threshold key", async () => {
  const subnet = createEvolvingSubnet({ bls: linearBls, seed: "four", nodes: 4 });
  subnet.runTo(45);
  const summaries = [...subnet.summaries()];
  expect(summaries.map(([at]) => at)).toEqual([0, 10, 20, 30, 40]);
  for (const [at, summary] of summaries) console.log(at, summary.currentTranscripts.map((t) => t.id), summary.nextTranscripts.map((t) => t.id), summary.configs.map((t) => t.id));
});
