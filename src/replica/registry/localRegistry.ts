import { type NodeId, type RegistryVersion, type Result, type SubnetId, assert, err, ok, registryVersion } from "../types/index.ts";
import { PersistentMap } from "../state/persistentMap.ts";
import type { NetworkTopology, SubnetTopology } from "../state/replicatedState.ts";
import { CANISTER_MIGRATIONS_KEY, ROOT_SUBNET_KEY, ROUTING_TABLE_KEY, SUBNET_LIST_KEY, nodeRecordKey, replicaVersionKey, subnetRecordKey, thresholdKeyKey } from "./keys.ts";
import type { RegistryMutation, RegistryProblem, RegistryVersionDelta } from "./mutation.ts";
import { type NodeRecord, type ReplicaVersionRecord, type SubnetRecord, decodeCanisterMigrations, decodeNodeRecord, decodeReplicaVersionRecord, decodeRootSubnet, decodeRoutingTable, decodeSubnetList, decodeSubnetRecord, decodeThresholdKey } from "./records.ts";

/** The whole registry at one version. */
export interface Snapshot {
  readonly version: RegistryVersion;
  readonly topology: NetworkTopology;
  subnet(id: SubnetId): SubnetRecord | undefined;
  node(id: NodeId): NodeRecord | undefined;
  membership(id: SubnetId): readonly NodeId[];
  replicaVersion(id: string): ReplicaVersionRecord | undefined;
  value(key: string): Uint8Array | undefined;
}
/** A copy of the registry that follows deltas; every version stays readable, and versions share what did not change. */
export interface LocalCopy {
  readonly latestVersion: RegistryVersion;
  at(version: RegistryVersion): Snapshot | undefined;
  deltasSince(version: RegistryVersion): readonly RegistryVersionDelta[];
  apply(delta: RegistryVersionDelta): Result<void, RegistryProblem>;
}

type Values = PersistentMap<string, Uint8Array>;
interface Problem { readonly key: string; readonly reason: string }

/** PersistentMap wants ASCII without NUL; the registry's keys are printable. */
const KEY = /^[\x21-\x7e]{1,256}$/;
const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean => (a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0);

/** Whether a record that the topology does not read can still be understood: it is used later, when refusing is too late. */
function checkValue({ key, value }: RegistryMutation): Problem | undefined {
  if (!KEY.test(key)) return { key, reason: "not a key" };
  if (value === undefined) return undefined;
  const readable = key.startsWith("node_record_") ? decodeNodeRecord(value) : key.startsWith("subnet_record_") ? decodeSubnetRecord(value)
    : key.startsWith("replica_version_") ? decodeReplicaVersionRecord(value) : key.startsWith("crypto_threshold_signing_public_key_") ? decodeThresholdKey(value) : value;
  return readable === undefined ? { key, reason: "not a record of its kind" } : undefined;
}

