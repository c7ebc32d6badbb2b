import { height } from "../types/index.ts";
import type { BlockProposal, CatchUpContent, PoolReader } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { catchUpPackageShareRow } from "./artifacts/catchUpPackage.ts";
import { type Duty, type DutyContext, intervalOf } from "./duty.ts";
import { isHalting } from "./status.ts";

/** The highest finalized summary above the last catch-up package. */
function latestSummary(pool: PoolReader): BlockProposal | undefined {
  const tip = pool.finalized(pool.finalizedHeight);
  const summary = tip === undefined ? undefined : pool.finalized(intervalOf(tip.block));
  return summary !== undefined && summary.height > pool.catchUpHeight ? summary : undefined;
}

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
    const summary = latestSummary(pool), tip = pool.finalized(pool.finalizedHeight);
    if (summary === undefined || tip === undefined || (tip.block.context.certifiedHeight < summary.height && !isHalting(pool, summary, duty.params))) return [];
    const high = duty.committeeAt(summary.height)?.high;
    if (high === undefined || !high.committee.includes(nodeId) || !keys.holdsShare(high.id) || pool.at("catchUpPackageShare", summary.height).some((share) => share.signer === nodeId)) return [];
    const content = catchUpContentOf(pool, duty, summary);
    if (content === undefined) return [];
    const signature = keys.signThreshold(high.id, catchUpPackageShareRow.signedBytes(summary.height, { content, signer: nodeId, signature: new Uint8Array(0) }, subnetId, version));
    return [{ kind: "addToValidated", artifact: seal(catchUpPackageShareRow, height(summary.height), { content, signer: nodeId, signature }, version) }];
  },
};
