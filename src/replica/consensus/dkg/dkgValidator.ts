import type { DkgDealing, DkgReview, PoolChange } from "../../interfaces/consensus.ts";
import type { Duty } from "../duty.ts";
import { finalizedSummary } from "../summary.ts";
import { isGoodDealing, isGoodReview } from "./judge.ts";
import { dealingsEnd } from "./phases.ts";
import { recordOf } from "./record.ts";

/** Takes over dealings and reviews of others that are good, one of each signer and generation. */
export const dkgValidator: Duty = {
  name: "dkgValidator",
  onStateChange(pool, duty) {
    const found = finalizedSummary(pool);
    if (found === undefined) return [];
    const { summary, tip } = found, at = summary.height, changes: PoolChange[] = [];
    if (pool.unvalidatedAt("dkgDealing", at).length + pool.unvalidatedAt("dkgReview", at).length === 0) return changes;
    const taken = new Set([...pool.at("dkgDealing", at), ...pool.at("dkgReview", at)].map(({ kind, signer, dkgId }) => `${kind} ${signer} ${dkgId}`));
    const settle = (artifact: DkgDealing | DkgReview, good: boolean): void => {
      const name = `${artifact.kind} ${artifact.signer} ${artifact.dkgId}`;
      if (!good) changes.push({ kind: "removeInvalid", artifact, reason: artifact.kind === "dkgDealing" ? "bad dealing" : "bad review of dealings" });
      else if (taken.has(name)) changes.push({ kind: "removeInvalid", artifact, reason: "a second one" });
      else changes.push({ kind: "moveToValidated", artifact });
      if (good) taken.add(name);
    };
    for (const dealing of pool.unvalidatedAt("dkgDealing", at)) settle(dealing, isGoodDealing(duty, summary, dealing));
    const reviews = pool.unvalidatedAt("dkgReview", at), record = reviews.length > 0 && pool.finalizedHeight - at >= dealingsEnd(duty.params.dkgIntervalLength) ? recordOf(pool, tip) : undefined;
    if (record !== undefined) for (const review of reviews) settle(review, isGoodReview(duty, summary, record, review));
    return changes;
  },
};
