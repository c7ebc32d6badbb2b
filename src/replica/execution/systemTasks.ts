import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { executionPrepayment, executionRefund, liquidCycles } from "../state/cyclesAccount.ts";
import { MANAGEMENT_CANISTER_ID, cycles, time } from "../types/index.ts";
import { applyEffects, applyTrap, updateLowMemoryHook } from "./applyEffects.ts";
import { sendCalls, settleContext } from "./callContexts.ts";
import { executeSliced } from "./executeSliced.ts";
import type { RoundContext } from "./roundContext.ts";

/** Code that the system runs on its own. */
export type SystemTask = "canister_heartbeat" | "canister_global_timer" | "canister_on_low_wasm_memory";

/** Runs a task of a canister that is running and can pay for it; a frozen one is skipped and its timer stays set (spec, "Global timer"). */
export function executeTask(round: RoundContext, canister: CanisterTip, task: SystemTask): bigint {
  const { execution, system } = canister, { params } = round;
  if (system.status.kind !== "running" || execution === undefined || !execution.exports.includes(task)) return 0n;
  const prepaid = executionPrepayment(params, params.messageInstructionsMax, execution.memory64);
  if (liquidCycles(params, canister) < prepaid) return 0n;
  if (task === "canister_global_timer") system.globalTimer = time(0n);
  if (task === "canister_on_low_wasm_memory") system.onLowWasmMemory = "executed";
  const { outcome, host } = executeSliced(round, canister, {
    id: canister.id, system, execution, context: "T", entry: { kind: "export", name: task }, caller: MANAGEMENT_CANISTER_ID, responded: true,
    balance: system.balance - prepaid, instructionsMax: params.messageInstructionsMax, callsInFlight: (peer) => canister.callsInFlight(peer), callbacksOpen: canister.callbacks.size,
  });
  const contextId = canister.newCallContextId();
  const refund = executionRefund(params, params.messageInstructionsMax, outcome.used, execution.memory64);
  consume(system, "instructions", prepaid - refund);
  if (outcome.kind === "returned") {
    applyEffects(round, canister, host, outcome.state);
    system.balance = cycles(system.balance + refund);
    sendCalls(canister, contextId, host);
  } else {
    applyTrap(round, canister, host);
    system.balance = cycles(system.balance - prepaid + refund);
  }
  settleContext(round, canister, contextId, {
    origin: { kind: "system" }, responded: true, deleted: false, availableCycles: cycles(0n), since: round.tip.time, instructions: outcome.used,
  }, { kind: "returned", response: undefined });
  updateLowMemoryHook(canister);
  return outcome.used;
}
