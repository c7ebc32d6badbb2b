import { LIMITS } from "../params/limits.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { StateTip } from "../state/stateTip.ts";
import { dropMessage } from "./shedding.ts";
import { MANAGEMENT_CANISTER_ID, REJECT, cycles } from "../types/index.ts";

/** Best-effort calls whose deadline has passed get their one answer: unknown (spec, "Best-effort calls"). The cycles that went with them come back with a late answer, or when the message is dropped. */
function expireCallbacks(tip: StateTip, canister: CanisterTip): void {
  const answered = new Set(canister.input.toArray().flatMap((message) => (message.kind === "response" ? [message.callback] : [])));
  for (const [id, { deadline, receiver }] of [...canister.callbacks].sort(([a], [b]) => a - b)) {
    if (deadline === undefined || deadline > tip.time || answered.has(id)) continue;
    tip.deliver(canister, {
      kind: "response", originator: canister.id, respondent: receiver, callback: id, refund: cycles(0n), deadline,
      payload: { kind: "reject", code: REJECT.sysUnknown, message: "Call deadline has expired.", errorCode: "IC0601" },
    });
  }
}

/** Stops that waited five minutes are given up; the canister goes on stopping (spec, "stop_canister"). */
function expireStops(tip: StateTip, canister: CanisterTip): void {
  const { status } = canister.system;
  if (status.kind !== "stopping") return;
  const late = status.stopContexts.filter(({ since }) => since + LIMITS.stopTimeout <= tip.time);
  if (late.length === 0) return;
  canister.system.status = { kind: "stopping", stopContexts: status.stopContexts.filter((stop) => !late.includes(stop)) };
  const text = "Stop canister request timed out";
  for (const { origin, cycles: refund } of late) {
    if (origin.kind === "ingress") {
      const known = tip.ingressStatus(origin.messageId);
      if (known.kind === "unknown") continue;
      const { receiver, sender, effectiveCanisterId, expiry } = known;
      tip.setIngressStatus(origin.messageId, { kind: "failed", receiver, sender, effectiveCanisterId, time: tip.time, expiry, code: "IC0206", rejectCode: REJECT.sysTransient, message: text });
    } else if (origin.kind === "canister") {
      const caller = tip.canister(origin.sender);
      const response = {
        kind: "response", originator: origin.sender, respondent: MANAGEMENT_CANISTER_ID, callback: origin.callback, refund,
        payload: { kind: "reject", code: REJECT.sysTransient, message: text, errorCode: "IC0206" }, ...(origin.deadline !== undefined && { deadline: origin.deadline }),
      } as const;
      if (caller !== undefined) tip.deliver(caller, response); else tip.subnetOutput.push(response);
    }
  }
}

/**
 * Messages that have waited for too long: best-effort ones whose deadline has passed, in whatever queue, but for answers that have arrived; and
 * guaranteed requests that found no way out in 300 s (protocol digest §2.1).
 */
function expireMessages(tip: StateTip, canister: CanisterTip): void {
  for (const queue of ["input", "output"] as const) {
    const first = queue === "input" && canister.system.paused?.message === "input" ? 1 : 0;
    let dropped = 0;
    for (const [index, message] of canister[queue].toArray().entries()) {
      const isRequest = message.kind === "request", bestEffort = message.deadline !== undefined && message.deadline <= tip.time && (isRequest || queue === "output");
      const stuck = queue === "output" && isRequest && message.deadline === undefined && message.queued !== undefined && message.queued + LIMITS.requestLifetime <= tip.time;
      if (index >= first && (bestEffort || stuck)) dropMessage(tip, canister, { queue, index: index - dropped++, message });
    }
  }
}

/** Looks only at canisters whose due time has come. */
export function timeOut(tip: StateTip): void {
  for (const [key, id] of tip.base.due) {
    if (BigInt(`0x${key.slice(0, 16)}`) > tip.time) break;
    const canister = tip.canister(id);
    if (canister === undefined) continue;
    expireMessages(tip, canister);
    expireCallbacks(tip, canister);
    expireStops(tip, canister);
  }
}
