import { expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetwork } from "../../src/index.ts";
import { counterActor } from "../canisters/install.ts";
import { agentFor, application, startFourNodes } from "./subnetOfFour.ts";

test("four nodes go on with another replica version at one height, under updates and queries; one that was down follows; restarts keep it", { timeout: 240_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-upgrade-"));
  await using four = await startFourNodes({ stateDir, subnets: [{ type: "application", nodes: 4, replicaVersion: "0.0.9" }] });
  const { network, agent, canister } = four, { id, nodes } = application(network);
  expect(application(network).replicaVersion).toBe("0.0.9");
  expect(await four.increment()).toBe(1n);
  await network.stopNode(nodes[3]!);
  let upgrading = true, updates = 1n, queries = 0;
  const writing = (async () => { while (upgrading) updates = await four.increment(); })();
  const reading = (async () => { while (upgrading) { expect(await counterActor(agent, canister).get()).toBeGreaterThan(0n); queries++; } })();
  expect(await network.upgradeSubnet(id)).toBe("0.1.0");
  upgrading = false;
  await Promise.all([writing, reading]);
  expect(application(network).replicaVersion).toBe("0.1.0");
  // Every update that was answered counts, once.
  expect(await four.increment()).toBe(updates + 1n);
  expect(queries).toBeGreaterThan(0);
  const changed = four.seen.filter((event) => event.kind === "upgraded");
  expect(changed.map(({ node }) => node).sort()).toEqual(nodes.slice(0, 3).sort());
  expect(new Set(changed.map(({ height }) => height)).size).toBe(1);
  const late = four.next("upgraded");
  network.startNode(nodes[3]!);
  expect(await late).toMatchObject({ node: nodes[3], from: "0.0.9", to: "0.1.0" });
  const last = await four.increment();
  await network.suspend();
  await using again = await startNetwork({ stateDir });
  expect(application(again).replicaVersion).toBe("0.1.0");
  expect(await counterActor(agentFor(again), canister).increment(1n)).toBe(last + 1n);
  await again.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

test("a subnet that is none and a version that is none are told apart", { timeout: 60_000 }, async () => {
  await using network = await startNetwork();
  await expect(network.upgradeSubnet("aaaaa-aa")).rejects.toThrow("no subnet");
  await expect(network.upgradeSubnet(application(network).id, "9.9.9")).rejects.toThrow("no replica version 9.9.9");
});
