import { Cbor, HttpAgent, hashOfMap } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { Certificate } from "@icp-sdk/core/agent";
import { Principal as CorePrincipal } from "@icp-sdk/core/principal";
import { bls12_381 as bls } from "@noble/curves/bls12-381.js";
import { createHash, createPublicKey, verify } from "node:crypto";
import { counterModule } from "../../test/canisters/assemble.ts";
import { counterActor, createAndInstall } from "../../test/canisters/install.ts";
import { Connection, preparedPost } from "./connection.ts";
import { type SignedRequest, anonymous, certificateOf, envelope, newSigner, replyOf } from "./envelopes.ts";
import { type BenchPart, type BenchRow, median, quantile } from "./row.ts";
import { startServer } from "./serverProcess.ts";

const CONNECTIONS = 32;
/** Requests of each kind before the measured ones: a network that serves has run its paths before, and V8 compiles them in the background for some thousand requests. */
const WARM_UP = 3000;
const UPDATES = 6000;
const QUERIES = 9000;

/** Sends all bodies with so many connections busy; answers in order, and the rate. */
async function flood(url: string, path: string, requests: readonly SignedRequest[]): Promise<{ answers: Uint8Array[]; perSecond: number }> {
  const prepared = requests.map(({ body }) => preparedPost(url, path, body)), answers: Uint8Array[] = new Array<Uint8Array>(requests.length);
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(url)));
  let next = 0;
  const start = performance.now();
  await Promise.all(connections.map(async (connection) => {
    for (let i = next++; i < prepared.length; i = next++) answers[i] = await connection.post(prepared[i]!);
  }));
  const perSecond = requests.length / ((performance.now() - start) / 1000);
  for (const connection of connections) connection.close();
  return { answers, perSecond };
}

/** BLS checks remembered by key, signature and message: the certificates of one block share them. */
function rememberingVerify(): (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return (key, signature, message) => {
    const id = createHash("sha256").update(key).update(signature).update(message).digest("hex");
    let valid = known.get(id);
    if (valid === undefined) known.set(id, valid = bls.shortSignatures.verify(bls.shortSignatures.Signature.fromBytes(signature), bls.shortSignatures.hash(message, "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"), key));
    return Promise.resolve(valid);
  };
}

async function updatesAreRight(answers: readonly Uint8Array[], requests: readonly SignedRequest[], rootKey: Uint8Array, canister: Principal, before: bigint): Promise<boolean> {
  const blsVerify = rememberingVerify();
  const values = new Set<bigint>();
  for (const [i, answer] of answers.entries()) {
    const certificate = certificateOf(answer);
    if (certificate === undefined) return false;
    await Certificate.create({ certificate, rootKey, principal: { canisterId: CorePrincipal.fromUint8Array(canister.toUint8Array()) }, blsVerify });
    const reply = replyOf(certificate, requests[i]!.requestId);
    if (reply === undefined) return false;
    values.add(IDL.decode([IDL.Nat], reply)[0] as unknown as bigint);
  }
  return values.size === answers.length && [...values].every((value) => value > before && value <= before + BigInt(answers.length));
}

