import type { CanisterId, MessageId, NodeId, Principal, SubnetId } from "./ids.ts";
import type { Cycles, Hash, Height, RegistryVersion, Time } from "./numbers.ts";
import type { ErrorCode, RejectCode } from "./errors.ts";

/** A call envelope that passed authentication (interface spec, "Request: Call"). */
export interface SignedIngress {
  readonly messageId: MessageId;
  readonly sender: Principal;
  readonly receiver: CanisterId;
  /** The canister that the management call is about, by which it was routed; the receiver otherwise. */
  readonly effectiveCanisterId: CanisterId;
  readonly method: string;
  readonly arg: Uint8Array;
  readonly expiry: Time;
  /** Interface spec, "msg_caller_info_data": what the canister whose signature authenticated the sender says of the sender. */
  readonly senderInfo?: SenderInfo;
  /** The CBOR envelope exactly as received: what peers gossip and blocks carry. */
  readonly envelope: Uint8Array;
}
export interface SenderInfo { readonly info: Uint8Array; readonly signer: CanisterId }

/** `callback` names the caller's callback, in the caller's own numbering. `deadline` (ns) makes it a best-effort call. */
export interface Request {
  readonly kind: "request"; readonly sender: CanisterId; readonly receiver: CanisterId; readonly callback: number;
  readonly method: string; readonly arg: Uint8Array; readonly cycles: Cycles; readonly deadline?: Time;
  /** The sender's canister version, for `sender_canister_version` and the canister history. */
  readonly senderVersion: bigint;
  /** Since when it waits in the sender's output queue, when it found no way out in its first round. No part of streams. */
  readonly queued?: Time;
}
/** Cycles of a message that was dropped on its way, without a word of which (dfinity/ic, certification version 22). */
export interface Refund { readonly kind: "refund"; readonly recipient: CanisterId; readonly amount: Cycles }
/** What a stream carries. */
export type StreamMessage = Request | Response | Refund;
export interface Response {
  readonly kind: "response"; readonly originator: CanisterId; readonly respondent: CanisterId; readonly callback: number;
  readonly refund: Cycles; readonly payload: ResponsePayload; readonly deadline?: Time;
}
export type ResponsePayload =
  | { readonly kind: "reply"; readonly data: Uint8Array }
  | { readonly kind: "reject"; readonly code: RejectCode; readonly message: string; readonly errorCode?: ErrorCode };

/** Interface spec, "Call": what the ingress history knows of a message; `done` is known but pruned. */
export type IngressStatus =
  | { readonly kind: "unknown" }
  | { readonly kind: "received" | "processing"; readonly receiver: CanisterId; readonly sender: Principal; readonly effectiveCanisterId: CanisterId; readonly time: Time; readonly expiry: Time }
  | { readonly kind: "completed"; readonly receiver: CanisterId; readonly sender: Principal; readonly effectiveCanisterId: CanisterId; readonly time: Time; readonly expiry: Time; readonly reply: Uint8Array }
  | { readonly kind: "failed"; readonly receiver: CanisterId; readonly sender: Principal; readonly effectiveCanisterId: CanisterId; readonly time: Time; readonly expiry: Time; readonly code: ErrorCode; readonly rejectCode: RejectCode; readonly message: string }
  | { readonly kind: "done"; readonly time: Time; readonly expiry: Time; readonly receiver: CanisterId; readonly sender: Principal; readonly effectiveCanisterId: CanisterId };

/** A part of the stream from `source`: a certificate (CBOR, without a delegation) that shows the header and consecutive messages. */
export interface CertifiedStreamSlice { readonly source: SubnetId; readonly certificate: Uint8Array }

/** Why a subnet did not take a request of a stream (dfinity/ic, certification version 19). */
export const REJECT_REASONS = ["CanisterMigrating", "CanisterNotFound", "CanisterStopped", "CanisterStopping", "QueueFull", "OutOfMemory", "Unknown"] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];
/** A message of the opposite stream that was not taken. */
export interface RejectSignal { readonly index: bigint; readonly reason: RejectReason }

/** Interface spec, "canister_status": what queries of one canister came to. Bytes of arguments and of answers. */
export interface QueryStats { readonly calls: bigint; readonly instructions: bigint; readonly requestBytes: bigint; readonly responseBytes: bigint }
export interface CanisterQueryStats extends QueryStats { readonly canister: CanisterId }
/** What a node counted in an epoch, or a part of it: sorted by canister. A node reports every epoch, if only that there was nothing. */
export interface QueryStatsReport { readonly node: NodeId; readonly epoch: number; readonly stats: readonly CanisterQueryStats[] }

/** What consensus hands to message routing: everything a round needs, and nothing that a replica may look up on its own. */
export interface Batch {
  readonly height: Height;
  readonly time: Time;
  readonly registryVersion: RegistryVersion;
  /** The replica version that executes it, which made its block; absent: the first one. */
  readonly replicaVersion?: string;
  /** Hash of the random tape of this height. */
  readonly randomness: Hash<"RandomTape">;
  readonly ingress: readonly SignedIngress[];
  /** Sorted by source subnet. */
  readonly streams: readonly CertifiedStreamSlice[];
  /** Answers to subnet calls that needed the subnet's agreement: signatures, HTTPS outcalls, initial DKGs. */
  readonly consensusResponses: readonly Response[];
  /** True at summary heights: the full state is hashed and persisted. */
  readonly requiresCheckpoint: boolean;
  /** What the block's maker says of the queries that it answered. */
  readonly queryStats?: QueryStatsReport;
  /** Who made the block, for the nodes' metrics. */
  readonly blockMaker?: NodeId;
}
