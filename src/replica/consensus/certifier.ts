import type { PoolChange } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { certificationShareRow } from "./artifacts/certification.ts";
import type { Duty } from "./duty.ts";

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * Rule 9: the root hash of every executed height, signed with the subnet's own key. What another version of icx signed of another root of
 * the height does not count (design D10): liveness needs a certification of what this one computes.
 */
export const certifier: Duty = {
  name: "certifier",
  onStateChange(pool, { nodeId, subnetId, keys, committeeAt, stateInfo }) {
    const changes: PoolChange[] = [];
    for (const { height, hash } of stateInfo.hashesToCertify()) {
      const high = committeeAt(height)?.high;
      if (high === undefined || !high.committee.includes(nodeId) || !keys.holdsShare(high.id)) continue;
      const certified = pool.at("certification", height).some((known) => same(known.hash, hash));
      if (certified || pool.at("certificationShare", height).some((share) => share.signer === nodeId && same(share.hash, hash))) continue;
      const signature = keys.signThreshold(high.id, certificationShareRow.signedBytes(height, { hash, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
      changes.push({ kind: "addToValidated", artifact: seal(certificationShareRow, height, { hash, signer: nodeId, signature }) });
    }
    return changes;
  },
};
