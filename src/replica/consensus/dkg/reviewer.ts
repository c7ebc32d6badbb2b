import { seal } from "../artifact.ts";
import { dkgReviewRow } from "../artifacts/keyGeneration.ts";
import type { Duty } from "../duty.ts";
import { finalizedSummary } from "../summary.ts";
import { dealingsEnd, reviewStart } from "./phases.ts";
import { dealingsOf, recordOf, reviewOf, subjectOf } from "./record.ts";

/** When no dealing can follow any more, says of each whether this node's share in it is right; a complaint proves that it is not. */
export const dkgReviewer: Duty = {
  name: "dkgReviewer",
  onStateChange(pool, { nodeId, subnetId, keys, params, version }) {
    const found = finalizedSummary(pool);
    if (found === undefined || found.dkg.configs.length === 0) return [];
    const { summary, tip, dkg } = found, offset = pool.finalizedHeight - summary.height, length = params.dkgIntervalLength;
    if (offset < dealingsEnd(length)) return [];
    for (const config of dkg.configs) {
      const place = config.receivers.findIndex((receiver) => receiver.nodeId === nodeId);
      if (place < 0 || offset < reviewStart(length, place, config.receivers.length)) continue;
      if (pool.at("dkgReview", summary.height).some((known) => known.signer === nodeId && known.dkgId === config.id)) continue;
      const record = recordOf(pool, tip);
      const dealings = record === undefined ? [] : dealingsOf(record, config);
      if (record === undefined || dealings.length === 0 || reviewOf(record, config.id, nodeId) !== undefined) continue;
      const content = { dkgId: config.id, subject: subjectOf(record, config), ...keys.review(config, dealings.map(({ place, dealing: { dealing } }) => ({ place, dealing }))), signer: nodeId, signerKey: keys.publicKey };
      const signature = keys.signBasic(dkgReviewRow.signedBytes(summary.height, { ...content, signature: new Uint8Array(0) }, subnetId, version));
      return [{ kind: "addToValidated", artifact: seal(dkgReviewRow, summary.height, { ...content, signature }, version) }];
    }
    return [];
  },
};
