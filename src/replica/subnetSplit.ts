/**
 * A subnet becomes two (protocol digest §1.7, §2.4, §3.6): it stops at a catch-up package, and one version of the registry says the rest: a new subnet
 * with keys and nodes of its own, which canisters are its, where the chains of both begin again, and that messages of the time before
 * may still come from the other one.
 */
import type { Hash, Height, RegistryVersion, SubnetId, Time } from "./types/index.ts";
import type { LocalRegistry, RegistryMutation, RegistrySnapshot } from "./interfaces/registry.ts";
import type { SubnetGenesis } from "./genesis.ts";
import { describedSubnet } from "./genesis.ts";
import { type RecoveryKeys, type RecoveryPoint, recoveryMutations } from "./recovery.ts";
import { ROUTING_TABLE_KEY, catchUpPackageContentsKey, subnetRecordKey } from "./registry/keys.ts";
import { encodeRoutingTable, encodeSubnetRecord } from "./registry/records.ts";
import { type IdRange, assignRanges, localRange, placesUsed } from "./registry/routingTable.ts";
import { additionOf, tablesOf } from "./registry/subnetChanges.ts";
import { encodePlain } from "./stateManager/plainCodec.ts";

/** What a subnet is split by; `nodes`: of the new one. */
export interface SplitOrders { readonly destination: SubnetId; readonly ranges: readonly IdRange[]; readonly nodes: number }
/** Where a stream of the subnet ended when it stopped: what comes before is of the time before the split. */
export interface StreamEnd { readonly to: SubnetId; readonly end: bigint }
/** The two halves, as their nodes have them on disk. */
export interface SplitPoint { readonly source: RecoveryPoint; readonly destination: { readonly height: Height; readonly stateHash: Hash<"State">; readonly time: Time }; readonly streams: readonly StreamEnd[] }

/** A subnet that is split stops at a summary that all its nodes have. */
export const UNWHOLE = "a node of the subnet does not run or is cut off: start and heal it first";

/** Whether the registry wants the subnet to stop at its next catch-up package. */
export const haltMutation = (id: SubnetId, now: RegistrySnapshot, halt: boolean): RegistryMutation => {
  const { haltAtCupHeight: _, ...record } = now.subnet(id)!;
  return { key: subnetRecordKey(id), value: encodeSubnetRecord({ ...record, ...(halt && { haltAtCupHeight: true }) }) };
};

/** The version that makes two subnets of one. The new one is of the same type, size for fees and version; its own range of ids is after all others. */
export function splitMutations(source: SubnetId, registry: LocalRegistry, { ranges }: Pick<SplitOrders, "ranges">, point: SplitPoint, keys: RecoveryKeys, destination: SubnetGenesis): readonly RegistryMutation[] {
  const now = registry.at(registry.latestVersion)!, { haltAtCupHeight: _, ...record } = now.subnet(source)!;
  const table = assignRanges([...now.topology.routingTable, localRange(placesUsed(tablesOf(registry)), destination.id)], ranges, destination.id);
  return [
    ...recoveryMutations(source, now, point.source, keys),
    ...additionOf(describedSubnet(destination), registry, record.replicaVersion).filter(({ key }) => key !== ROUTING_TABLE_KEY && key !== subnetRecordKey(destination.id)),
    { key: subnetRecordKey(destination.id), value: encodeSubnetRecord({ ...record, membership: destination.members.map(({ nodeId }) => nodeId).sort() }) },
    { key: catchUpPackageContentsKey(destination.id), value: encodePlain({ ...point.destination, ...destination.transcripts }) },
    { key: ROUTING_TABLE_KEY, value: encodeRoutingTable(table) },
  ];
}

/** The new subnet as its nodes begin. */
export const splitGenesis = (genesis: SubnetGenesis, { destination: { height, stateHash, time } }: SplitPoint, registryVersion: RegistryVersion): SubnetGenesis => ({ ...genesis, origin: { height, stateHash, time, registryVersion } });
