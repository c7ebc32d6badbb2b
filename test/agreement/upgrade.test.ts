import { Actor, Certificate, type HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetwork } from "../../src/index.ts";
import { decodeCertificate } from "../../src/replica/certification/certificate.ts";
import { decodeArtifact } from "../../src/replica/consensus/artifactRows.ts";
import { isEmpty } from "../../src/replica/consensus/payloadCodec.ts";
import { lookup } from "../../src/replica/hashTree/lookup.ts";
import type { BlockProposal } from "../../src/replica/interfaces/consensus.ts";
import type { Store } from "../../src/replica/interfaces/stateManager.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import { height } from "../../src/replica/types/index.ts";
import { counterActor } from "../canisters/install.ts";
import { agentFor, application, startFourNodes } from "./subnetOfFour.ts";

const management: IDL.InterfaceFactory = ({ IDL: types }) => types.Service({
  canister_status: types.Func([types.Record({ canister_id: types.Principal })], [types.Record({ idle_cycles_burned_per_day: types.Nat, memory_size: types.Nat })], []),
});
interface Management { canister_status(args: { readonly canister_id: Principal }): Promise<{ readonly idle_cycles_burned_per_day: bigint; readonly memory_size: bigint }> }
/** What a client sees of a version: what a day of storage costs, and whether certificates tell when a canister was created. */
async function seenBy(agent: HttpAgent, canister: Principal): Promise<{ readonly day: bigint; readonly bytes: bigint; readonly created: ReturnType<typeof lookup>["kind"] }> {
  const { canister_status: status } = Actor.createActor<Management>(management, { agent, canisterId: Principal.managementCanister(), effectiveCanisterId: canister });
  const path = [Buffer.from("canister"), canister.toUint8Array(), Buffer.from("canister_creation_timestamp")], { certificate } = await agent.readState(canister, { paths: [path] });
  // The agent checks the signature; what is not there is looked for here, as the agent compares labels byte for byte without stopping and finds no proof of it.
  await Certificate.create({ certificate, rootKey: agent.rootKey!, canisterId: canister });
  const read = decodeCertificate(certificate.slice()), { idle_cycles_burned_per_day: day, memory_size: bytes } = await status({ canister_id: canister });
  return { day, bytes, created: read.ok ? lookup(path, read.value.tree).kind : expect.fail(read.error.what) };
}
/** Blocks of the older version that a node's journal holds, the summary at `from` first. */
const blocksOf = (store: Store, from: number): readonly BlockProposal[] => store.heights(height(from)).flatMap(({ entries }) => entries.flatMap(({ bytes }) => {
  const decoded = decodeArtifact(bytes.slice());
  return decoded.ok && decoded.value.kind === "blockProposal" && decoded.value.version === 2 ? [decoded.value] : [];
}));
/** The state that all nodes hold, and the root that they certified below it: a line a node; none when they have no height in common at the moment. */
function hashesOf({ nodes }: RunningSubnet): readonly string[] {
  const managers = nodes.map(({ node }) => node.stateManager), at = height(Math.min(...managers.map((manager) => manager.latest().height))), states = managers.map((manager) => manager.at(at));
  return states.includes(undefined) ? [] : managers.map((manager, i) => [at, manager.fullHash(at), states[i]!.prevStateHash].map((part) => (typeof part === "number" ? part : Buffer.from(part!).toString("hex"))).join(" "));
}

test("four nodes go on with another replica version at one height, under updates and queries; one that was down follows; restarts keep it", { timeout: 240_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-upgrade-"));
  await using four = await startFourNodes({ stateDir, subnets: [{ type: "application", nodes: 4, replicaVersion: "0.0.9" }] });
  const { network, agent, canister } = four, { id, nodes } = application(network);
  expect(application(network).replicaVersion).toBe("0.0.9");
  expect(await four.increment()).toBe(1n);
  const before = await seenBy(agent, canister);
  await network.stopNode(nodes[3]!);
  const left = four.next("upgraded").then(({ node, height: at }) => ({ at, blocks: blocksOf(four.running.nodes[nodes.indexOf(node)]!.store, at) }));
  let upgrading = true, updates = 1n, queries = 0;
  const writing = (async () => { while (upgrading) updates = await four.increment(); })();
  const reading = (async () => { while (upgrading) { expect(await counterActor(agent, canister).get()).toBeGreaterThan(0n); queries++; } })();
  expect(await network.upgradeSubnet(id)).toBe("0.1.0");
  upgrading = false;
  await Promise.all([writing, reading]);
  expect(application(network).replicaVersion).toBe("0.1.0");
  // Every update that was answered counts, once.
  expect(await four.increment()).toBe(updates + 1n);
  expect(queries).toBeGreaterThan(0);
  const changed = four.seen.filter((event) => event.kind === "upgraded");
  expect(changed.map(({ node }) => node).sort()).toEqual(nodes.slice(0, 3).sort());
  expect(new Set(changed.map(({ height }) => height)).size).toBe(1);
  // Between the summary that halts and the next one is nothing, although updates wait.
  const { at, blocks } = await left, behind = blocks.filter((one) => one.height > at);
  expect(blocks[0]).toMatchObject({ height: at, block: { payload: { kind: "summary" } } });
  expect(behind.length).toBeGreaterThan(0);
  for (const { block: { payload } } of behind) expect(isEmpty(payload)).toBe(true);
  const after = await seenBy(agent, canister);
  expect([before.created, after.created, after.bytes]).toEqual(["absent", "found", before.bytes]);
  // Storage costs more, the rest of the day as much as before: to the cycle, but for what is rounded.
  expect(Math.abs(Number(after.day - before.day) - Number(after.bytes) * (317_500 - 127_000) * 86_400 / 2 ** 30)).toBeLessThan(2);
  const late = four.next("upgraded");
  network.startNode(nodes[3]!);
  expect(await late).toMatchObject({ node: nodes[3], from: "0.0.9", to: "0.1.0" });
  const last = await four.increment();
  let hashes: readonly string[] = [];
  await expect.poll(() => (hashes = hashesOf(four.running)).length, { interval: 5, timeout: 60_000 }).toBe(4);
  expect(new Set(hashes).size).toBe(1);
  await network.suspend();
  await using again = await startNetwork({ stateDir });
  expect(application(again).replicaVersion).toBe("0.1.0");
  expect(await counterActor(agentFor(again), canister).increment(1n)).toBe(last + 1n);
  await again.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

test("a subnet that is none and a version that is none are told apart", { timeout: 60_000 }, async () => {
  await using network = await startNetwork();
  await expect(network.upgradeSubnet("aaaaa-aa")).rejects.toThrow("no subnet");
  await expect(network.upgradeSubnet(application(network).id, "9.9.9")).rejects.toThrow("no replica version 9.9.9");
});
