import { type Result, type SubnetId, err, ok, principalBytes, subnetId } from "../types/index.ts";
import { cborBytes, cborMap, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import type { HashTree } from "../hashTree/hashTree.ts";
import { encodeHashTree, hashTreeFromValue } from "../hashTree/hashTreeCodec.ts";

/** Interface spec, "Delegation": a certificate of the root subnet that names another subnet's key. */
export interface Delegation { readonly subnet: SubnetId; readonly certificate: Uint8Array }
/** Interface spec, "Certificate". */
export interface Certificate { readonly tree: HashTree; readonly signature: Uint8Array; readonly delegation?: Delegation }
export interface CertificateError { readonly kind: "malformed"; readonly what: "cbor" | "tree" | "signature" | "delegation" }

const SELF_DESCRIBED = Uint8Array.of(0xd9, 0xd9, 0xf7);
const mapHead = (entries: number): Uint8Array => Uint8Array.of(0xa0 | entries);
const KEY = { tree: encodeCbor("tree"), signature: encodeCbor("signature"), delegation: encodeCbor("delegation") };

/** The bytes that clients get: self-described CBOR. */
export function encodeCertificate({ tree, signature, delegation }: Certificate): Uint8Array {
  const parts = [SELF_DESCRIBED, mapHead(delegation === undefined ? 2 : 3), KEY.tree, encodeHashTree(tree), KEY.signature, encodeCbor(signature)];
  if (delegation !== undefined) parts.push(KEY.delegation, encodeCbor({ subnet_id: principalBytes(delegation.subnet), certificate: delegation.certificate }));
  return new Uint8Array(Buffer.concat(parts));
}

/** Reads a foreign certificate and checks that its tree is well-formed; no signature is checked here. */
export function decodeCertificate(bytes: Uint8Array): Result<Certificate, CertificateError> {
  const malformed = (what: CertificateError["what"]): Result<never, CertificateError> => err({ kind: "malformed", what });
  const decoded = decodeCbor(bytes), map = decoded.ok ? cborMap(decoded.value) : undefined;
  if (map === undefined) return malformed("cbor");
  const tree = hashTreeFromValue(map["tree"]), signature = cborBytes(map["signature"]);
  if (!tree.ok) return malformed("tree");
  if (signature === undefined) return malformed("signature");
  if (map["delegation"] === undefined) return ok({ tree: tree.value, signature });
  const delegation = cborMap(map["delegation"]), subnet = cborBytes(delegation?.["subnet_id"]), certificate = cborBytes(delegation?.["certificate"]);
  if (subnet === undefined || subnet.length > 29 || certificate === undefined) return malformed("delegation");
  return ok({ tree: tree.value, signature, delegation: { subnet: subnetId(subnet), certificate } });
}
