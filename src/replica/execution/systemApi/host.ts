import type { WasmMemory } from "../../interfaces/wasm.ts";
import type { SubnetParams } from "../../params/subnetParams.ts";
import type { CanisterStatus, CanisterSettings, Continuation, WasmClosure } from "../../state/canisterState.ts";
import type { CanisterId, Cycles, Principal, ResponsePayload, SenderInfo, SubnetId, Time, UserError } from "../../types/index.ts";
import type { ExecutionContext } from "./executionContext.ts";

export interface MessagesTaken { readonly guaranteed: number; readonly callbacks: number }

/** What an execution may know of the subnet that it runs on. */
export interface SubnetView { /** What guaranteed messages of the subnet hold (bytes) and calls that are open there when the execution begins; absent: none. */ readonly messagesTaken?: () => MessagesTaken; /** Bytes of the subnet's memory that are taken when the execution begins; absent: none. */ readonly memoryTaken?: () => bigint; readonly subnetId: SubnetId; readonly rootKey: Uint8Array; readonly params: SubnetParams; readonly time: Time; isLocal(receiver: CanisterId): boolean }

/** A call that is being put together (spec, "Inter-canister calls"). */
export interface CallBuilder {
  readonly receiver: CanisterId; readonly method: string; readonly onReply: WasmClosure; readonly onReject: WasmClosure;
  onCleanup?: WasmClosure; readonly arg: Uint8Array[]; argBytes: number; cycles: bigint; timeoutSeconds?: number;
}
/** A call that `call_perform` accepted; its price is already taken from the balance. */
export interface OutgoingCall {
  readonly receiver: CanisterId; readonly method: string; readonly arg: Uint8Array; readonly cycles: Cycles; readonly deadline?: Time;
  readonly onReply: WasmClosure | Continuation; readonly onReject: WasmClosure | Continuation; readonly onCleanup?: WasmClosure | Continuation;
  readonly prepaidExecution: Cycles; readonly prepaidTransmission: Cycles;
}

/** What a message brings with it and what its canister is: fixed before the entry point runs. */
export interface MessageInput {
  readonly context: ExecutionContext;
  readonly canisterId: CanisterId;
  readonly caller: Principal;
  /** What the canister that signed for the user says of the user (spec, "msg_caller_info_data"). */
  readonly senderInfo?: SenderInfo;
  readonly arg: Uint8Array;
  readonly methodName: string;
  readonly rejectCode: number;
  readonly rejectMessage: string | undefined;
  readonly deadline: Time;
  readonly refunded: bigint;
  /** Whether the call context has its answer already, or never takes one. */
  readonly responded: boolean;
  readonly version: bigint;
  readonly status: CanisterStatus["kind"];
  readonly settings: CanisterSettings;
  readonly memory64: boolean;
  readonly freezingBalance: bigint;
  /** The same if messages held so many bytes more. */
  freezingWith(messageBytes: number): bigint;
  /** Calls of the canister without an answer so far. */
  readonly callbacksOpen: number;
  readonly globalTimer: Time;
  /** Instructions of earlier executions of the same call context. */
  readonly contextInstructions: bigint;
  readonly subnet: SubnetView;
  /** Answers `data_certificate`; absent where there is none. */
  readonly dataCertificate?: () => Uint8Array | undefined;
  callsInFlight(peer: CanisterId): number;
}

/**
 * One running message: its input, and the record of its effects (design §3.4). Nothing of it touches the state before the entry point has
 * returned; a trap drops the record.
 */
export interface Host {
  readonly input: MessageInput;
  memory: WasmMemory;
  /** Main balance as the canister sees it. */
  balance: bigint;
  available: bigint;
  readonly reply: Uint8Array[];
  replyBytes: number;
  response: ResponsePayload | undefined;
  builder: CallBuilder | undefined;
  readonly calls: OutgoingCall[];
  certifiedData: Uint8Array | undefined;
  timer: Time | undefined;
  accepted: bigint;
  burned: bigint;
  /** Cycles that growth of memory moved from the balance into the reserved balance. */
  reserved: bigint;
  /** What the calls of this execution hold of the memory for guaranteed messages, in bytes. */
  messageBytes: number;
  /** Bytes of the subnet's memory that growth took. */
  taken: bigint;
  minted: bigint;
  messageAccepted: boolean;
  readonly logs: Uint8Array[];
  certificate: Uint8Array | undefined;
  /** What ended the execution, in the words of the canister's log; undefined when it returned. */
  failure: UserError | undefined;
  /** Where the canister trapped. */
  backtrace: string | undefined;
}

/** A fresh record for a message with this balance (execution prepayment already taken) and these cycles on its call context. */
export const createHost = (input: MessageInput, balance: bigint, available: bigint): Host => ({
  input, memory: undefined as unknown as WasmMemory, balance, available, reply: [], replyBytes: 0, response: undefined, builder: undefined, calls: [],
  certifiedData: undefined, timer: undefined, accepted: 0n, burned: 0n, reserved: 0n, messageBytes: 0, taken: 0n, minted: 0n, messageAccepted: false, logs: [], certificate: undefined, failure: undefined, backtrace: undefined,
});
