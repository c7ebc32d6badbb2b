import { type SubnetId, principalBytes } from "../types/index.ts";
import type { CertifiedWitness } from "../interfaces/stateManager.ts";
import type { DelegationFormat, Path } from "../interfaces/subnet.ts";
import { type Delegation, encodeCertificate } from "./certificate.ts";

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/**
 * What a delegation reveals of the root subnet's tree: key, type, time, and the canister ranges in the place where the endpoint's
 * clients look for them (interface spec, "Certificate": `/subnet/<id>/canister_ranges` up to v3 call, `/canister_ranges/<id>` from v4).
 */
export function delegationPaths(subnet: SubnetId, format: DelegationFormat): readonly Path[] {
  const id = principalBytes(subnet);
  return [
    [label("subnet"), id, label("public_key")], [label("subnet"), id, label("type")],
    format === "flat" ? [label("subnet"), id, label("canister_ranges")] : [label("canister_ranges"), id],
  ];
}

/** The root subnet's word for another subnet's key, from its newest certified state; undefined until it has one. */
export function createDelegation(root: { readCertified(paths: readonly Path[]): CertifiedWitness | undefined }, subnet: SubnetId, format: DelegationFormat): Delegation | undefined {
  const read = root.readCertified(delegationPaths(subnet, format));
  return read && { subnet, certificate: encodeCertificate({ tree: read.witness, signature: read.certification.signature }) };
}
