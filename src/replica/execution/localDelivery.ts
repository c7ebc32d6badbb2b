import { managementSubnet, managementTarget } from "../codec/managementTarget.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { messageBytes, requestReservation } from "../state/messageMemory.ts";
import { isManagementOf, subnetOfCanister } from "../state/routing.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, REJECT, type Request, type Response, type ResponsePayload } from "../types/index.ts";
import { rejection } from "./answer.ts";
import { canisterNotFound } from "./executionErrors.ts";
import type { RoundContext } from "./roundContext.ts";

/** Whether a management call belongs to this subnet: by the canister that it is about, or because it is about none. */
function isForThisSubnet({ tip }: RoundContext, { receiver, method, arg }: Request): boolean {
  if (!isManagementOf(tip.base.subnetId, receiver)) return false;
  if (receiver !== MANAGEMENT_CANISTER_ID) return true;
  const named = managementSubnet(method, arg);
  if (named !== undefined) return named === tip.base.subnetId;
  const target = managementTarget(method, arg);
  const subnet = target === undefined ? undefined : subnetOfCanister(tip.topology, target);
  return subnet === undefined || subnet === tip.base.subnetId;
}

/**
 * Whether there is a place for the answer of a call on this subnet (dfinity/ic, canister_state/system_state.rs, push_input): system subnets
 * do not limit calls within.
 */
const hasRoom = ({ tip, params }: RoundContext, request: Request): boolean =>
  request.deadline !== undefined || params.type === "system" || tip.messages.guaranteed + requestReservation(messageBytes(request)) <= params.guaranteedMessageBytes;

function rejectRequest({ tip }: RoundContext, sender: CanisterTip, request: Request, payload: ResponsePayload): boolean {
  tip.deliver(sender, {
    kind: "response", originator: sender.id, respondent: request.receiver, callback: request.callback, refund: request.cycles, payload,
    ...(request.deadline !== undefined && { deadline: request.deadline }),
  });
  return true;
}

function deliverRequest(round: RoundContext, sender: CanisterTip, request: Request): boolean {
  const { tip } = round, here = isForThisSubnet(round, request);
  if ((here || tip.has(request.receiver)) && !hasRoom(round, request)) {
    return rejectRequest(round, sender, request, { kind: "reject", code: REJECT.canisterError, message: `Cannot induct request. Out of memory: requested ${requestReservation(messageBytes(request))}` });
  }
  if (here) { tip.subnetQueue.push(request); return true; }
  const receiver = tip.canister(request.receiver);
  if (receiver !== undefined) { tip.deliver(receiver, request); return true; }
  if (subnetOfCanister(tip.topology, request.receiver) !== tip.base.subnetId) return false;
  return rejectRequest(round, sender, request, rejection(canisterNotFound(request.receiver)));
}

/** Moves a canister's output to receivers on this subnet, so that their calls finish in the round; the rest waits for the stream builder. */
export function deliverLocally(round: RoundContext, id: CanisterId): void {
  const sender = round.tip.canister(id);
  if (sender === undefined || sender.output.length === 0) return;
  const others: (Request | Response)[] = [];
  for (const message of sender.output.drain()) {
    if (message.kind === "request") { if (!deliverRequest(round, sender, message)) others.push(message); continue; }
    const originator = round.tip.canister(message.originator);
    if (originator !== undefined) round.tip.deliver(originator, message);
    else if (subnetOfCanister(round.tip.topology, message.originator) !== round.tip.base.subnetId) others.push(message); // else its caller was deleted
  }
  for (const message of others) sender.output.push(message);
}
