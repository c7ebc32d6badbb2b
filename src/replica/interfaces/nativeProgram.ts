import type { CanisterId, Principal, Time } from "../types/index.ts";
import type { Continuation } from "../state/canisterState.ts";

/** An ordered map of byte keys (as hex) to byte values that lives in stable memory pages (design D11). */
export interface StableMap {
  get(key: string): Uint8Array | undefined;
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
  /** Entries whose key begins with the prefix, in byte order. */
  entries(prefix: string): Iterable<readonly [string, Uint8Array]>;
}

/** What a native program sees of one message: the System API in the words of TypeScript. Throw `Trap` (interfaces/wasm.ts) to trap. */
export interface NativeCall {
  readonly state: StableMap;
  readonly arg: Uint8Array;
  readonly caller: Principal;
  readonly self: CanisterId;
  readonly time: Time;
  reply(data: Uint8Array): void;
  reject(message: string): void;
  /** `certified_data_set`: at most 32 bytes. */
  certify(data: Uint8Array): void;
  /** The certificate of the certified data; undefined in replicated execution. */
  dataCertificate(): Uint8Array | undefined;
  /** Why a call was rejected, in the continuation of its answer; 0 and undefined after a reply. */
  readonly rejectCode: number;
  readonly rejectMessage: string | undefined;
  /** Cycles of the message that can still be accepted, and those that came back with an answer. */
  cyclesAvailable(): bigint;
  readonly cyclesRefunded: bigint;
  /** `msg_cycles_accept128`: takes at most `max`, answers what it took. */
  acceptCycles(max: bigint): bigint;
  /** `mint_cycles128`: traps in every canister but the cycles minting canister. */
  mintCycles(amount: bigint): bigint;
  /** Main balance as the message sees it. */
  cycleBalance(): bigint;
  /** Sends a call at the price that wasm pays; false when it cannot be sent. */
  call(outgoing: NativeOutgoingCall): boolean;
  /** `global_timer_set`: nanoseconds, 0 clears. */
  setTimer(at: Time): void;
  /** `debug_print`. */
  print(text: string): void;
}

/** A call of a native program: the answer goes on at the step that its continuation names. */
export interface NativeOutgoingCall {
  readonly receiver: CanisterId; readonly method: string; readonly arg: Uint8Array; readonly cycles?: bigint;
  /** `call_with_best_effort_response`: seconds until nobody waits any more. Absent: the answer is guaranteed. */
  readonly timeoutSeconds?: number;
  readonly onReply: Continuation; readonly onReject: Continuation; readonly onCleanup?: Continuation;
}

/**
 * A canister written in TypeScript (design D11). Its whole state is the map; what waits for an answer is a continuation named by its step.
 * Methods are found by the exports of its module, as for any other canister.
 */
export interface NativeProgram {
  readonly name: string;
  /** By wasm export name: `canister_init`, `canister_update transfer`, `canister_query balance`, `canister_heartbeat` … */
  readonly entries: Readonly<Record<string, (call: NativeCall) => void>>;
  readonly steps: Readonly<Record<string, (call: NativeCall, continuation: Continuation) => void>>;
}
