import type { CanisterId, Cycles, Height, MessageId, Principal, RegistryVersion, Request, Response, SenderInfo, Time } from "../types/index.ts";
import type { CanisterSnapshot } from "./canisterSnapshot.ts";
import type { PagedMemory } from "./pagedMemory.ts";
import type { PersistentMap } from "./persistentMap.ts";

/**
 * Everything that a subnet knows of one canister. `system` is plain data (numbers, bigints, strings, Uint8Arrays, arrays, records: no
 * classes, Maps or functions), so that it is hashed, journaled and sent to another thread by one generic codec. Only `execution` and
 * `snapshots` hold memories.
 */
export interface CanisterState {
  readonly id: CanisterId;
  readonly system: SystemState;
  /** Undefined: an empty canister. */
  readonly execution: ExecutionState | undefined;
  /** In order of their ids; absent: none. */
  readonly snapshots?: readonly CanisterSnapshot[];
}

export interface ExecutionState {
  /** The module as it was uploaded (gzipped modules stay gzipped) and its SHA-256. */
  readonly module: Uint8Array;
  readonly moduleHash: Uint8Array;
  /** Names of the exported entry points as the module wrote them, sorted: `canister_update inc`, `canister_heartbeat` … */
  readonly exports: readonly string[];
  readonly memory64: boolean;
  /** Number of wasm instructions: what compiling the module costs in a round. */
  readonly instructionCount: number;
  /** Custom sections `icp:public NAME` and `icp:private NAME`, sorted by name. */
  readonly metadata: readonly { readonly name: string; readonly visibility: "public" | "private"; readonly content: Uint8Array }[];
  /** Mutable globals as the bits that the module's `save` function spills. */
  readonly globals: Uint8Array;
  readonly heap: PagedMemory;
  readonly stable: PagedMemory;
}

/** Interface spec, "canister_status": a stopping canister carries who waits for it; a running one has no such field. */
export type CanisterStatus =
  | { readonly kind: "running" }
  | { readonly kind: "stopping"; readonly stopContexts: readonly StopContext[] }
  | { readonly kind: "stopped" };
export interface StopContext { readonly origin: CallOrigin; readonly since: Time; readonly cycles: Cycles }
/** Interface spec, "On Low Wasm Memory": the hook runs once each time that its condition becomes true. */
export type HookStatus = "notSatisfied" | "ready" | "executed";

/** Who began a call context, and so where the answer goes. */
export type CallOrigin =
  | { readonly kind: "ingress"; readonly messageId: MessageId; readonly sender: Principal; readonly method: string; readonly senderInfo?: SenderInfo }
  | { readonly kind: "canister"; readonly sender: CanisterId; readonly callback: number; readonly deadline?: Time; readonly method: string }
  | { readonly kind: "query"; readonly sender: Principal; readonly method: string }
  | { readonly kind: "system" };

export interface CallContext {
  readonly origin: CallOrigin;
  readonly responded: boolean;
  /** An uninstall marks the context: its late responses only refund cycles. */
  readonly deleted: boolean;
  readonly availableCycles: Cycles;
  readonly since: Time;
  /** Used by every execution of the context so far: `performance_counter(1)`. */
  readonly instructions: bigint;
}

/** A wasm closure: function index in the table and environment, as 64-bit values. */
export interface WasmClosure { readonly fun: bigint; readonly env: bigint }
/** What to do when an answer comes, as data: a closure or a promise would not survive a checkpoint. */
export interface Continuation { readonly step: string; readonly env: Uint8Array }

export interface Callback {
  readonly callContext: number;
  readonly receiver: CanisterId;
  readonly onReply: WasmClosure | Continuation;
  readonly onReject: WasmClosure | Continuation;
  readonly onCleanup?: WasmClosure | Continuation;
  readonly cyclesSent: Cycles;
  readonly prepaidExecution: Cycles;
  readonly prepaidTransmission: Cycles;
  readonly deadline?: Time;
}

export interface Visibility { readonly kind: "controllers" | "public" | "allowedViewers"; readonly viewers: readonly Principal[] }

/** Interface spec, "Canister settings". */
export interface CanisterSettings {
  /** Sorted by id bytes, without duplicates. */
  readonly controllers: readonly Principal[];
  readonly computeAllocation: number;
  readonly memoryAllocation: bigint;
  readonly freezingThreshold: bigint;
  readonly reservedCyclesLimit: bigint;
  readonly minimumIncomingCanisterCallCycles: bigint;
  readonly wasmMemoryLimit: bigint;
  readonly wasmMemoryThreshold: bigint;
  readonly logVisibility: Visibility;
  readonly snapshotVisibility: Visibility;
  readonly statusVisibility: Visibility;
  readonly logMemoryLimit: bigint;
  readonly environmentVariables: readonly { readonly name: string; readonly value: string }[];
}

export interface LogRecord { readonly index: bigint; readonly timestamp: Time; readonly content: Uint8Array }

export type ChangeOrigin =
  | { readonly kind: "user"; readonly user: Principal }
  | { readonly kind: "canister"; readonly canister: CanisterId; readonly version?: bigint };
export type ChangeDetails =
  | { readonly kind: "creation"; readonly controllers: readonly Principal[]; /** SHA-256 over the sorted variables; absent: none were given. */ readonly environmentVariablesHash?: Uint8Array }
  | { readonly kind: "codeUninstall" }
  | { readonly kind: "codeDeployment"; readonly mode: "install" | "reinstall" | "upgrade"; readonly moduleHash: Uint8Array }
  | {
      readonly kind: "loadSnapshot"; readonly snapshotId: Uint8Array; readonly canisterVersion: bigint; readonly takenAt: Time; readonly source: CanisterSnapshot["source"];
      /** Where the snapshot was taken, when that is another canister. */
      readonly fromCanister?: CanisterId;
    }
  /** Another canister's id was taken, which had this version and so many changes; `from`: the id until then. */
  | { readonly kind: "rename"; readonly from: CanisterId; readonly fromChanges: bigint; readonly to: CanisterId; readonly version: bigint; readonly changes: bigint; readonly requestedBy: Principal }
  | { readonly kind: "controllersChange"; readonly controllers: readonly Principal[] };
