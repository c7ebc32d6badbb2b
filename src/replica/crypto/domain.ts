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

/** `dsep(domain) = byte(length) ‖ domain`, in front of the bytes. */
export function separated(domain: string, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + domain.length + bytes.length);
  out[0] = domain.length;
  out.set(Buffer.from(domain, "latin1"), 1);
  out.set(bytes, 1 + domain.length);
  return out;
}

/** SHA-256 over the separated bytes. */
export const hashOf = (domain: string, bytes: Uint8Array): Uint8Array => new Uint8Array(hash("sha256", separated(domain, bytes), "buffer"));
