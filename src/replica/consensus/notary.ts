import { type Time, height, time } from "../types/index.ts";
import type { PoolReader } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { notarizationShareRow } from "./artifacts/agreement.ts";
import { pendingSummaries } from "./summary.ts";
import { type Duty, type DutyContext, GAP_MAX, qualified, roundBegin } from "./duty.ts";

/** Added for each height that execution lags behind by more than one (protocol digest §1.3). */
const LAG_DELAY_NANOS = 2_000_000_000n;

/**
 * dfinity/ic, rs/consensus/src/consensus.rs, ACCEPTABLE_NOTARIZATION_CUP_GAP: heights above the oldest summary whose catch-up package is still to come. Blocks
 * come quicker here than there and one thread hashes, so as much agreed time as ten intervals take has to pass besides (design D7).
 */
const PENDING_PACKAGE_GAP_MAX = 130, PENDING_PACKAGE_INTERVALS = 10n;
function waitsForPackage(pool: PoolReader, { params }: DutyContext): boolean {
  const pending = pendingSummaries(pool).at(-1), tip = pool.finalized(pool.finalizedHeight);
  return pending !== undefined && pool.notarizedHeight - pending.height >= PENDING_PACKAGE_GAP_MAX && tip!.block.context.time - pending.block.context.time >= PENDING_PACKAGE_INTERVALS * params.dkgIntervalTime;
}

/** `initial + unit · r · 1.5^(notarized - finalized)`, in integers; the exponent slows a chain that notarizes without finalizing. */
export function notaryDelay(pool: PoolReader, { params, stateInfo }: DutyContext, rank: number): Time {
  const steps = rank === 0 ? 0 : Math.min(pool.notarizedHeight - pool.finalizedHeight, GAP_MAX);
  const slowed = (params.unitDelay * BigInt(rank) * 3n ** BigInt(steps)) / 2n ** BigInt(steps);
  const lag = pool.finalizedHeight - stateInfo.latestCertifiedHeight;
  return time(params.initialNotaryDelay + slowed + (lag > 1 ? LAG_DELAY_NANOS * BigInt(lag - 1) : 0n));
}

/** Rule 4: once the lowest rank's delay is over, sign every block of that rank; only in the current round. */
export const notary: Duty = {
  name: "notary",
  onStateChange(pool, duty) {
    const { nodeId, subnetId, keys, now, stateInfo, version } = duty;
    const at = height(pool.notarizedHeight + 1), beacon = pool.beacon(pool.notarizedHeight), proposals = qualified(pool, at);
    if (beacon === undefined || proposals.length === 0 || duty.committeeAt(at)?.isNotary(nodeId, beacon) !== true) return [];
    if (pool.notarizedHeight - stateInfo.latestCertifiedHeight >= GAP_MAX || waitsForPackage(pool, duty)) return [];
    const lowest = Math.min(...proposals.map((proposal) => proposal.block.rank));
    const signed = pool.at("notarizationShare", at).filter((share) => share.signer === nodeId);
    const candidates = proposals.filter((proposal) => proposal.block.rank === lowest && !signed.some((share) => share.block === proposal.hash));
    const begin = roundBegin(pool, duty, at);
    if (candidates.length === 0 || begin === undefined) return [];
    const allowed = time(begin + notaryDelay(pool, duty, lowest));
    if (now < allowed) return [{ kind: "wake", at: allowed }];
    return candidates.map(({ hash }) => {
      const signature = keys.signMulti(notarizationShareRow.signedBytes(at, { block: hash, signer: nodeId, signature: new Uint8Array(0) }, subnetId, version));
      return { kind: "addToValidated", artifact: seal(notarizationShareRow, at, { block: hash, signer: nodeId, signature }, version) };
    });
  },
};
