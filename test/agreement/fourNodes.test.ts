import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

const agentFor = (network: Network): HttpAgent =>
  HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey });
const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
const application = (network: Network): Network["subnets"][number] => network.subnets.find(({ type }) => type === "application")!;

test("four nodes: one may stop, with two gone updates wait and queries answer, and nothing is lost or done twice", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-nodes-"));
  try {
    let canister: Awaited<ReturnType<typeof createAndInstall>>;
    {
      await using network = await startNetwork({ nodes: 4, stateDir });
      const agent = agentFor(network), { nodes, effectiveCanisterId } = application(network);
      expect(nodes).toHaveLength(4);
      canister = await createAndInstall(agent, effectiveCanisterId, await counterModule());
      const increment = async (): Promise<number> => (await agent.call(canister, { methodName: "increment", arg: one, callSync: true })).response.status;
      expect([await increment(), await increment()]).toEqual([200, 200]);

      await network.stopNode(nodes[0]!); // the one that answers
      expect([await increment(), await increment()]).toEqual([200, 200]);
      await network.stopNode(nodes[1]!);
      let answered = false;
      const waiting = increment().then((status) => { answered = true; return status; }), { height } = application(network);
      await expect.poll(() => counterActor(agent, canister).get(), { timeout: 5_000 }).toBe(4n); // a node may be a moment behind; the agent checks its key and its signature
      expect([answered, application(network).height - height <= 1]).toEqual([false, true]);

      network.startNode(nodes[1]!);
      expect([await waiting, await increment()]).toEqual([200, 200]);
      network.startNode(nodes[0]!);
      expect(await increment()).toBe(200);
    }
    await using network = await startNetwork({ stateDir });
    expect(application(network).nodes).toHaveLength(4);
    expect(await counterActor(agentFor(network), canister).get()).toBe(7n);
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});

test("an id that is no node's is told apart", async () => {
  await using network = await startNetwork();
  expect(() => network.startNode("aaaaa-aa")).toThrow(RangeError);
});
