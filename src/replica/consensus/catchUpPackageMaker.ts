import { height } from "../types/index.ts";
import type { BlockProposal, CatchUpContent, PoolReader } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { catchUpPackageShareRow } from "./artifacts/catchUpPackage.ts";
import type { Duty, DutyContext } from "./duty.ts";
import { isHalting } from "./status.ts";
import { pendingSummaries } from "./summary.ts";

/** What this node would put into the package of a height; undefined while something of it is not known. */
export function catchUpContentOf(pool: PoolReader, { stateInfo }: DutyContext, summary: BlockProposal): CatchUpContent | undefined {
  const beacon = pool.beacon(summary.height), stateHash = stateInfo.checkpointHash(summary.height);
  if (beacon === undefined || stateHash === undefined) return undefined;
  return { block: summary.hash, beacon: beacon.id, stateHash, registryVersion: summary.block.context.registryVersion };
}

/**
 * Rule 10: when the finalized tip builds on the certified state of a summary's height, that height becomes a place to start from. A subnet that stops there
 * does not wait for that: it makes empty blocks, which need no state (protocol digest §1.9, scenario 13).
 */
export const catchUpPackageMaker: Duty = {
  name: "catchUpPackageMaker",
  onStateChange(pool, duty) {
    const { nodeId, subnetId, keys, version } = duty;
    const tip = pool.finalized(pool.finalizedHeight);
    if (tip === undefined) return [];
    // A newer one makes the older ones needless; but where hashing a state takes longer than an interval, the older one is what there is.
    for (const summary of pendingSummaries(pool)) {
      if (tip.block.context.certifiedHeight < summary.height && !isHalting(pool, summary, duty.params)) continue;
      if (pool.at("catchUpPackageShare", summary.height).some((share) => share.signer === nodeId)) return [];
      const high = duty.committeeAt(summary.height)?.high, content = catchUpContentOf(pool, duty, summary);
      if (content === undefined || high === undefined || !high.committee.includes(nodeId) || !keys.holdsShare(high.id)) continue;
      const signature = keys.signThreshold(high.id, catchUpPackageShareRow.signedBytes(summary.height, { content, signer: nodeId, signature: new Uint8Array(0) }, subnetId, version));
      return [{ kind: "addToValidated", artifact: seal(catchUpPackageShareRow, height(summary.height), { content, signer: nodeId, signature }, version) }];
    }
    return [];
  },
};
