import type { NodeId } from "../../types/index.ts";
import type { VerifyContext } from "../artifact.ts";

/** Whether the signer may notarize at the height above the beacon, and signed. */
export function verifyNotaryShare(signer: NodeId, message: Uint8Array, signature: Uint8Array, { committee, verifier, beacon }: VerifyContext): boolean {
  const member = committee.members[committee.indexOf(signer)];
  return member !== undefined && beacon !== undefined && committee.isNotary(signer, beacon) && verifier.verifyBls(member.multiSigPublicKey, message, signature);
}

/** Whether enough different notaries of the height signed. */
export function verifyNotaries(signers: readonly number[], message: Uint8Array, signature: Uint8Array, { committee, verifier, beacon }: VerifyContext): boolean {
  const members = signers.map((index) => committee.members[index]);
  if (beacon === undefined || new Set(signers).size !== signers.length || signers.length < committee.sizes.notarization) return false;
  const keys: Uint8Array[] = [];
  for (const member of members) {
    if (member === undefined || !committee.isNotary(member.nodeId, beacon)) return false;
    keys.push(member.multiSigPublicKey);
  }
  return verifier.verifyBls(verifier.aggregateKey(keys), message, signature);
}
