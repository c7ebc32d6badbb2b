import { Certificate, HttpAgent, type QueryResponse, polling } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import { createAndInstall } from "../canisters/install.ts";
import { universalModule } from "../canisters/universal.ts";
import { u128At, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const remember = (text: string): Program => run().getVariable(0).push(text).concat().setVariable(0);
const REMEMBERED = run().getVariable(0).reply();
/** Signatures of certificates are the interop suite's matter: the agent's own verification takes its time. */
const blsVerify = async (): Promise<boolean> => true;

describe("HTTPS Interface: programs through an agent, on two subnets", () => {
  let network: Network, agent: HttpAgent, here: Principal, there: Principal, inspected: Principal;
  beforeAll(async () => {
    network = await startNetwork({ subnets: [{ type: "application" }, { type: "application" }] });
    agent = HttpAgent.createSync({ host: network.url, fetch: ((input: string, init: RequestInit) => network.fetch(new Request(input, init))) as typeof fetch, rootKey: network.rootKey, verifyQuerySignatures: false, retryTimes: 0 });
    const [first, second] = network.subnets.filter(({ type }) => type === "application").map(({ effectiveCanisterId }) => effectiveCanisterId), module = await universalModule({ hooks: ["pre_upgrade", "global_timer"] });
    [here, there, inspected] = await Promise.all([createAndInstall(agent, first!, module, run().bytes), createAndInstall(agent, second!, module, run().bytes),
      createAndInstall(agent, first!, await universalModule({ hooks: ["inspect_message"] }), run().hook("inspect_message", run().ic0("msg_arg_data_size").push(20).do("less").when(run().ic0("accept_message"))).bytes)]);
  });
  afterAll(() => network.stop());

  const update = async (canister: Principal, program: Program): Promise<Uint8Array> => {
    const { requestId, response: { body } } = await agent.call(canister, { methodName: "update", arg: program.bytes, callSync: false });
    if (body !== null && "reject_message" in body) throw new Error(body.reject_message);
    return (await polling.pollForResponse(agent, canister, requestId, { strategy: polling.strategy.backoff(5, 1.1), blsVerify })).reply;
  };
  const query = (canister: Principal, program: Program, methodName = "query"): Promise<QueryResponse> => agent.query(canister, { methodName, arg: program.bytes });
  const queried = async (canister: Principal, program: Program, methodName?: string): Promise<Uint8Array> => {
    const answer = await query(canister, program, methodName);
    expect(answer).toMatchObject({ status: "replied" });
    return (answer as { reply: { arg: Uint8Array } }).reply.arg;
  };
  /** Calls, instructions, bytes of arguments and of answers, as canister_status gives them. */
  const statistics = async (canister: Principal): Promise<readonly [bigint, bigint, bigint, bigint]> => {
    const arg = encodeCandid(MANAGEMENT_TYPES.canister_status.args, [{ canister_id: canister }]);
    const answer = await agent.query(Principal.managementCanister(), { methodName: "canister_status", arg, effectiveCanisterId: canister });
    const decoded = decodeCandid(MANAGEMENT_TYPES.canister_status.results, (answer as { reply: { arg: Uint8Array } }).reply.arg);
    const [{ query_stats: stats }] = (decoded as unknown as { value: [{ query_stats: Record<string, bigint> }] }).value;
    return ["num_calls_total", "num_instructions_total", "request_payload_bytes_total", "response_payload_bytes_total"].map((name) => stats[name]!) as never;
  };
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

  test("updates are replied, rejected with their code and text, and kept", async () => {
    expect(text(await update(here, remember("kept").splice(REMEMBERED)))).toBe("kept");
    expect(text(await queried(here, REMEMBERED))).toBe("kept");
    await expect(update(here, run().reject("no thanks"))).rejects.toMatchObject({ message: expect.stringMatching(/no thanks/) });
    await expect(update(here, run().trap("my trap"))).rejects.toMatchObject({ message: expect.stringMatching(/IC0503[^]*my trap|my trap[^]*IC0503/) });
    await expect(update(here, run())).rejects.toMatchObject({ message: expect.stringMatching(/did not reply/) });
    expect(await query(here, run().reject("not you"))).toMatchObject({ status: "rejected", reject_code: 4, reject_message: "not you", error_code: "IC0406" });
  });
  test("queries are counted, and the count is agreed upon in blocks", async () => {
    const before = await statistics(here);
    for (let i = 0; i < 5; i++) await queried(here, REMEMBERED);
    let after = before;
    for (let blocks = 0; blocks < 80 && after[0] < before[0] + 5n; blocks++) { await update(here, run().reply("one more block")); after = await statistics(here); }
    expect(after[0] - before[0]).toBeGreaterThanOrEqual(5n);
    expect(after[1] - before[1]).toBeGreaterThan(5n * 100n);
    expect(after[2] - before[2]).toBeGreaterThanOrEqual(5n * BigInt(REMEMBERED.bytes.length));
    expect(after[3] - before[3]).toBeGreaterThanOrEqual(5n * 4n);
  });
  test("what inspect_message does not accept is refused before it is replicated", async () => {
    await expect(update(inspected, run().reply("this is a long program"))).rejects.toMatchObject({ message: expect.stringMatching(/Canister rejected the message/) });
    expect((await update(inspected, run().ic0("msg_reply"))).length).toBe(0);
  });
  test("the certificate of a query shows the certified data; root_key is the key that it is checked with", async () => {
    await update(here, run().ic0("certified_data_set", "certified").ic0("msg_reply"));
    const certificate = await Certificate.create({ certificate: await queried(here, run().take("data_certificate").reply()), rootKey: network.rootKey, canisterId: here, blsVerify, disableTimeVerification: true });
    const found = certificate.lookup_path(["canister", here.toUint8Array(), "certified_data"]);
    expect(found).toMatchObject({ status: "Found" });
    expect(text((found as { value: Uint8Array }).value)).toBe("certified");
    expect(await update(here, run().take("root_key").reply())).toEqual(network.rootKey);
  });
  test("composite queries call queries of their subnet, and none of another", async () => {
    expect(text(await queried(here, run().call({ callee: inspected.toHex(), method: "query", arg: run().reply("next door") }), "composite"))).toBe("next door");
    expect(text(await queried(here, run().call({ callee: there.toHex(), method: "query", arg: run().reply("abroad") }), "composite"))).toMatch(/subnet/);
  });
  test("calls to the other subnet carry cycles and deadlines, and bring answers, rejects and refunds", async () => {
    const accepted = run().take128("msg_cycles_accept128", 0, 600).number("msg_deadline").concat().reply();
    const answer = await update(here, run().call({ callee: there.toHex(), method: "update", arg: accepted, cycles: 1_000n, timeoutSeconds: 100, onReply: run().take("msg_arg_data").take128("msg_cycles_refunded128").concat().reply() }));
    expect([u128At(answer), u128At(answer, 24)]).toEqual([600n, 400n]);
    expect(u64At(answer, 16)).toBeGreaterThan(0n);
    expect(text(await update(here, run().call({ callee: there.toHex(), method: "update", arg: run().reject("from abroad") })))).toBe("\x04from abroad");
    expect(await update(here, run().call({ callee: there.toHex(), method: "update", arg: run().take("msg_caller").reply() }))).toEqual(here.toUint8Array());
  });
  test("a timer rings by itself", async () => {
    await update(here, run().hook("global_timer", remember(" and rung")).ic0("time").push(1).do("add").ic0("global_timer_set").drop().ic0("msg_reply"));
    await expect.poll(async () => text(await queried(here, REMEMBERED))).toBe("kept and rung");
  });
});
