import { assert } from "../types/index.ts";
import { FEES } from "./fees.ts";

/** Prices in cycles by what they are for (`FEES` says what each is of). */
export type Fees = { readonly [name in keyof typeof FEES]: bigint };

/** One version of the replica: all that it does otherwise than another one. A subnet runs the one that the registry names (protocol digest §1.7). */
export interface ReplicaVersion {
  /** Its id in the registry: `replica_version_<name>`, and in subnet records. */
  readonly name: string;
  /** Number of the version in blocks and in all that is signed of them; no two versions share one. */
  readonly artifacts: number;
  /** dfinity/ic, rs/canonical_state/certification_version: what hangs in the certified tree. */
  readonly certification: number;
  readonly fees: Fees;
  /** What a person sees of it. */
  readonly description: string;
}

/** From the certification version on that hangs a label in the tree (dfinity/ic pull requests 10944 and 11033). */
export const CERTIFIED_SINCE = { lastInstallTimestamp: 27, canisterCreationTimestamp: 28 } as const;

/** All versions that this icx can run, the oldest first. A row never changes: blocks that were made under it are executed under it again. */
export const REPLICA_VERSIONS: readonly ReplicaVersion[] = [
  {
    name: "0.0.9", artifacts: 2, certification: 27, fees: { ...FEES, gibStorage: 127_000n }, // developer documentation, cycle costs, May 2026
    description: "the IC of July 2026: storage at 127,000 cycles per GiB and second; certificates do not show when a canister was created",
  },
  {
    name: "0.1.0", artifacts: 1, certification: 29, fees: FEES, // dfinity/ic, rs/config/src/subnet_config.rs
    description: "the IC of August 2026: storage at 317,500 cycles per GiB and second; certificates show when a canister was created",
  },
];

/** The version of states, records and artifacts that name none: networks that are older than versions run it. */
export const FIRST_REPLICA_VERSION = "0.1.0";
/** What new subnets run, and what an upgrade goes to when it names none. */
export const NEWEST_REPLICA_VERSION: string = REPLICA_VERSIONS.at(-1)!.name;

const byName = new Map(REPLICA_VERSIONS.map((version) => [version.name, version])), byArtifacts = new Map(REPLICA_VERSIONS.map((version) => [version.artifacts, version]));
/** Undefined for a version that this icx does not have. */
export const knownReplicaVersion = (name: string): ReplicaVersion | undefined => byName.get(name);
/** The version that made an artifact with this number; undefined for one that this icx does not have. */
export const replicaVersionOfArtifacts = (artifacts: number): ReplicaVersion | undefined => byArtifacts.get(artifacts);

/** The version that a state was computed by. */
export function replicaVersionOf({ replicaVersion = FIRST_REPLICA_VERSION }: { readonly replicaVersion?: string }): ReplicaVersion {
  const version = byName.get(replicaVersion);
  assert(version !== undefined, `icx has the replica version ${replicaVersion}`);
  return version;
}
/** The field of a state that a version computes: absent for the first one, so that states from before versions keep their hashes. */
export const versionField = ({ name }: ReplicaVersion): { readonly replicaVersion?: string } => (name === FIRST_REPLICA_VERSION ? {} : { replicaVersion: name });