export interface HistoryEntry { readonly timestamp: Time; readonly version: bigint; readonly origin: ChangeOrigin; readonly details: ChangeDetails }

export type ChunkStore = readonly { readonly hash: string; readonly chunk: Uint8Array }[];

/** Interface spec, "canister_metrics": cycles by what they were paid for; each only grows. */
export type ConsumedCycles = Readonly<Partial<Record<CyclesUse, bigint>>>;
export type CyclesUse = "memory" | "computeAllocation" | "ingressInduction" | "instructions" | "transmission" | "uninstall" | "creation" | "httpOutcalls" | "burned";

export interface SystemState {
  readonly settings: CanisterSettings;
  readonly status: CanisterStatus;
  readonly balance: Cycles;
  readonly reservedBalance: Cycles;
  readonly version: bigint;
  readonly certifiedData: Uint8Array;
  readonly onLowWasmMemory: HookStatus;
  /** Nanoseconds; 0 when no timer is set. */
  readonly globalTimer: Time;
  readonly createdAt: Time;
  readonly lastInstalledAt: Time | undefined;
  /** Instructions of installs that rounds since then have not yet made up for; absent where installs are not limited. */
  readonly installDebit?: { readonly instructions: bigint; readonly since: Height };
  /** Bytes of memory that messages changed and rounds since then have not yet made up for; absent where that is not limited. */
  readonly heapDebit?: { readonly bytes: number; readonly since: Height };
  readonly lastCharged: Time;
  /** A message that takes more than one round. Nothing else of the canister changes until it ends; calls and answers for it wait. */
  readonly paused?: PausedExecution;
  /** When to look whether the cycles have come to an end: not later than they do, unless much is spent before. Absent: the canister costs nothing. */
  readonly cyclesEnd?: Time | undefined;
  readonly logs: readonly LogRecord[];
  readonly nextLogIndex: bigint;
  readonly history: readonly HistoryEntry[];
  readonly historyTotal: bigint;
  /** Chunks of `upload_chunk`, by the hex of their hash, sorted. */
  readonly chunkStore: ChunkStore;
  /** Bytes that the canister's messages hold, and places for answers: paid for like memory. Absent: none. */
  readonly messageBytes?: number;
  /** Bytes of all snapshots: part of the canister's memory. Absent: none. */
  readonly snapshotBytes?: bigint;
  /** Snapshots taken or uploaded so far: ids are not used again. */
  readonly snapshotsTotal?: bigint;
  /** What the canister paid so far, by use. Absent: nothing. */
  readonly consumed?: ConsumedCycles;
  readonly nextCallContext: number;
  readonly callContexts: Readonly<Record<string, CallContext>>;
  readonly nextCallback: number;
  readonly callbacks: Readonly<Record<string, Callback>>;
  readonly queues: CanisterQueues;
  /** Where the canister stands in the order of rounds (design §3.3, scheduler). */
  readonly schedule: { readonly accumulatedPriority: number; readonly lastFullExecutionRound: number; /** Of the last change. */ readonly round?: number };
  /** Interface spec, "canister_status": sums over the query calls that were charged to the canister. */
  readonly queryStats: { readonly calls: bigint; readonly instructions: bigint; readonly requestBytes: bigint; readonly responseBytes: bigint };
}

/**
 * A message that runs in slices (design D6). It stands at the head of its queue; what it has done so far is nowhere in the state, because it
 * follows from the state by running the message again.
 */
export interface PausedExecution {
  readonly message: "ingress" | "input" | "canister_heartbeat" | "canister_global_timer" | "canister_on_low_wasm_memory" | "management";
  /** The call of the management canister that installs code: it stands in no queue. */
  readonly management?: Request | IngressMessage;
  /** Of the round that began it, as the message sees them to its end. */
  readonly since: Height;
  readonly time: Time;
  readonly memoryTaken: bigint;
  readonly messagesTaken?: { readonly guaranteed: number; readonly callbacks: number };
  /** When the registry changes meanwhile, the message begins again. */
  readonly registryVersion: RegistryVersion;
  /** What users' messages to the canister cost meanwhile: paid at the end, as the message must not see it (dfinity/ic, ingress_induction_cycles_debit). */
  readonly debit?: bigint;
  /** Slices that each of its executions was granted: a callback's cleanup is the second. */
  readonly slices: readonly number[];
}

/** An ingress message that waits in a queue; its envelope stayed in the block. */
export interface IngressMessage {
  readonly kind: "ingress"; readonly messageId: MessageId; readonly sender: Principal; readonly receiver: CanisterId; readonly effectiveCanisterId: CanisterId;
  readonly method: string; readonly arg: Uint8Array; readonly expiry: Time; readonly senderInfo?: SenderInfo;
}
export type InputMessage = IngressMessage | Request | Response;

/**
 * Input in order of arrival; output in order of sending. The slots of the protocol's queues (500 calls in flight per pair) follow from the
 * open callbacks, so they are counted and not stored.
 */
export interface CanisterQueues {
  readonly ingress: readonly IngressMessage[];
  readonly input: readonly (Request | Response)[];
  readonly output: readonly (Request | Response)[];
}

export type CanisterStates = PersistentMap<CanisterId, CanisterState>;
