import { HttpAgent } from "@dfinity/agent";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { type Counter, counterActor, createAndInstall } from "../canisters/install.ts";
import { hostileRequests, sendHostileRequests } from "./hostileRequests.ts";

let network: Network, canisterId: string, counter: Counter, close: () => Promise<void>, url: string;
beforeAll(async () => {
  network = await startNetwork({ idleBlockIntervalMs: 600_000 });
  ({ url, close } = await network.listen({ port: 0 }));
  const agent = HttpAgent.createSync({ host: url, rootKey: network.rootKey });
  const id = await createAndInstall(agent, network.defaultEffectiveCanisterId, await counterModule());
  canisterId = id.toText();
  counter = counterActor(agent, id);
  await counter.increment(7n);
});
afterAll(async () => { await close(); await network.stop(); });

const context = (host: string): { readonly url: string; readonly canisterId: string; readonly subnetId: string; readonly rootSubnetId: string } => ({ url: host, canisterId, subnetId: network.subnets[1]!.id, rootSubnetId: network.subnets[0]!.id });

test("there are a hundred of them", () => expect(hostileRequests.length).toBeGreaterThanOrEqual(100));

test.each([
  ["in this process", () => sendHostileRequests(network.fetch, context(network.url))],
  ["through a socket", () => sendHostileRequests((request) => fetch(request), context(url))],
] as const)("each gets its status, and nothing happens: %s", async (_where, send) => {
  const before = network.stateHash();
  expect(await send()).toEqual([]);
  expect(network.stateHash()).toBe(before);
  expect(await counter.get()).toBe(7n);
});
