import type { PoolChange } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { certificationShareRow } from "./artifacts/certification.ts";
import type { Duty } from "./duty.ts";

/** Rule 9: the root hash of every executed height, signed with the subnet's own key. */
export const certifier: Duty = {
  name: "certifier",
  onStateChange(pool, { nodeId, subnetId, keys, committee, stateInfo }) {
    const changes: PoolChange[] = [];
    if (!committee.high.committee.includes(nodeId)) return changes;
    for (const { height, hash } of stateInfo.hashesToCertify()) {
      if (pool.at("certification", height).length > 0 || pool.at("certificationShare", height).some((share) => share.signer === nodeId)) continue;
      const signature = keys.signThreshold(committee.high.id, certificationShareRow.signedBytes(height, { hash, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
      changes.push({ kind: "addToValidated", artifact: seal(certificationShareRow, height, { hash, signer: nodeId, signature }) });
    }
    return changes;
  },
};
