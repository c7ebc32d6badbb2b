import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Network, type NetworkEvent, startNetwork } from "../../src/index.ts";
import { decodeArtifact } from "../../src/replica/consensus/artifactRows.ts";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { checkpointOf } from "../../src/replica/sharedWork.ts";
import { CANISTERS } from "../../src/replica/stateManager/manifest/stateFiles.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { height } from "../../src/replica/types/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";
import { agentFor, application } from "../agreement/subnetOfFour.ts";
import { measured } from "./ground.ts";

/** Protocol digest §7 row 13: every subnet of a network changes its version, wherever it lives, and stays what it is over restarts. */
const rootOf = ({ subnets }: Network): Network["subnets"][number] => subnets.find(({ type }) => type === "system")!;
const checkpointsIn = (folder: string): readonly string[] => readdirSync(folder).filter((file) => file.endsWith(".pack")).sort();
/** A moment that is long for an update and short for who waits: what is idle makes no blocks meanwhile. */
const IDLE = 60_000;

test.each([["in the network's thread", false], ["in threads of their own", true]] as const)("%s: subnets and the root subnet change their versions; restarts replay blocks of both from below every upgrade", { timeout: 240_000 }, async (_, workers) => {
  const folder = mkdtempSync(join(tmpdir(), "icx-versions-")), stateDir = join(folder, "state"), events: NetworkEvent[] = [], onEvent = (event: NetworkEvent): void => { if (event.kind !== "block") events.push(event); };
  try {
    const network = await startNetwork({ stateDir, workers, idleBlockIntervalMs: IDLE, subnets: [{ type: "application", replicaVersion: "0.0.9" }], onEvent }), agent = agentFor(network), { id } = application(network), root = rootOf(network).id, { rootKey } = network;
    const canister = await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule());
    expect(await counterActor(agent, canister).increment(1n)).toBe(1n);
    const began = performance.now(), upgraded = network.upgradeSubnet(id), reads: bigint[] = [];
    let over = false;
    const written = counterActor(agent, canister).increment(1n), reading = (async () => { while (!over) reads.push(await counterActor(agent, canister).get()); })();
    expect(await upgraded).toBe("0.1.0");
    over = true;
    await reading;
    measured(`workers ${workers}: ${Math.round(performance.now() - began)} ms until the subnet had changed, ${reads.length} queries answered meanwhile`);
    expect([await written, reads.length > 0, await counterActor(agent, canister).increment(1n)]).toEqual([2n, true, 3n]);
    expect(await network.upgradeSubnet(root, "0.0.9")).toBe("0.0.9");
    expect([rootOf(network).replicaVersion, application(network).replicaVersion]).toEqual(["0.0.9", "0.1.0"]);
    // The older version writes the registry, delegates and says what is new: a subnet comes, and has the version that is newest.
    const added = await network.addSubnet(), there = await createAndInstall(agent, network.subnets.find((subnet) => subnet.id === added)!.effectiveCanisterId, await counterModule());
    expect([await counterActor(agent, canister).increment(1n), await counterActor(agent, there).increment(1n)]).toEqual([4n, 1n]);
    expect(await network.upgradeSubnet(added, "0.0.9")).toBe("0.0.9");
    expect(await network.upgradeSubnet(root)).toBe("0.1.0");
    expect([await counterActor(agent, canister).increment(1n), await counterActor(agent, there).increment(1n)]).toEqual([5n, 2n]);
    expect(events.map((event) => (event.kind === "upgraded" ? [event.subnet, event.from, event.to] : event))).toEqual([[id, "0.0.9", "0.1.0"], [root, "0.1.0", "0.0.9"], [added, "0.1.0", "0.0.9"], [root, "0.0.9", "0.1.0"]]);
    const heights = events.map((event) => (event.kind === "upgraded" ? event.height : 0)), hash = network.stateHash(), versions = network.subnets.map(({ replicaVersion }) => replicaVersion);
    expect(versions).toEqual(["0.1.0", "0.1.0", "0.0.9"]);
    await network.suspend();

    const damaged = join(folder, "damaged");
    cpSync(stateDir, damaged, { recursive: true });
    for (const name of ["root", id, added]) rmSync(join(damaged, "subnets", name, checkpointsIn(join(damaged, "subnets", name)).at(-1)!));
    // Without the newest checkpoint of each: the others begin at their genesis, the root subnet at its first upgrade.
    for (const [directory, replayed] of [[damaged, [[id, 1], [added, 1], [root, heights[1]! + 1]]], [stateDir, [[id, heights[0]! + 1], [added, heights[2]! + 1]]]] as const) {
      const lowest = new Set<string>();
      const again = await startNetwork({ stateDir: directory, workers, idleBlockIntervalMs: IDLE, onEvent, log({ room, event, height }) { if (room === "commit" && event === "committed") lowest.add(String(height)); } });
      expect([again.stateHash(), again.subnets.map(({ replicaVersion }) => replicaVersion), again.rootKey]).toEqual([hash, versions, rootKey]);
      for (const [, height] of replayed) expect([...lowest]).toContain(String(height));
      expect([await counterActor(agentFor(again), canister).increment(1n), await counterActor(agentFor(again), there).increment(1n)]).toEqual([6n, 3n]);
      await again.stop();
    }
    expect(events.slice(4).map((event) => (event.kind === "warning" ? event.text.split(" ")[0] : event.kind)).filter((what) => what !== "Restored")).toEqual([]);
  } finally { rmSync(folder, { recursive: true, force: true }); }
});

test("the files of a canister are the same below and above an upgrade, and each block names the version that made it", { timeout: 120_000 }, async () => {
  const open = await startNetworkOn(createRealRuntime(), { idleBlockIntervalMs: IDLE, subnets: [{ type: "application", replicaVersion: "0.0.9" }] }), [, { serving }] = open.subnets as [unknown, (typeof open.subnets)[number]];
  await using network = open.network;
  const agent = agentFor(network), canister = await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule()), { store } = serving;
  expect(await counterActor(agent, canister).increment(7n)).toBe(7n);
  const latest = (): ReplicatedState => open.subnets[1]!.serving.node.stateManager.latest();
  /** Memories and the rest of the canister, by file. */
  const filesOf = (state: ReplicatedState): readonly string[] => {
    const { files } = checkpointOf(state).manifest;
    return files.flatMap(({ path, hash }) => (path.startsWith(CANISTERS) ? [`${path} ${Buffer.from(hash).toString("hex")}`] : []));
  };
  const before = filesOf(latest()), versions = (): ReadonlyMap<number, number> => new Map(store.heights(height(0)).flatMap(({ entries }) => entries.flatMap(({ bytes }) => {
    const decoded = decodeArtifact(bytes.slice());
    return decoded.ok && decoded.value.kind === "blockProposal" ? [[decoded.value.height, decoded.value.version] as const] : [];
  })));
  expect(before.some((file) => file.includes("heap.bin"))).toBe(true);
  const old = versions();
  expect(new Set(old.values())).toEqual(new Set([2]));
  await network.upgradeSubnet(application(network).id);
  const { height: at } = latest();
  expect(filesOf(latest())).toEqual(before);
  expect(await counterActor(agent, canister).increment(1n)).toBe(8n);
  const above = [...versions()].filter(([made]) => made > at);
  expect(above.length).toBeGreaterThan(0);
  expect(new Set(above.map(([, version]) => version))).toEqual(new Set([1]));
});
