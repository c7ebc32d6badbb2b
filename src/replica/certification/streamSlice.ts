import { type CertifiedStreamSlice, type StreamMessage, type SubnetId, bytesFromHex, principalBytes } from "../types/index.ts";
import { decodeStreamHeader, decodeStreamMessage, encodeStreamMessage } from "../codec/streamCodec.ts";
import { blsKeyOfDer } from "../crypto/der.ts";
import { separated } from "../crypto/domain.ts";
import { lookup, reconstruct, shownEntries } from "../hashTree/lookup.ts";
import type { Verifier } from "../interfaces/crypto.ts";
import type { CertifiedWitness } from "../interfaces/stateManager.ts";
import type { Path } from "../interfaces/subnet.ts";
import type { StreamSlice } from "../interfaces/xnet.ts";
import type { Stream } from "../state/replicatedState.ts";
import { decodeCertificate, encodeCertificate } from "./certificate.ts";

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const indexLabel = (index: bigint): Uint8Array => bytesFromHex(index.toString(16).padStart(16, "0"));
/** What the header and the hashes beside a path of messages take at most; each message has its labels besides. */
const FRAME_BYTES = 16 * 1024, MESSAGE_FRAME_BYTES = 64;
const STATE_ROOT = "ic-state-root";

/** What a subnet shows of its stream to another: the header, and messages from an index, as many as fit (protocol digest §2.2). */
export function makeStreamSlice(
  read: (paths: readonly Path[]) => CertifiedWitness | undefined, stream: Stream, source: SubnetId, destination: SubnetId, from: bigint, bytesMax: number,
): CertifiedStreamSlice | undefined {
  const at: Path = [label("streams"), principalBytes(destination)], paths: Path[] = [[...at, label("header")]];
  if (bytesMax < FRAME_BYTES) return undefined;
  let left = bytesMax - FRAME_BYTES;
  for (let index = from < stream.begin ? stream.begin : from; index < stream.begin + BigInt(stream.messages.length); index++) {
    left -= encodeStreamMessage(stream.messages[Number(index - stream.begin)]!).length + MESSAGE_FRAME_BYTES;
    if (left < 0) break;
    paths.push([...at, label("messages"), indexLabel(index)]);
  }
  const shown = read(paths);
  return shown && { source, certificate: encodeCertificate({ tree: shown.witness, signature: shown.certification.signature }) };
}

/** Reads a slice; undefined when it is no certificate, shows no header, or its messages are not consecutive. Says nothing of its signature. */
export function readStreamSlice({ certificate }: CertifiedStreamSlice, destination: SubnetId): StreamSlice | undefined {
  const decoded = decodeCertificate(certificate);
  if (!decoded.ok || decoded.value.delegation !== undefined) return undefined;
  const { tree } = decoded.value, at = [label("streams"), principalBytes(destination)];
  const headerLeaf = lookup([...at, label("header")], tree), header = headerLeaf.kind === "found" ? decodeStreamHeader(headerLeaf.value) : undefined;
  if (header?.ok !== true) return undefined;
  const entries = shownEntries([...at, label("messages")], tree), messages: StreamMessage[] = [], first = entries[0]?.[0];
  const begin = first?.length === 8 ? Buffer.from(first).readBigUInt64BE() : header.value.begin;
  for (const [i, [index, leaf]] of entries.entries()) {
    const message = leaf[0] === 3 ? decodeStreamMessage(leaf[1]) : undefined;
    if (message?.ok !== true || Buffer.compare(index, indexLabel(begin + BigInt(i))) !== 0) return undefined;
    messages.push(message.value);
  }
  return begin < header.value.begin || begin + BigInt(messages.length) > header.value.end ? undefined : { header: header.value, begin, messages };
}

/** Whether the subnet with this key (DER) signed the slice. */
export function isSignedBySubnet(verifier: Verifier, { certificate }: CertifiedStreamSlice, publicKey: Uint8Array): boolean {
  const decoded = decodeCertificate(certificate), key = blsKeyOfDer(publicKey);
  return decoded.ok && decoded.value.delegation === undefined && key !== undefined &&
    verifier.verifyBls(key, separated(STATE_ROOT, reconstruct(decoded.value.tree)), decoded.value.signature);
}
