import { messageBytes } from "../state/messageMemory.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { StateTip } from "../state/stateTip.ts";
import { REJECT, type Request, type Response, cycles } from "../types/index.ts";

/** A place in a queue of a canister. */
interface Found { readonly queue: "input" | "output"; readonly index: number; readonly message: Request | Response; readonly bytes: number }

/** The largest best-effort message of a canister, the first of equals; undefined when none weighs anything. */
function largest(canister: CanisterTip): Found | undefined {
  let found: Found | undefined;
  for (const queue of ["input", "output"] as const) {
    // the message that is under way stands at the head of the input
    const first = queue === "input" && canister.system.paused?.message === "input" ? 1 : 0;
    for (const [index, message] of canister[queue].toArray().entries()) {
      if (index < first || message.deadline === undefined || (message.kind === "response" && message.payload.kind === "reject" && message.payload.errorCode?.startsWith("IC06") === true)) continue;
      const bytes = messageBytes(message);
      if (found === undefined || bytes > found.bytes) found = { queue, index, message, bytes };
    }
  }
  return found;
}

/** What the sender of a request hears that never left: it was not executed, and its cycles are all there (dfinity/ic, canister_state/queues.rs). */
export const timedOut = ({ sender, receiver, callback, cycles: refund, deadline }: Request): Response => ({
  kind: "response", originator: sender, respondent: receiver, callback, refund, payload: { kind: "reject", code: REJECT.sysTransient, message: "Request timed out." }, ...(deadline !== undefined && { deadline }),
});

/**
 * Drops a best-effort message of a queue. Who waits for the answer learns of it: at once when the message was its own, at the deadline
 * otherwise. The cycles go back to whom they belong.
 */
export function dropMessage(tip: StateTip, canister: CanisterTip, { queue, index, message }: Pick<Found, "queue" | "index" | "message">): void {
  canister[queue].remove(index);
  if (message.kind === "request") {
    if (queue === "output") tip.deliver(canister, timedOut(message)); else tip.refund(message.sender, message.cycles);
    return;
  }
  tip.refund(message.originator, message.refund);
  if (queue === "input" && canister.callbacks.has(message.callback)) {
    tip.deliver(canister, { ...message, refund: cycles(0n), payload: { kind: "reject", code: REJECT.sysUnknown, message: "Response was dropped.", errorCode: "IC0602" } });
  }
}

/** At the end of a round best-effort messages hold at most so many bytes: the largest of the canister that has most go first (protocol digest §2.3). */
export function shedBestEffort(tip: StateTip, bytesMax: number): void {
  if (tip.messages.bestEffort <= bytesMax) return;
  const canisters = [...new Set([...tip.base.active.keys(), ...tip.woken])].sort().map((id) => tip.canister(id)).filter((canister) => canister !== undefined);
  while (tip.messages.bestEffort > bytesMax) {
    const first = canisters.reduce<CanisterTip | undefined>((most, canister) => (canister.messages.bestEffort > (most?.messages.bestEffort ?? 0) ? canister : most), undefined);
    const found = first && largest(first);
    if (first === undefined || found === undefined) return;
    dropMessage(tip, first, found);
  }
}
