import { type CborValue, cborArray, cborBytes, cborNat } from "../codec/cbor.ts";
import { type NodeId, PRINCIPAL_BYTES_MAX, bytesFromHex, hexFromBytes, nodeId } from "../types/index.ts";

/** Readers of decoded CBOR. Each throws `Malformed` for another shape, which `decodeArtifact` turns into a refusal. */
export class Malformed extends RangeError {
  override readonly name = "Malformed";
}
const refuse = (what: string): never => { throw new Malformed(what); };

export const asList = (value: CborValue, length?: number): readonly CborValue[] => {
  const list = cborArray(value) ?? refuse("list expected");
  return length === undefined || list.length === length ? list : refuse(`list of ${length} expected`);
};
export const asBytes = (value: CborValue, length?: number): Uint8Array => {
  const bytes = cborBytes(value) ?? refuse("bytes expected");
  return length === undefined || bytes.length === length ? bytes : refuse(`${length} bytes expected`);
};
/** A natural number below 2^53. */
export const asCount = (value: CborValue): number => {
  const nat = cborNat(value) ?? refuse("natural number expected");
  return nat <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nat) : refuse("number too large");
};
/** A natural number below 2^64. */
export const asNat64 = (value: CborValue): bigint => {
  const nat = cborNat(value) ?? refuse("natural number expected");
  return nat < 1n << 64n ? nat : refuse("number too large");
};
export const asHash = (value: CborValue): string => hexFromBytes(asBytes(value, 32));
export const asNode = (value: CborValue): NodeId => {
  const bytes = asBytes(value);
  return bytes.length <= PRINCIPAL_BYTES_MAX ? nodeId(bytes) : refuse("node id expected");
};
export const asIndices = (value: CborValue): readonly number[] => {
  const indices = asList(value).map(asCount);
  return indices.every((index, i) => i === 0 || index > indices[i - 1]!) ? indices : refuse("ascending indices expected");
};
export const fromHex = bytesFromHex;
