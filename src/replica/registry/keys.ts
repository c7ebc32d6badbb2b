import { type NodeId, type SubnetId, principalToText } from "../types/index.ts";

/** The registry's keys as on mainnet (dfinity/ic, rs/registry/keys/src/lib.rs): prefixes and ids in their text form. */
export const SUBNET_LIST_KEY = "subnet_list";
export const ROOT_SUBNET_KEY = "nns_subnet_id";
/** Ours: what only a local network allows. Written at genesis or never: later versions of it count for nothing. */
export const LOCAL_RULES_KEY = "icx_local_rules";
export const ROUTING_TABLE_KEY = "routing_table";
export const CANISTER_MIGRATIONS_KEY = "canister_migrations";
export const subnetRecordKey = (id: SubnetId): string => `subnet_record_${principalToText(id)}`;
export const nodeRecordKey = (id: NodeId): string => `node_record_${principalToText(id)}`;
export const thresholdKeyKey = (id: SubnetId): string => `crypto_threshold_signing_public_key_${principalToText(id)}`;
/** The genesis or recovery content of a subnet: transcripts and start height, opaque to this room. */
export const catchUpPackageContentsKey = (id: SubnetId): string => `catch_up_package_contents_${principalToText(id)}`;
export const replicaVersionKey = (id: string): string => `replica_version_${id}`;
