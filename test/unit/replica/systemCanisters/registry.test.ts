import { describe, expect, test } from "vitest";
import { decodeUleb128 } from "../../../../src/replica/codec/leb128.ts";
import {
  MUTATION_TYPE, REGISTRY_ERROR, type RegistryMutation, decodeAtomicMutateRequest, decodeAtomicMutateResponse, decodeChangesSinceResponse, decodeGetValueResponse, encodeAtomicMutateRequest,
  encodeChangesSinceRequest, encodeGetValueRequest,
} from "../../../../src/replica/codec/registryTransport.ts";
import { lookup, lookupSubtree, reconstruct, shownLabels } from "../../../../src/replica/hashTree/lookup.ts";
import { decodeCertifiedResponse } from "../../../../src/replica/hashTree/mixedHashTree.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { startNetworkOn } from "../../../../src/replica/internetComputer.ts";
import { routingTableOf, splitRange } from "./topologyChange.ts";
import { nativeModule } from "../../../../src/replica/systemCanisters/nativeModule.ts";
import { REGISTRY_CANISTER_ID, encodeRegistryInit, registryProgram } from "../../../../src/replica/systemCanisters/nns/registry/registry.ts";
import { bytesFromHex, canisterIdFromIndex, principalToText, registryVersion, time } from "../../../../src/replica/types/index.ts";
import { OTHER, type TestSubnet, USER, bytes, createTestSubnet, text } from "../execution/testSubnet.ts";

const { insert, update, delete: remove, upsert } = MUTATION_TYPE;
const change = (type: number, key: string, value = ""): RegistryMutation => ({ type, key: bytes(key), value: bytes(value) });
const request = (mutations: readonly RegistryMutation[], preconditions: readonly (readonly [string, number])[] = []): Uint8Array =>
  encodeAtomicMutateRequest({ mutations, preconditions: preconditions.map(([key, expectedVersion]) => ({ key: bytes(key), expectedVersion })) });

function createRegistry(): { readonly subnet: TestSubnet; readonly id: ReturnType<TestSubnet["create"]>; mutate(...args: Parameters<typeof request>): unknown; get(key: string, version?: number): unknown } {
  const subnet = createTestSubnet({ natives: [registryProgram] }), id = subnet.create();
  subnet.install(id, nativeModule(registryProgram), { install: null }, encodeRegistryInit([bytesFromHex(USER)], request([change(insert, "first", "one")])));
  return {
    subnet, id,
    mutate(...args) {
      const status = subnet.call(id, "atomic_mutate", request(...args));
      const decoded = status.kind === "completed" ? decodeAtomicMutateResponse(status.reply) : undefined;
      return decoded?.ok === true ? { version: decoded.value.version, errors: decoded.value.errors.map(({ code, key }) => [code, text(key)]) } : status;
    },
    get(key, version) {
      const answer = subnet.query(id, "get_value", encodeGetValueRequest({ version, key: bytes(key) })), decoded = answer.ok ? decodeGetValueResponse(answer.value) : undefined;
      if (decoded?.ok !== true) return answer;
      return decoded.value.error === undefined ? [decoded.value.version, text(decoded.value.value)] : decoded.value.error.code;
    },
  };
}

