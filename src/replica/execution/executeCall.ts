import type { CallOrigin } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { executionPrepayment, executionRefund, liquidCycles } from "../state/cyclesAccount.ts";
import { type Cycles, type Principal, type Result, type UserError, cycles, err, ok, userError } from "../types/index.ts";
import { answer, rejection } from "./answer.ts";
import { applyEffects, applyTrap, updateLowMemoryHook } from "./applyEffects.ts";
import { sendCalls, settleContext } from "./callContexts.ts";
import { appendLog } from "./canisterLog.ts";
import { canisterStopped, canisterStopping, fromCanister, methodNotFound, noWasmModule, outOfCycles } from "./executionErrors.ts";
import { executeSliced } from "./executeSliced.ts";
import { type RoundContext, tell } from "./roundContext.ts";

export interface Call { readonly origin: CallOrigin; readonly caller: Principal; readonly method: string; readonly arg: Uint8Array; readonly cycles: Cycles }

/** The conditions under which a canister takes a call, in the order in which the replica checks them. */
function entryFor(round: RoundContext, canister: CanisterTip, { caller, origin, method, cycles: attached }: Call): Result<{ readonly context: "U" | "RQ"; readonly name: string }, UserError> {
  const { id, system, execution } = canister;
  if (system.status.kind === "stopped") return err(canisterStopped(id));
  if (system.status.kind === "stopping") return err(canisterStopping(id));
  if (execution === undefined) return err(noWasmModule(id));
  const least = system.settings.minimumIncomingCanisterCallCycles;
  if (origin.kind === "canister" && caller !== id && attached < least) {
    return err(fromCanister(id, userError("IC0520", `The canister requires at least ${least} transferred cycles, but the call has ${attached}.`)));
  }
  const missing = executionPrepayment(round.params, round.params.messageInstructionsMax, execution.memory64) - liquidCycles(round.params, canister);
  if (missing > 0n) return err(outOfCycles(id, missing, system.settings.controllers.includes(caller)));
  if (execution.exports.includes(`canister_update ${method}`)) return ok({ context: "U", name: `canister_update ${method}` });
  if (execution.exports.includes(`canister_query ${method}`)) return ok({ context: "RQ", name: `canister_query ${method}` });
  if (execution.exports.includes(`canister_composite_query ${method}`)) return err(fromCanister(id, userError("IC0527", `Composite query cannot be called in replicated mode`)));
  return err(methodNotFound(id, "update", method));
}

/** Executes an update, or a query as an update; returns the instructions used. A refused call costs nothing and gives its cycles back. */
export function executeCall(round: RoundContext, canister: CanisterTip, call: Call): bigint {
  const { origin, caller, method, arg } = call, { params } = round;
  const checked = entryFor(round, canister, call);
  if (!checked.ok) {
    if (round.log !== undefined && origin.kind === "ingress") tell(round, "execution", "refused", origin.messageId, 0n);
    answer(round, canister.id, origin, rejection(checked.error), call.cycles, (response) => canister.output.push(response));
    return 0n;
  }
  const { context, name } = checked.value, execution = canister.execution!, { system } = canister;
  const prepaid = executionPrepayment(params, params.messageInstructionsMax, execution.memory64), deadline = context === "U" && origin.kind === "canister" ? origin.deadline : undefined;
  const senderInfo = origin.kind === "ingress" ? origin.senderInfo : undefined;
  const { outcome, host } = executeSliced(round, canister, {
    id: canister.id, system, execution, context, caller, arg, methodName: method, entry: { kind: "export", name }, available: call.cycles,
    balance: system.balance - prepaid, instructionsMax: params.messageInstructionsMax, callsInFlight: (peer) => canister.callsInFlight(peer), callbacksOpen: canister.callbacks.size,
    discard: context === "RQ", ...(deadline !== undefined && { deadline }), ...(senderInfo !== undefined && { senderInfo }),
  });
  if (round.log !== undefined && origin.kind === "ingress") tell(round, "execution", outcome.kind, origin.messageId, outcome.used);
  const contextId = canister.newCallContextId();
  const refund = executionRefund(params, params.messageInstructionsMax, outcome.used, execution.memory64);
  consume(system, "instructions", prepaid - refund);
  if (outcome.kind === "trapped") applyTrap(round, canister, host);
  else if (context === "U") applyEffects(round, canister, host, outcome.state);
  else { system.balance = cycles(host.balance + host.reserved); consume(system, "burned", host.burned); appendLog(round, canister, host.logs); }
  if (outcome.kind === "trapped") system.balance = cycles(system.balance - prepaid + refund);
  else {
    system.balance = cycles(system.balance + refund);
    if (context === "U") sendCalls(canister, contextId, host);
  }
  const accepted = outcome.kind === "returned" ? host.accepted : 0n;
  settleContext(round, canister, contextId, {
    origin, responded: false, deleted: false, availableCycles: cycles(call.cycles - accepted), since: round.tip.time, instructions: outcome.used,
  }, outcome.kind === "trapped" ? outcome : { kind: "returned", response: host.response });
  updateLowMemoryHook(canister);
  return outcome.used;
}
