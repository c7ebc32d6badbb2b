import { FREEZING_THRESHOLD_SECONDS, RESERVED_CYCLES_LIMIT, WASM_MEMORY_LIMIT } from "../params/fees.ts";
import { LIMITS } from "../params/limits.ts";
import { type CanisterId, type Cycles, type Principal, type Time, cycles, time } from "../types/index.ts";
import type { CanisterSettings, CanisterState, ChangeOrigin, SystemState } from "./canisterState.ts";

const CONTROLLERS_ONLY = { kind: "controllers", viewers: [] } as const;

/** Settings of a canister whose creator asked for nothing (interface spec, "Canister settings"). */
export const defaultSettings = (controllers: readonly Principal[]): CanisterSettings => ({
  controllers: [...new Set(controllers)].sort(), computeAllocation: 0, memoryAllocation: 0n, freezingThreshold: FREEZING_THRESHOLD_SECONDS,
  reservedCyclesLimit: RESERVED_CYCLES_LIMIT, minimumIncomingCanisterCallCycles: 0n, wasmMemoryLimit: WASM_MEMORY_LIMIT, wasmMemoryThreshold: 0n,
  logVisibility: CONTROLLERS_ONLY, snapshotVisibility: CONTROLLERS_ONLY, statusVisibility: CONTROLLERS_ONLY,
  logMemoryLimit: BigInt(LIMITS.logBytesDefault), environmentVariables: [],
});

/** An empty running canister; its history begins with its creation. */
export function newCanister(id: CanisterId, options: { readonly settings: CanisterSettings; readonly balance: Cycles; readonly now: Time; readonly origin: ChangeOrigin }): CanisterState {
  const { settings, balance, now, origin } = options;
  const system: SystemState = {
    settings, status: { kind: "running" }, balance, reservedBalance: cycles(0n), version: 0n, certifiedData: new Uint8Array(0), onLowWasmMemory: "notSatisfied",
    globalTimer: time(0n), createdAt: now, lastInstalledAt: undefined, lastCharged: now, logs: [], nextLogIndex: 0n,
    history: [{ timestamp: now, version: 0n, origin, details: { kind: "creation", controllers: settings.controllers } }], historyTotal: 1n,
    chunkStore: [], nextCallContext: 0, callContexts: {}, nextCallback: 0, callbacks: {}, queues: { ingress: [], input: [], output: [] },
    schedule: { accumulatedPriority: 0, lastFullExecutionRound: 0 }, queryStats: { calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n },
  };
  return { id, system, execution: undefined };
}
