import { height } from "../types/index.ts";
import { seal } from "./artifact.ts";
import { randomBeaconShareRow } from "./artifacts/randomness.ts";
import type { Duty } from "./duty.ts";

/** Rule 1: as soon as a height is notarized, the beacon above it is begun, one after the other. */
export const randomBeaconMaker: Duty = {
  name: "randomBeaconMaker",
  onStateChange(pool, { nodeId, keys, committeeAt, subnetId, version }) {
    const parent = pool.beacon(pool.beaconHeight), next = height(pool.beaconHeight + 1);
    if (parent === undefined || next > pool.notarizedHeight + 1) return [];
    const low = committeeAt(next)?.low;
    if (low === undefined || !low.committee.includes(nodeId) || !keys.holdsShare(low.id)) return [];
    if (pool.at("randomBeaconShare", next).some((share) => share.signer === nodeId)) return [];
    const content = { parent: parent.id, signer: nodeId };
    const signature = keys.signThreshold(low.id, randomBeaconShareRow.signedBytes(next, { ...content, signature: new Uint8Array(0) }, subnetId, version));
    return [{ kind: "addToValidated", artifact: seal(randomBeaconShareRow, next, { ...content, signature }, version) }];
  },
};
