import { type NodeId, type SubnetId, registryVersion } from "../types/index.ts";
import type { SubnetType } from "../state/replicatedState.ts";
import { LOCAL_RULES_KEY, ROOT_SUBNET_KEY, ROUTING_TABLE_KEY, SUBNET_LIST_KEY, nodeRecordKey, replicaVersionKey, subnetRecordKey, thresholdKeyKey } from "./keys.ts";
import type { RegistryMutation, RegistryVersionDelta } from "./mutation.ts";
import { type LocalRules, type NodeRecord, type SubnetRecord, decodeLocalRules, encodeLocalRules, encodeNodeRecord, encodeReplicaVersionRecord, encodeRootSubnet, encodeRoutingTable, encodeSubnetList, encodeSubnetRecord, encodeThresholdKey } from "./records.ts";
import { localRange, rootSubnetRanges } from "./routingTable.ts";

/** One subnet of a new network. */
export interface GenesisSubnet {
  readonly id: SubnetId;
  /** DER of the subnet's threshold key. */
  readonly publicKey: Uint8Array;
  readonly nodes: readonly (NodeRecord & { readonly id: NodeId })[];
  readonly type: SubnetType;
  readonly pricedAs?: number;
  /** Absent: the network's. */
  readonly replicaVersion?: string;
  readonly params?: Partial<Pick<SubnetRecord, "unitDelayMs" | "initialNotaryDelayMs" | "dkgIntervalLength" | "dkgIntervalMs" | "admins">>;
}

/** Sizes that fees follow by default: mainnet's (design D7, "priced as"). */
const PRICED_AS = { root: 40, system: 13, application: 13, verified_application: 13, cloud_engine: 13 } as const;
/** Small delays, so that a network of one process answers at once; the mainnet profile has 1 s, 300 ms, 499 heights (protocol digest §1.3). */
const LOCAL_PARAMS = { unitDelayMs: 100, initialNotaryDelayMs: 0, dkgIntervalLength: 499, dkgIntervalMs: 60_000 } as const;

/** What the registry says of a new subnet and its nodes. */
export function subnetMutations({ id, publicKey, type, nodes, pricedAs, params }: GenesisSubnet, replicaVersion: string, usualSize: number = PRICED_AS[type]): readonly RegistryMutation[] {
  const record: SubnetRecord = { ...LOCAL_PARAMS, ...params, type, membership: nodes.map((node) => node.id).sort(), pricedAs: pricedAs ?? usualSize, replicaVersion, isHalted: false };
  return [
    { key: subnetRecordKey(id), value: encodeSubnetRecord(record) },
    { key: thresholdKeyKey(id), value: encodeThresholdKey(publicKey) },
    ...nodes.map((node) => ({ key: nodeRecordKey(node.id), value: encodeNodeRecord(node) })),
  ];
}

/** Version 1 of the registry of a new network. `root` is also the first subnet; the others get their ranges in the order given. */
export function genesisRegistry(root: GenesisSubnet, others: readonly GenesisSubnet[], replicaVersion: string, rules: LocalRules = { unsigned: false }): RegistryVersionDelta {
  const subnets = [root, ...others];
  const mutations: RegistryMutation[] = [
    { key: SUBNET_LIST_KEY, value: encodeSubnetList(subnets.map(({ id }) => id)) },
    { key: ROOT_SUBNET_KEY, value: encodeRootSubnet(root.id) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable([...rootSubnetRanges(root.id), ...others.map(({ id }, place) => localRange(place, id))]) },
    ...[...new Set([replicaVersion, ...others.map((subnet) => subnet.replicaVersion ?? replicaVersion)])].map((version) => ({ key: replicaVersionKey(version), value: encodeReplicaVersionRecord({ releasedAtMs: 0, description: "icx" }) })),
    ...(rules.unsigned ? [{ key: LOCAL_RULES_KEY, value: encodeLocalRules(rules) }] : []),
    ...subnets.flatMap((subnet, i) => subnetMutations(subnet, subnet.replicaVersion ?? replicaVersion, i === 0 ? PRICED_AS.root : undefined)),
  ];
  return { version: registryVersion(1), mutations };
}

/** What a network allows by its first version; nothing out of the ordinary when that does not say. */
export function localRulesOf({ mutations }: RegistryVersionDelta): LocalRules {
  const value = mutations.find(({ key }) => key === LOCAL_RULES_KEY)?.value;
  return value === undefined ? { unsigned: false } : decodeLocalRules(value);
}
