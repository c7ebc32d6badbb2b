/** What the registry canister is asked for when a subnet comes or goes: one version that says all of it. */
import type { SubnetId } from "../types/index.ts";
import { type GenesisSubnet, subnetMutations } from "./genesis.ts";
import { ROUTING_TABLE_KEY, SUBNET_LIST_KEY, nodeRecordKey, subnetRecordKey, thresholdKeyKey } from "./keys.ts";
import type { LocalCopy, Snapshot } from "./localRegistry.ts";
import type { RegistryMutation } from "./mutation.ts";
import { encodeRoutingTable, encodeSubnetList } from "./records.ts";
import { isHomeEnd, localRange, placesUsed } from "./routingTable.ts";

const idsOf = ({ topology }: Snapshot): readonly SubnetId[] => topology.subnets.map(({ id }) => id);
/** Every version's routing table: ids of subnets that are gone are not given again. */
const tablesOf = (registry: LocalCopy): readonly Snapshot["topology"]["routingTable"][] =>
  Array.from({ length: registry.latestVersion }, (_, i) => registry.at((i + 1) as typeof registry.latestVersion)!.topology.routingTable);

/** A new subnet, its nodes and its canister ids: a range of its own, after all that there ever were. */
export function additionOf(subnet: GenesisSubnet, registry: LocalCopy, replicaVersion: string): readonly RegistryMutation[] {
  const now = registry.at(registry.latestVersion)!;
  return [
    { key: SUBNET_LIST_KEY, value: encodeSubnetList([...idsOf(now), subnet.id]) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable([...now.topology.routingTable, localRange(placesUsed(tablesOf(registry)), subnet.id)]) },
    ...subnetMutations(subnet, replicaVersion),
  ];
}

/** A subnet, its nodes and its ids are gone. */
export function removalOf(id: SubnetId, now: Snapshot): readonly RegistryMutation[] {
  return [
    { key: SUBNET_LIST_KEY, value: encodeSubnetList(idsOf(now).filter((other) => other !== id)) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable(now.topology.routingTable.filter(({ subnet }) => subnet !== id)) },
    { key: subnetRecordKey(id), value: undefined }, { key: thresholdKeyKey(id), value: undefined },
    ...now.membership(id).map((node) => ({ key: nodeRecordKey(node), value: undefined })),
  ];
}

/** The subnets in the order in which they came: the root subnet, then by the canister ids that they began with. */
export function subnetsInOrder({ topology }: Snapshot): readonly SubnetId[] {
  const rest = topology.routingTable.filter(({ end, subnet }) => isHomeEnd(end) && subnet !== topology.rootSubnet).map(({ subnet }) => subnet);
  return [...new Set([topology.rootSubnet, ...rest])];
}
