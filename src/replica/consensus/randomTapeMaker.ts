import type { PoolChange } from "../interfaces/consensus.ts";
import { height } from "../types/index.ts";
import { seal } from "./artifact.ts";
import { randomTapeShareRow } from "./artifacts/randomness.ts";
import type { Duty } from "./duty.ts";

/** Rule 8: the tape of every height that may be delivered next. A height's tape is begun when the block below is final, never earlier. */
export const randomTapeMaker: Duty = {
  name: "randomTapeMaker",
  onStateChange(pool, { nodeId, keys, committeeAt, subnetId, expectedBatchHeight, version }) {
    const changes: PoolChange[] = [];
    for (let at = Math.max(expectedBatchHeight, pool.catchUpHeight + 1); at <= pool.finalizedHeight + 1; at++) {
      const next = height(at), low = committeeAt(next)?.low;
      if (low === undefined || !low.committee.includes(nodeId) || !keys.holdsShare(low.id)) continue;
      if (pool.at("randomTape", next).length > 0 || pool.at("randomTapeShare", next).some((share) => share.signer === nodeId)) continue;
      const signature = keys.signThreshold(low.id, randomTapeShareRow.signedBytes(next, { signer: nodeId, signature: new Uint8Array(0) }, subnetId, version));
      changes.push({ kind: "addToValidated", artifact: seal(randomTapeShareRow, next, { signer: nodeId, signature }, version) });
    }
    return changes;
  },
};
