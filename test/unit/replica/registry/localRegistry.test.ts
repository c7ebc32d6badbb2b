import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GenesisSubnet, genesisRegistry } from "../../../../src/replica/registry/genesis.ts";
import { ROUTING_TABLE_KEY, nodeRecordKey, subnetRecordKey } from "../../../../src/replica/registry/keys.ts";
import { createLocalRegistry } from "../../../../src/replica/registry/localRegistry.ts";
import type { RegistryMutation } from "../../../../src/replica/registry/mutation.ts";
import { decodeRoutingTable, decodeSubnetRecord, encodeNodeRecord, encodeRoutingTable, encodeSubnetRecord } from "../../../../src/replica/registry/records.ts";
import { localRange, rootSubnetRanges, subnetOfCanister } from "../../../../src/replica/registry/routingTable.ts";
import { canisterIdFromIndex, nodeId, principalFromText, principalToText, registryVersion, subnetId } from "../../../../src/replica/types/index.ts";

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const keys = (byte: number): { publicKey: Uint8Array; multiSigPublicKey: Uint8Array; proofOfPossession: Uint8Array } => ({ publicKey: fill(44, byte), multiSigPublicKey: fill(96, byte), proofOfPossession: fill(48, byte) });
const subnet = (byte: number, type: GenesisSubnet["type"], nodes: readonly number[]): GenesisSubnet =>
  ({ id: subnetId(fill(29, byte)), publicKey: fill(133, byte), type, nodes: nodes.map((node) => ({ id: nodeId(fill(29, node)), ...keys(node) })) });
const [root, app] = [subnet(1, "system", [11]), subnet(2, "application", [23, 21, 22])];
const genesis = genesisRegistry(root, [app], "icx-1");
const next = (version: number, ...mutations: RegistryMutation[]): Parameters<ReturnType<typeof createLocalRegistry>["apply"]>[0] => ({ version: registryVersion(version), mutations });

