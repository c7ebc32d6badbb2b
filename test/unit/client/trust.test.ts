import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, type NetworkClient } from "../../../src/client/createClient.ts";
import { type Network, startNetwork, verifyBls } from "../../../src/index.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { createAndInstall } from "../../canisters/install.ts";
import { HttpAgent } from "@dfinity/agent";

const NOBODY = { name: "anonymous", principal: "2vxsx-fae", sign: () => new Uint8Array() };
let network: Network, canister: string;
const direct: typeof fetch = (input, init) => network.fetch(new Request(input, init));
/** A client whose answers to one kind of request are changed on their way. */
function clientOf(path: RegExp, change: (body: Buffer) => Buffer | undefined, check?: "agent"): NetworkClient {
  const changed: typeof fetch = async (input, init) => {
    const answer = await direct(input, init);
    if (!path.test(String(input))) return answer;
    return new Response(new Uint8Array(change(Buffer.from(await answer.arrayBuffer()))!), { status: answer.status, headers: answer.headers });
  };
  return createClient({ name: "test", url: network.url, rootKey: network.rootKey, managed: true, fetch: changed, ...(check === undefined && { verifyBls }) }, NOBODY);
}
/** Flips the last bit of the byte string that follows this text (CBOR: 0x58 and its length). */
const flipAfter = (name: string, length: number) => (body: Buffer): Buffer => {
  const at = body.indexOf(Buffer.from([...Buffer.from(name), 0x58, length])) + name.length + 2;
  expect(at).toBeGreaterThan(name.length + 1);
  body[at + length - 1]! ^= 1;
  return body;
};

describe("what a client takes for an answer", () => {
  beforeAll(async () => {
    network = await startNetwork();
    canister = (await createAndInstall(HttpAgent.createSync({ host: network.url, fetch: direct, rootKey: network.rootKey }), network.defaultEffectiveCanisterId, await counterModule())).toString();
  });
  afterAll(() => network.stop());
  const same = (body: Buffer): Buffer => body, argument = Uint8Array.from(Buffer.from("4449444c00017d01", "hex")), nothing = Uint8Array.from(Buffer.from("4449444c0000", "hex"));
  const refused = { code: "ICX2012" };

  test.each([["the replica's", undefined], ["the agent's", "agent"]] as const)("is what the network has signed, by %s check of signatures", async (_, check) => {
    const client = clientOf(/./, same, check);
    expect(await client.update(canister, "increment", argument)).toMatchObject({ kind: "reply" });
    expect(await client.query(canister, "get", nothing)).toMatchObject({ kind: "reply" });
    expect(await client.query(canister, "nonsense", nothing)).toMatchObject({ kind: "reject", rejection: { errorCode: "IC0536" } });
    expect(await client.readCanister(canister, [["module_hash"]])).toEqual([expect.any(Uint8Array)]);
  });
  test.each([["the replica's", undefined], ["the agent's", "agent"]] as const)("a certificate with a flipped bit is refused, by %s check", async (_, check) => {
    await expect(clientOf(/read_state$/, flipAfter("signature", 48), check).readCanister(canister, [["module_hash"]])).rejects.toMatchObject(refused);
    await expect(clientOf(/call$/, flipAfter("signature", 48), check).update(canister, "increment", argument)).rejects.toMatchObject(refused);
  });
  test("so is an answer to a query that its node did not sign like this", async () => {
    await expect(clientOf(/query$/, flipAfter("signature", 64)).query(canister, "get", nothing)).rejects.toMatchObject(refused);
    const forged = clientOf(/query$/, (body) => { const at = body.indexOf(Buffer.from("4449444c00017d", "hex")) + 7; body[at]! ^= 1; return body; });
    await expect(forged.query(canister, "get", nothing)).rejects.toMatchObject(refused);
    const unsigned = clientOf(/query$/, (body) => Buffer.from(body.toString("latin1").replace("\x6asignatures", "\x6asignaturez"), "latin1"));
    await expect(unsigned.query(canister, "get", nothing)).rejects.toMatchObject(refused);
  });
  test("and the keys of the nodes come from a certificate that is verified as well", async () =>
    await expect(clientOf(/read_state$/, flipAfter("signature", 48)).query(canister, "get", nothing)).rejects.toMatchObject(refused));
});
