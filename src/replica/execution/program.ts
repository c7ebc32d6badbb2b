import type { ProgramState, RunLimits, WasmEntry, WasmOutcome } from "../interfaces/wasm.ts";
import type { Continuation, ExecutionState } from "../state/canisterState.ts";
import type { CanisterId } from "../types/index.ts";
import type { Host } from "./systemApi/host.ts";

/** Where an execution enters a program: an export, a wasm closure, or a native program's continuation. */
export type EntryPoint = WasmEntry | { readonly kind: "continuation"; readonly continuation: Continuation };

/** What runs: a wasm module in the engine or a program written in TypeScript; effects go to the host either way (design D11). */
export interface CanisterProgram {
  /** `variant` names another version of the canister than its latest, so that both may stay in the instance cache. */
  run(id: CanisterId, state: ProgramState, entry: EntryPoint, host: Host, limits: RunLimits, discard: boolean, variant?: string): WasmOutcome;
}

/** Finds what runs a canister's module. */
export interface Programs { programOf(execution: ExecutionState): CanisterProgram }
