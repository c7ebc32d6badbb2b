import { DOMAINS, separated } from "../../crypto/domain.ts";
import { type Hash, type Height, principalBytes } from "../../types/index.ts";
import { defineArtifact } from "../artifact.ts";
import { asBytes, asList, asNode } from "../fields.ts";

/** Interface spec, "Certification": `\x0Dic-state-root` ‖ root hash. The height is not signed: the tree holds the time. */
const rootBytes = (_: Height, { hash }: { readonly hash: Hash<"StateRoot"> }): Uint8Array => separated(DOMAINS.stateRoot, hash);

export const certificationShareRow = defineArtifact({
  kind: "certificationShare", scope: "own", domain: "certification_share_domain", anyVersion: true, signedBytes: rootBytes,
  encode: (_, { hash, signer, signature }) => [hash, principalBytes(signer), signature],
  decode(_, parts) {
    const [hash, signer, signature] = asList(parts, 3);
    return { hash: asBytes(hash, 32) as Hash<"StateRoot">, signer: asNode(signer), signature: asBytes(signature) };
  },
  verify(share, { committee, verifier }) {
    const index = committee.high.committee.indexOf(share.signer);
    return index >= 0 && verifier.verifyShare(committee.high, index, rootBytes(share.height, share), share.signature);
  },
});

export const certificationRow = defineArtifact({
  kind: "certification", scope: "relayed", domain: "certification_domain", anyVersion: true, signedBytes: rootBytes,
  encode: (_, { hash, signature }) => [hash, signature],
  decode(_, parts) {
    const [hash, signature] = asList(parts, 2);
    return { hash: asBytes(hash, 32) as Hash<"StateRoot">, signature: asBytes(signature) };
  },
  verify: (artifact, { subnetKey, verifier }) => verifier.verifyBls(subnetKey, rootBytes(artifact.height, artifact), artifact.signature),
});
