import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { hashOf } from "../crypto/domain.ts";
import {
  type CertifiedStreamSlice, type ErrorCode, type NodeId, type QueryStatsReport, type RejectCode, type Response, type ResponsePayload, bytesFromHex, canisterId, cycles, hexFromBytes,
  nodeId, principalBytes, registryVersion, subnetId, time,
} from "../types/index.ts";
import type { BatchPayload, BlockPayload, DkgSummary } from "../interfaces/consensus.ts";
import type { DkgConfig, Transcript } from "../interfaces/crypto.ts";
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

const nodes = (value: CborValue): readonly NodeId[] => asList(value).map((member) => nodeId(asBytes(member)));
const tagFrom = (value: CborValue): Transcript["tag"] => TAGS[asCount(value)] ?? TAGS[0];
const keys32 = (value: CborValue): readonly Uint8Array[] => asList(value).map((key) => asBytes(key, 32));

/** What came later than the first version of a summary is left out where there is none of it: old chains keep their hashes. */
const transcriptFields = ({ id, tag, threshold, committee, publicCoefficients, sealed }: Transcript): CborValue => [
  id, TAGS.indexOf(tag), threshold, committee.map(principalBytes), publicCoefficients,
  ...(sealed === undefined ? [] : [[sealed.dkgId, sealed.resharing ? 1 : 0, sealed.receivers, sealed.dealings.map((dealing): CborValue => [dealing.place, principalBytes(dealing.dealer), dealing.ephemeral, dealing.sealed])]]),
];
function sealedFrom(value: CborValue): NonNullable<Transcript["sealed"]> {
  const [dkgId, resharing, receivers, dealings] = asList(value, 4);
  return {
    dkgId: text(dkgId), resharing: asCount(resharing) === 1, receivers: keys32(receivers),
    dealings: asList(dealings).map((dealing) => {
      const [place, dealer, ephemeral, shares] = asList(dealing, 4);
      return { place: asCount(place), dealer: nodeId(asBytes(dealer)), ephemeral: asBytes(ephemeral, 32), sealed: keys32(shares) };
    }),
  };
}
function transcriptFrom(value: CborValue): Transcript {
  const parts = asList(value), [id, tag, threshold, committee, coefficients, sealed] = parts;
  if (parts.length !== 5 && parts.length !== 6) throw new Malformed("transcript expected");
  return {
    id: text(id), tag: tagFrom(tag), threshold: asCount(threshold), committee: nodes(committee), publicCoefficients: asList(coefficients).map((key) => asBytes(key, 96)),
    ...(sealed !== undefined && { sealed: sealedFrom(sealed) }),
  };
}
const configFields = ({ id, tag, threshold, dealers, receivers, resharing }: DkgConfig): CborValue =>
  [id, TAGS.indexOf(tag), threshold, dealers.map(principalBytes), receivers.map((receiver): CborValue => [principalBytes(receiver.nodeId), receiver.encryptionKey]), resharing === undefined ? 0 : 1];
/** A key that is shared again is the newest one of the same summary. */
function configFrom(value: CborValue, transcripts: readonly Transcript[]): DkgConfig {
  const [id, tag, threshold, dealers, receivers, resharing] = asList(value, 6), newest = transcripts.findLast((transcript) => transcript.tag === tagFrom(tag));
  return {
    id: text(id), tag: tagFrom(tag), threshold: asCount(threshold), dealers: nodes(dealers),
    receivers: asList(receivers).map((receiver) => { const [member, key] = asList(receiver, 2); return { nodeId: nodeId(asBytes(member)), encryptionKey: asBytes(key, 32) }; }),
    ...(asCount(resharing) === 1 && newest !== undefined && { resharing: newest }),
  };
}
const summaryFields = (dkg: DkgSummary): CborValue =>
  [1, dkg.registryVersion, dkg.currentTranscripts.map(transcriptFields), dkg.nextTranscripts.map(transcriptFields), ...(dkg.configs.length === 0 ? [] : [dkg.configs.map(configFields)])];
function summaryFrom(parts: readonly CborValue[]): DkgSummary {
  const [, version, current, next, configs] = parts;
  if (parts.length !== 4 && parts.length !== 5) throw new Malformed("summary expected");
  const currentTranscripts = asList(current).map(transcriptFrom), nextTranscripts = asList(next).map(transcriptFrom);
  return {
    registryVersion: registryVersion(asCount(version)), currentTranscripts, nextTranscripts,
    configs: configs === undefined ? [] : asList(configs).map((config) => configFrom(config, [...currentTranscripts, ...nextTranscripts])),
  };
}

/** Numbers of statistics have 64 bits. */
const statsFields = ({ node, epoch, stats }: QueryStatsReport): CborValue =>
  [principalBytes(node), epoch, stats.map(({ canister, calls, instructions, requestBytes, responseBytes }): CborValue => [principalBytes(canister), calls, instructions, requestBytes, responseBytes])];
function statsFrom(value: CborValue): QueryStatsReport {
  const [node, epoch, stats] = asList(value, 3);
  return {
    node: nodeId(asBytes(node)), epoch: asCount(epoch),
    stats: asList(stats).map((entry) => {
      const [canister, ...counted] = asList(entry, 5), [calls, instructions, requestBytes, responseBytes] = counted.map(asNat64) as [bigint, bigint, bigint, bigint];
      return { canister: canisterId(asBytes(canister)), calls, instructions, requestBytes, responseBytes };
    }),
  };
}

export const EMPTY_BATCH: BatchPayload = { ingress: [], xnet: [], consensusResponses: [] };
export const EMPTY_PAYLOAD: BlockPayload = { kind: "data", batch: EMPTY_BATCH, dealings: [] };
/** Whether a block would change nothing but the time. */
export const isEmpty = (payload: BlockPayload): boolean =>
  payload.kind === "data" && payload.batch.ingress.length + payload.batch.xnet.length + payload.batch.consensusResponses.length + payload.dealings.length === 0;

/** Canonical bytes of a payload: they travel with the proposal, and the block holds their hash. */
export const encodePayload = (payload: BlockPayload): Uint8Array => encodeCbor(payload.kind === "summary"
  ? summaryFields(payload.dkg)
  : [0, payload.batch.ingress, payload.batch.xnet.map(sliceFields), payload.batch.consensusResponses.map(responseFields), payload.dealings, ...(payload.batch.queryStats === undefined ? [] : [statsFields(payload.batch.queryStats)])]);

/** @throws Malformed (or RangeError for an id of more than 29 bytes) */
export function decodePayload(bytes: Uint8Array): BlockPayload {
  const decoded = decodeCbor(bytes);
  if (!decoded.ok) throw new Malformed(decoded.error.kind);
  const parts = asList(decoded.value);
  if (asCount(parts[0]) === 1) return { kind: "summary", dkg: summaryFrom(parts) };
  const [kind, ingress, xnet, responses, dealings, stats] = parts;
  if (asCount(kind) !== 0 || (parts.length !== 5 && parts.length !== 6)) throw new Malformed("unknown kind of payload");
  const batch = { ingress: asList(ingress).map((envelope) => asBytes(envelope)), xnet: asList(xnet).map(sliceFrom), consensusResponses: asList(responses).map(responseFrom), ...(stats !== undefined && { queryStats: statsFrom(stats) }) };
  return { kind: "data", batch, dealings: asList(dealings).map((dealing) => asBytes(dealing)) };
}

export const payloadHash = (bytes: Uint8Array): Uint8Array => hashOf("block_payload_domain", bytes);
