import { seal } from "../artifact.ts";
import { dkgDealingRow } from "../artifacts/keyGeneration.ts";
import type { Duty } from "../duty.ts";
import { finalizedSummary } from "../summary.ts";
import { dealingStart, dealingsEnd } from "./phases.ts";
import { dealingOf, recordOf } from "./record.ts";

/** Deals in the generations of the interval, one at a time, when its turn has come and until no block may carry a dealing any more. */
export const dkgDealer: Duty = {
  name: "dkgDealer",
  onStateChange(pool, { nodeId, subnetId, keys, params, version }) {
    const found = finalizedSummary(pool);
    if (found === undefined || found.dkg.configs.length === 0) return [];
    const { summary, tip, dkg } = found, offset = pool.finalizedHeight - summary.height, length = params.dkgIntervalLength;
    if (offset >= dealingsEnd(length)) return [];
    for (const config of dkg.configs) {
      const place = config.dealers.indexOf(nodeId);
      if (place < 0 || offset < dealingStart(length, place, config.dealers.length)) continue;
      if (pool.at("dkgDealing", summary.height).some((known) => known.signer === nodeId && known.dkgId === config.id)) continue;
      const record = recordOf(pool, tip);
      if (record === undefined || dealingOf(record, config.id, nodeId) !== undefined) continue;
      const dealing = keys.deal(config);
      if (dealing === undefined) continue;
      const content = { dkgId: config.id, dealing, signer: nodeId, signerKey: keys.publicKey };
      const signature = keys.signBasic(dkgDealingRow.signedBytes(summary.height, { ...content, signature: new Uint8Array(0) }, subnetId, version));
      return [{ kind: "addToValidated", artifact: seal(dkgDealingRow, summary.height, { ...content, signature }, version) }];
    }
    return [];
  },
};
