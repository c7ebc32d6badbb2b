import { type CanisterId, type Result, type SubnetId, canisterId, err, ok, principalBytes } from "../types/index.ts";
import { cborArray, cborBytes, decodeCbor } from "../codec/cbor.ts";
import { blsKeyOfDer } from "../crypto/der.ts";
import { separated } from "../crypto/domain.ts";
import type { HashTree } from "../hashTree/hashTree.ts";
import { lookup, lookupSubtree, reconstruct, shownLabels } from "../hashTree/lookup.ts";
import type { Verifier } from "../interfaces/crypto.ts";
import type { VerifyCertificate } from "../interfaces/ingress.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const STATE_ROOT = "ic-state-root";

/**
 * Checks certificates under the root key: interface spec, "Certificate" and, for what canister signatures add, "Canister signatures" (the
 * delegated subnet's type must be revealed, and a cloud engine signs for nobody).
 */
export function createCertificateVerifier(verifier: Verifier, rootKey: () => Uint8Array): VerifyCertificate {
  const signedBy = (certificate: Certificate, der: Uint8Array): boolean => {
    const key = blsKeyOfDer(der);
    return key !== undefined && verifier.verifyBls(key, separated(STATE_ROOT, reconstruct(certificate.tree)), certificate.signature);
  };
  function delegatedKey(subnet: SubnetId, bytes: Uint8Array, canister: CanisterId): Result<Uint8Array, string> {
    const delegation = decodeCertificate(bytes);
    if (!delegation.ok) return err("the delegation's certificate is malformed");
    if (delegation.value.delegation !== undefined) return err("a delegation may not be delegated again");
    if (!signedBy(delegation.value, rootKey())) return err("the delegation is not signed by the root subnet");
    const { tree } = delegation.value, id = principalBytes(subnet);
    const type = lookup([label("subnet"), id, label("type")], tree);
    if (type.kind !== "found") return err("the delegation does not reveal the subnet's type");
    if (Buffer.from(type.value).toString() === "cloud_engine") return err("a cloud engine may not sign for users");
    if (!rangesOf(subnet, tree).some(([start, end]) => start <= canister && canister <= end)) return err("the canister is not in the delegated subnet's ranges");
    const key = lookup([label("subnet"), id, label("public_key")], tree);
    return key.kind === "found" ? ok(key.value) : err("the delegation does not reveal the subnet's key");
  }
  return (bytes, canister) => {
    const certificate = decodeCertificate(bytes);
    if (!certificate.ok) return err("the certificate is malformed");
    const { delegation, tree } = certificate.value;
    const key = delegation === undefined ? ok(rootKey()) : delegatedKey(delegation.subnet, delegation.certificate, canister);
    if (!key.ok) return key;
    return signedBy(certificate.value, key.value) ? ok(tree) : err("the certificate's signature is wrong");
  };
}

/** Both places in which a delegation may reveal canister ranges. */
function rangesOf(subnet: SubnetId, tree: HashTree): readonly (readonly [CanisterId, CanisterId])[] {
  const id = principalBytes(subnet), leaves: Uint8Array[] = [];
  const flat = lookup([label("subnet"), id, label("canister_ranges")], tree);
  if (flat.kind === "found") leaves.push(flat.value);
  const shards = lookupSubtree([label("canister_ranges"), id], tree);
  if (typeof shards !== "string") for (const shard of shownLabels([], shards)) {
    const leaf = lookup([shard], shards);
    if (leaf.kind === "found") leaves.push(leaf.value);
  }
  return leaves.flatMap((leaf) => {
    const decoded = decodeCbor(leaf);
    return (decoded.ok ? cborArray(decoded.value) ?? [] : []).flatMap((range) => {
      const [start, end] = (cborArray(range) ?? []).map(cborBytes);
      return start === undefined || end === undefined || start.length > 29 || end.length > 29 ? [] : [[canisterId(start), canisterId(end)] as const];
    });
  });
}
