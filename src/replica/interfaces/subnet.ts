import type { CanisterId, Hash, Height, IngressStatus, MessageId, NodeId, Principal, Result, SignedIngress, SubnetId, Time, UserError } from "../types/index.ts";
import type { ReplicatedState, SubnetType } from "../state/replicatedState.ts";
import type { HashTree } from "../hashTree/hashTree.ts";
import type { UserQuery } from "./execution.ts";

export type Label = Uint8Array;
export type Path = readonly Label[];

/** A threshold signature of the subnet on the root hash of its certified tree at a height. */
export interface Certification { readonly height: Height; readonly hash: Hash<"StateRoot">; readonly signature: Uint8Array }

/** How a delegation reveals the canister ranges: flat for v2 read_state and v3 call, sharded for v3 read_state and v4 call. */
export type DelegationFormat = "flat" | "sharded";

/** What is known of a subnet, whatever thread it lives in. */
export interface SubnetFacts {
  readonly subnetId: SubnetId;
  readonly type: SubnetType;
  readonly nodeId: NodeId;
  readonly health: "starting" | "waiting_for_certified_state" | "waiting_for_root_delegation" | "certified_state_behind" | "healthy";
  readonly certifiedHeight: Height;
}
/** A request and its answer as data that may go to another thread; names of headers in lower case. */
export interface PlainRequest { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array; /** It comes from the network's owner. */ readonly owner: boolean }
export interface PlainAnswer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array | string | null }
/** What the page at `/` shows of a subnet. */
export interface SubnetPage {
  /** Nanoseconds. */
  readonly time: Time;
  /** The first ones; `more` are not shown. */
  readonly canisters: readonly { readonly id: CanisterId; readonly moduleHash: Uint8Array | undefined }[];
  readonly more: number;
  /** Of the canisters asked for, those whose logs everybody may read. */
  readonly publicLogs: readonly CanisterId[];
}
/** A subnet that lives in another thread: it answers requests itself. */
export interface RemoteSubnet extends SubnetFacts {
  answer(request: PlainRequest): Promise<PlainAnswer>;
  page(lines: readonly CanisterId[]): Promise<SubnetPage>;
}

/** What the HTTP endpoints may ask of one subnet: all answers come from certified state of one healthy node. */
export interface SubnetView extends SubnetFacts {
  /** The latest certified state: for access rules (controllers, metadata visibility, request owners). */
  certifiedState(): ReplicatedState;
  /** CBOR certificate (self-described) that reveals these paths, `/time`, and for another subnet than the root the delegation. */
  certificate(paths: readonly Path[], format: DelegationFormat): Uint8Array;
  /** Filters (room 6) and pools (room 7) an authenticated message. Rejections are the spec's non-replicated ones; a full pool is `overloaded` (503). */
  submit(message: SignedIngress): Result<void, UserError | Overloaded>;
  ingressStatus(id: MessageId): IngressStatus;
  /** Calls back once, when the message has an answer at a certified height that is on disk or the subnet has stopped; returns what cancels the wait. */
  whenAnswered(id: MessageId, wake: () => void): () => void;
  /** The node whose turn it is to answer a query, one that shows all that has been answered; itself where one node alone is asked. */
  forQuery(): SubnetView;
  /** `format` is that of the delegation in the certificate that the canister may ask for; sharded unless given. */
  query(query: UserQuery, format?: DelegationFormat): Result<Uint8Array, UserError>;
  /** The same answer, later when the query takes long: nobody else waits for it. */
  ask(query: UserQuery, format?: DelegationFormat): Result<Uint8Array, UserError> | Promise<Result<Uint8Array, UserError>>;
  /** Ed25519 node signature over `\x0Bic-response` ‖ hash (interface spec, "Query"). The hash covers a timestamp: the caller's `now()`. Computed on another thread. */
  signResponse(hash: Uint8Array): Promise<{ readonly signature: Uint8Array; readonly identity: NodeId }>;
  /** Subnet time now as a node sees it: for expiry checks and query timestamps. */
  now(): Time;
}

/** The pool has no room: the sender may try again later. */
export interface Overloaded { readonly kind: "overloaded" }

/** What the HTTP interface may ask of the network. */
export interface NetworkView {
  /** DER of the root subnet's key. */
  readonly rootKey: Uint8Array;
  readonly subnets: readonly SubnetFacts[];
  /** By the routing table; undefined when no subnet of this thread has the canister id in its ranges. */
  subnetOf(canister: CanisterId): SubnetView | undefined;
  subnet(id: SubnetId): SubnetView | undefined;
  /** One node by its id, and its subnet as this node shows it; undefined for an id that is no node's, and where nodes cannot be addressed. */
  node?(id: NodeId): AddressedNode | undefined;
  /** The subnet that a management call without target canister goes to. */
  readonly defaultSubnet: SubnetFacts;
  /** Subnets of other threads, by a canister of their ranges, their id, or a node's; absent: there are none. */
  readonly elsewhere?: { canister(id: CanisterId): RemoteSubnet | undefined; subnet(id: SubnetId): RemoteSubnet | undefined; node(id: NodeId): RemoteSubnet | undefined };
}

/** A node that somebody asks instead of whoever answers for its subnet. */
export interface AddressedNode { readonly running: boolean; readonly view: SubnetView }

/** The public HTTP interface is a function; `icx start` puts a socket before it (design §3.4). */
export type HttpInterface = (request: globalThis.Request) => Promise<globalThis.Response>;
export type { HashTree, Principal };
