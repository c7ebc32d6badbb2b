import type { CanisterId, CanisterQueryStats, Height, IngressStatus, MessageId, NodeId, Principal, RegistryVersion, Refund, RejectSignal, Request, Response, StreamMessage, SubnetId, Time } from "../types/index.ts";
import type { CanisterStates, IngressMessage } from "./canisterState.ts";
import type { MessageUse } from "./messageMemory.ts";
import type { PersistentMap } from "./persistentMap.ts";

export type SubnetType = "application" | "system" | "verified_application" | "cloud_engine";

/** What a round may know of the network: taken from the registry at the batch's registry version. */
export interface NetworkTopology {
  readonly rootSubnet: SubnetId;
  /** DER of the root subnet's threshold key. */
  readonly rootKey: Uint8Array;
  /** Sorted by subnet id. */
  readonly subnets: readonly SubnetTopology[];
  /** Sorted by `start`; disjoint, both ends included. */
  readonly routingTable: readonly CanisterIdRange[];
  /** Canisters on their way from one subnet to another: sorted by `start`, disjoint. Absent: none. */
  readonly migrations?: readonly CanisterMigration[];
}
/**
 * Canister ids that move, and the subnets that host them one after the other (dfinity/ic, rs/registry/routing_table: `CanisterMigrations`): both sides of
 * the move are believed while messages of the time before may be on their way (protocol digest §2.2, §2.4).
 */
export interface CanisterMigration { readonly start: CanisterId; readonly end: CanisterId; readonly trace: readonly SubnetId[]; readonly replaces?: Replacement }
/** The canister of the last subnet that takes the one id of a move: it holds the state. `version` and `changes` are those of the canister whose id it takes, which it goes on from. */
export interface Replacement { readonly canister: CanisterId; readonly version: bigint; readonly changes: bigint }
export interface CanisterIdRange { readonly start: CanisterId; readonly end: CanisterId; readonly subnet: SubnetId }
export interface SubnetTopology {
  readonly id: SubnetId;
  readonly type: SubnetType;
  /** DER of the subnet's threshold key. */
  readonly publicKey: Uint8Array;
  readonly nodes: readonly { readonly id: NodeId; /** DER, Ed25519 */ readonly publicKey: Uint8Array }[];
  /** The size that fees are scaled by (design D7, "priced as"). */
  readonly pricedAs: number;
  /** Interface spec 0.58, "subnet admins": sorted. A subnet that has the field, even empty, takes no cycles from its canisters (cost schedule `free`). */
  readonly admins?: readonly Principal[];
  /** The version of the replica that the registry wants there. */
  readonly replicaVersion?: string;
}

/** Messages to one other subnet (the loopback stream included), gap-free from `begin`. */
export interface Stream {
  readonly begin: bigint;
  readonly messages: readonly StreamMessage[];
  readonly signalsEnd: bigint;
  readonly rejectSignals: readonly RejectSignal[];
}

export interface SubnetMetrics {
  readonly updateTransactionsTotal: bigint;
  readonly consumedCyclesTotal: bigint;
  /** Bytes that all canisters use. */
  readonly canisterStateBytes: bigint;
  /** Bytes of the subnet's memory that are taken: what canisters use, or what is reserved for them. */
  readonly allocatedBytes?: bigint;
  /** Bytes of memory that canisters changed since the last checkpoint; absent where that is not limited. */
  readonly heapDelta?: number;
  /** Of the last checkpoint, where that is limited. */
  readonly checkpointAt?: Height;
  /** What messages hold and how many calls are open, on the whole subnet; absent: not counted yet. */
  readonly messages?: Readonly<MessageUse>;
}

/** Interface spec, "node_metrics_history": blocks that nodes made, summed from genesis. Sorted by node. */
export interface NodeMetrics { readonly at: Time; readonly nodes: readonly { readonly node: NodeId; readonly proposed: bigint; readonly failed: bigint }[] }

/** What a node said of its queries, epoch by epoch; those that were aggregated are gone. */
export interface QueryStatsRecord { readonly node: NodeId; readonly epochs: readonly { readonly epoch: number; readonly stats: readonly CanisterQueryStats[] }[] }
/** Reports of nodes that wait for those of others, sorted by node, and the last epoch that needs no more. */
export interface QueryStatsState { readonly aggregated?: number; readonly nodes: readonly QueryStatsRecord[] }

/** A pending management call that waits for something (a stop, a round's randomness, an agreement of the subnet). */
export interface SubnetCallContext { readonly id: number; readonly kind: "rawRand" | "installCode" | "consensus"; readonly request: Request; readonly since: Height }

/**
 * One version of a subnet's replicated state: the whole input and output of a round. Immutable; a new version shares what it did not
 * touch. All of it is a function of the delivered batches.
 */
export interface ReplicatedState {
  readonly height: Height;
  readonly time: Time;
  readonly subnetId: SubnetId;
  readonly registryVersion: RegistryVersion;
  /** The replica version that computed it (`params/versions.ts`); absent: the first one. */
  readonly replicaVersion?: string;
  readonly topology: NetworkTopology;
  /** Root of the certified tree of the previous height; empty at genesis. */
  readonly prevStateHash: Uint8Array;
  readonly canisters: CanisterStates;
  /** The next canister id of the subnet's allocation range is one that was never used; ids are not reused. */
  readonly lastAllocatedCanisterId: CanisterId | undefined;
  readonly ingressHistory: PersistentMap<MessageId, IngressStatus>;
  /** Message ids by expiry, so that pruning costs what it prunes. Keys are 16 hex digits of seconds. */
  readonly ingressExpiries: PersistentMap<string, readonly MessageId[]>;
  readonly streams: PersistentMap<SubnetId, Stream>;
  /** Management calls to `aaaaa-aa` or to this subnet's id, in order of arrival. */
  readonly subnetQueue: readonly (Request | IngressMessage)[];
  /** Answers of management calls to canisters of other subnets, on their way into a stream. */
  readonly subnetOutput: readonly Response[];
  /** Cycles of dropped messages on their way back, one entry a canister, sorted. Absent: none. */
  readonly refunds?: readonly Refund[];
  readonly subnetCalls: readonly SubnetCallContext[];
  readonly nextSubnetCall: number;
  readonly metrics: SubnetMetrics;
  /** Blocks of each node so far, at the last block of each day (UTC), oldest first; the last entry goes on. Absent before the first block. */
  readonly nodeMetrics?: readonly NodeMetrics[];
  /** SHA-256 in hex of the modules that were installed last, the newest at the end: installing one of them again costs a round little. Absent: none. */
  readonly compiledModules?: readonly string[];
  /** Absent before the first report. */
  readonly queryStats?: QueryStatsState;
  /** Answers of the subnet's agreement (signatures, outcalls) that the next round delivers. */
  readonly consensusQueue: readonly Response[];
  /** Canisters that have something to do now: input, output that found no place, a hook. Keeps a round's cost to what is active. */
  readonly active: PersistentMap<CanisterId, true>;
  /** Running canisters with a heartbeat: they run in every round that happens, but are no reason to make one (design D7). */
  readonly heartbeats: PersistentMap<CanisterId, true>;
  /** Due times (timers, deadlines, stop timeouts, the end of the cycles): key = 16 hex digits of nanoseconds + canister id. */
  readonly due: PersistentMap<string, CanisterId>;
}

export interface Labeled<State> { readonly height: Height; readonly state: State }
