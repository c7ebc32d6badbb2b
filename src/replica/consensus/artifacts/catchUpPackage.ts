import { type CborValue, encodeCbor } from "../../codec/cbor.ts";
import { DOMAINS, separated } from "../../crypto/domain.ts";
import { type Hash, type Height, type SubnetId, principalBytes, registryVersion } from "../../types/index.ts";
import type { ArtifactId, BlockHash, CatchUpContent } from "../../interfaces/consensus.ts";
import { UNMARKED_VERSION, defineArtifact } from "../artifact.ts";
import { asBytes, asCount, asHash, asList, asNode, fromHex } from "../fields.ts";

const fieldsOf = (content: CatchUpContent): CborValue => [fromHex(content.block), fromHex(content.beacon), content.stateHash, content.registryVersion];
function contentFrom(value: CborValue): CatchUpContent {
  const [block, beacon, stateHash, version] = asList(value, 4);
  return { block: asHash(block) as BlockHash, beacon: asHash(beacon) as ArtifactId, stateHash: asBytes(stateHash, 32) as Hash<"State">, registryVersion: registryVersion(asCount(version)) };
}
const catchUpBytes = (at: Height, { content }: { readonly content: CatchUpContent }, _?: SubnetId, version: number = UNMARKED_VERSION): Uint8Array => separated(DOMAINS.catchUp, encodeCbor([version, at, fieldsOf(content)]));

export const catchUpPackageShareRow = defineArtifact({
  kind: "catchUpPackageShare", scope: "own", domain: "catch_up_package_share_domain", signedBytes: catchUpBytes,
  encode: (_, { content, signer, signature }) => [fieldsOf(content), principalBytes(signer), signature],
  decode(_, parts) {
    const [content, signer, signature] = asList(parts, 3);
    return { content: contentFrom(content), signer: asNode(signer), signature: asBytes(signature) };
  },
  verify(share, { committee, verifier }) {
    const index = committee.high.committee.indexOf(share.signer);
    return index >= 0 && verifier.verifyShare(committee.high, index, catchUpBytes(share.height, share, undefined, share.version), share.signature);
  },
});

/** A place to start from that needs no chain below it: verified under the subnet's key alone. */
export const catchUpPackageRow = defineArtifact({
  kind: "catchUpPackage", scope: "relayed", domain: "catch_up_package_domain", signedBytes: catchUpBytes,
  encode: (_, { content, proposal, beaconBytes, signature }) => [fieldsOf(content), proposal, beaconBytes, signature],
  decode(_, parts) {
    const [content, proposal, beaconBytes, signature] = asList(parts, 4);
    return { content: contentFrom(content), proposal: asBytes(proposal), beaconBytes: asBytes(beaconBytes), signature: asBytes(signature) };
  },
  verify: (artifact, { subnetKey, verifier }) => verifier.verifyBls(subnetKey, catchUpBytes(artifact.height, artifact, undefined, artifact.version), artifact.signature),
});
