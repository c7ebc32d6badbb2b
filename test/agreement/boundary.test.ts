import { Actor, Cbor, HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

type Fetch = (url: string, init: RequestInit) => Promise<Response>;
const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
const direct = (network: Network): Fetch => (url, init) => network.fetch(new Request(url, init));
const agentOver = (network: Network, fetch: Fetch): HttpAgent => HttpAgent.createSync({ host: network.url, fetch: fetch as typeof globalThis.fetch, rootKey: network.rootKey, retryTimes: 0 });
const application = (network: Network): Network["subnets"][number] => network.subnets.find(({ type }) => type === "application")!;
/** Asks one node. */
const toNode = (network: Network, node: string): Fetch => (url, init) => direct(network)(url, { ...init, headers: { ...(init.headers as Record<string, string>), "x-icx-node": node } });
/** Changes the body of what a query answers. */
const changing = (network: Network, change: (answer: Record<string, unknown>) => unknown): Fetch => async (url, init) => {
  const response = await direct(network)(url, init);
  return url.endsWith("/query") ? new Response(new Uint8Array(Cbor.encode(change(Cbor.decode<Record<string, unknown>>(new Uint8Array(await response.arrayBuffer()))))), { status: response.status }) : response;
};
interface Management { canister_status(args: { readonly canister_id: Principal }): Promise<{ readonly query_stats: { readonly num_calls_total: bigint } }> }
interface Answer { readonly reply: { readonly arg: Uint8Array }; readonly signatures: readonly { readonly identity: Uint8Array; readonly signature: Uint8Array }[] }


describe("the HTTP front of a subnet of four nodes", () => {
  let network: Network, canister: Principal, nodes: readonly string[], agent: HttpAgent;
  /** What the one agent's requests go through at the moment: it learns the subnet's keys once. */
  let way: Fetch;
  beforeAll(async () => {
    network = await startNetwork({ nodes: 4, idleBlockIntervalMs: 100 });
    way = direct(network);
    agent = agentOver(network, (url, init) => way(url, init));
    canister = await createAndInstall(agent, application(network).effectiveCanisterId, await counterModule());
    ({ nodes } = application(network));
  }, 60_000);
  afterAll(() => network.stop());
  afterEach(() => { way = direct(network); });
  const increment = (): Promise<number> => agent.call(canister, { methodName: "increment", arg: one, callSync: true }).then(({ response }) => response.status);
  const ask = () => agent.query(canister, { methodName: "get", arg: Uint8Array.from(IDL.encode([], [])) });
  const owner = async (path: string, method = "POST"): Promise<unknown> => (await network.ownerFetch(new Request(`${network.url}/_icx/${path}`, { method }))).json();
  const health = async (node: string): Promise<string> => Cbor.decode<{ readonly replica_health_status: string }>(new Uint8Array(await (await toNode(network, node)(`${network.url}/api/v2/status`, {})).arrayBuffer())).replica_health_status;

  test("lets each node be addressed: it answers from its own state and signs with its own key", async () => {
    const signers = new Set<string>();
    for (const node of nodes) {
      way = toNode(network, node);
      const answer = await ask();
      expect(answer.status).toBe("replied");
      for (const { identity } of answer.signatures ?? []) signers.add(Buffer.from(identity).toString("hex"));
      await expect.poll(() => health(node), { timeout: 10_000 }).toBe("healthy");
    }
    expect(signers.size).toBe(4);
    expect(await counterActor(agent, canister).increment(1n)).toBe(1n); // through the last of them
  });

  test("says what is wrong with an address", async () => {
    const status = async (node: string, path = "/api/v2/status"): Promise<number> => (await toNode(network, node)(`${network.url}${path}`, {})).status;
    expect([await status("nobody"), await status("aaaaa-aa"), await status(nodes[1]!)]).toEqual([400, 400, 200]);
    await network.stopNode(nodes[1]!);
    expect([await status(nodes[1]!), await status(nodes[0]!)]).toEqual([503, 200]);
    network.startNode(nodes[1]!);
    const root = network.subnets[0]!.nodes[0]!, strange = await toNode(network, root)(`${network.url}/api/v2/canister/${canister.toText()}/read_state`, { method: "POST", headers: { "content-type": "application/cbor" }, body: new Uint8Array() });
    expect(strange.status).toBe(400);
  });

  test("the agent refuses what a node or somebody between changes in an answer", async () => {
    way = changing(network, (answer) => answer);
    expect((await ask()).status).toBe("replied");
    const lies: Readonly<Record<string, (answer: Answer) => unknown>> = {
      "another number": (answer) => ({ ...answer, reply: { arg: Uint8Array.from(IDL.encode([IDL.Nat], [1_000_000n])) } }),
      "no signature": (answer) => ({ ...answer, signatures: [] }),
      "the signature of another message": (answer) => ({ ...answer, signatures: answer.signatures.map((one) => ({ ...one, signature: Uint8Array.from(one.signature, (byte) => byte ^ 1) })) }),
      "a signer that is no node of the subnet": (answer) => ({ ...answer, signatures: answer.signatures.map((one) => ({ ...one, identity: Uint8Array.from(one.identity, (byte, at) => (at === 0 ? byte ^ 1 : byte)) })) }),
    };
    for (const [lie, tell] of Object.entries(lies)) {
      way = changing(network, (answer) => tell(answer as unknown as Answer));
      await expect(ask(), lie).rejects.toThrow();
    }
  });

  test("keeps to nodes that keep up: one that is cut off answers no more, and what it was given is given to another", async () => {
    const serving = async (): Promise<string> => (await owner("nodes", "GET") as readonly { readonly id: string; readonly subnetType: string; readonly serving: boolean }[]).find(({ subnetType, serving: answers }) => subnetType === "application" && answers)!.id;
    const before = await serving();
    await owner(`nodes/isolate?id=${before}`);
    expect(await counterActor(agent, canister).increment(1n)).toBe(2n);
    expect(await serving()).not.toBe(before);
    await expect.poll(() => health(before), { timeout: 5_000 }).toBe("certified_state_behind");
    await owner("links/heal");
    await expect.poll(() => health(before), { timeout: 10_000 }).toBe("healthy");
  }, 60_000);

  test("queries go round the nodes that show what was answered: each signs its own, and all together count them", async () => {
    const signerOf = async (): Promise<string> => Principal.fromUint8Array((await ask()).signatures![0]!.identity).toText();
    const signersOf = async (count: number): Promise<ReadonlySet<string>> => new Set(await Promise.all(Array.from({ length: count }, signerOf)));
    await expect.poll(async () => [...await signersOf(8)].sort(), { timeout: 10_000 }).toEqual([...nodes].sort());
    const counter = counterActor(agent, canister), before = await counter.get();
    for (let step = 1n; step <= 10n; step++) expect([await counter.increment(1n), await counter.get()]).toEqual([before + step, before + step]);
    await network.stopNode(nodes[2]!);
    expect(await signersOf(24)).not.toContain(nodes[2]);
    network.startNode(nodes[2]!);

    const counted = async (): Promise<bigint> => {
      const { query_stats: { num_calls_total } } = await Actor.createActor<Management>(({ IDL: types }) => types.Service({
        canister_status: types.Func([types.Record({ canister_id: types.Principal })], [types.Record({ query_stats: types.Record({ num_calls_total: types.Nat }) })], []),
      }), { agent, canisterId: Principal.managementCanister(), effectiveCanisterId: canister }).canister_status({ canister_id: canister });
      return num_calls_total;
    };
    const known = await counted();
    let asked = 100; // and those before
    await expect.poll(async () => { await signersOf(40); asked += 40; return await counted() > known; }, { timeout: 30_000 }).toBe(true);
    expect(Number(await counted() - known)).toBeLessThan(asked * 1.5); // the median times four, of epochs that are over
  }, 60_000);

  test("no request fails when the node that answers stops under it", async () => {
    const began = await counterActor(agent, canister).get(), asked = Array.from({ length: 20 }, increment);
    await network.stopNode(nodes[0]!);
    for (const status of await Promise.all(asked)) expect([200, 202]).toContain(status); // 202: not within ten seconds
    network.startNode(nodes[0]!);
    await expect.poll(() => counterActor(agent, canister).get(), { timeout: 10_000 }).toBe(began + 20n);
  }, 60_000);
});
