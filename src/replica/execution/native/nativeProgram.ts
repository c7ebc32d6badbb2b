import type { Host } from "../systemApi/host.ts";
import type { Continuation } from "../../state/canisterState.ts";
import type { StableMap } from "./stableMap.ts";

/** What a native program sees of one message: its state as an ordered map of bytes, and the host that records its effects. */
export interface NativeCall { readonly host: Host; readonly state: StableMap; readonly arg: Uint8Array }
/**
 * A canister written in TypeScript (design D11). Its whole state is the map; what waits for an answer is a continuation named by its step.
 * A handler throws `Trap` to trap. Methods are found by the exports of its module, as for any other canister.
 */
export interface NativeProgram {
  readonly name: string;
  /** By wasm export name: `canister_init`, `canister_update transfer`, `canister_query balance`, `canister_heartbeat` … */
  readonly entries: Readonly<Record<string, (call: NativeCall) => void>>;
  readonly steps: Readonly<Record<string, (call: NativeCall, continuation: Continuation) => void>>;
}
