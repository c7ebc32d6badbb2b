import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble, counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

const agentFor = (network: Network): HttpAgent =>
  HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey });
const status = (network: Network, id: string): Network["subnets"][number] => network.subnets.find((subnet) => subnet.id === id)!;

test("subnets are added while the network runs, are there after a restart, and can be taken away", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-topology-"));
  try {
    let added: string, fiduciary: string, canister: Awaited<ReturnType<typeof createAndInstall>>;
    {
      await using network = await startNetwork({ stateDir });
      const [root, first] = network.subnets, agent = agentFor(network);
      expect([root!.pricedAs, first!.pricedAs]).toEqual([40, 13]);
      const there = await createAndInstall(agent, first!.effectiveCanisterId, await counterModule());
      [added, fiduciary] = await Promise.all([network.addSubnet({ nodes: 4, pricedAs: 31 }), network.addSubnet({ type: "fiduciary" })]);
      expect(network.subnets.map(({ id }) => id)).toEqual([root!.id, first!.id, added, fiduciary]);
      expect(status(network, added)).toMatchObject({ type: "application", pricedAs: 31, nodes: { length: 4 }, canisters: 0 });
      expect(status(network, fiduciary)).toMatchObject({ type: "application", pricedAs: 34, nodes: { length: 1 } });
      // The agent checks the delegation from the root subnet, the range in it, and the signature of three of four nodes.
      canister = await createAndInstall(agent, status(network, added).effectiveCanisterId, await counterModule());
      expect([await counterActor(agent, canister).increment(2n), await counterActor(agent, canister).get(), await counterActor(agent, there).increment(1n)]).toEqual([2n, 2n, 1n]);
      const relay = await createAndInstall(agent, first!.effectiveCanisterId, await assemble(readFileSync(new URL("../canisters/relay.wat", import.meta.url), "utf8"), "relay.wat"));
      const arg = Uint8Array.from(Buffer.concat([canister.toUint8Array(), Uint8Array.of(9), Buffer.from("increment"), Buffer.from(IDL.encode([IDL.Nat], [5n]))]));
      await agent.call(relay, { methodName: "relay", arg, callSync: true });
      await expect.poll(() => counterActor(agent, canister).get(), { timeout: 10_000 }).toBe(7n); // a call from a subnet that was there before
      for (const { id } of [root!, first!]) await expect(network.removeSubnet(id)).rejects.toThrow(RangeError);
    }
    {
      await using network = await startNetwork({ stateDir });
      const agent = agentFor(network);
      expect(network.subnets.map(({ id }) => id).slice(2)).toEqual([added, fiduciary]);
      expect(status(network, added).nodes).toHaveLength(4);
      expect(await counterActor(agent, canister).increment(1n)).toBe(8n);
      await network.removeSubnet(added);
      expect(network.subnets.map(({ id }) => id)).not.toContain(added);
      const gone = await network.fetch(new Request(`${network.url}/api/v2/canister/${canister.toText()}/query`, { method: "POST", headers: { "content-type": "application/cbor" }, body: new Uint8Array(1) }));
      expect([gone.status, await gone.text()]).toEqual([400, expect.stringContaining("no subnet hosts")]);
      const [, , , replacement] = [...network.subnets, status(network, await network.addSubnet())];
      // Ids of the subnet that is gone are not given again.
      const used = network.subnets.map(({ effectiveCanisterId }) => effectiveCanisterId);
      expect(used).toContain(replacement!.effectiveCanisterId);
      expect(new Set([...used, canister.toText()]).size).toBe(used.length + 1);
    }
    await using network = await startNetwork({ stateDir });
    expect(network.subnets.map(({ id }) => id)).not.toContain(added);
    expect(network.subnets).toHaveLength(4);
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
}, 60_000);

test("a root subnet that waits for its nodes says so instead of leaving whoever adds a subnet waiting", async () => {
  await using network = await startNetwork({ nodes: 4, subnets: [{ nodes: 1 }] });
  const { nodes } = network.subnets[0]!;
  for (const node of nodes.slice(0, 2)) await network.stopNode(node);
  await expect(network.addSubnet()).rejects.toThrow("2 of 4 nodes of the root subnet work together, and it takes 3");
  network.startNode(nodes[0]!);
  expect(await network.addSubnet({ nodes: 1 })).toMatch(/^\w{5}-/);
}, 30_000);

test("a network is made of any number of subnets of each kind", async () => {
  await using network = await startNetwork({ nodes: 1, subnets: [{ type: "application" }, { type: "fiduciary" }, { type: "system", pricedAs: 7 }, { type: "application", nodes: 4 }] });
  expect(network.subnets.map(({ type, pricedAs, nodes }) => [type, pricedAs, nodes.length])).toEqual([["system", 40, 1], ["application", 13, 1], ["application", 34, 1], ["system", 7, 1], ["application", 13, 4]]);
});
