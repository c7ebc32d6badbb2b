import { managementTarget } from "../codec/managementTarget.ts";
import { LIMITS } from "../params/limits.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { subnetOfCanister, subnetTopology } from "../state/routing.ts";
import { EMPTY_STREAM, type StateTip } from "../state/stateTip.ts";
import { MANAGEMENT_CANISTER_ID, REJECT, type Request, type Response, type SubnetId, principalToText } from "../types/index.ts";

/** reference/protocol.md §2.1: a stream holds at most this many messages that were not taken. */
const STREAM_MESSAGES_MAX = 10_000;

/** The subnet that a message goes to, by the routing table. */
function destinationOf({ topology, base }: StateTip, message: Request | Response): SubnetId | undefined {
  if (message.kind === "response") return subnetOfCanister(topology, message.originator) ?? subnetTopology(topology, message.originator)?.id;
  if (message.receiver !== MANAGEMENT_CANISTER_ID) return subnetTopology(topology, message.receiver)?.id ?? subnetOfCanister(topology, message.receiver);
  const target = managementTarget(message.method, message.arg);
  return target === undefined ? base.subnetId : subnetOfCanister(topology, target);
}

/** A request that has no way out is answered here. */
function rejectLocally(tip: StateTip, sender: CanisterTip, request: Request, code: 1 | 3, message: string): void {
  tip.deliver(sender, {
    kind: "response", originator: sender.id, respondent: request.receiver, callback: request.callback, refund: request.cycles,
    payload: { kind: "reject", code, message, errorCode: code === REJECT.destinationInvalid ? "IC0301" : "IC0504" }, ...(request.deadline !== undefined && { deadline: request.deadline }),
  });
}

/** Moves what is left in output queues into the streams of other subnets, or rejects it when only the own subnet is reachable. */
export function buildStreams(tip: StateTip, reachable: "own" | "all"): void {
  const append: Append = (subnet, message) => {
    const stream = tip.streams.get(subnet) ?? EMPTY_STREAM;
    if (stream.messages.length >= STREAM_MESSAGES_MAX) return false;
    tip.streams = tip.streams.set(subnet, { ...stream, messages: [...stream.messages, message] });
    return true;
  };
  for (const response of tip.subnetOutput.drain()) {
    const subnet = destinationOf(tip, response);
    if (subnet !== undefined && subnet !== tip.base.subnetId && !append(subnet, response)) tip.subnetOutput.push(response);
  }
  for (const id of tip.base.active.keys()) {
    const canister = tip.base.canisters.get(id)!.system.queues.output.length > 0 ? tip.canister(id) : undefined;
    for (const message of canister?.output.drain() ?? []) if (!sendOut(tip, canister!, message, reachable === "all" ? append : undefined)) canister!.output.push(message);
  }
}

/**
 * DESTINATION_INVALID and not SYS_TRANSIENT: the answer stays the same however often the call is repeated, and libraries repeat what is
 * transient on their own.
 */
function rejectUnreachable(tip: StateTip, sender: CanisterTip, request: Request, subnet: SubnetId): void {
  const what = request.receiver === MANAGEMENT_CANISTER_ID ? `Management call \`${request.method}\` about a canister of` : `Call to ${principalToText(request.receiver)} on`;
  rejectLocally(tip, sender, request, REJECT.destinationInvalid,
    `${what} subnet ${principalToText(subnet)}: this version of icx carries no calls between subnets. Create both canisters on one subnet.`);
}

type Append = (subnet: SubnetId, message: Request | Response) => boolean;

/** False when the message must wait in its queue: the stream is full, or the next round delivers it on this subnet. Without `append` there are no streams. */
function sendOut(tip: StateTip, sender: CanisterTip, message: Request | Response, append: Append | undefined): boolean {
  const subnet = destinationOf(tip, message), own = subnet === tip.base.subnetId;
  if (message.kind === "response") return subnet === undefined || (own ? !tip.has(message.originator) : append === undefined || append(subnet, message));
  const { receiver, method, arg } = message, bytes = arg.length + Buffer.byteLength(method);
  if (subnet === undefined) rejectLocally(tip, sender, message, REJECT.destinationInvalid, `No route to canister ${principalToText(receiver)}`);
  else if (own) return false;
  else if (append === undefined) rejectUnreachable(tip, sender, message, subnet);
  else if (bytes > LIMITS.payloadBytesMax) rejectLocally(tip, sender, message, REJECT.sysFatal, `Request of ${bytes} bytes to another subnet exceeds ${LIMITS.payloadBytesMax} bytes`);
  else return append(subnet, message);
  return true;
}
