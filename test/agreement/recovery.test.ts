import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { counterActor } from "../canisters/install.ts";
import { agentFor, application, startFourNodes } from "./subnetOfFour.ts";

test("a subnet that lost two of four nodes goes on from what is left: its state, a new key that the root subnet vouches for, new nodes", { timeout: 240_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-recovery-"));
  await using four = await startFourNodes({ stateDir });
  const { network, agent, canister } = four, { id, nodes } = application(network);
  expect(await four.increment()).toBe(1n);
  await network.stopNode(nodes[0]!);
  await network.stopNode(nodes[2]!);
  const stuck = application(network).height, waiting = four.increment().catch(() => undefined), synced: string[] = [];
  const { height, lost, replacements } = await network.recoverSubnet(id);
  expect(height).toBeGreaterThan(stuck);
  expect([lost, replacements.length]).toEqual([[nodes[0], nodes[2]], 2]);
  const members = application(network).nodes;
  expect(members).toEqual([replacements[0], nodes[1], replacements[1], nodes[3]]);
  // The state is what it was, and certificates verify: the agent checks them from the root key down.
  expect(await four.increment()).toBeGreaterThanOrEqual(2n);
  // What was asked for while it was stuck was in nobody's block: its sender asks again, or it was kept by a survivor.
  await Promise.race([waiting, four.reach(application(network).height + 15)]);
  for (const event of four.seen) if (event.kind === "synced") synced.push(event.node);
  expect(synced).toEqual(expect.arrayContaining([...replacements]));
  // A third of the new membership may be gone again.
  await network.stopNode(members[1]!);
  const before = await counterActor(agent, canister).get();
  expect(await four.increment()).toBeGreaterThan(before);
  // The new beginning stays one: all of them come back from disk.
  await network.suspend();
  await using again = await startNetwork({ stateDir });
  expect(await counterActor(agentFor(again), canister).increment(1n)).toBeGreaterThan(before + 1n);
  await again.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

test("what cannot be recovered is told apart", { timeout: 60_000 }, async () => {
  await using network = await startNetwork();
  await expect(network.recoverSubnet("aaaaa-aa")).rejects.toThrow("no subnet");
  await expect(network.recoverSubnet(network.subnets.find(({ type }) => type === "system")!.id)).rejects.toThrow("root subnet");
});