function queriesAreRight(answers: readonly Uint8Array[], requests: readonly SignedRequest[], nodeKey: (id: Uint8Array) => Uint8Array, expected: bigint): boolean {
  return answers.every((answer, i) => {
    const { status, reply, signatures } = Cbor.decode(answer) as { status: string; reply: { arg: Uint8Array }; signatures: { timestamp: bigint; signature: Uint8Array; identity: Uint8Array }[] };
    if (status !== "replied" || (IDL.decode([IDL.Nat], reply.arg)[0] as unknown as bigint) !== expected) return false;
    const { timestamp, signature, identity } = signatures[0]!;
    const hash = hashOfMap({ status, reply, timestamp, request_id: requests[i]!.requestId });
    return verify(null, Buffer.concat([Buffer.from("\x0bic-response"), hash]), createPublicKey({ key: Buffer.from(nodeKey(identity)), format: "der", type: "spki" }), signature);
  });
}
export const part: BenchPart = {
  ids: ["update.p50.ms", "update.p95.ms", "update.verified.p50.ms", "update.throughput", "query.throughput", "memory.peak.mib"],
  async run(): Promise<readonly BenchRow[]> {
    const server = await startServer();
    const agent = await HttpAgent.create({ host: server.url, rootKey: server.rootKey });
    const canister = await createAndInstall(agent, server.effectiveCanisterId, await counterModule());
    const counter = counterActor(agent, canister);
    const path = `/api/v4/canister/${canister.toText()}/call`;
    const queryPath = `/api/v3/canister/${canister.toText()}/query`;
    const one = new Uint8Array(IDL.encode([IDL.Nat], [1n]));
    const signers = Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? newSigner() : anonymous));
    const updates = (count: number): SignedRequest[] => Array.from({ length: count }, (_, i) => envelope(signers[i % signers.length]!, "call", canister.toUint8Array(), "increment", one));

    let right = true;
    const times: number[] = [];
    const connection = await Connection.open(server.url);
    for (const update of updates(300)) {
      const prepared = preparedPost(server.url, path, update.body), start = performance.now();
      const body = await connection.post(prepared);
      times.push(performance.now() - start);
      right &&= certificateOf(body) !== undefined;
    }
    connection.close();
    const latencies = times.slice(100);
    const verified: number[] = [];
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      await counter.increment(1n);
      verified.push(performance.now() - start);
    }

    const firstUpdates = await flood(server.url, path, updates(WARM_UP));
    const before = await counter.get();
    const requests = updates(UPDATES);
    const cpuAtStart = (await server.usage()).cpuMs;
    const updated = await flood(server.url, path, requests);
    const cpuAfterUpdates = (await server.usage()).cpuMs;
    const updatesRight = right && await updatesAreRight(updated.answers, requests, server.rootKey, canister, before);

    const queriesOf = (count: number): SignedRequest[] => Array.from({ length: count }, (_, i) => envelope(signers[i % signers.length]!, "query", canister.toUint8Array(), "get", new Uint8Array(IDL.encode([], []))));
    const firstQueries = await flood(server.url, queryPath, queriesOf(WARM_UP));
    const queries = queriesOf(QUERIES);
    const cpuBeforeQueries = (await server.usage()).cpuMs;
    const queried = await flood(server.url, queryPath, queries);
    const subnetKeys = await agent.fetchSubnetKeys(canister) as { nodeKeys: Map<string, Uint8Array> };
    const queriesRight = queriesAreRight(queried.answers, queries, (id) => subnetKeys.nodeKeys.get(Principal.fromUint8Array(id).toText())!, before + BigInt(UPDATES));
    const { peakRssMiB, cpuMs } = await server.usage();
    const perRequest = (ms: number, count: number, { perSecond }: typeof queried): string => `${((ms / count) * 1000).toFixed(0)} µs of the server's CPU each; the first ${WARM_UP} at ${perSecond.toFixed(0)}/s`;
    await server.close();
    return [
      { id: "update.p50.ms", value: right ? median(latencies) : undefined, unit: "ms", target: 10, note: "submit to certificate in hand, durable" },
      { id: "update.p95.ms", value: right ? quantile(latencies, 0.95) : undefined, unit: "ms" },
      { id: "update.verified.p50.ms", value: median(verified), unit: "ms", note: "with the agent's own certificate check" },
      { id: "update.throughput", value: updatesRight ? updated.perSecond : undefined, unit: "/s", target: 1500, note: `${UPDATES} over ${CONNECTIONS} connections, all certificates checked; ${perRequest(cpuAfterUpdates - cpuAtStart, UPDATES, firstUpdates)}` },
      { id: "query.throughput", value: queriesRight ? queried.perSecond : undefined, unit: "/s", target: 3000, note: `${QUERIES}, all node signatures checked; ${perRequest(cpuMs - cpuBeforeQueries, QUERIES, firstQueries)}` },
      { id: "memory.peak.mib", value: peakRssMiB, unit: "MiB", note: "of the network's process, over these rows" },
    ];
  },
};
