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

/** Moves what is left in output queues into the streams of other subnets. */
export function buildStreams(tip: StateTip): void {
  const append = (subnet: SubnetId, message: Request | Response): boolean => {
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
    for (const message of canister?.output.drain() ?? []) if (!sendOut(tip, canister!, message, append)) canister!.output.push(message);
  }
}

/** False when the message must wait in its queue: the stream is full, or the next round delivers it on this subnet. */
function sendOut(tip: StateTip, sender: CanisterTip, message: Request | Response, append: (subnet: SubnetId, message: Request | Response) => boolean): boolean {
  const subnet = destinationOf(tip, message), own = subnet === tip.base.subnetId;
  if (message.kind === "response") return subnet === undefined || (own ? !tip.has(message.originator) : append(subnet, message));
  const { receiver, method, arg } = message, bytes = arg.length + Buffer.byteLength(method);
  if (subnet === undefined) rejectLocally(tip, sender, message, REJECT.destinationInvalid, `No route to canister ${principalToText(receiver)}`);
  else if (own) return false;
  else if (bytes > LIMITS.payloadBytesMax) rejectLocally(tip, sender, message, REJECT.sysFatal, `Request of ${bytes} bytes to another subnet exceeds ${LIMITS.payloadBytesMax} bytes`);
  else return append(subnet, message);
  return true;
}
