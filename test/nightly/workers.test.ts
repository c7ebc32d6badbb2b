import { HttpAgent, polling } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, type NetworkEvent, type NetworkOptions, startNetwork } from "../../src/index.ts";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import { assemble, counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

/** Subnets in threads of their own: the same network, seen from outside. */
let folder: string, relay: Uint8Array;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "icx-workers-"));
  relay = await assemble(readFileSync(new URL("../canisters/relay.wat", import.meta.url), "utf8"), "relay.wat");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const agentFor = (network: Network): HttpAgent =>
  HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey });
const applications = (network: Network): Network["subnets"] => network.subnets.filter(({ type }) => type === "application");
const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
async function increment(agent: HttpAgent, canister: Principal): Promise<number> { return (await agent.call(canister, { methodName: "increment", arg: one, callSync: true })).response.status; }
/** Through `relay`: with the code of the outcome first. */
async function relayed(agent: HttpAgent, from: Principal, to: Principal, method: string, arg: Uint8Array): Promise<Buffer> {
  const { requestId } = await agent.call(from, { methodName: "relay", arg: Uint8Array.from(Buffer.concat([to.toUint8Array(), Uint8Array.of(method.length), Buffer.from(method), arg])), callSync: false });
  return Buffer.from((await polling.pollForResponse(agent, from, requestId, { strategy: polling.strategy.backoff(5, 1.1), blsVerify: async () => true /* the interop suite verifies */ })).reply);
}
const twoSubnets = { subnets: [{ type: "application" }, { type: "application" }] } as const satisfies NetworkOptions;

test("a thread computes what the network's own thread does: every height of a journal, replayed", async () => {
  const stateDir = join(folder, "replayed"), seed = "07".repeat(32);
  /** State hashes by subnet and height, as the rooms tell of them. */
  const run = async (workers: boolean, act: (network: Network) => Promise<void>): Promise<Map<string, string>> => {
    const hashes = new Map<string, string>();
    const log: NonNullable<NetworkOptions["log"]> = (line) => { if (line.room === "commit" && line.event === "committed") hashes.set(`${String(line["subnet"])}/${String(line["height"])}`, String(line["stateHash"])); };
    const network = await startNetwork({ ...twoSubnets, stateDir, seed, workers, log });
    try { await act(network); } finally { await network.suspend(); } // no checkpoint: the next start replays
    return hashes;
  };
  let counter: Principal;
  const first = await run(false, async (network) => {
    const agent = agentFor(network), [here, there] = applications(network);
    const caller = await createAndInstall(agent, here!.effectiveCanisterId, relay);
    counter = await createAndInstall(agent, there!.effectiveCanisterId, await counterModule());
    for (let i = 0; i < 3; i++) expect(await increment(agent, counter)).toBe(200);
    expect((await relayed(agent, caller, counter, "increment", one))[0]).toBe(0);
  });
  const second = await run(true, async (network) => { expect(await counterActor(agentFor(network), counter).get()).toBe(4n); });
  const same = [...first].filter(([name]) => second.has(name));
  expect(same.length).toBe(first.size);
  for (const [name, hash] of same) expect([name, second.get(name)]).toEqual([name, hash]);

  await using apart = await startNetwork({ ...twoSubnets, seed, workers: true });
  await using together = await startNetwork({ ...twoSubnets, seed });
  expect(apart.subnets.map(({ id, type, nodes, effectiveCanisterId }) => ({ id, type, nodes, effectiveCanisterId }))).toEqual(together.subnets.map(({ id, type, nodes, effectiveCanisterId }) => ({ id, type, nodes, effectiveCanisterId })));
  expect(Buffer.compare(apart.rootKey, together.rootKey)).toBe(0);
});

