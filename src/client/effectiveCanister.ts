import { Cbor, Certificate, HttpAgent, type HashTree } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { MANAGEMENT_CANISTER } from "./management.ts";

const LABEL = 2, FORK = 1, LEAF = 3; // node types of a hash tree (interface spec, "Certificate")

/**
 * A canister id of the subnet that makes new canisters on a network of which only address and root key are known: the first of the ranges in the delegation
 * that it answers with (interface spec, "Delegation"). On a network of one subnet there is no delegation, and the management canister's own id will do. @throws IcxError ICX2008, ICX2012
 */
export async function effectiveCanister({ url, rootKey, fetch, verifyBls }: NetworkTarget): Promise<string> {
  const agent = HttpAgent.createSync({ host: url, rootKey, retryTimes: 0, ...(fetch !== undefined && { fetch }) });
  let certificate: Uint8Array;
  try {
    ({ certificate } = await agent.readState(MANAGEMENT_CANISTER, { paths: [[new TextEncoder().encode("time")]] }));
  } catch (cause) { throw new IcxError(ERRORS.network.requestFailed, { url, reason: cause instanceof Error ? cause.message : String(cause) }, { cause }); }
  try {
    const { delegation } = Cbor.decode<{ readonly delegation?: { readonly certificate: Uint8Array } }>(certificate);
    if (delegation === undefined) return MANAGEMENT_CANISTER;
    const [first] = Cbor.decode<readonly (readonly [Uint8Array, Uint8Array])[]>(ranges(Cbor.decode<{ readonly tree: HashTree }>(delegation.certificate).tree) ?? new Uint8Array());
    const canister = Principal.fromUint8Array(Uint8Array.from(first![0]));
    await Certificate.create({ certificate, rootKey, canisterId: canister, agent, ...(verifyBls !== undefined && { blsVerify: verifyBls }) });
    return canister.toText();
  } catch (cause) { throw new IcxError(ERRORS.network.untrusted, { url, reason: cause instanceof Error ? cause.message : String(cause) }, { cause }); }
}

/** The first leaf below the label `canister_ranges`, wherever it stands. */
function ranges(tree: HashTree, inside = false): Uint8Array | undefined {
  if (tree[0] === FORK) return ranges(tree[1], inside) ?? ranges(tree[2], inside);
  if (tree[0] === LABEL) return ranges(tree[2], inside || Buffer.from(tree[1]).toString() === "canister_ranges");
  return tree[0] === LEAF && inside ? tree[1] : undefined;
}
