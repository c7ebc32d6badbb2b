import { type RegistryVersion, type SubnetId, type Time, height, registryVersion } from "../types/index.ts";
import { PersistentMap } from "./persistentMap.ts";
import type { NetworkTopology, ReplicatedState } from "./replicatedState.ts";

/** The state of a subnet at height 0, before its first batch. */
export function genesisState(options: { readonly subnetId: SubnetId; readonly topology: NetworkTopology; readonly time: Time; readonly registryVersion?: RegistryVersion; /** Absent: the first one. */ readonly replicaVersion?: string }): ReplicatedState {
  return {
    height: height(0), time: options.time, subnetId: options.subnetId, registryVersion: options.registryVersion ?? registryVersion(1), topology: options.topology, ...(options.replicaVersion !== undefined && { replicaVersion: options.replicaVersion }),
    prevStateHash: new Uint8Array(0), canisters: PersistentMap.empty(), lastAllocatedCanisterId: undefined, ingressHistory: PersistentMap.empty(),
    ingressExpiries: PersistentMap.empty(), streams: PersistentMap.empty(), subnetQueue: [], subnetOutput: [], subnetCalls: [], nextSubnetCall: 0, consensusQueue: [],
    metrics: { updateTransactionsTotal: 0n, consumedCyclesTotal: 0n, canisterStateBytes: 0n },
    active: PersistentMap.empty(), heartbeats: PersistentMap.empty(), due: PersistentMap.empty(),
  };
}
