import type { CallOrigin } from "../state/canisterState.ts";
import { type CanisterId, type ErrorCode, type RejectCode, type Response, type ResponsePayload, type UserError, cycles, rejectCodeOf } from "../types/index.ts";
import type { RoundContext } from "./roundContext.ts";

/** A failure as the answer that its caller gets. */
export const rejection = ({ code, message }: UserError): ResponsePayload => ({ kind: "reject", code: rejectCodeOf(code), message, errorCode: code });

/**
 * Gives the answer to whoever began the call: the ingress history for users, a response for canisters. Local callers get it at once, others
 * through `send`, the output that leads to a stream.
 */
export function answer(
  round: RoundContext, respondent: CanisterId, origin: CallOrigin, payload: ResponsePayload, refund: bigint, send?: (response: Response) => void,
): void {
  const { tip } = round;
  if (origin.kind === "ingress") {
    const known = tip.ingressStatus(origin.messageId);
    if (known.kind === "unknown") return; // expired while it was processed
    const { receiver, sender, effectiveCanisterId, expiry } = known, shared = { receiver, sender, effectiveCanisterId, time: tip.time, expiry };
    if (payload.kind === "reply") tip.setIngressStatus(origin.messageId, { kind: "completed", ...shared, reply: payload.data });
    else tip.setIngressStatus(origin.messageId, { kind: "failed", ...shared, code: payload.errorCode ?? FALLBACK[payload.code], rejectCode: payload.code, message: payload.message });
    return;
  }
  if (origin.kind !== "canister") return;
  const response = {
    kind: "response", originator: origin.sender, respondent, callback: origin.callback, refund: cycles(refund), payload, ...(origin.deadline !== undefined && { deadline: origin.deadline }),
  } as const;
  const caller = tip.canister(origin.sender);
  if (caller !== undefined) tip.deliver(caller, response);
  else if (send !== undefined) send(response);
  else tip.subnetOutput.push(response);
}

/** The error code that stands for a reject code when the answer came without one. */
const FALLBACK: Readonly<Record<RejectCode, ErrorCode>> = { 1: "IC0101", 2: "IC0202", 3: "IC0301", 4: "IC0406", 5: "IC0502", 6: "IC0602" };