describe("registry", () => {
  test("genesis gives topology, membership, keys and parameters", () => {
    const at = createLocalRegistry([genesis]).at(registryVersion(1))!;
    expect(at.topology.rootSubnet).toBe(root.id);
    expect(at.topology.rootKey).toEqual(root.publicKey);
    expect(at.topology.subnets.map(({ id, type, pricedAs, nodes }) => [id, type, pricedAs, nodes.length])).toEqual([[root.id, "system", 40, 1], [app.id, "application", 13, 3]]);
    expect(at.membership(app.id)).toEqual([21, 22, 23].map((byte) => nodeId(fill(29, byte))));
    expect(at.node(nodeId(fill(29, 22)))).toEqual(keys(22));
    expect(at.subnet(app.id)).toMatchObject({ replicaVersion: "icx-1", dkgIntervalLength: 499, isHalted: false });
    expect(at.replicaVersion("icx-1")).toEqual({ releasedAtMs: 0, description: "icx" });
    expect(at.replicaVersion("other")).toBeUndefined();
  });

  test("the local ranges are those that developers know, and lie apart from mainnet's", () => {
    const table = createLocalRegistry([genesis]).at(registryVersion(1))!.topology.routingTable;
    expect(principalToText(table.at(-1)!.start)).toBe("bnz7o-iuaaa-aaaaa-qaaaa-cai");
    const owner = (text: string): string | undefined => subnetOfCanister(table, principalFromText(text) as Parameters<typeof subnetOfCanister>[1]);
    expect(owner("bkyz2-fmaaa-aaaaa-qaaaq-cai")).toBe(app.id);
    expect(owner("rrkah-fqaaa-aaaaa-aaaaq-cai")).toBe(root.id);
    expect(owner("rdmx6-jaaaa-aaaaa-aaadq-cai")).toBeUndefined();
    expect(owner("2vxsx-fae")).toBeUndefined();
    expect(owner("aaaaa-aa")).toBeUndefined();
  });

  test("ranges hold their ends and nothing beyond", () => {
    const table = [...rootSubnetRanges(root.id), localRange(0, app.id), localRange(1, root.id)];
    fc.assert(fc.property(fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.constantFrom(...table.flatMap(({ start, end }) => [start, end]).map((id) => BigInt(`0x${id.slice(0, 16)}`)).flatMap((index) => [index, index + 1n]))), (index) => {
      const id = canisterIdFromIndex(index);
      expect(subnetOfCanister(table, id)).toBe(table.find(({ start, end }) => start <= id && id <= end)?.subnet);
    }));
  });

  test("versions follow each other; old ones stay readable", () => {
    const registry = createLocalRegistry([genesis]);
    const record = { ...registry.at(registryVersion(1))!.subnet(app.id)!, membership: [21, 22].map((byte) => nodeId(fill(29, byte))) };
    const delta = next(2, { key: subnetRecordKey(app.id), value: encodeSubnetRecord(record) }, { key: nodeRecordKey(nodeId(fill(29, 23))), value: undefined });
    expect(registry.apply(delta).ok).toBe(true);
    expect(registry.apply(delta).ok).toBe(true);
    expect(registry.latestVersion).toBe(2);
    expect([1, 2].map((version) => registry.at(registryVersion(version))!.membership(app.id).length)).toEqual([3, 2]);
    expect(registry.at(registryVersion(3))).toBeUndefined();
    expect(registry.deltasSince(registryVersion(1))).toEqual([delta]);
    expect(createLocalRegistry(registry.deltasSince(registryVersion(0))).at(registryVersion(2))!.topology).toEqual(registry.at(registryVersion(2))!.topology);
  });

  test.each<[string, () => ReturnType<typeof next>, object]>([
    ["a version too far", () => next(3), { kind: "gap", expected: 2 }],
    ["another content for a known version", () => next(1), { kind: "conflict", version: 1 }],
    ["garbage in a record", () => next(2, { key: subnetRecordKey(app.id), value: fill(5, 0xff) }), { kind: "malformed" }],
    ["garbage in a record that nobody reads yet", () => next(2, { key: nodeRecordKey(nodeId(fill(29, 99))), value: fill(5, 0xff) }), { kind: "malformed" }],
    ["a member without a record", () => next(2, { key: nodeRecordKey(nodeId(fill(29, 21))), value: undefined }), { kind: "malformed", reason: "missing" }],
    ["overlapping ranges", () => next(2, { key: ROUTING_TABLE_KEY, value: encodeRoutingTable([localRange(0, app.id), localRange(0, root.id)]) }), { kind: "malformed", key: ROUTING_TABLE_KEY }],
    ["a range of an unknown subnet", () => next(2, { key: ROUTING_TABLE_KEY, value: encodeRoutingTable([localRange(0, subnetId(fill(29, 9)))]) }), { kind: "malformed", key: ROUTING_TABLE_KEY }],
    ["a key with a line break", () => next(2, { key: "a\nb", value: fill(1, 0) }), { kind: "malformed", reason: "not a key" }],
  ])("%s is refused and changes nothing", (_, delta, problem) => {
    const registry = createLocalRegistry([genesis]), before = registry.at(registryVersion(1))!.topology;
    expect(registry.apply(delta())).toMatchObject({ ok: false, error: problem });
    expect(registry.latestVersion).toBe(1);
    expect(registry.at(registryVersion(1))!.topology).toBe(before);
  });

  test("a node in two subnets is refused", () => {
    const registry = createLocalRegistry([genesis]), record = registry.at(registryVersion(1))!.subnet(root.id)!;
    expect(registry.apply(next(2, { key: subnetRecordKey(root.id), value: encodeSubnetRecord({ ...record, membership: [nodeId(fill(29, 21))] }) }))).toMatchObject({ error: { reason: "a node is a member of two subnets" } });
  });

  test("admins of a subnet reach the topology; what is no list of principals makes no record", () => {
    const registry = createLocalRegistry([genesis]), plain = registry.at(registryVersion(1))!.subnet(app.id)!, admins = [nodeId(fill(29, 3)), nodeId(fill(29, 1))];
    expect(registry.apply(next(2, { key: subnetRecordKey(app.id), value: encodeSubnetRecord({ ...plain, admins }) })).ok).toBe(true);
    const of = (version: number): unknown => registry.at(registryVersion(version))!.topology.subnets.find(({ id }) => id === app.id)!.admins;
    expect([of(1), of(2)]).toEqual([undefined, [...admins].sort()]);
    expect(decodeSubnetRecord(encodeSubnetRecord({ ...plain, admins: [] }))).toMatchObject({ admins: [] });
    expect(decodeSubnetRecord(encodeSubnetRecord({ ...plain, admins: ["00".repeat(30) as typeof admins[0]] }))).toBeUndefined();
  });
  test("bytes from outside are records or nothing, never an exception", () => {
    const good = [encodeSubnetRecord(createLocalRegistry([genesis]).at(registryVersion(1))!.subnet(app.id)!), encodeRoutingTable(rootSubnetRanges(root.id)), encodeNodeRecord(keys(1))];
    fc.assert(fc.property(fc.constantFrom(...good), fc.nat(), fc.nat(255), (bytes, at, byte) => {
      const broken = bytes.slice();
      broken[at % broken.length] = byte;
      decodeSubnetRecord(broken);
      for (const range of decodeRoutingTable(broken) ?? []) expect(range.start <= range.end).toBe(true);
    }), { numRuns: 500 });
  });
});
