/**
 * The door of the registry: each node's certified local copy of what the registry canister says (design D12). `RegistryClient` is what
 * rooms read; `LocalRegistry` adds the one way to change it, deltas in order.
 */
import type { LocalCopy } from "../registry/localRegistry.ts";

export type { Snapshot as RegistrySnapshot } from "../registry/localRegistry.ts";
export type { RegistryMutation, RegistryProblem, RegistryVersionDelta } from "../registry/mutation.ts";
export type { NodeRecord, ReplicaVersionRecord, SubnetRecord } from "../registry/records.ts";

export type LocalRegistry = LocalCopy;
export type RegistryClient = Omit<LocalCopy, "apply">;
