import { NANOSECONDS_PER_SECOND, type SubnetId, type Time, principalBytes } from "../types/index.ts";
import type { CertifiedWitness, StateManager } from "../interfaces/stateManager.ts";
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

/** Delegations of mainnet are replaced about once a week; agents refuse those older than 30 days (protocol digest §3.2). */
const DELEGATION_LIFETIME = 3600n * NANOSECONDS_PER_SECOND;

/** Delegations to one subnet, made anew when the registry has changed or they are old; undefined until the root subnet has certified that there is such a subnet. */
export function createDelegations(root: () => Pick<StateManager, "latestCertified" | "readCertified">, subnet: SubnetId, now: () => Time): (format: DelegationFormat) => Delegation | undefined {
  const known = new Map<DelegationFormat, { readonly delegation: Delegation; readonly madeAt: Time; readonly registryVersion: number }>();
  return (format) => {
    const last = known.get(format), manager = root(), time = now(), state = manager.latestCertified()?.state, registryVersion = state?.registryVersion ?? 0;
    if (last !== undefined && last.registryVersion === registryVersion && time - last.madeAt < DELEGATION_LIFETIME) return last.delegation;
    const delegation = state?.topology.subnets.some(({ id }) => id === subnet) === true ? createDelegation(manager, subnet, format) : undefined;
    if (delegation !== undefined) known.set(format, { delegation, madeAt: time, registryVersion });
    return delegation;
  };
}
