import type { DkgReview } from "../../interfaces/consensus.ts";
import type { DkgConfig } from "../../interfaces/crypto.ts";
import { seal } from "../artifact.ts";
import { dkgReviewRow } from "../artifacts/keyGeneration.ts";
import type { Duty, DutyContext } from "../duty.ts";
import { finalizedSummary } from "../summary.ts";
import { dealingsEnd, reviewStart } from "./phases.ts";
import { type DkgRecord, dealingsOf, recordOf, reviewOf, subjectOf } from "./record.ts";

function reviewAll({ keys }: DutyContext, record: DkgRecord, config: DkgConfig): Pick<DkgReview, "good" | "bad"> {
  const good: number[] = [], bad: DkgReview["bad"][number][] = [];
  for (const { place, dealing } of dealingsOf(record, config)) {
    const verdict = keys.review(config, dealing.signer, dealing.dealing);
    if (verdict.kind === "good") good.push(place);
    if (verdict.kind === "bad") bad.push({ place, opening: verdict.opening });
  }
  return { good, bad };
}

/** When no dealing can follow any more, says of each whether this node's share in it is right; a complaint proves that it is not. */
export const dkgReviewer: Duty = {
  name: "dkgReviewer",
  onStateChange(pool, duty) {
    const { nodeId, subnetId, keys, params } = duty, found = finalizedSummary(pool);
    if (found === undefined || found.dkg.configs.length === 0) return [];
    const { summary, tip, dkg } = found, offset = pool.finalizedHeight - summary.height, length = params.dkgIntervalLength;
    if (offset < dealingsEnd(length)) return [];
    for (const config of dkg.configs) {
      const place = config.receivers.findIndex((receiver) => receiver.nodeId === nodeId);
      if (place < 0 || offset < reviewStart(length, place, config.receivers.length)) continue;
      if (pool.at("dkgReview", summary.height).some((known) => known.signer === nodeId && known.dkgId === config.id)) continue;
      const record = recordOf(pool, tip);
      if (record === undefined || dealingsOf(record, config).length === 0 || reviewOf(record, config.id, nodeId) !== undefined) continue;
      const content = { dkgId: config.id, subject: subjectOf(record, config), ...reviewAll(duty, record, config), signer: nodeId, signerKey: keys.publicKey };
      const signature = keys.signBasic(dkgReviewRow.signedBytes(summary.height, { ...content, signature: new Uint8Array(0) }, subnetId));
      return [{ kind: "addToValidated", artifact: seal(dkgReviewRow, summary.height, { ...content, signature }) }];
    }
    return [];
  },
};
