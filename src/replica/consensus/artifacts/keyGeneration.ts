import { type CborValue, encodeCbor } from "../../codec/cbor.ts";
import { nodeIdOfKey } from "../../crypto/der.ts";
import { DOMAINS, separated } from "../../crypto/domain.ts";
import { type Height, type SubnetId, principalBytes } from "../../types/index.ts";
import type { DkgDealing, DkgReview } from "../../interfaces/consensus.ts";
import type { Opening } from "../../interfaces/crypto.ts";
import { UNMARKED_VERSION, type VerifyContext, defineArtifact } from "../artifact.ts";
import { Malformed, asBytes, asCount, asIndices, asList, asNode } from "../fields.ts";

const text = (value: CborValue): string => {
  if (typeof value !== "string") throw new Malformed("text expected");
  return value;
};
const dealingFields = ({ commitments, ephemeral, sealed }: DkgDealing["dealing"]): readonly CborValue[] => [commitments, ephemeral, sealed];
const dealingBytes = (at: Height, { dkgId, dealing }: Pick<DkgDealing, "dkgId" | "dealing">, subnetId: SubnetId, version: number = UNMARKED_VERSION): Uint8Array =>
  separated(DOMAINS.dkgDealing, encodeCbor([version, at, principalBytes(subnetId), dkgId, ...dealingFields(dealing)]));

/** Whether it is signed, by the key that the signer's id comes from; whether the generation knows the signer is asked elsewhere. */
export function isSigned(artifact: DkgDealing | DkgReview, { subnetId, verifier }: Pick<VerifyContext, "subnetId" | "verifier">): boolean {
  const message = artifact.kind === "dkgDealing" ? dealingBytes(artifact.height, artifact, subnetId, artifact.version) : reviewBytes(artifact.height, artifact, subnetId, artifact.version);
  return nodeIdOfKey(artifact.signerKey) === artifact.signer && verifier.verifyBasic(artifact.signerKey, message, artifact.signature);
}

/** One dealer's part in a key generation: one of each dealer (protocol digest §4.2). */
export const dkgDealingRow = defineArtifact({
  kind: "dkgDealing", scope: "own", domain: "dkg_dealing_domain", signedBytes: dealingBytes,
  encode: (_, { dkgId, dealing, signer, signerKey, signature }) => [dkgId, dealingFields(dealing), principalBytes(signer), signerKey, signature],
  decode(_, parts) {
    const [dkgId, dealing, signer, signerKey, signature] = asList(parts, 5), [commitments, ephemeral, sealed] = asList(dealing, 3);
    return {
      dkgId: text(dkgId), signer: asNode(signer), signerKey: asBytes(signerKey), signature: asBytes(signature, 64),
      dealing: { commitments: asList(commitments).map((point) => asBytes(point, 96)), ephemeral: asBytes(ephemeral, 32), sealed: asList(sealed).map((share) => asBytes(share, 32)) },
    };
  },
  verify: isSigned,
});

const complaintFields = ({ place, opening }: DkgReview["bad"][number]): CborValue => [place, opening.point, opening.challenge, opening.response];
function openingFrom(parts: readonly CborValue[]): Opening {
  const [, point, challenge, response] = parts;
  return { point: asBytes(point, 32), challenge: asBytes(challenge, 32), response: asBytes(response, 32) };
}
const reviewFields = ({ dkgId, subject, good, bad }: Pick<DkgReview, "dkgId" | "subject" | "good" | "bad">): readonly CborValue[] => [dkgId, subject, good, bad.map(complaintFields)];
const reviewBytes = (at: Height, review: Pick<DkgReview, "dkgId" | "subject" | "good" | "bad">, subnetId: SubnetId, version: number = UNMARKED_VERSION): Uint8Array =>
  separated(DOMAINS.dkgReview, encodeCbor([version, at, principalBytes(subnetId), ...reviewFields(review)]));

/** One receiver's word on all dealings of a generation, with a proof for each complaint (protocol digest §4.4). */
export const dkgReviewRow = defineArtifact({
  kind: "dkgReview", scope: "own", domain: "dkg_review_domain", signedBytes: reviewBytes,
  encode: (_, review) => [reviewFields(review), principalBytes(review.signer), review.signerKey, review.signature],
  decode(_, parts) {
    const [fields, signer, signerKey, signature] = asList(parts, 4), [dkgId, subject, good, bad] = asList(fields, 4);
    const complaints = asList(bad).map((complaint) => { const list = asList(complaint, 4); return { place: asCount(list[0]), opening: openingFrom(list) }; });
    if (complaints.some(({ place }, i) => i > 0 && place <= complaints[i - 1]!.place)) throw new Malformed("ascending places expected");
    return { dkgId: text(dkgId), subject: asBytes(subject, 32), good: asIndices(good), bad: complaints, signer: asNode(signer), signerKey: asBytes(signerKey), signature: asBytes(signature, 64) };
  },
  verify: isSigned,
});
