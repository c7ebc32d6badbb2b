import { hash } from "node:crypto";

/**
 * Names that keep signatures and hashes of different things apart: each signed message and each hash starts with the length and the bytes of one
 * (protocol digest §1.2). Only `ic-state-root` and `ic-response` are seen outside of a subnet; the others keep the names of dfinity/ic.
 */
export const DOMAINS = {
  blockMetadata: "block_metadata_domain", notarization: "notarization_content_domain", finalization: "finalization_content_domain",
  randomBeacon: "random_beacon_content_domain", randomTape: "random_tape_content_domain", catchUp: "catch_up_content_domain",
  stateRoot: "ic-state-root", dkgDealing: "dealing_content_non_interactive", dkgReview: "review_content_non_interactive", proofOfPossession: "ic-multi-sig-pop",
} as const;

/** Of the domains there are: a few constants, never what somebody sent. */
const prefixes = new Map<string, Uint8Array>();
function prefixOf(domain: string): Uint8Array {
  const known = prefixes.get(domain) ?? Uint8Array.from([domain.length, ...Buffer.from(domain, "latin1")]);
  prefixes.set(domain, known);
  return known;
}

/** `dsep(domain) = byte(length) ‖ domain`, in front of the bytes. */
export function separated(domain: string, bytes: Uint8Array): Uint8Array {
  const name = prefixOf(domain), out = new Uint8Array(name.length + bytes.length);
  out.set(name);
  out.set(bytes, name.length);
  return out;
}

/** SHA-256 over the separated bytes, in hex: made so by the hash itself. */
export const hexHashOf = (domain: string, bytes: Uint8Array): string => hash("sha256", separated(domain, bytes), "hex");
/** SHA-256 over the separated bytes. */
export const hashOf = (domain: string, bytes: Uint8Array): Uint8Array => new Uint8Array(hash("sha256", separated(domain, bytes), "buffer"));
