import { hash } from "node:crypto";
import { type CanisterId, type Result, err, ok, principalBytes } from "../../types/index.ts";
import { cborBytes, cborMap, decodeCbor } from "../../codec/cbor.ts";
import { hashTreeFromValue } from "../../hashTree/hashTreeCodec.ts";
import { lookup, reconstruct } from "../../hashTree/lookup.ts";
import type { VerifyCertificate } from "../../interfaces/ingress.ts";

const label = (text: string): Uint8Array => Buffer.from(text);
const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/**
 * Interface spec, "Canister signatures": the certificate certifies, as the canister's data, the root hash of the tree; the tree has an empty
 * leaf at `sig / H(seed) / H(payload)`, where the payload begins with its domain separator.
 */
export function verifyCanisterSignature(canister: CanisterId, seed: Uint8Array, payload: Uint8Array, bytes: Uint8Array, verifyCertificate: VerifyCertificate): Result<void, string> {
  const invalid = (reason: string): Result<void, string> => err(`Invalid canister signature: ${reason}`);
  const decoded = decodeCbor(bytes, { depthMax: 130 });
  const map = decoded.ok ? cborMap(decoded.value) : undefined;
  const certificate = cborBytes(map?.["certificate"]), tree = hashTreeFromValue(map?.["tree"]);
  if (certificate === undefined || !tree.ok) return invalid("failed to parse signature bytes");
  const certified = verifyCertificate(certificate, canister);
  if (!certified.ok) return invalid(certified.error);
  const data = lookup([label("canister"), principalBytes(canister), label("certified_data")], certified.value);
  if (data.kind !== "found") return invalid("the certificate has no certified data of the canister");
  if (Buffer.compare(data.value, reconstruct(tree.value)) !== 0) return invalid("certified_data doesn't match sig tree digest");
  const leaf = lookup([label("sig"), sha256(seed), sha256(payload)], tree.value);
  return leaf.kind === "found" && leaf.value.length === 0 ? ok(undefined) : invalid("the signature tree doesn't contain sig");
}
