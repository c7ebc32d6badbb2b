import { expect, test } from "vitest";
import { principalFromText } from "../../src/replica/types/index.ts";
import { counterActor } from "../canisters/install.ts";
import { application, startFourNodes } from "./subnetOfFour.ts";

test("a node whose peers have purged the blocks that it missed comes back with their state, and executes no old block", { timeout: 120_000 }, async () => {
  await using four = await startFourNodes();
  const { network, agent, canister, increment } = four, { nodes } = application(network), last = nodes[3]!;
  await increment();
  await network.stopNode(last);
  const left = application(network).height;
  await increment();
  await four.reach(left + 72);
  const synced = four.next("synced");
  network.startNode(last);
  const { node, height, bytesMoved } = await synced, before = four.executed.get(principalFromText(last)!) ?? 0;
  expect([node, height > left, bytesMoved > 0]).toEqual([last, true, true]);
  await network.stopNode(nodes[0]!);
  // Three are needed: the one that came back is one of them.
  expect(await increment()).toBe(3n);
  expect(await counterActor(agent, canister).get()).toBe(3n);
  expect(four.executed.get(principalFromText(last)!)! - before).toBeLessThanOrEqual(application(network).height - height);
  expect(four.seen.filter(({ kind }) => kind === "warning")).toEqual([]);
});
