import type { CallContext } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { transmissionCost } from "../state/cyclesAccount.ts";
import { type Request, type ResponsePayload, type UserError, cycles } from "../types/index.ts";
import { answer, rejection } from "./answer.ts";
import { didNotReply } from "./executionErrors.ts";
import type { RoundContext } from "./roundContext.ts";
import type { Host } from "./systemApi/host.ts";

/** Opens a callback for each call of the record and puts its request into the output queue. */
export function sendCalls(canister: CanisterTip, contextId: number, host: Host): void {
  const { params } = host.input.subnet;
  for (const call of host.calls) {
    consume(canister.system, "transmission", params.fees.xnetCall + transmissionCost(params, BigInt(Buffer.byteLength(call.method) + call.arg.length)));
    const callback = canister.addCallback({
      callContext: contextId, receiver: call.receiver, onReply: call.onReply, onReject: call.onReject, ...(call.onCleanup !== undefined && { onCleanup: call.onCleanup }),
      cyclesSent: call.cycles, prepaidExecution: call.prepaidExecution, prepaidTransmission: call.prepaidTransmission, ...(call.deadline !== undefined && { deadline: call.deadline }),
    });
    const request: Request = {
      kind: "request", sender: canister.id, receiver: call.receiver, callback, method: call.method, arg: call.arg, cycles: call.cycles, senderVersion: host.input.version,
      ...(call.deadline !== undefined && { deadline: call.deadline }),
    };
    canister.output.push(request);
  }
}

/** What one execution of a call context ended with. */
export type Ending = { readonly kind: "returned"; readonly response: ResponsePayload | undefined } | { readonly kind: "trapped"; readonly error: UserError };

/**
 * Settles a call context after one of its executions: gives the answer that was made, makes one when none can come any more (spec, "Call
 * contexts"), and forgets the context when nothing is outstanding.
 */
export function settleContext(round: RoundContext, canister: CanisterTip, id: number, context: CallContext, ending: Ending): void {
  const outstanding = canister.outstandingCalls(id);
  let { responded, availableCycles } = context;
  const give = (payload: ResponsePayload): void => {
    if (context.origin.kind === "canister" || context.origin.kind === "ingress") {
      answer(round, canister.id, context.origin, payload, availableCycles, (response) => canister.output.push(response));
    }
    responded = true;
    availableCycles = cycles(0n);
  };
  if (!responded && !context.deleted) {
    if (ending.kind === "returned" && ending.response !== undefined) give(ending.response);
    else if (outstanding === 0) give(rejection(ending.kind === "trapped" ? ending.error : didNotReply(canister.id)));
  }
  if (outstanding === 0) { canister.deleteCallContext(id); return; }
  canister.setCallContext(id, { ...context, responded, availableCycles });
  if (context.origin.kind === "ingress" && !responded) {
    const status = round.tip.ingressStatus(context.origin.messageId);
    if (status.kind === "received") round.tip.setIngressStatus(context.origin.messageId, { ...status, kind: "processing" });
  }
}