/** Reads the parts that topology needs; the first one that is missing or does not fit is the problem. */
function topologyOf(values: Values): Result<NetworkTopology, Problem> {
  const read = <T>(key: string, decode: (bytes: Uint8Array) => T | undefined): T | undefined => { const bytes = values.get(key); return bytes && decode(bytes); };
  const missing = (key: string): Result<never, Problem> => err({ key, reason: values.has(key) ? "malformed" : "missing" });

  const list = read(SUBNET_LIST_KEY, decodeSubnetList), rootSubnet = read(ROOT_SUBNET_KEY, decodeRootSubnet), routingTable = read(ROUTING_TABLE_KEY, decodeRoutingTable);
  if (list === undefined) return missing(SUBNET_LIST_KEY);
  if (rootSubnet === undefined || !list.includes(rootSubnet)) return missing(ROOT_SUBNET_KEY);
  if (routingTable === undefined) return missing(ROUTING_TABLE_KEY);
  if (routingTable.some(({ subnet }) => !list.includes(subnet))) return err({ key: ROUTING_TABLE_KEY, reason: "names a subnet that is not in the list" });

  const migrations = values.has(CANISTER_MIGRATIONS_KEY) ? read(CANISTER_MIGRATIONS_KEY, decodeCanisterMigrations) : [];
  if (migrations === undefined) return missing(CANISTER_MIGRATIONS_KEY);

  const subnets: SubnetTopology[] = [], homes = new Map<NodeId, SubnetId>();
  for (const id of list) {
    const record = read(subnetRecordKey(id), decodeSubnetRecord), publicKey = read(thresholdKeyKey(id), decodeThresholdKey);
    if (record === undefined) return missing(subnetRecordKey(id));
    if (publicKey === undefined) return missing(thresholdKeyKey(id));
    const nodes: SubnetTopology["nodes"][number][] = [];
    for (const node of record.membership) {
      const keys = read(nodeRecordKey(node), decodeNodeRecord);
      if (keys === undefined) return missing(nodeRecordKey(node));
      if (homes.has(node)) return err({ key: subnetRecordKey(id), reason: "a node is a member of two subnets" });
      homes.set(node, id);
      nodes.push({ id: node, publicKey: keys.publicKey });
    }
    subnets.push({ id, type: record.type, publicKey, nodes, pricedAs: record.pricedAs, replicaVersion: record.replicaVersion, ...(record.admins !== undefined && { admins: record.admins }) });
  }
  return ok({ rootSubnet, rootKey: subnets.find(({ id }) => id === rootSubnet)!.publicKey, subnets, routingTable, ...(migrations.length > 0 && { migrations }) });
}

function snapshotOf(version: RegistryVersion, values: Values, topology: NetworkTopology): Snapshot {
  const decoded = <T>(key: string, decode: (bytes: Uint8Array) => T | undefined): T | undefined => { const bytes = values.get(key); return bytes && decode(bytes); };
  return {
    version, topology,
    subnet: (id) => decoded(subnetRecordKey(id), decodeSubnetRecord),
    node: (id) => decoded(nodeRecordKey(id), decodeNodeRecord),
    membership: (id) => topology.subnets.find((subnet) => subnet.id === id)?.nodes.map((node) => node.id) ?? [],
    replicaVersion: (id) => decoded(replicaVersionKey(id), decodeReplicaVersionRecord),
    value: (key) => values.get(key),
  };
}

/** A copy that begins with these deltas; the first version is 1. @throws InvariantError when they do not apply: they are our own records */
export function createLocalRegistry(deltas: readonly RegistryVersionDelta[] = []): LocalCopy {
  const applied: { readonly delta: RegistryVersionDelta; readonly values: Values; readonly snapshot: Snapshot }[] = [];

  function apply(delta: RegistryVersionDelta): Result<void, RegistryProblem> {
    const known = applied[delta.version - 1]?.delta;
    if (known !== undefined) {
      const equal = known.mutations.length === delta.mutations.length && known.mutations.every(({ key, value }, i) => key === delta.mutations[i]!.key && same(value, delta.mutations[i]!.value));
      return equal ? ok(undefined) : err({ kind: "conflict", version: delta.version });
    }
    if (delta.version !== applied.length + 1) return err({ kind: "gap", expected: registryVersion(applied.length + 1) });
    const before = applied.at(-1);
    let values = before?.values ?? PersistentMap.empty<string, Uint8Array>();
    for (const mutation of delta.mutations) {
      const problem = checkValue(mutation);
      if (problem !== undefined) return err({ kind: "malformed", ...problem });
      values = mutation.value === undefined ? values.delete(mutation.key) : values.set(mutation.key, mutation.value);
    }
    const topology = topologyOf(values);
    if (!topology.ok) return err({ kind: "malformed", ...topology.error });
    applied.push({ delta, values, snapshot: snapshotOf(delta.version, values, topology.value) });
    return ok(undefined);
  }

  for (const delta of deltas) assert(apply(delta).ok, `the registry's version ${delta.version} applies`);
  return {
    get latestVersion() { return registryVersion(applied.length); },
    at: (version) => applied[version - 1]?.snapshot,
    deltasSince: (version) => applied.slice(version).map(({ delta }) => delta),
    apply,
  };
}
