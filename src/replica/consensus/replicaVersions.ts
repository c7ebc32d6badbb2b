/**
 * Protocol digest §1.7: a node runs one version of the replica for the whole of its life. The summary at which the registry wants another one is
 * the last block that counts: behind it the subnet stops, and its nodes begin again from the catch-up package of that height with the new version.
 * Safety: artifacts of another version are not looked at, since the two chains above that package know nothing of each other.
 */
import type { BlockProposal, ConsensusArtifact, ConsensusOptions, ConsensusParams } from "../interfaces/consensus.ts";
import { FIRST_REPLICA_VERSION, type ReplicaVersion, knownReplicaVersion, replicaVersionOfArtifacts } from "../params/versions.ts";
import { type RegistryVersion, assert } from "../types/index.ts";
import { decodeArtifact, rowOf } from "./artifactRows.ts";

export interface ReplicaVersions {
  /** Decided when the node begins: by the subnet's first block, or by what was restored. */
  readonly running: ReplicaVersion;
  /** Those of the node; a subnet also stops for another version than the one that made what lies behind the summary. */
  readonly params: ConsensusParams;
  /** Whether an artifact of another node may be looked at: a catch-up package may, whoever made it. */
  takes(artifact: ConsensusArtifact): boolean;
  /** Name of the version that the registry wanted at a summary; undefined when its registry version is not known here. */
  wantedBy(summary: BlockProposal | undefined): string | undefined;
  /** What counts of a journal: above the summary of an upgrade what the new version made. Decides which version runs. */
  restored(artifacts: readonly ConsensusArtifact[]): readonly ConsensusArtifact[];
}

/** @throws InvariantError when the subnet begins with a version that this icx does not have */
export function createReplicaVersions({ replicaVersionAt, params, genesis }: Pick<ConsensusOptions, "replicaVersionAt" | "params" | "genesis">): ReplicaVersions {
  const wantedAt = (version: RegistryVersion): string | undefined => (replicaVersionAt === undefined ? FIRST_REPLICA_VERSION : replicaVersionAt(version));
  const wantedBy = (summary: BlockProposal | undefined): string | undefined => summary && wantedAt(summary.block.context.registryVersion);
  const first = knownReplicaVersion(wantedAt(genesis.registryVersion) ?? FIRST_REPLICA_VERSION);
  assert(first !== undefined, "icx has the replica version that the subnet begins with");
  let running: ReplicaVersion = first;
  /** The version of what lies behind a summary: when nobody knows what the registry wanted, or this icx does not have it, the one that made the summary. */
  const behind = (summary: BlockProposal): ReplicaVersion => knownReplicaVersion(wantedBy(summary) ?? "") ?? replicaVersionOfArtifacts(summary.version) ?? running;
  const haltsAt = (version: RegistryVersion, made: number = running.artifacts): boolean | undefined => {
    const wanted = wantedAt(version);
    return wanted === undefined ? undefined : wanted !== replicaVersionOfArtifacts(made)?.name || (params.haltsAt?.(version) ?? false);
  };
  return {
    get running() { return running; },
    params: replicaVersionAt === undefined ? params : { ...params, haltsAt },
    takes: ({ version, kind }) => version === running.artifacts || kind === "catchUpPackage" || rowOf(kind).anyVersion === true,
    wantedBy,
    restored(artifacts) {
      const summaries = artifacts.flatMap((artifact) => {
        const block = artifact.kind === "catchUpPackage" ? decodeArtifact(artifact.proposal) : undefined;
        return block?.ok === true && block.value.kind === "blockProposal" ? [block.value] : [];
      }).sort((a, b) => a.height - b.height);
      const newest = summaries.at(-1);
      if (newest !== undefined) running = behind(newest);
      return artifacts.filter(({ kind, version, height }) => {
        const summary = summaries.findLast((one) => one.height < height), made = summary === undefined ? summaries[0]?.version : behind(summary).artifacts;
        return made === undefined || version === made || kind === "catchUpPackage" || rowOf(kind).anyVersion === true;
      });
    },
  };
}
