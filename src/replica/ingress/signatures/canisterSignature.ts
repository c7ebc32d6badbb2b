import { hash } from "node:crypto";
import { type CanisterId, type Result, err, ok, principalBytes } from "../../types/index.ts";
import { type CborValue, cborArray, cborBytes, cborMap, decodeCbor } from "../../codec/cbor.ts";
import { type HashTree } from "../../hashTree/hashTree.ts";
import { checkHashTree } from "../../hashTree/hashTreeCodec.ts";
import { lookup, reconstruct } from "../../hashTree/lookup.ts";
import type { VerifyCertificate } from "../../interfaces/ingress.ts";

const label = (text: string): Uint8Array => Buffer.from(text);
const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/** A hash tree from decoded CBOR (interface spec, "Certificate"), or undefined when a node is of no known form. */
function treeOf(value: CborValue): HashTree | undefined {
  const node = cborArray(value);
  if (node === undefined) return undefined;
  const [tag, first, second] = node;
  if (tag === 0 && node.length === 1) return [0];
  if (tag === 1 && node.length === 3) {
    const left = treeOf(first), right = treeOf(second);
    return left && right && [1, left, right];
  }
  const bytes = cborBytes(first);
  if (bytes === undefined) return undefined;
  if (tag === 2 && node.length === 3) {
    const child = treeOf(second);
    return child && [2, bytes, child];
  }
  if (tag === 3 && node.length === 2) return [3, bytes];
  return tag === 4 && node.length === 2 && bytes.length === 32 ? [4, bytes] : undefined;
}

/**
 * Interface spec, "Canister signatures": the certificate certifies, as the canister's data, the root hash of the tree; the tree has an empty
 * leaf at `sig / H(seed) / H(payload)`, where the payload begins with its domain separator.
 */
export function verifyCanisterSignature(canister: CanisterId, seed: Uint8Array, payload: Uint8Array, bytes: Uint8Array, verifyCertificate: VerifyCertificate): Result<void, string> {
  const invalid = (reason: string): Result<void, string> => err(`Invalid canister signature: ${reason}`);
  const decoded = decodeCbor(bytes, { depthMax: 130 });
  const map = decoded.ok ? cborMap(decoded.value) : undefined;
  const certificate = map && cborBytes(map["certificate"]), tree = map && treeOf(map["tree"]);
  if (!certificate || !tree) return invalid("failed to parse signature bytes");
  if (!checkHashTree(tree).ok) return invalid("the signature tree is not well-formed");
  const certified = verifyCertificate(certificate, canister);
  if (!certified.ok) return invalid(certified.error);
  const data = lookup([label("canister"), principalBytes(canister), label("certified_data")], certified.value);
  if (data.kind !== "found") return invalid("the certificate has no certified data of the canister");
  if (Buffer.compare(data.value, reconstruct(tree)) !== 0) return invalid("certified_data doesn't match sig tree digest");
  const leaf = lookup([label("sig"), sha256(seed), sha256(payload)], tree);
  return leaf.kind === "found" && leaf.value.length === 0 ? ok(undefined) : invalid("the signature tree doesn't contain sig");
}
