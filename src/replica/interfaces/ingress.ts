import type { KeyObject } from "node:crypto";
import type { CanisterId, MessageId, NodeId, Principal, Result, SignedIngress, SubnetId, Time } from "../types/index.ts";
import type { HashTree } from "../hashTree/hashTree.ts";
import type { UserQuery } from "./execution.ts";

/** Where a request was sent: the effective canister id or subnet id of the URL (interface spec, "Effective canister id"). */
export type Destination =
  | { readonly kind: "canister"; readonly id: CanisterId }
  | { readonly kind: "subnet"; readonly id: SubnetId };

/** Why a request is not authentic or not well-formed. The evidence is here, the words are made where HTTP answers. */
export type RequestRefusal =
  | { readonly kind: "notCbor"; readonly reason: string; readonly offset: number }
  | { readonly kind: "malformed"; readonly reason: string }
  | { readonly kind: "wrongDestination"; readonly canister: CanisterId; readonly destination: Destination }
  | { readonly kind: "notForSubnets"; readonly method: string }
  | { readonly kind: "requestExpiry"; readonly earliest: Time; readonly latest: Time; readonly provided: bigint }
  | { readonly kind: "delegationExpiry"; readonly provided: bigint; readonly now: Time }
  | { readonly kind: "nonceTooBig"; readonly bytes: number; readonly bytesMax: number }
  | { readonly kind: "tooManyPaths"; readonly count: number; readonly countMax: number }
  | { readonly kind: "pathTooLong"; readonly count: number; readonly countMax: number }
  | { readonly kind: "anonymousSigned" }
  | { readonly kind: "missingSignature"; readonly sender: Principal }
  | { readonly kind: "senderNotOfKey"; readonly sender: Principal; readonly publicKey: Uint8Array }
  | { readonly kind: "invalidSignature" | "invalidDelegation"; readonly reason: string }
  | { readonly kind: "invalidSenderInfo"; readonly reason: string }
  | { readonly kind: "notADelegationTarget"; readonly canister: CanisterId }
  | { readonly kind: "onlyQueries" };

/** The canisters that a request may speak of: every one, or the intersection of its delegations' targets. */
export type Targets = "all" | ReadonlySet<CanisterId>;

export interface AuthenticQuery { readonly requestId: MessageId; readonly query: UserQuery; /** SHA-256 of the content map: what the answer's signature covers. */ readonly requestHash: Uint8Array }
export interface AuthenticReadState { readonly sender: Principal; readonly paths: readonly (readonly Uint8Array[])[]; readonly targets: Targets }

/** Interface spec, "Authentication": the gatehouse of the three kinds of request. `now` is the time of the node that was asked. */
export interface RequestValidator {
  call(envelope: Uint8Array, destination: Destination, now: Time): Result<SignedIngress, RequestRefusal>;
  query(envelope: Uint8Array, destination: Destination, now: Time): Result<AuthenticQuery, RequestRefusal>;
  readState(envelope: Uint8Array, now: Time): Result<AuthenticReadState, RequestRefusal>;
  /** The signature of the request itself, when computing it on another thread before the request is judged spares time. */
  claim(envelope: Uint8Array): SignatureClaim | undefined;
}

/** A signature that claims to be good, in the arguments of `crypto.verify`. Whoever finds that it is calls `remember`. */
export interface SignatureClaim {
  readonly algorithm: null | "sha256";
  readonly key: KeyObject | { readonly key: KeyObject; readonly dsaEncoding: "ieee-p1363" };
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  remember(): void;
}

/**
 * Checks a certificate for a canister signature: the root key's or a delegated subnet's signature, that the canister lies in the
 * delegation's ranges, and that the subnet's type may sign. Gives the certified tree, or why not.
 */
export type VerifyCertificate = (certificate: Uint8Array, canister: CanisterId) => Result<HashTree, string>;

/** Who brought a message into the pool: a user of this node, or another node. */
export type IngressOrigin = NodeId | "user";
export interface IngressSelection {
  /** The block's time: messages that expire before it, or too far after it, stay out. */
  readonly time: Time;
  readonly bytesMax: number;
  readonly messagesMax: number;
  /** True for messages that the chain or the ingress history already holds. */
  readonly isKnown: (id: MessageId) => boolean;
}
export interface IngressPool {
  readonly size: number;
  readonly bytes: number;
  /** `known` changes nothing; a full pool is an error that passes. */
  add(message: SignedIngress, origin: IngressOrigin): Result<"added" | "known", { readonly kind: "poolFull"; readonly limit: "messages" | "bytes" | "perPeer" }>;
  get(id: MessageId): SignedIngress | undefined;
  remove(ids: Iterable<MessageId>): void;
  /** Forgets messages that no block can carry any more; gives their ids. */
  purgeExpired(now: Time): readonly MessageId[];
  /** Messages for a block, fair among receivers, in order of arrival for each receiver. */
  select(selection: IngressSelection): readonly SignedIngress[];
}
