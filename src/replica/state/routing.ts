import { type CanisterId, MANAGEMENT_CANISTER_ID, type Principal, type SubnetId } from "../types/index.ts";
import type { NetworkTopology, SubnetTopology } from "./replicatedState.ts";

/** The subnet whose ranges hold this canister id, or undefined. Ids of one length sort like their bytes. */
export function subnetOfCanister({ routingTable }: NetworkTopology, id: CanisterId): SubnetId | undefined {
  return routingTable.find(({ start, end }) => id.length === start.length && start <= id && id <= end)?.subnet;
}
/** The subnets that a canister moves along, the oldest first; undefined for one that does not move. */
export const migrationTrace = ({ migrations }: NetworkTopology, id: CanisterId): readonly SubnetId[] | undefined => migrations?.find(({ start, end }) => id.length === start.length && start <= id && id <= end)?.trace;
export const subnetTopology = ({ subnets }: NetworkTopology, id: Principal): SubnetTopology | undefined => subnets.find((subnet) => subnet.id === id);
/** The admins of a subnet; undefined on subnets without the notion (interface spec 0.58). */
export const adminsOf = (topology: NetworkTopology, own: SubnetId): readonly Principal[] | undefined => subnetTopology(topology, own)?.admins;
/** Calls to the management canister name it as `aaaaa-aa` or by the subnet's own id (spec, "Management canister"). */
export const isManagementOf = (subnet: SubnetId, receiver: Principal): boolean => receiver === MANAGEMENT_CANISTER_ID || receiver === (subnet as Principal);
