import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import type { NetworkOptions } from "../../src/index.ts";
import { type OpenNetwork, startNetworkOn } from "../../src/replica/internetComputer.ts";
import { prepareMigration } from "../../src/replica/registry/canisterMigrations.ts";
import { subnetOfCanister } from "../../src/replica/registry/routingTable.ts";
import { encodeDelta } from "../../src/replica/registryFeed.ts";
import { REGISTRY_CANISTER_ID } from "../../src/replica/systemCanisters/nns/registry/registry.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, hexFromBytes, principalFromText, principalToText } from "../../src/replica/types/index.ts";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";

const { args, results } = MANAGEMENT_TYPES.provisional_create_canister_with_cycles;
async function create({ network, subnets, admin }: OpenNetwork): Promise<CanisterId> {
  const made = await admin.call(subnets[1]!.subnet, MANAGEMENT_CANISTER_ID, "provisional_create_canister_with_cycles", encodeCandid(args, [{ amount: [], settings: [], specified_id: [], sender_canister_version: [] }]), principalFromText(network.defaultEffectiveCanisterId) as CanisterId);
  const answer = decodeCandid(results, made.ok ? made.value : expect.fail(made.error.message));
  return answer.ok ? hexFromBytes((answer.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId : expect.fail(answer.error);
}

const options = (stateDir: string, nodes: number): NetworkOptions => ({ stateDir, dkgInterval: { heights: 4, ms: 0 }, nodes, idleBlockIntervalMs: 20 }), cut = new RangeError("the lights went out");
async function inFolder(run: (stateDir: string) => Promise<void>): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-split-"));
  try { await run(stateDir); } finally { rmSync(stateDir, { recursive: true, force: true }); }
}
const stop = async ({ admin, subnets }: OpenNetwork, id: CanisterId, subnet = subnets[1]!): Promise<boolean> =>
  (await admin.call(subnet.subnet, MANAGEMENT_CANISTER_ID, "stop_canister", encodeCandid(MANAGEMENT_TYPES.stop_canister.args, [{ canister_id: candidFromPrincipal(id) }]), id)).ok;
const homeOf = ({ subnets }: OpenNetwork, id: CanisterId): OpenNetwork["subnets"][number] => {
  const home = subnetOfCanister(subnets[0]!.subnet.certifiedState().topology.routingTable, id);
  return subnets.find(({ subnet }) => subnet.subnetId === home) ?? expect.fail(`nobody hosts ${principalToText(id)}`);
};
const migrations = ({ subnets }: OpenNetwork): unknown => subnets[0]!.subnet.certifiedState().topology.migrations;

/** Ends the network when it is about to do this, as a kill does: nothing is taken back. */
async function endAt({ network, hosts: [, host] }: OpenNetwork, step: "halve" | "keep", change: () => Promise<unknown>): Promise<void> {
  const lights = Promise.withResolvers<never>(), reached = Promise.withResolvers<void>();
  Object.assign(host!, { [step]: () => { reached.resolve(); return lights.promise; } });
  const changed = change();
  changed.catch(() => undefined);
  await reached.promise;
  if (step === "halve") await expect.poll(() => host!.standing.nodes.every(({ halted }) => halted), { timeout: 20_000 }).toBe(true);
  const ended = network.suspend();
  setImmediate(() => { lights.reject(cut); });
  await expect(changed).rejects.toBe(cut);
  await ended;
}

for (const [nodes, step, moment] of [[1, "halve", "the subnet has stopped for it"], [1, "keep", "the new subnet has its half"], [4, "keep", "the new subnet has its half"]] as const) {
  test(`a network that ends when ${moment}, and before the registry has the split, goes on as one, and is split then (nodes: ${nodes})`, { timeout: 60_000 }, () => inFolder(async (stateDir) => {
    const first = await startNetworkOn(createRealRuntime(), options(stateDir, nodes)), [stays, goes] = [await create(first), await create(first)], { id } = first.hosts[1]!, split = { subnet: principalToText(id), canisters: [principalToText(goes)] };
    await endAt(first, step, () => first.network.splitSubnet(split));
    const again = await startNetworkOn(createRealRuntime(), options(stateDir, nodes));
    expect(again.network.subnets).toHaveLength(2);
    for (const canister of [stays, goes]) expect([homeOf(again, canister).subnet.subnetId, await stop(again, canister)]).toEqual([id, true]);
    expect(migrations(again)).toBeUndefined();
    const { destination } = await again.network.splitSubnet(split);
    expect([homeOf(again, stays).subnet.subnetId, principalToText(homeOf(again, goes).subnet.subnetId)]).toEqual([id, destination]);
    await again.network.stop();
  }));
}

test("a split that fails is taken back at once: the canisters answer where they are", { timeout: 60_000 }, () => inFolder(async (stateDir) => {
  const first = await startNetworkOn(createRealRuntime(), options(stateDir, 1)), [stays, goes] = [await create(first), await create(first)], host = first.hosts[1]!, { keep } = host, split = { subnet: principalToText(host.id), canisters: [principalToText(goes)] };
  Object.assign(host, { keep: () => { Object.assign(host, { keep }); return Promise.reject(cut); } });
  await expect(first.network.splitSubnet(split)).rejects.toBe(cut);
  for (const canister of [stays, goes]) expect([homeOf(first, canister).subnet.subnetId, await stop(first, canister)]).toEqual([host.id, true]);
  const { destination } = await first.network.splitSubnet(split);
  expect(principalToText(homeOf(first, goes).subnet.subnetId)).toBe(destination);
  await first.network.stop();
}));

for (const again of [false, true]) {
  test(`a split that loses a node is taken back, and the subnet goes on when the node is there ${again ? "in the network's next life" : "again"}`, { timeout: 60_000 }, () => inFolder(async (stateDir) => {
    let open = await startNetworkOn(createRealRuntime(), options(stateDir, 4));
    const [stays, goes] = [await create(open), await create(open)], host = open.hosts[1]!, split = { subnet: principalToText(host.id), canisters: [principalToText(goes)] };
    // The node goes when the subnet stands still already.
    Object.assign(host, { async halve() {
      await expect.poll(() => host.standing.nodes.every(({ halted }) => halted), { timeout: 20_000 }).toBe(true);
      await host.stopNode(2);
      throw cut;
    } });
    await expect(open.network.splitSubnet(split)).rejects.toBe(cut);
    // Nobody waits for it: other changes are made, and one that would need it is told so.
    expect(await open.network.addSubnet({ nodes: 1 })).toMatch(/^\w{5}-/);
    await expect(open.network.splitSubnet(split)).rejects.toThrow("has stopped for a split that was not done");
    if (again) {
      await open.network.suspend();
      open = await startNetworkOn(createRealRuntime(), options(stateDir, 4));
    } else await host.startNode(2);
    for (const canister of [stays, goes]) expect(await stop(open, canister, homeOf(open, canister))).toBe(true);
    await open.network.stop();
  }));
}

test("a network that ends when everybody has heard that a canister is about to move, and it has not, forgets that", { timeout: 60_000 }, () => inFolder(async (stateDir) => {
  const first = await startNetworkOn(createRealRuntime(), options(stateDir, 1)), goes = await create(first), [root, host] = first.subnets, { registry } = root!.serving;
  const prepared = prepareMigration({ ranges: [{ start: goes, end: goes }], from: host!.subnet.subnetId, to: root!.subnet.subnetId }, registry.at(registry.latestVersion)!);
  expect((await first.admin.call(root!.subnet, REGISTRY_CANISTER_ID, "atomic_mutate", encodeDelta({ mutations: prepared.ok ? prepared.value : expect.fail(prepared.error) }))).ok).toBe(true);
  await expect.poll(() => migrations(first), { timeout: 10_000 }).toHaveLength(1);
  await first.network.suspend();
  const again = await startNetworkOn(createRealRuntime(), options(stateDir, 1));
  await expect.poll(() => migrations(again), { timeout: 10_000 }).toBeUndefined();
  expect(await stop(again, goes)).toBe(true);
  await again.network.stop();
}));

test("a network that ends when a subnet is about to be recovered, and before the registry knows, has lost nothing", { timeout: 60_000 }, () => inFolder(async (stateDir) => {
  const first = await startNetworkOn(createRealRuntime(), options(stateDir, 4)), canister = await create(first), host = first.hosts[1]!;
  for (const place of [1, 2]) await host.stopNode(place);
  await endAt(first, "keep", () => first.network.recoverSubnet(principalToText(host.id)));
  const again = await startNetworkOn(createRealRuntime(), options(stateDir, 4));
  expect(await stop(again, canister)).toBe(true);
  await again.network.stop();
}));

test("a network that ends when the registry has the split, and before the subnet has followed it, goes on as two when it starts again", { timeout: 60_000 }, () => inFolder(async (stateDir) => {
  const first = await startNetworkOn(createRealRuntime(), options(stateDir, 1)), [stays, goes] = [await create(first), await create(first)], host = first.hosts[1]!;
  Object.assign(host, { recover: () => Promise.reject(cut) });
  await expect(first.network.splitSubnet({ subnet: principalToText(host.id), canisters: [principalToText(goes)] })).rejects.toBe(cut);
  await first.network.suspend();

  const again = await startNetworkOn(createRealRuntime(), options(stateDir, 1));
  expect(again.network.subnets).toHaveLength(3);
  expect([homeOf(again, stays) === homeOf(again, goes), homeOf(again, stays).subnet.subnetId]).toEqual([false, host.id]);
  for (const id of [stays, goes]) expect(await stop(again, id, homeOf(again, id))).toBe(true);
  await again.network.stop();
}));
