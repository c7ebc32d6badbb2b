import { managementSubnet, managementTarget } from "../codec/managementTarget.ts";
import { LIMITS } from "../params/limits.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { subnetOfCanister, subnetTopology } from "../state/routing.ts";
import type { StateTip } from "../state/stateTip.ts";
import { MANAGEMENT_CANISTER_ID, REJECT, type Request, type Response, type SubnetId, cycles, principalToText } from "../types/index.ts";
import { type StreamWriter, openStreams } from "./streamLimits.ts";

/** The subnet that a message goes to, by the routing table. */
function destinationOf({ topology, base }: StateTip, message: Request | Response): SubnetId | undefined {
  if (message.kind === "response") return subnetOfCanister(topology, message.originator) ?? subnetTopology(topology, message.originator)?.id;
  if (message.receiver !== MANAGEMENT_CANISTER_ID) return subnetTopology(topology, message.receiver)?.id ?? subnetOfCanister(topology, message.receiver);
  const named = managementSubnet(message.method, message.arg);
  if (named !== undefined) return subnetTopology(topology, named)?.id;
  const target = managementTarget(message.method, message.arg);
  return target === undefined ? base.subnetId : subnetOfCanister(topology, target);
}

/** A request that has no way out is answered here. */
function rejectLocally(tip: StateTip, sender: CanisterTip, request: Request, code: 3 | 5, message: string): void {
  tip.deliver(sender, {
    kind: "response", originator: sender.id, respondent: request.receiver, callback: request.callback, refund: request.cycles,
    payload: { kind: "reject", code, message, errorCode: code === REJECT.destinationInvalid ? "IC0301" : "IC0504" }, ...(request.deadline !== undefined && { deadline: request.deadline }),
  });
}

/** Moves what is left in output queues into the streams of other subnets: a message of each canister in turn, so that none starves (protocol digest §2.1). Refunds go first. */
export function buildStreams(tip: StateTip): void {
  const streams = openStreams(tip);
  for (const response of tip.subnetOutput.drain()) {
    const subnet = destinationOf(tip, response);
    if (subnet !== undefined && subnet !== tip.base.subnetId && !streams.append(subnet, response)) tip.subnetOutput.push(response);
  }
  for (const [recipient, amount] of [...tip.refunds].sort(([a, more], [b, less]) => (more === less ? (a < b ? -1 : 1) : more > less ? -1 : 1))) {
    const subnet = subnetOfCanister(tip.topology, recipient);
    if (subnet !== undefined && subnet !== tip.base.subnetId && streams.append(subnet, { kind: "refund", recipient, amount: cycles(amount) })) tip.takeRefund(recipient);
  }
  let senders = [...tip.base.active.keys()].filter((id) => tip.base.canisters.get(id)!.system.queues.output.length > 0)
    .map((id) => tip.canister(id)!).map((canister) => ({ canister, waiting: canister.output.drain(), next: 0 }));
  while (senders.length > 0) {
    for (const sender of senders) {
      const message = sender.waiting[sender.next++]!;
      if (!sendOut(tip, sender.canister, message, streams)) sender.canister.output.push(message.kind === "response" || message.queued !== undefined ? message : { ...message, queued: tip.time });
    }
    senders = senders.filter(({ waiting, next }) => next < waiting.length);
  }
  streams.commit();
}

/** False when the message must wait in its queue: the stream is full, or the next round delivers it on this subnet. */
function sendOut(tip: StateTip, sender: CanisterTip, message: Request | Response, streams: StreamWriter): boolean {
  const subnet = destinationOf(tip, message), own = subnet === tip.base.subnetId;
  if (message.kind === "response") return subnet === undefined || (own ? !tip.has(message.originator) : streams.append(subnet, message));
  const { receiver, method, arg } = message, bytes = arg.length + Buffer.byteLength(method);
  if (subnet === undefined) rejectLocally(tip, sender, message, REJECT.destinationInvalid, `No route to canister ${principalToText(receiver)}`);
  else if (own) return false;
  else if (bytes > LIMITS.payloadBytesMax) rejectLocally(tip, sender, message, REJECT.canisterError, `Canister ${principalToText(sender.id)} violated contract: attempted to send a message of size ${bytes} exceeding the limit ${LIMITS.payloadBytesMax}`);
  else return streams.append(subnet, message);
  return true;
}
