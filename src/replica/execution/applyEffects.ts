import type { ProgramState } from "../interfaces/wasm.ts";
import { LIMITS } from "../params/limits.ts";
import { consume } from "../state/consumedCycles.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { assert, cycles } from "../types/index.ts";
import { trapLine } from "./errorHelp.ts";
import { addHeapDebit, changedBytes } from "./heapDelta.ts";
import { appendLog } from "./canisterLog.ts";
import type { RoundContext } from "./roundContext.ts";
import { discardBuilder } from "./systemApi/calls.ts";
import type { Host } from "./systemApi/host.ts";

/** Counts bytes of memory that a canister changed, where that is limited. */
export function countHeapDelta({ params, tip }: RoundContext, canister: CanisterTip, bytes: number): void {
  addHeapDebit(params, canister.system, tip.height, bytes);
  tip.metrics = { ...tip.metrics, heapDelta: (tip.metrics.heapDelta ?? 0) + bytes };
}

/** Applies the record of a message that returned: memory, balance, certified data, timer, version, logs. Calls are sent by the caller. */
export function applyEffects(round: RoundContext, canister: CanisterTip, host: Host, state: ProgramState): void {
  const { system } = canister;
  discardBuilder(host);
  if (canister.execution !== undefined && round.params.heapDelta !== undefined) countHeapDelta(round, canister, changedBytes(canister.execution, state));
  if (canister.execution !== undefined) canister.execution = { ...canister.execution, heap: state.heap, stable: state.stable, globals: state.globals };
  system.balance = cycles(host.balance);
  round.tip.memoryTaken += host.taken;
  if (host.reserved > 0n) system.reservedBalance = cycles(system.reservedBalance + host.reserved);
  consume(system, "burned", host.burned);
  if (host.certifiedData !== undefined) system.certifiedData = host.certifiedData;
  if (host.timer !== undefined) system.globalTimer = host.timer;
  system.version += 1n;
  appendLog(round, canister, host.logs);
}

/** Logs of a message that trapped stay, and the trap is logged too. */
export function applyTrap(round: RoundContext, canister: CanisterTip, host: Host): void {
  assert(host.failure !== undefined, "a trap has its reason");
  appendLog(round, canister, [...host.logs, new TextEncoder().encode(trapLine(host.failure, host.backtrace))]);
}

/** Spec, "On Low Wasm Memory": whether the heap and the threshold together exceed the limit of the heap. */
export function isLowOnMemory({ system, execution }: CanisterTip): boolean {
  const { wasmMemoryLimit, wasmMemoryThreshold } = system.settings;
  const limit = wasmMemoryLimit > 0n ? wasmMemoryLimit : BigInt(execution?.memory64 === true ? LIMITS.heapBytesMax64 : LIMITS.heapBytesMax32);
  return execution !== undefined && limit < (BigInt(execution.heap.wasmPages) << 16n) + wasmMemoryThreshold;
}
/** Spec, "On Low Wasm Memory": the hook gets ready when the condition becomes true, and may run again when it was false in between. */
export function updateLowMemoryHook(canister: CanisterTip): void {
  const { system, execution } = canister;
  if (system.settings.wasmMemoryThreshold === 0n && system.onLowWasmMemory === "notSatisfied") return;
  if (!isLowOnMemory(canister)) system.onLowWasmMemory = "notSatisfied";
  else if (system.onLowWasmMemory === "notSatisfied" && execution?.exports.includes("canister_on_low_wasm_memory") === true) system.onLowWasmMemory = "ready";
}
