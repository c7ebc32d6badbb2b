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
