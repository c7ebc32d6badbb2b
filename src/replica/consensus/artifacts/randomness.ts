import { encodeCbor } from "../../codec/cbor.ts";
import { DOMAINS, separated } from "../../crypto/domain.ts";
import { type Height, type NodeId, type SubnetId, principalBytes } from "../../types/index.ts";
import type { ArtifactId } from "../../interfaces/consensus.ts";
import { UNMARKED_VERSION, type VerifyContext, defineArtifact } from "../artifact.ts";
import { asBytes, asHash, asList, asNode, fromHex } from "../fields.ts";

const beaconBytes = (at: Height, { parent }: { readonly parent: ArtifactId }, _?: SubnetId, version: number = UNMARKED_VERSION): Uint8Array => separated(DOMAINS.randomBeacon, encodeCbor([version, at, fromHex(parent)]));
const tapeBytes = (at: Height, _?: unknown, __?: SubnetId, version: number = UNMARKED_VERSION): Uint8Array => separated(DOMAINS.randomTape, encodeCbor([version, at]));

const verifyShare = (signer: NodeId, message: Uint8Array, signature: Uint8Array, { committee, verifier }: VerifyContext): boolean => {
  const index = committee.low.committee.indexOf(signer);
  return index >= 0 && verifier.verifyShare(committee.low, index, message, signature);
};
const verifyWhole = (message: Uint8Array, signature: Uint8Array, { committee, verifier }: VerifyContext): boolean =>
  verifier.verifyBls(committee.low.publicCoefficients[0]!, message, signature);

export const randomBeaconShareRow = defineArtifact({
  kind: "randomBeaconShare", scope: "own", domain: "random_beacon_share_domain", signedBytes: beaconBytes,
  encode: (_, { parent, signer, signature }) => [fromHex(parent), principalBytes(signer), signature],
  decode(_, parts) {
    const [parent, signer, signature] = asList(parts, 3);
    return { parent: asHash(parent) as ArtifactId, signer: asNode(signer), signature: asBytes(signature) };
  },
  verify: (share, context) => verifyShare(share.signer, beaconBytes(share.height, share, undefined, share.version), share.signature, context),
});

/** Unique by its signature: nobody can choose it. It ranks block makers and notaries of the next height. */
export const randomBeaconRow = defineArtifact({
  kind: "randomBeacon", scope: "relayed", domain: "random_beacon_domain", signedBytes: beaconBytes,
  encode: (_, { parent, signature }) => [fromHex(parent), signature],
  decode(_, parts) {
    const [parent, signature] = asList(parts, 2);
    return { parent: asHash(parent) as ArtifactId, signature: asBytes(signature) };
  },
  verify: (beacon, context) => verifyWhole(beaconBytes(beacon.height, beacon, undefined, beacon.version), beacon.signature, context),
});

export const randomTapeShareRow = defineArtifact({
  kind: "randomTapeShare", scope: "own", domain: "random_tape_share_domain", signedBytes: tapeBytes,
  encode: (_, { signer, signature }) => [principalBytes(signer), signature],
  decode(_, parts) {
    const [signer, signature] = asList(parts, 2);
    return { signer: asNode(signer), signature: asBytes(signature) };
  },
  verify: (share, context) => verifyShare(share.signer, tapeBytes(share.height, undefined, undefined, share.version), share.signature, context),
});

/** Feeds execution. It does not depend on the block, so what asks for randomness in block h must be answered with tape h+1. */
export const randomTapeRow = defineArtifact({
  kind: "randomTape", scope: "relayed", domain: "random_tape_domain", signedBytes: tapeBytes,
  encode: (_, { signature }) => [signature],
  decode: (_, parts) => ({ signature: asBytes(asList(parts, 1)[0]) }),
  verify: (tape, context) => verifyWhole(tapeBytes(tape.height, undefined, undefined, tape.version), tape.signature, context),
});
