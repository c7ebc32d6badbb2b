import type { SubnetParams } from "../params/subnetParams.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { isManagementOf, subnetOfCanister } from "../state/routing.ts";
import type { CanisterId, Time } from "../types/index.ts";
import type { SubnetView } from "./systemApi/host.ts";

/** What an execution on this state may know of its subnet. */
export const subnetViewOf = ({ subnetId, topology, time }: Pick<ReplicatedState, "subnetId" | "topology" | "time">, params: SubnetParams, at: Time = time): SubnetView => ({
  subnetId, rootKey: topology.rootKey, params, time: at,
  isLocal: (id: CanisterId) => isManagementOf(subnetId, id) || subnetOfCanister(topology, id) === subnetId,
});
