import { HttpAgent, polling } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { IDL } from "@dfinity/candid";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble, counterModule } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";

const relayModule = assemble(readFileSync(new URL("../canisters/relay.wat", import.meta.url), "utf8"), "relay.wat");
const agentFor = (network: Network): HttpAgent =>
  HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey, verifyQuerySignatures: false });
/** The argument of `relay`: whom to call, and with what. */
const relayed = (callee: Principal, method: string, arg: Uint8Array): Uint8Array => Uint8Array.from(Buffer.concat([callee.toUint8Array(), Uint8Array.of(method.length), Buffer.from(method), arg]));
async function call(agent: HttpAgent, canister: Principal, method: string, arg: Uint8Array): Promise<Buffer> {
  const { requestId } = await agent.call(canister, { methodName: method, arg, callSync: false });
  return Buffer.from((await polling.pollForResponse(agent, canister, requestId, { strategy: polling.strategy.backoff(5, 1.1), blsVerify: async () => true /* the interop suite verifies; here it would take minutes */ })).reply);
}
const twoSubnets = { subnets: [{ type: "application" }, { type: "application" }] } as const;
const applications = (network: Network): readonly string[] => network.subnets.filter(({ type }) => type === "application").map(({ effectiveCanisterId }) => effectiveCanisterId);

describe("calls between subnets", () => {
  test("a call there, a call back and its answers; a refusal with its cycles; management calls; nothing stays behind", async () => {
    await using network = await startNetwork(twoSubnets);
    const agent = agentFor(network), [here, there] = applications(network), relay = await relayModule;
    const first = await createAndInstall(agent, here!, relay), second = await createAndInstall(agent, there!, relay), counter = await createAndInstall(agent, here!, await counterModule());
    const increment = Uint8Array.from(IDL.encode([IDL.Nat], [5n]));
    const reply = await call(agent, first, "relay", relayed(second, "relay", relayed(counter, "increment", increment)));
    expect([...reply.subarray(0, 2)]).toEqual([0, 0]);
    expect(IDL.decode([IDL.Nat], Uint8Array.from(reply.subarray(2)))).toEqual([5n]);

    const nobody = Principal.fromUint8Array(Uint8Array.from([...second.toUint8Array().subarray(0, 7), 99, 1, 1]));
    const refused = await call(agent, first, "relay", relayed(nobody, "relay", new Uint8Array(0)));
    expect([refused[0], refused.readBigUInt64LE(1), refused.subarray(9).toString()]).toEqual([3, 1000n, `Canister ${nobody.toText()} not found`]);

    const unknown = await call(agent, first, "relay", relayed(second, "nothing", new Uint8Array(0)));
    expect([unknown[0], unknown.subarray(9).toString()]).toEqual([5, expect.stringContaining("has no update method 'nothing'")]);
    const { subnets } = network;
    await expect.poll(() => network.subnets.map(({ height }) => height).every((height, i) => height <= subnets[i]!.height + 3)).toBe(true); // the subnets come to rest: no ping-pong of signals
  });

  test("many at once arrive once each; a restart in the middle loses none", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "icx-xnet-")), CALLS = 60;
    try {
      let ids: Principal[] = [], replies: Buffer[] = [];
      const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
      {
        await using network = await startNetwork({ ...twoSubnets, stateDir });
        const agent = agentFor(network), [here, there] = applications(network);
        ids = [await createAndInstall(agent, here!, await relayModule), await createAndInstall(agent, there!, await counterModule())];
        const neighbour = await createAndInstall(agent, here!, await counterModule());
        replies = await Promise.all(Array.from({ length: CALLS }, () => call(agent, ids[0]!, "relay", relayed(ids[1]!, "increment", one))));
        for (let i = 0; i < 5; i++) await agent.call(ids[0]!, { methodName: "relay", arg: relayed(ids[1]!, "increment", one), callSync: false }); // under way when the network stops
        await agent.call(neighbour, { methodName: "increment", arg: one, callSync: true }); // answered: those before it are in a block
      }
      const values = replies.map((reply) => Number((IDL.decode([IDL.Nat], Uint8Array.from(reply.subarray(1))) as [bigint])[0])).sort((a, b) => a - b);
      expect(values).toEqual(Array.from({ length: CALLS }, (_, i) => i + 1));
      await using network = await startNetwork({ stateDir });
      const agent = agentFor(network);
      const last = await call(agent, ids[0]!, "relay", relayed(ids[1]!, "increment", one));
      expect(IDL.decode([IDL.Nat], Uint8Array.from(last.subarray(1)))).toEqual([BigInt(CALLS + 6)]);
    } finally { rmSync(stateDir, { recursive: true, force: true }); }
  });
});
