/** What the registry canister is asked for when a subnet comes or goes: one version that says all of it. */
import type { SubnetId } from "../types/index.ts";
import { type GenesisSubnet, subnetMutations } from "./genesis.ts";
import { ROUTING_TABLE_KEY, SUBNET_LIST_KEY, nodeRecordKey, replicaVersionKey, subnetRecordKey, thresholdKeyKey } from "./keys.ts";
import type { LocalCopy, Snapshot } from "./localRegistry.ts";
import type { RegistryMutation } from "./mutation.ts";
import { encodeReplicaVersionRecord, encodeRoutingTable, encodeSubnetList, encodeSubnetRecord } from "./records.ts";
import { isHomeEnd, localRange, placesUsed } from "./routingTable.ts";

const idsOf = ({ topology }: Snapshot): readonly SubnetId[] => topology.subnets.map(({ id }) => id);
/** Every version's routing table: ids of subnets that are gone are not given again. */
export const tablesOf = (registry: LocalCopy): readonly Snapshot["topology"]["routingTable"][] =>
  Array.from({ length: registry.latestVersion }, (_, i) => registry.at((i + 1) as typeof registry.latestVersion)!.topology.routingTable);

/** A new subnet, its nodes and its canister ids: a range of its own, after all that there ever were. */
export function additionOf(subnet: GenesisSubnet, registry: LocalCopy, replicaVersion: string): readonly RegistryMutation[] {
  const now = registry.at(registry.latestVersion)!;
  return [
    { key: SUBNET_LIST_KEY, value: encodeSubnetList([...idsOf(now), subnet.id]) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable([...now.topology.routingTable, localRange(placesUsed(tablesOf(registry)), subnet.id)]) },
    ...electionOf(replicaVersion, now), ...subnetMutations(subnet, replicaVersion),
  ];
}

/** Makes a replica version one that subnets may run; nothing when it is. */
const electionOf = (version: string, now: Snapshot): readonly RegistryMutation[] =>
  now.replicaVersion(version) === undefined ? [{ key: replicaVersionKey(version), value: encodeReplicaVersionRecord({ releasedAtMs: 0, description: "icx" }) }] : [];

/** A subnet, its nodes and its ids are gone. */
export function removalOf(id: SubnetId, now: Snapshot): readonly RegistryMutation[] {
  return [
    { key: SUBNET_LIST_KEY, value: encodeSubnetList(idsOf(now).filter((other) => other !== id)) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable(now.topology.routingTable.filter(({ subnet }) => subnet !== id)) },
    { key: subnetRecordKey(id), value: undefined }, { key: thresholdKeyKey(id), value: undefined },
    ...now.membership(id).map((node) => ({ key: nodeRecordKey(node), value: undefined })),
  ];
}

/**
 * Another replica version for a subnet: elected, if nobody has elected it yet, and deployed (on mainnet two proposals: ReviseElectedGuestosVersions and
 * DeployGuestosToAllSubnetNodes). Nothing when the registry says that already.
 */
export function upgradeOf(id: SubnetId, now: Snapshot, version: string): readonly RegistryMutation[] {
  const record = now.subnet(id)!;
  if (record.replicaVersion === version) return [];
  return [
    ...electionOf(version, now),
    { key: subnetRecordKey(id), value: encodeSubnetRecord({ ...record, replicaVersion: version }) },
  ];
}

/** The subnets in the order in which they came: the root subnet, then by the canister ids that they began with. */
export function subnetsInOrder({ topology }: Snapshot): readonly SubnetId[] {
  const rest = topology.routingTable.filter(({ end, subnet }) => isHomeEnd(end) && subnet !== topology.rootSubnet).map(({ subnet }) => subnet);
  return [...new Set([topology.rootSubnet, ...rest])];
}
