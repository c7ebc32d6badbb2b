import { height } from "../types/index.ts";
import type { ArtifactKind, PoolChange, PoolReader } from "../interfaces/consensus.ts";
import { CHAIN_KEPT, type Duty } from "./duty.ts";
import { finalizedSummary } from "./summary.ts";

const AGREEMENT: readonly ArtifactKind[] = ["notarizationShare", "finalizationShare", "equivocationProof"];
/** Of no use once the next interval began. */
const KEY_GENERATION: readonly ArtifactKind[] = ["dkgDealing", "dkgReview"];
const CHAIN: readonly ArtifactKind[] = ["blockProposal", "notarization", "finalization", "randomBeacon", "randomTape", "certification", "catchUpPackage", "catchUpPackageShare"];

const below = (section: "validated" | "unvalidated", kinds: readonly ArtifactKind[], at: number): PoolChange => ({ kind: "purgeBelow", section, kinds, height: height(Math.max(0, at)) });

/** Rule 16: what was notarized beside the finalized chain leads nowhere. */
function losers(pool: PoolReader): PoolChange[] {
  const changes: PoolChange[] = [];
  for (const at of pool.contested()) {
    const winner = at <= pool.finalizedHeight ? pool.finalized(at) : undefined;
    if (winner === undefined) continue;
    for (const artifact of [...pool.at("blockProposal", at).filter(({ hash }) => hash !== winner.hash), ...pool.at("notarization", at).filter(({ block }) => block !== winner.hash)])
      changes.push({ kind: "removeValidated", artifact });
  }
  return changes;
}

/**
 * Rules 15–17: bounded pools, whatever arrives. A chain that is not executed yet stays, however far a catch-up package is ahead: a node that
 * restarts from an older checkpoint replays it.
 */
export const purger: Duty = {
  name: "purger",
  onStateChange(pool, { expectedBatchHeight, stateInfo }) {
    const interval = finalizedSummary(pool)?.summary.height ?? 0;
    const final = pool.finalizedHeight + 1, certified = stateInfo.latestCertifiedHeight + 1;
    return [
      ...losers(pool),
      below("validated", AGREEMENT, final), below("unvalidated", [...AGREEMENT, "blockProposal", "notarization", "finalization"], final),
      below("validated", ["randomBeaconShare"], pool.beaconHeight + 1), below("unvalidated", ["randomBeaconShare", "randomBeacon"], pool.beaconHeight + 1),
      below("validated", ["randomTapeShare"], expectedBatchHeight), below("unvalidated", ["randomTapeShare", "randomTape"], expectedBatchHeight),
      below("validated", ["certificationShare"], certified), below("unvalidated", ["certificationShare", "certification"], certified),
      below("validated", KEY_GENERATION, interval), below("unvalidated", KEY_GENERATION, interval),
      below("unvalidated", ["catchUpPackageShare", "catchUpPackage"], pool.catchUpHeight + 1), below("validated", CHAIN, Math.min(pool.catchUpHeight - CHAIN_KEPT, expectedBatchHeight - 1)),
    ];
  },
};
