import { height } from "../types/index.ts";
import type { PoolChange } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { finalizationShareRow } from "./artifacts/agreement.ts";
import { type Duty, beaconBelow } from "./duty.ts";

/**
 * Rule 6. Safety rests on this file: a node finalizes a height only when it knows exactly one notarized block there and has helped to notarize
 * no other. Two blocks of one height can then not both have 2f+1 such nodes.
 */
export const finalizer: Duty = {
  name: "finalizer",
  onStateChange(pool, { nodeId, subnetId, keys, committeeAt, version }) {
    const changes: PoolChange[] = [];
    for (let h = pool.finalizedHeight + 1; h <= pool.notarizedHeight; h++) {
      const at = height(h), beacon = beaconBelow(pool, at);
      if (beacon === undefined || committeeAt(at)?.isNotary(nodeId, beacon) !== true) continue;
      if (pool.at("finalizationShare", at).some((share) => share.signer === nodeId)) continue;
      const notarized = new Set(pool.at("notarization", at).map((notarization) => notarization.block));
      const [block] = notarized;
      if (block === undefined || notarized.size !== 1) continue;
      if (pool.at("notarizationShare", at).some((share) => share.signer === nodeId && share.block !== block)) continue;
      const signature = keys.signMulti(finalizationShareRow.signedBytes(at, { block, signer: nodeId, signature: new Uint8Array(0) }, subnetId, version));
      changes.push({ kind: "addToValidated", artifact: seal(finalizationShareRow, at, { block, signer: nodeId, signature }, version) });
    }
    return changes;
  },
};
