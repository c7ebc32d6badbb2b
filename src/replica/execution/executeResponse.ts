import type { CallContext, Callback, Continuation, WasmClosure } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { addCycles, executionRefund, transmissionCost } from "../state/cyclesAccount.ts";
import { MANAGEMENT_CANISTER_ID, type Principal, type Response, type UserError, assert, cycles } from "../types/index.ts";
import { applyEffects, applyTrap, updateLowMemoryHook } from "./applyEffects.ts";
import { sendCalls, settleContext } from "./callContexts.ts";
import { cleanupFailed } from "./executionErrors.ts";
import { executeSliced } from "./executeSliced.ts";
import type { EntryPoint } from "./program.ts";
import type { RoundContext } from "./roundContext.ts";

/** Spec, "msg_caller": callbacks see who began the call context. */
const callerOf = ({ origin }: CallContext): Principal =>
  origin.kind === "system" ? MANAGEMENT_CANISTER_ID : origin.sender;
const entryOf = (what: WasmClosure | Continuation): EntryPoint => ("step" in what ? { kind: "continuation", continuation: what } : { kind: "closure", closure: what });
/** Bytes of an answer that transmission is paid for. */
const payloadBytes = ({ payload }: Response): bigint => BigInt(payload.kind === "reply" ? payload.data.length : Buffer.byteLength(payload.message));

/** Takes back what was prepaid for the answer and was not needed, and the cycles that the callee left. */
function refundTo(round: RoundContext, canister: CanisterTip, callback: Callback, response: Response): void {
  const used = transmissionCost(round.params, payloadBytes(response));
  const transmission = callback.prepaidTransmission > used ? callback.prepaidTransmission - used : 0n;
  canister.system.balance = addCycles(canister.system.balance, transmission + response.refund);
  consume(canister.system, "transmission", callback.prepaidTransmission - transmission);
}

/** Executes the callback of an answer, and its cleanup when the callback traps. An answer that nobody waits for only gives cycles back. */
export function executeResponse(round: RoundContext, canister: CanisterTip, response: Response): bigint {
  const callback = canister.takeCallback(response.callback);
  if (callback === undefined) { // the answer to a best-effort call that came after its deadline; what it brings back is not lost (dfinity/ic, system_state.rs, credit_refund)
    canister.system.balance = addCycles(canister.system.balance, response.refund);
    return 0n;
  }
  const contextId = callback.callContext, context = canister.callContexts.get(contextId);
  assert(context !== undefined, "a callback has its call context");
  const { params } = round, { system, execution } = canister;
  refundTo(round, canister, callback, response);
  if (context.deleted || execution === undefined) {
    system.balance = addCycles(system.balance, callback.prepaidExecution);
    settleContext(round, canister, contextId, context, { kind: "returned", response: undefined });
    return 0n;
  }
  const reply = response.payload.kind === "reply" ? response.payload : undefined, reject = response.payload.kind === "reject" ? response.payload : undefined;
  const shared = {
    id: canister.id, system, execution, caller: callerOf(context), contextInstructions: context.instructions, callsInFlight: (peer: Parameters<typeof canister.callsInFlight>[0]) => canister.callsInFlight(peer), callbacksOpen: canister.callbacks.size,
    rejectCode: reject?.code ?? 0, ...(reject !== undefined && { rejectMessage: reject.message }),
    ...(context.origin.kind === "canister" && context.origin.deadline !== undefined && { deadline: context.origin.deadline }),
    ...(context.origin.kind === "ingress" && context.origin.senderInfo !== undefined && { senderInfo: context.origin.senderInfo }),
  };
  const { outcome, host } = executeSliced(round, canister, {
    ...shared, context: reject === undefined ? "Ry" : "Rt", entry: entryOf(reject === undefined ? callback.onReply : callback.onReject), ...(reply !== undefined && { arg: reply.data }),
    available: context.availableCycles, refunded: response.refund, responded: context.responded || context.origin.kind === "system",
    balance: system.balance, instructionsMax: params.messageInstructionsMax,
  });
  let used = outcome.used, error: UserError | undefined;
  if (outcome.kind === "returned") {
    applyEffects(round, canister, host, outcome.state);
    sendCalls(canister, contextId, host);
  } else {
    applyTrap(round, canister, host);
    error = outcome.error;
    if (callback.onCleanup !== undefined) {
      const cleanup = executeSliced(round, canister, {
        ...shared, context: "C", entry: entryOf(callback.onCleanup), balance: system.balance,
        instructionsMax: params.messageInstructionsMax - used, contextInstructions: context.instructions + used,
      });
      used += cleanup.outcome.used;
      if (cleanup.outcome.kind === "returned") applyEffects(round, canister, cleanup.host, cleanup.outcome.state);
      else {
        applyTrap(round, canister, cleanup.host);
        error = cleanupFailed(canister.id, host.failure!, cleanup.host.failure!);
      }
    }
  }
  const left = executionRefund(params, params.messageInstructionsMax, used, execution.memory64), refund = left < callback.prepaidExecution ? left : callback.prepaidExecution;
  system.balance = addCycles(system.balance, refund);
  consume(system, "instructions", callback.prepaidExecution - refund);
  const accepted = outcome.kind === "returned" ? host.accepted : 0n;
  settleContext(round, canister, contextId, { ...context, availableCycles: cycles(context.availableCycles - accepted), instructions: context.instructions + used },
    error === undefined ? { kind: "returned", response: host.response } : { kind: "trapped", error });
  updateLowMemoryHook(canister);
  return used;
}
