import { ERROR_CODES, REJECT_REASONS, type RejectReason, type RejectSignal, type ErrorCode, REJECT, type RejectCode, type Refund, type Request, type Response, type Result, type StreamMessage, type Time, canisterId, cycles, err, ok, principalBytes, time } from "../types/index.ts";
import { type CborMap, type CborValue, cborArray, cborBytes, cborMap, cborNat, cborText, decodeCbor, encodeCbor } from "./cbor.ts";

/** As `StreamHeader` of the doors. */
interface Header { readonly begin: bigint; readonly end: bigint; readonly signalsEnd: bigint; readonly rejectSignals: readonly RejectSignal[] }
/** Which part of a foreign stream is not what it must be. */
export interface StreamCodecError { readonly kind: "malformed"; readonly what: "header" | "message" }

/** Leaf of `/streams/<subnet>/header`; the inner formats are icx's own, no client reads them. */
export const encodeStreamHeader = (header: Header): Uint8Array => encodeCbor({
  begin: header.begin, end: header.end, signals_end: header.signalsEnd, reject_signals: header.rejectSignals.map(({ index, reason }) => [index, reason]),
});

/** Ascending, below the end, for a known reason. */
const areSignals = (signals: readonly RejectSignal[], end: bigint): boolean =>
  signals.every(({ index, reason }, i) => index >= 0n && index < end && (i === 0 || signals[i - 1]!.index < index) && REJECT_REASONS.includes(reason));

export function decodeStreamHeader(bytes: Uint8Array): Result<Header, StreamCodecError> {
  const decoded = decodeCbor(bytes), map = decoded.ok ? cborMap(decoded.value) : undefined;
  const begin = cborNat(map?.["begin"]), end = cborNat(map?.["end"]), signalsEnd = cborNat(map?.["signals_end"]);
  const rejectSignals = cborArray(map?.["reject_signals"])?.map((pair) => {
    const [index, reason] = cborArray(pair) ?? [];
    return { index: cborNat(index) ?? -1n, reason: cborText(reason) as RejectReason };
  });
  if (begin === undefined || end === undefined || end < begin || signalsEnd === undefined || rejectSignals === undefined || !areSignals(rejectSignals, signalsEnd)) {
    return err({ kind: "malformed", what: "header" });
  }
  return ok({ begin, end, signalsEnd, rejectSignals });
}

/** Leaf of `/streams/<subnet>/messages/<index>`. */
export function encodeStreamMessage(message: StreamMessage): Uint8Array {
  if (message.kind === "refund") return encodeCbor({ refund: { recipient: principalBytes(message.recipient), amount: message.amount } });
  const deadline = message.deadline;
  if (message.kind === "request") {
    return encodeCbor({
      request: { sender: principalBytes(message.sender), receiver: principalBytes(message.receiver), callback: message.callback, method: message.method, arg: message.arg,
        cycles: message.cycles, sender_version: message.senderVersion, deadline },
    });
  }
  const { payload } = message;
  return encodeCbor({
    response: { originator: principalBytes(message.originator), respondent: principalBytes(message.respondent), callback: message.callback, refund: message.refund, deadline,
      ...(payload.kind === "reply" ? { reply: payload.data } : { reject_code: payload.code, reject_message: payload.message, error_code: payload.errorCode }) },
  });
}

/** A record of required parts, or undefined when one is missing. */
function complete<T extends object>(parts: { readonly [K in keyof T]: T[K] | undefined }): T | undefined {
  return Object.values(parts).includes(undefined) ? undefined : (parts as T);
}
const idOf = (value: CborValue): ReturnType<typeof canisterId> | undefined => {
  const bytes = cborBytes(value);
  return bytes === undefined || bytes.length > 29 ? undefined : canisterId(bytes);
};
const callbackOf = (value: CborValue): number | undefined => {
  const nat = cborNat(value);
  return nat === undefined || nat > Number.MAX_SAFE_INTEGER ? undefined : Number(nat);
};
const cyclesOf = (value: CborValue): ReturnType<typeof cycles> | undefined => {
  const nat = cborNat(value);
  return nat === undefined ? undefined : cycles(nat);
};
const deadlineOf = (map: CborMap): { readonly deadline?: Time } => {
  const nat = cborNat(map["deadline"]);
  return nat === undefined ? {} : { deadline: time(nat) };
};
const REJECT_CODES: readonly number[] = Object.values(REJECT);

function requestOf(map: CborMap): Request | undefined {
  const parts = complete<Omit<Request, "kind" | "deadline">>({
    sender: idOf(map["sender"]), receiver: idOf(map["receiver"]), callback: callbackOf(map["callback"]), method: cborText(map["method"]), arg: cborBytes(map["arg"]),
    cycles: cyclesOf(map["cycles"]), senderVersion: cborNat(map["sender_version"]),
  });
  return parts && { kind: "request", ...parts, ...deadlineOf(map) };
}

function payloadOf(map: CborMap): Response["payload"] | undefined {
  const data = cborBytes(map["reply"]);
  if (data !== undefined) return { kind: "reply", data };
  const code = Number(cborNat(map["reject_code"]) ?? 0n), message = cborText(map["reject_message"]), errorCode = cborText(map["error_code"]);
  if (!REJECT_CODES.includes(code) || message === undefined || (errorCode !== undefined && !Object.hasOwn(ERROR_CODES, errorCode))) return undefined;
  return { kind: "reject", code: code as RejectCode, message, ...(errorCode === undefined ? {} : { errorCode: errorCode as ErrorCode }) };
}

function responseOf(map: CborMap): Response | undefined {
  const parts = complete<Omit<Response, "kind" | "deadline">>({
    originator: idOf(map["originator"]), respondent: idOf(map["respondent"]), callback: callbackOf(map["callback"]), refund: cyclesOf(map["refund"]), payload: payloadOf(map),
  });
  return parts && { kind: "response", ...parts, ...deadlineOf(map) };
}

function refundOf(map: CborMap): Refund | undefined {
  const parts = complete<Omit<Refund, "kind">>({ recipient: idOf(map["recipient"]), amount: cyclesOf(map["amount"]) });
  return parts && { kind: "refund", ...parts };
}

export function decodeStreamMessage(bytes: Uint8Array): Result<StreamMessage, StreamCodecError> {
  const decoded = decodeCbor(bytes), map = decoded.ok ? cborMap(decoded.value) : undefined;
  const request = cborMap(map?.["request"]), response = cborMap(map?.["response"]), refund = cborMap(map?.["refund"]);
  const message = request ? requestOf(request) : response ? responseOf(response) : refund ? refundOf(refund) : undefined;
  return message ? ok(message) : err({ kind: "malformed", what: "message" });
}
