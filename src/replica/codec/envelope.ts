import { type CanisterId, type MessageId, PRINCIPAL_BYTES_MAX, type Principal, type Result, err, hexFromBytes, messageId, ok } from "../types/index.ts";
import { type CborMap, type CborValue, cborArray, cborBytes, cborMap, cborNat, cborText, decodeCbor } from "./cbor.ts";
import { hashOfMap } from "./requestId.ts";

/** Interface spec, "Authentication": a delegation as it was signed, with the hash that the signature covers. */
export interface SignedDelegation {
  readonly publicKey: Uint8Array;
  readonly expiration: bigint;
  readonly targets: readonly CanisterId[] | undefined;
  readonly permissions: string | undefined;
  /** Representation-independent hash of the delegation map. */
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
}
/** Interface spec, "Request: Call", `sender_info`. */
export interface SignedSenderInfo { readonly info: Uint8Array; readonly signer: Principal; readonly signature: Uint8Array }

interface ContentBase { readonly sender: Principal; readonly expiry: bigint; readonly nonce: Uint8Array | undefined }
export interface CallContent extends ContentBase {
  readonly kind: "call" | "query";
  readonly canister: CanisterId;
  readonly method: string;
  readonly arg: Uint8Array;
  readonly senderInfo: SignedSenderInfo | undefined;
}
export interface ReadStateContent extends ContentBase { readonly kind: "read_state"; readonly paths: readonly (readonly Uint8Array[])[] }
export type RequestContent = CallContent | ReadStateContent;

/** A request in its envelope, decoded and typed; nothing of it is authentic yet. */
export interface Envelope<Content extends RequestContent = RequestContent> {
  readonly content: Content;
  readonly requestId: MessageId;
  /** The 32 bytes of the request id: what the sender signs. */
  readonly requestHash: Uint8Array;
  readonly publicKey: Uint8Array | undefined;
  readonly signature: Uint8Array | undefined;
  readonly delegations: readonly SignedDelegation[] | undefined;
}

export type EnvelopeError =
  | { readonly kind: "notCbor"; readonly reason: string; readonly offset: number }
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "tooManyPaths" | "pathTooLong"; readonly count: number; readonly countMax: number };

/** Interface spec, "Request: Read state". */
export const PATHS_MAX = 1000;
export const LABELS_PER_PATH_MAX = 127;
/** Interface spec: u64 nanoseconds. */
const NAT64_MAX = (1n << 64n) - 1n;
/**
 * Deepest of the interface: envelope, delegations, delegation, targets, target, with room for tags and future fields. Largest: 20 chains of
 * 1000 targets, or 1000 paths whose labels could be readable (at most five).
 */
const ENVELOPE_LIMITS = { depthMax: 32, itemsMax: 40_000 } as const;

/** Ends the decoding of one envelope; it never leaves this file. */
class Malformed extends Error {}
const required = <Value>(value: Value | undefined, field: string): Value => {
  if (value === undefined) throw new Malformed(field);
  return value;
};
const isAbsent = (value: CborValue): boolean => value === undefined;

function field<Value>(map: CborMap, name: string, read: (value: CborValue) => Value | undefined): Value {
  if (isAbsent(map[name])) throw new Malformed(`missing field \`${name}\``);
  return required(read(map[name]), `field \`${name}\` has the wrong type`);
}
function optional<Value>(map: CborMap, name: string, read: (value: CborValue) => Value | undefined): Value | undefined {
  return isAbsent(map[name]) ? undefined : field(map, name, read);
}
const nat64 = (value: CborValue): bigint | undefined => {
  const nat = cborNat(value);
  return nat === undefined || nat > NAT64_MAX ? undefined : nat;
};
const principal = (value: CborValue): Principal | undefined => {
  const bytes = cborBytes(value);
  return bytes === undefined || bytes.length > PRINCIPAL_BYTES_MAX ? undefined : (hexFromBytes(bytes) as Principal);
};
const canister = (value: CborValue): CanisterId | undefined => principal(value) as CanisterId | undefined;
const listOf = <Item>(read: (value: CborValue) => Item | undefined) => (value: CborValue): readonly Item[] | undefined =>
  cborArray(value)?.map((item) => required(read(item), "a list has an item of the wrong type"));

function senderInfo(value: CborValue): SignedSenderInfo | undefined {
  const map = cborMap(value);
  return map && { info: field(map, "info", cborBytes), signer: field(map, "signer", principal), signature: field(map, "sig", cborBytes) };
}

function signedDelegation(value: CborValue): SignedDelegation | undefined {
  const map = cborMap(value);
  if (map === undefined) return undefined;
  const delegation = field(map, "delegation", cborMap);
  return {
    publicKey: field(delegation, "pubkey", cborBytes),
    expiration: field(delegation, "expiration", nat64),
    targets: optional(delegation, "targets", listOf(canister)),
    permissions: optional(delegation, "permissions", cborText),
    hash: hashOfMap(delegation),
    signature: field(map, "signature", cborBytes),
  };
}

/** Interface spec, "Request: Read state": at most 1000 paths of at most 127 labels; refused before anything is hashed. */
function tooMany(content: RequestContent): EnvelopeError | undefined {
  if (content.kind !== "read_state") return undefined;
  if (content.paths.length > PATHS_MAX) return { kind: "tooManyPaths", count: content.paths.length, countMax: PATHS_MAX };
  const long = content.paths.find((path) => path.length > LABELS_PER_PATH_MAX);
  return long && { kind: "pathTooLong", count: long.length, countMax: LABELS_PER_PATH_MAX };
}

function requestContent(map: CborMap): RequestContent {
  const kind = field(map, "request_type", cborText);
  const base = { sender: field(map, "sender", principal), expiry: field(map, "ingress_expiry", nat64), nonce: optional(map, "nonce", cborBytes) };
  if (kind === "read_state") return { kind, ...base, paths: field(map, "paths", listOf(listOf(cborBytes))) };
  if (kind !== "call" && kind !== "query") throw new Malformed(`unknown variant \`${kind.slice(0, 40)}\`, expected one of \`call\`, \`query\`, \`read_state\``);
  return {
    kind, ...base,
    canister: field(map, "canister_id", canister),
    method: field(map, "method_name", cborText),
    arg: field(map, "arg", cborBytes),
    senderInfo: optional(map, "sender_info", senderInfo),
  };
}

/** Decodes the CBOR of a request (interface spec, "Authentication"). Fields of a wrong type are an error; unknown ones count for the request id. */
export function decodeEnvelope(bytes: Uint8Array): Result<Envelope, EnvelopeError> {
  const decoded = decodeCbor(bytes, ENVELOPE_LIMITS);
  if (!decoded.ok) return err({ kind: "notCbor", reason: decoded.error.kind, offset: decoded.error.offset });
  try {
    const map = required(cborMap(decoded.value), "the envelope is not a map");
    const contentMap = field(map, "content", cborMap);
    const content = requestContent(contentMap), excess = tooMany(content);
    if (excess !== undefined) return err(excess);
    const requestHash = hashOfMap(contentMap);
    return ok({
      content, requestHash, requestId: messageId(requestHash),
      publicKey: optional(map, "sender_pubkey", cborBytes),
      signature: optional(map, "sender_sig", cborBytes),
      delegations: optional(map, "sender_delegation", listOf(signedDelegation)),
    });
  } catch (error) {
    // hashOfMap refuses booleans and null, which no request has.
    if (error instanceof Malformed || error instanceof TypeError) return err({ kind: "malformed", reason: error.message });
    throw error;
  }
}
