import type { CborValue } from "../../codec/cbor.ts";
import { principalBytes } from "../../types/index.ts";
import type { BlockHash, EquivocationProof } from "../../interfaces/consensus.ts";
import { defineArtifact } from "../artifact.ts";
import { Malformed, asBytes, asHash, asList, asNode, fromHex } from "../fields.ts";
import { blockMetadata } from "./blockProposal.ts";

type Signed = EquivocationProof["first"];
const fieldsOf = ({ hash, signature }: Signed): CborValue => [fromHex(hash), signature];
function signedFrom(value: CborValue): Signed {
  const [hash, signature] = asList(value, 2);
  return { hash: asHash(hash) as BlockHash, signature: asBytes(signature, 64) };
}

/** Two blocks of one height signed by one maker: anybody can check it, and it names nobody honest. The smaller hash comes first. */
export const equivocationProofRow = defineArtifact({
  kind: "equivocationProof", scope: "relayed", domain: "equivocation_proof_domain",
  encode: (_, { signer, first, second }) => [principalBytes(signer), fieldsOf(first), fieldsOf(second)],
  decode(_, parts) {
    const [signer, one, other] = asList(parts, 3);
    const first = signedFrom(one), second = signedFrom(other);
    if (first.hash >= second.hash) throw new Malformed("two different blocks expected");
    return { signer: asNode(signer), first, second };
  },
  signedBytes: (at, { first }, subnetId, version) => blockMetadata(first.hash, at, subnetId, version),
  verify(proof, { committee, verifier, subnetId }) {
    const maker = committee.members[committee.indexOf(proof.signer)];
    return maker !== undefined && [proof.first, proof.second].every((signed) =>
      verifier.verifyBasic(maker.publicKey, blockMetadata(signed.hash, proof.height, subnetId, proof.version), signed.signature));
  },
});