describe("the registry canister", () => {
  test("keeps every version readable", () => {
    const { mutate, get } = createRegistry();
    expect(mutate([change(update, "first", "two"), change(insert, "second", "2")])).toEqual({ version: 2, errors: [] });
    expect(mutate([change(remove, "second"), change(upsert, "third", "3")])).toEqual({ version: 3, errors: [] });
    expect([get("first"), get("first", 1), get("first", 2), get("first", 3)]).toEqual([[2, "two"], [1, "one"], [2, "two"], [2, "two"]]);
    expect([get("second"), get("second", 1), get("second", 2)]).toEqual([REGISTRY_ERROR.keyNotPresent, REGISTRY_ERROR.keyNotPresent, [2, "2"]]);
    expect([get("third"), get("fourth"), get("first", 4)]).toEqual([[3, "3"], REGISTRY_ERROR.keyNotPresent, REGISTRY_ERROR.versionBeyondLatest]);
    expect([mutate([change(insert, "second", "again")]), get("second")]).toEqual([{ version: 4, errors: [] }, [4, "again"]]);
  });
  test("tells keys apart that begin with one another and a zero byte", () => {
    const { mutate, get } = createRegistry();
    expect(mutate([change(insert, "a", "short"), change(insert, "a\0", "longer"), change(insert, "a\0\0\0\0\0\0\0\0\0", "longest")])).toEqual({ version: 2, errors: [] });
    expect([get("a"), get("a\0"), get("a\0\0\0\0\0\0\0\0\0")]).toEqual([[2, "short"], [2, "longer"], [2, "longest"]]);
  });
  test.each([
    ["an insert of what is there", [change(insert, "first")], [], [[REGISTRY_ERROR.keyAlreadyPresent, "first"]]],
    ["an update of what is not there", [change(update, "none")], [], [[REGISTRY_ERROR.keyNotPresent, "none"]]],
    ["a deletion of what is not there", [change(remove, "none")], [], [[REGISTRY_ERROR.keyNotPresent, "none"]]],
    ["one fault among good mutations", [change(upsert, "good"), change(update, "none")], [], [[REGISTRY_ERROR.keyNotPresent, "none"]]],
    ["a key that is mutated twice", [change(upsert, "a"), change(upsert, "a")], [], [[REGISTRY_ERROR.malformedMessage, "a"]]],
    ["an empty key", [change(upsert, "")], [], [[REGISTRY_ERROR.malformedMessage, ""]]],
    ["an unknown type", [change(3, "a")], [], [[REGISTRY_ERROR.malformedMessage, "a"]]],
    ["nothing", [], [], [[REGISTRY_ERROR.malformedMessage, ""]]],
    ["a precondition that does not hold", [change(upsert, "a")], [["first", 7]], [[REGISTRY_ERROR.versionNotLatest, "first"]]],
  ] as const)("applies nothing of a request with %s", (_what, mutations, preconditions, errors) => {
    const { subnet, id, mutate, get } = createRegistry(), before = subnet.state.canisters.get(id)!.system.certifiedData;
    expect(mutate(mutations, preconditions)).toEqual({ version: 1, errors });
    expect([get("first"), get("good"), get("a")]).toEqual([[1, "one"], REGISTRY_ERROR.keyNotPresent, REGISTRY_ERROR.keyNotPresent]);
    expect(subnet.state.canisters.get(id)!.system.certifiedData).toEqual(before);
  });
  test("holds a precondition that is true", () => expect(createRegistry().mutate([change(upsert, "a", "b")], [["first", 1], ["a", 0]])).toEqual({ version: 2, errors: [] }));
  test("takes changes from those who may make them, and from nobody else", () => {
    const { subnet, id, get } = createRegistry();
    expect(subnet.call(id, "atomic_mutate", request([change(upsert, "first", "mine")]), OTHER)).toMatchObject({ kind: "failed", code: "IC0503", message: expect.stringContaining("not authorized") as unknown });
    expect(get("first")).toEqual([1, "one"]);
    expect(subnet.call(id, "atomic_mutate", request([change(upsert, "first", "the governance canister's")]), canisterIdFromIndex(1n))).toMatchObject({ kind: "completed" });
  });
  test("refuses bytes that are no request, without a change", () => {
    const { subnet, id, get } = createRegistry(), noise = Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f);
    expect(subnet.call(id, "atomic_mutate", noise)).toMatchObject({ kind: "failed", code: "IC0503" });
    for (const method of ["get_value", "get_changes_since"]) expect(subnet.query(id, method, noise), method).toMatchObject({ ok: true });
    expect(get("first")).toEqual([1, "one"]);
  });
  test("lists what changed since a version, newest first", () => {
    const { subnet, id, mutate } = createRegistry();
    mutate([change(update, "first", "two"), change(insert, "second", "2")]);
    mutate([change(remove, "second")]);
    const answer = subnet.query(id, "get_changes_since", encodeChangesSinceRequest(1)), decoded = answer.ok ? decodeChangesSinceResponse(answer.value) : undefined;
    expect(decoded?.ok === true && decoded.value.deltas.map(({ key, values }) => [text(key), values.map(({ version, deleted }) => [version, deleted])])).toEqual([["first", [[2, false]]], ["second", [[3, true], [2, false]]]]);
    const beyond = subnet.query(id, "get_changes_since", encodeChangesSinceRequest(9)), refused = beyond.ok ? decodeChangesSinceResponse(beyond.value) : undefined;
    expect(refused).toMatchObject({ ok: true, value: { error: { code: REGISTRY_ERROR.versionBeyondLatest } } });
  });
  test("certifies its changelog: what it shows hashes to its certified data, also after an upgrade", () => {
    const { subnet, id, mutate } = createRegistry();
    mutate([change(update, "first", "two")]);
    mutate([change(insert, "second", "2")]);
    const shown = (since: number): { readonly root: Uint8Array; readonly latest: bigint | undefined; readonly versions: readonly (readonly [number, unknown])[] } => {
      const answer = subnet.query(id, "get_certified_changes_since", encodeChangesSinceRequest(since)), decoded = answer.ok ? decodeCertifiedResponse(answer.value) : undefined;
      if (decoded?.ok !== true) return expect.fail(JSON.stringify(answer));
      expect(text(decoded.value.certificate)).toBe("certificate");
      const { tree } = decoded.value, current = lookup([bytes("current_version")], tree), deltas = lookupSubtree([bytes("delta")], tree), latest = current.kind === "found" ? decodeUleb128(current.value) : undefined;
      const versions = typeof deltas === "string" ? [] : shownLabels([], deltas).map((version) => {
        const found = lookup([version], deltas), changes = found.kind === "found" ? decodeAtomicMutateRequest(found.value) : undefined;
        return [Number(Buffer.from(version).readBigUInt64BE()), changes?.ok === true && changes.value.mutations.map(({ key, value }) => [text(key), text(value)])] as const;
      });
      return { root: reconstruct(tree), latest: latest?.ok === true ? latest.value.value : undefined, versions };
    };
    const certified = (): Uint8Array => subnet.state.canisters.get(id)!.system.certifiedData;
    expect(shown(1)).toEqual({ root: certified(), latest: 3n, versions: [[2, [["first", "two"]]], [3, [["second", "2"]]]] });
    expect(shown(3)).toEqual({ root: certified(), latest: 3n, versions: [] });
    expect(subnet.install(id, nativeModule(registryProgram), { upgrade: [] })).toBeUndefined();
    expect(shown(2)).toEqual({ root: certified(), latest: 3n, versions: [[3, [["second", "2"]]]] });
  });
});

