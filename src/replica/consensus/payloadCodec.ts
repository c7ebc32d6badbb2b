import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { hashOf } from "../crypto/domain.ts";
import {
  type CertifiedStreamSlice, type ErrorCode, type RejectCode, type Response, type ResponsePayload, bytesFromHex, canisterId, cycles, hexFromBytes,
  nodeId, principalBytes, registryVersion, subnetId, time,
} from "../types/index.ts";
import type { BatchPayload, BlockPayload, DkgSummary } from "../interfaces/consensus.ts";
import type { Transcript } from "../interfaces/crypto.ts";
import { Malformed, asBytes, asCount, asList, asNat64 } from "./fields.ts";

const TAGS = ["lowThreshold", "highThreshold"] as const;
const text = (value: CborValue): string => {
  if (typeof value !== "string") throw new Malformed("text expected");
  return value;
};
/** Cycles have 128 bits: 16 big-endian bytes. */
const amountBytes = (amount: bigint): Uint8Array => bytesFromHex(amount.toString(16).padStart(32, "0"));

const sliceFields = (slice: CertifiedStreamSlice): CborValue => [principalBytes(slice.source), slice.certificate];
function sliceFrom(value: CborValue): CertifiedStreamSlice {
  const [source, certificate] = asList(value, 2);
  return { source: subnetId(asBytes(source)), certificate: asBytes(certificate) };
}

function responseFields(response: Response): CborValue {
  const { payload } = response;
  const content: CborValue = payload.kind === "reply" ? [0, payload.data] : [1, payload.code, payload.message, payload.errorCode ?? ""];
  return [principalBytes(response.originator), principalBytes(response.respondent), response.callback, amountBytes(response.refund), content, response.deadline ?? 0n];
}
function responseFrom(value: CborValue): Response {
  const [originator, respondent, callback, refund, content, deadline] = asList(value, 6);
  const parts = asList(content), due = asNat64(deadline);
  const payload: ResponsePayload = asCount(parts[0]) === 0 && parts.length === 2
    ? { kind: "reply", data: asBytes(parts[1]) }
    : rejectFrom(asList(content, 4));
  return {
    kind: "response", originator: canisterId(asBytes(originator)), respondent: canisterId(asBytes(respondent)), callback: asCount(callback),
    refund: cycles(BigInt(`0x${hexFromBytes(asBytes(refund, 16))}`)), payload, ...(due === 0n ? {} : { deadline: time(due) }),
  };
}
function rejectFrom(parts: readonly CborValue[]): ResponsePayload {
  const code = asCount(parts[1]), errorCode = text(parts[3]);
  if (asCount(parts[0]) !== 1 || code < 1 || code > 6) throw new Malformed("reject expected");
  return { kind: "reject", code: code as RejectCode, message: text(parts[2]), ...(errorCode === "" ? {} : { errorCode: errorCode as ErrorCode }) };
}

const transcriptFields = (transcript: Transcript): CborValue =>
  [transcript.id, TAGS.indexOf(transcript.tag), transcript.threshold, transcript.committee.map(principalBytes), transcript.publicCoefficients];
function transcriptFrom(value: CborValue): Transcript {
  const [id, tag, threshold, committee, coefficients] = asList(value, 5);
  return {
    id: text(id), tag: TAGS[asCount(tag)] ?? TAGS[0], threshold: asCount(threshold),
    committee: asList(committee).map((member) => nodeId(asBytes(member))), publicCoefficients: asList(coefficients).map((key) => asBytes(key, 96)),
  };
}
const summaryFields = (dkg: DkgSummary): CborValue => [1, dkg.registryVersion, dkg.currentTranscripts.map(transcriptFields), dkg.nextTranscripts.map(transcriptFields)];

export const EMPTY_BATCH: BatchPayload = { ingress: [], xnet: [], consensusResponses: [] };

/** Canonical bytes of a payload: they travel with the proposal, and the block holds their hash. */
export const encodePayload = (payload: BlockPayload): Uint8Array => encodeCbor(payload.kind === "summary"
  ? summaryFields(payload.dkg)
  : [0, payload.batch.ingress, payload.batch.xnet.map(sliceFields), payload.batch.consensusResponses.map(responseFields), payload.dealings]);

/** @throws Malformed (or RangeError for an id of more than 29 bytes) */
export function decodePayload(bytes: Uint8Array): BlockPayload {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) throw new Malformed(decoded.error.kind);
  const parts = asList(decoded.value);
  if (asCount(parts[0]) === 1) {
    const [, version, current, next] = asList(decoded.value, 4);
    return { kind: "summary", dkg: {
      registryVersion: registryVersion(asCount(version)), currentTranscripts: asList(current).map(transcriptFrom), nextTranscripts: asList(next).map(transcriptFrom),
    } };
  }
  const [kind, ingress, xnet, responses, dealings] = asList(decoded.value, 5);
  if (asCount(kind) !== 0) throw new Malformed("unknown kind of payload");
  const batch = { ingress: asList(ingress).map((envelope) => asBytes(envelope)), xnet: asList(xnet).map(sliceFrom), consensusResponses: asList(responses).map(responseFrom) };
  return { kind: "data", batch, dealings: asList(dealings).map((dealing) => asBytes(dealing)) };
}

export const payloadHash = (bytes: Uint8Array): Uint8Array => hashOf("block_payload_domain", bytes);
