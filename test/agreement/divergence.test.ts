import { expect, test } from "vitest";
import { counterActor } from "../canisters/install.ts";
import { application, startFourNodes } from "./subnetOfFour.ts";

test("a node with one flipped bit is found by its state hash, named with canister and chunk, and healed by the state of the others", { timeout: 240_000 }, async () => {
  await using four = await startFourNodes();
  const { network, agent, canister, increment } = four, { nodes } = application(network);
  await increment();
  const diverged = four.next("diverged"), synced = four.next("synced"), flipped = await network.corruptNode(nodes[2]!);
  expect(flipped).toMatchObject({ canister: canister.toText(), memory: "heap" });
  // The subnet goes on: three nodes agree.
  expect(await increment()).toBe(2n);
  const { node, parts } = await diverged, { node: healed, bytesMoved, bytesReused } = await synced;
  expect([node, healed]).toEqual([nodes[2], nodes[2]]);
  expect(parts).toEqual([`canister ${canister.toText()} heap.bin chunk 0`]);
  expect(bytesMoved).toBeGreaterThan(0);
  expect(bytesReused).toBeGreaterThan(0);
  expect(four.seen.filter(({ kind }) => kind === "warning")).toMatchObject([{ text: expect.stringContaining("heap.bin chunk 0") as string }]);
  await network.stopNode(nodes[0]!);
  // The healed one is needed now, and its shares count again.
  expect(await increment()).toBe(3n);
  expect(await counterActor(agent, canister).get()).toBe(3n);
});

test("what cannot be corrupted is told apart", async () => {
  await using four = await startFourNodes();
  await expect(four.network.corruptNode("aaaaa-aa")).rejects.toThrow(RangeError);
  const [first] = application(four.network).nodes;
  await four.network.stopNode(first!);
  await expect(four.network.corruptNode(first!)).rejects.toThrow("does not run");
});