describe("a change of topology", () => {
  test("made by the network's admin reaches every node's copy of the registry, the state's topology and the routing of requests", async () => {
    const runtime = createSimulatedRuntime("registry"), { network, subnets, admin } = await startNetworkOn(runtime, {});
    await using _ = network;
    const [root, application] = subnets, { ranges, moved } = splitRange(routingTableOf(root!));
    const answer = await admin.call(root!.subnet, REGISTRY_CANISTER_ID, "atomic_mutate", ranges);
    expect(answer.ok && decodeAtomicMutateResponse(answer.value)).toEqual({ ok: true, value: { errors: [], version: 2 } });
    for (const { serving: { registry } } of subnets) expect(registry.latestVersion).toBe(2);
    expect(routingTableOf(root!)).not.toContainEqual(moved); // the state follows with the next block: it names the version
    runtime.advanceTo(time(runtime.clock.now() + 2_000_000_000n));
    for (const { subnet } of subnets) {
      await expect.poll(() => subnet.certifiedState().registryVersion).toBe(registryVersion(2));
      expect(subnet.certifiedState().topology.routingTable).toContainEqual(moved);
    }
    expect(application!.subnet.certifiedState().topology.routingTable).toEqual(routingTableOf(root!));
    const query = await network.fetch(new Request(`${network.url}/api/v3/canister/${principalToText(moved.start)}/query`, { method: "POST", body: new Uint8Array() }));
    expect([query.status, await query.text()]).not.toContainEqual(expect.stringContaining("canister_not_found")); // routed; refused for its body
  });
  test("by anybody else is refused, and bytes that no node can read stop nobody", async () => {
    const { network, subnets, admin } = await startNetworkOn(createSimulatedRuntime("registry"), {});
    await using _ = network;
    const root = subnets[0]!, nonsense = encodeAtomicMutateRequest({ preconditions: [], mutations: [{ type: MUTATION_TYPE.upsert, key: bytes("routing_table"), value: bytes("no table") }] });
    expect(await admin.call(root.subnet, REGISTRY_CANISTER_ID, "atomic_mutate", nonsense)).toMatchObject({ ok: true });
    for (const { serving: { registry } } of subnets) expect(registry.latestVersion).toBe(1);
    expect(await admin.call(root.subnet, REGISTRY_CANISTER_ID, "get_latest_version", new Uint8Array())).toMatchObject({ ok: true });
    for (const { subnet } of subnets) expect(subnet.health).toBe("healthy");
  });
});
