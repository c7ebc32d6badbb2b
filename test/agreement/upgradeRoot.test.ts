import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type NetworkEvent, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";
import { agentFor, application } from "./subnetOfFour.ts";

test("the root subnet changes its version and back; a restart that lost the newest checkpoint replays blocks of both, to the same state", { timeout: 60_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-root-")), events: NetworkEvent[] = [], options = { stateDir, idleBlockIntervalMs: 60_000, onEvent: (event: NetworkEvent): void => { if (event.kind !== "block") events.push(event); } };
  try {
    const network = await startNetwork(options), agent = agentFor(network), { id: root } = network.subnets[0]!, { rootKey } = network;
    const versions = (): readonly string[] => network.subnets.map(({ replicaVersion }) => replicaVersion);
    const canister = await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule());
    expect([await network.upgradeSubnet(root, "0.0.9"), versions()]).toEqual(["0.0.9", ["0.0.9", "0.1.0"]]);
    expect(await counterActor(agent, canister).increment(1n)).toBe(1n); // the agent checks the certificate from the root key down
    expect([await network.upgradeSubnet(root), versions()]).toEqual(["0.1.0", ["0.1.0", "0.1.0"]]);
    expect(await counterActor(agent, canister).increment(1n)).toBe(2n);
    const changes = events.map((event) => (event.kind === "upgraded" && event.subnet === root ? { from: event.from, to: event.to, height: event.height } : event)), hash = network.stateHash();
    expect(changes).toMatchObject([{ from: "0.1.0", to: "0.0.9" }, { from: "0.0.9", to: "0.1.0" }]);
    await network.suspend();

    const folder = join(stateDir, "subnets", "root"), checkpoints = readdirSync(folder).filter((file) => file.endsWith(".pack")).sort();
    expect(checkpoints).toHaveLength(2);
    rmSync(join(folder, checkpoints[1]!));
    const computed: number[] = [], log = (line: { readonly room: string; readonly event: string; readonly [key: string]: unknown }): void => { if (line.room === "commit" && line.event === "committed") computed.push(Number(line["height"])); };
    await using again = await startNetwork({ ...options, log });
    const [first, second] = changes as unknown as [{ readonly height: number }, { readonly height: number }];
    // From the state of the first change: blocks of the older version up to the second one, and the newer one's above.
    expect([computed.includes(first.height), computed.includes(first.height + 1), computed.includes(second.height)]).toEqual([false, true, true]);
    expect([again.stateHash(), again.rootKey, again.subnets.map(({ replicaVersion }) => replicaVersion)]).toEqual([hash, rootKey, ["0.1.0", "0.1.0"]]);
    expect(await counterActor(agentFor(again), canister).increment(1n)).toBe(3n);
    expect(events.slice(2).map((event) => (event.kind === "warning" ? event.text.split(" ")[0] : event.kind)).filter((what) => what !== "Restored")).toEqual([]);
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});
