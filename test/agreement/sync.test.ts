import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { EventEmitter, once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type Network, type NetworkEvent, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

let network: Network | undefined;
afterEach(async () => { await network?.stop(); network = undefined; });

const events = new EventEmitter();
const agentFor = (running: Network): HttpAgent =>
  HttpAgent.createSync({ host: running.url, fetch: ((input: string, init: RequestInit) => running.fetch(new Request(input, init))) as typeof fetch, rootKey: running.rootKey });
const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
const application = (running: Network): Network["subnets"][number] => running.subnets.find(({ type }) => type === "application")!;
async function reach(running: Network, height: number): Promise<void> { while (application(running).height < height) await once(events, "block"); }

test("a node whose peers have purged the blocks that it missed comes back with their state, and executes no old block", { timeout: 120_000 }, async () => {
  const executed = new Map<string, number>(), synced: Extract<NetworkEvent, { kind: "synced" }>[] = [];
  network = await startNetwork({
    nodes: 4, idleBlockIntervalMs: 5, dkgInterval: { heights: 20, ms: 0 },
    log: (line) => { if (line.room === "commit" && line.event === "committed" && line.messageId === undefined) executed.set(String(line.node), (executed.get(String(line.node)) ?? 0) + 1); },
    onEvent: (event) => { events.emit(event.kind); if (event.kind === "synced") synced.push(event); if (event.kind === "warning") process.stderr.write(`${event.text}\n`); },
  });
  const agent = agentFor(network), { nodes, effectiveCanisterId } = application(network), canister = await createAndInstall(agent, effectiveCanisterId, await counterModule());
  const increment = async (): Promise<number> => (await agent.call(canister, { methodName: "increment", arg: one, callSync: true })).response.status;
  await increment();
  await network.stopNode(nodes[3]!);
  const left = application(network).height;
  await increment();
  await reach(network, left + 130);
  executed.clear();
  const arrived = once(events, "synced");
  network.startNode(nodes[3]!);
  await arrived;
  expect(synced[0]!.height).toBeGreaterThan(left);
  await network.stopNode(nodes[0]!);
  // Three are needed: the one that came back is one of them.
  expect(await increment()).toBe(200);
  expect(await counterActor(agent, canister).get()).toBe(3n);
});
