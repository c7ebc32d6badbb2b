import type { ReceiptRecorder } from "../interfaces/receipts.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { IngressMessage } from "../state/canisterState.ts";
import { consume } from "../state/consumedCycles.ts";
import { ingressCost, liquidCycles } from "../state/cyclesAccount.ts";
import { isManagementOf } from "../state/routing.ts";
import type { StateTip } from "../state/stateTip.ts";
import { type SignedIngress, type UserError, cycles, principalToText, rejectCodeOf, shownCycles, userError } from "../types/index.ts";

/** A message that is not inducted is known and failed, so that whoever sent it learns why. */
function fail(tip: StateTip, message: SignedIngress, { code, message: text }: UserError): void {
  const { receiver, sender, effectiveCanisterId, expiry } = message;
  tip.setIngressStatus(message.messageId, { kind: "failed", receiver, sender, effectiveCanisterId, time: tip.time, expiry, code, rejectCode: rejectCodeOf(code), message: text });
}

/** Who pays for the induction of a management call: the canister that it is about, when there is one (spec, "Cycle costs"). */
const payerOf = (tip: StateTip, { receiver, effectiveCanisterId, method }: SignedIngress): SignedIngress["receiver"] | undefined => {
  if (!isManagementOf(tip.base.subnetId, receiver)) return receiver;
  return method.startsWith("provisional_create") || method === "create_canister" || !tip.has(effectiveCanisterId) ? undefined : effectiveCanisterId;
};

/** dfinity/ic: a frozen canister can still be helped by an `update_settings` of at most this many bytes. */
const SETTINGS_BYTES_FREE = 366;
const mayUnfreeze = ({ method, arg }: SignedIngress): boolean => method === "update_settings" && arg.length <= SETTINGS_BYTES_FREE;

/** Puts the batch's messages into queues, in their order: at most once each, and only before they expire. */
export function inductIngress(tip: StateTip, messages: readonly SignedIngress[], params: SubnetParams, receipts?: ReceiptRecorder): void {
  for (const message of messages) {
    const { messageId, sender, receiver, effectiveCanisterId, method, arg, expiry, senderInfo } = message;
    if (expiry < tip.time || tip.ingressStatus(messageId).kind !== "unknown") continue;
    const management = isManagementOf(tip.base.subnetId, receiver), payer = payerOf(tip, message);
    if (!management && !tip.has(receiver)) { fail(tip, message, userError("IC0301", `Canister ${principalToText(receiver)} not found`)); continue; }
    if (payer !== undefined) {
      const canister = tip.canister(payer)!, { paused } = canister.system, owed = paused?.debit ?? 0n, price = ingressCost(params, message.envelope.length), missing = price + owed - (management && mayUnfreeze(message) ? canister.system.balance : liquidCycles(params, canister));
      if (price > 0n && missing > 0n) {
        fail(tip, message, userError("IC0207", `Canister ${principalToText(payer)} is out of cycles${canister.system.settings.controllers.includes(sender) ? `: please top up the canister with at least ${shownCycles(missing)} additional cycles` : ""}`));
        continue;
      }
      if (paused === undefined) canister.system.balance = cycles(canister.system.balance - price); else canister.system.paused = { ...paused, debit: owed + price };
      consume(canister.system, "ingressInduction", price);
      receipts?.inducted(messageId, payer, price);
    }
    tip.setIngressStatus(messageId, { kind: "received", receiver, sender, effectiveCanisterId, time: tip.time, expiry });
    const inducted: IngressMessage = { kind: "ingress", messageId, sender, receiver, effectiveCanisterId, method, arg, expiry, ...(senderInfo !== undefined && { senderInfo }) };
    if (management) tip.subnetQueue.push(inducted); else tip.deliver(tip.canister(receiver)!, inducted);
  }
}