describe("subnets in threads", () => {
  test("call each other; nodes are stopped and started, subnets come and go, and the page and the owner's door see them; a restart finds all", async () => {
    const stateDir = join(folder, "life"), events: NetworkEvent[] = [];
    let counter: Principal, hash = "";
    {
      await using network = await startNetwork({ ...twoSubnets, nodes: 1, stateDir, workers: true, unsigned: true, onEvent: (event) => events.push(event) });
      const agent = agentFor(network), [here, there] = applications(network);
      const caller = await createAndInstall(agent, here!.effectiveCanisterId, relay);
      counter = await createAndInstall(agent, there!.effectiveCanisterId, await counterModule());
      expect((await relayed(agent, caller, counter, "increment", one))[0]).toBe(0);
      expect((await relayed(agent, caller, counter, "nothing", one))[0]).toBe(5);

      const [node] = there!.nodes as [string], asked = (path: string, init?: RequestInit): Promise<Response> => network.ownerFetch(new Request(`${network.url}${path}`, init));
      await network.stopNode(node);
      const waiting = increment(agent, counter);
      expect(await (await asked(`/_icx/nodes`)).json()).toContainEqual(expect.objectContaining({ id: node, running: false }));
      network.startNode(node);
      expect(await waiting).toBe(200);
      expect(await counterActor(agent, counter).get()).toBe(2n);
      const through = await asked("/api/v2/status", { headers: { "x-icx-node": node } });
      expect(through.status).toBe(200);
      await expect(network.corruptNode("aaaaa-aa")).rejects.toThrow(RangeError);

      const added = await network.addSubnet();
      const third = network.subnets.find(({ id }) => id === added)!, other = await createAndInstall(agent, third.effectiveCanisterId, await counterModule());
      expect((await relayed(agent, caller, other, "increment", one))[0]).toBe(0);
      await network.removeSubnet(added);
      expect(network.subnets.map(({ id }) => id)).not.toContain(added);

      const address = await network.listen({ port: 0 }), page = await (await fetch(address.url, { headers: { accept: "application/json" } })).json() as { subnets: { type: string; canisters: { id: string }[] }[] };
      expect(page.subnets.flatMap(({ canisters }) => canisters.map(({ id }) => id))).toEqual(expect.arrayContaining([caller.toText(), counter.toText()]));
      expect(events.filter(({ kind }) => kind === "block").length).toBeGreaterThan(0);
      hash = network.stateHash();
      expect(hash).toMatch(/^[0-9a-f]{192}$/);
    }
    {
      await using network = await startNetwork({ stateDir, workers: true });
      expect(await counterActor(agentFor(network), counter).get()).toBe(2n);
      expect(await increment(agentFor(network), counter)).toBe(200);
      expect(await (await network.ownerFetch(new Request(`${network.url}/_icx/nodes`))).json()).toHaveLength(3);
    }
    await using network = await startNetwork({ stateDir });
    expect(await counterActor(agentFor(network), counter).get()).toBe(3n);
  });

  test("one whose thread dies is unhealthy and says so; the others go on", async () => {
    const events: NetworkEvent[] = [], open = await startNetworkOn(createRealRuntime(), { ...twoSubnets, workers: true, onEvent: (event) => events.push(event) });
    await using network = open.network;
    const agent = agentFor(network), [here, there] = applications(network), gone = await createAndInstall(agent, here!.effectiveCanisterId, await counterModule()), alive = await createAndInstall(agent, there!.effectiveCanisterId, await counterModule());
    const waiting = network.fetch(new Request(`${network.url}/api/v2/canister/${gone.toText()}/read_state`, { method: "POST", body: new Uint8Array(1), headers: { "content-type": "application/cbor" } }));
    await open.threads.alive.find(({ remote }) => remote.subnetId === open.hosts[1]!.id)!.end();
    expect([400, 503]).toContain((await waiting).status);
    expect(events).toContainEqual({ kind: "warning", text: expect.stringContaining(`Subnet ${here!.id} lost its thread`) as string });
    const refused = await network.fetch(new Request(`${network.url}/api/v3/canister/${gone.toText()}/call`, { method: "POST", body: new Uint8Array(1), headers: { "content-type": "application/cbor" } }));
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("unhealthy")]);
    expect(await increment(agent, alive)).toBe(200);
    expect(await counterActor(agent, alive).get()).toBe(1n);
    const { subnets } = await (await network.ownerFetch(new Request(`${network.url}/_icx/status`))).json() as { subnets: { id: string; health: string }[] };
    expect(subnets.map(({ health }) => health)).toEqual(["healthy", "certified_state_behind", "healthy"]);
  });
});
