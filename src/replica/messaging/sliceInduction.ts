import type { StreamSlice } from "../interfaces/xnet.ts";
import { isManagementOf, migrationTrace, subnetOfCanister } from "../state/routing.ts";
import { EMPTY_STREAM, type StateTip, countSent } from "../state/stateTip.ts";
import { type CanisterId, type CertifiedStreamSlice, MANAGEMENT_CANISTER_ID, REJECT, type RejectCode, type RejectReason, type RejectSignal, type Request, type Response, type StreamMessage, type SubnetId, assert, principalToText } from "../types/index.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import { messageBytes, requestReservation } from "../state/messageMemory.ts";

/** Reads a slice whose certificate consensus has checked. A pure function; undefined for what no honest notary let through. */
export type SliceReader = (slice: CertifiedStreamSlice) => StreamSlice | undefined;

/**
 * Inducts slices of other subnets by ascending source (protocol digest §2.2): forgets our messages that they have taken, and handles those
 * that they refused; forgets our rejections that they have read; takes their messages in order, each with a signal.
 */
export function inductSlices(tip: StateTip, slices: readonly CertifiedStreamSlice[], read: SliceReader, params: SubnetParams): void {
  for (const slice of slices) {
    const content = read(slice);
    if (content === undefined) continue;
    collectGarbage(tip, slice.source, content);
    inductMessages(tip, slice.source, content, params);
  }
}

function collectGarbage(tip: StateTip, source: SubnetId, { header }: StreamSlice): void {
  const ours = tip.streams.get(source) ?? EMPTY_STREAM, taken = header.signalsEnd > ours.begin ? Number(header.signalsEnd - ours.begin) : 0;
  assert(taken <= ours.messages.length, "a subnet acknowledges only messages that were sent to it");
  const refused = new Map(header.rejectSignals.map(({ index, reason }) => [index, reason]));
  tip.streams = tip.streams.set(source, {
    ...ours, begin: ours.begin + BigInt(taken), messages: taken === 0 ? ours.messages : ours.messages.slice(taken), rejectSignals: ours.rejectSignals.filter(({ index }) => index >= header.begin),
  });
  for (const [i, message] of ours.messages.slice(0, taken).entries()) {
    countSent(tip.messages, message, -1);
    const reason = refused.get(ours.begin + BigInt(i));
    if (reason !== undefined) takeBack(tip, message, reason);
  }
}

/** dfinity/ic, rs/messaging/src/routing/stream_handler.rs: what the caller is told. */
const REJECTIONS: Readonly<Record<RejectReason, (request: Request) => readonly [RejectCode, string]>> = {
  CanisterMigrating: ({ receiver }) => [REJECT.sysTransient, `Canister ${principalToText(receiver)} is migrating`],
  CanisterNotFound: ({ receiver }) => [REJECT.destinationInvalid, `Canister ${principalToText(receiver)} not found`],
  CanisterStopped: ({ receiver }) => [REJECT.canisterError, `Canister ${principalToText(receiver)} is stopped`],
  CanisterStopping: ({ receiver }) => [REJECT.canisterError, `Canister ${principalToText(receiver)} is stopping`],
  QueueFull: ({ receiver }) => [REJECT.sysTransient, `Canister ${principalToText(receiver)} input queue is full`],
  OutOfMemory: (request) => [REJECT.canisterError, `Cannot induct request. Out of memory: requested ${requestReservation(messageBytes(request))}`],
  Unknown: () => [REJECT.sysFatal, "Inducting request failed due to an unknown error"],
};

/**
 * A refused request is answered by the subnet that sent it, wherever its caller lives now; a response can only have been refused because its
 * receiver moved: it is routed again, by the table of this batch, and so is a refund.
 */
function takeBack(tip: StateTip, message: StreamMessage, reason: RejectReason): void {
  if (message.kind === "refund") { tip.refund(message.recipient, message.amount); return; }
  if (message.kind === "response") { answer(tip, message); return; }
  const [code, text] = REJECTIONS[reason](message), { sender, receiver, callback, cycles, deadline } = message;
  answer(tip, { kind: "response", originator: sender, respondent: receiver, callback, refund: cycles, payload: { kind: "reject", code, message: text }, ...(deadline !== undefined && { deadline }) });
}
function answer(tip: StateTip, response: Response): void {
  const originator = tip.canister(response.originator);
  if (originator !== undefined) tip.deliver(originator, response); else tip.subnetOutput.push(response);
}

function inductMessages(tip: StateTip, source: SubnetId, { begin, messages }: StreamSlice, params: SubnetParams): void {
  const ours = tip.streams.get(source) ?? EMPTY_STREAM, rejected: RejectSignal[] = [];
  let next = ours.signalsEnd;
  for (const [i, message] of messages.entries()) {
    if (begin + BigInt(i) !== next) continue; // taken before
    const reason = isFrom(tip, source, message) ? induct(tip, message, params) : undefined; // a subnet that lies about the sender gets no answer
    if (reason !== undefined) rejected.push({ index: next, reason });
    next++;
  }
  if (next === ours.signalsEnd) return;
  tip.streams = tip.streams.set(source, { ...ours, signalsEnd: next, rejectSignals: rejected.length === 0 ? ours.rejectSignals : [...ours.rejectSignals, ...rejected] });
}

/**
 * Whether who sent this lives on that subnet, by the routing table; or may have when it was sent, by the trace of a move (protocol digest §2.2).
 * The subnet's own management canister answers for it too; and a request that was refused after its caller had moved is answered by the subnet
 * that the caller came from.
 */
function isFrom({ topology, base }: StateTip, source: SubnetId, message: StreamMessage): boolean {
  if (message.kind === "refund") return true; // says of nobody that it is from there
  const sender = message.kind === "request" ? message.sender : message.respondent;
  if (message.kind === "response" && (sender === MANAGEMENT_CANISTER_ID || isManagementOf(source, sender))) return true;
  const home = subnetOfCanister(topology, sender), trace = home === source ? undefined : migrationTrace(topology, sender);
  if (home === source || (home !== undefined && trace?.includes(home) === true && trace.includes(source))) return true;
  const steps = message.kind === "response" && message.payload.kind === "reject" ? migrationTrace(topology, message.originator) ?? [] : [], from = steps.indexOf(source);
  return from >= 0 && from < steps.indexOf(base.subnetId);
}

/** Whether a canister that is not here moves between this subnet and the one that the table names. */
function isMoving({ topology, base }: StateTip, id: CanisterId): boolean {
  const home = subnetOfCanister(topology, id), trace = migrationTrace(topology, id);
  return home !== undefined && home !== base.subnetId && trace?.includes(home) === true && trace.includes(base.subnetId);
}

/**
 * Undefined: taken. A response is always taken, for its place was reserved, unless its receiver moves: then whoever sent it looks for it where
 * it lives now. Without a receiver nobody waits for it any more: what came with it goes after a receiver that lives elsewhere.
 */
function induct(tip: StateTip, message: StreamMessage, { guaranteedMessageBytes }: SubnetParams): RejectReason | undefined {
  if (message.kind === "refund") {
    if (!tip.has(message.recipient) && subnetOfCanister(tip.topology, message.recipient) !== tip.base.subnetId) return "CanisterMigrating";
    tip.refund(message.recipient, message.amount);
    return undefined;
  }
  if (message.kind === "response") {
    const originator = tip.canister(message.originator);
    if (originator !== undefined) tip.deliver(originator, message);
    else if (isMoving(tip, message.originator)) return "CanisterMigrating";
    else if ((subnetOfCanister(tip.topology, message.originator) ?? tip.base.subnetId) !== tip.base.subnetId) tip.refund(message.originator, message.refund);
    return undefined;
  }
  const hasRoom = message.deadline !== undefined || tip.messages.guaranteed + requestReservation(messageBytes(message)) <= guaranteedMessageBytes;
  if (isManagementOf(tip.base.subnetId, message.receiver)) { if (!hasRoom) return "OutOfMemory"; tip.subnetQueue.push(message); return undefined; }
  const receiver = tip.canister(message.receiver);
  if (receiver === undefined) return subnetOfCanister(tip.topology, message.receiver) === tip.base.subnetId ? "CanisterNotFound" : "CanisterMigrating";
  if (receiver.system.status.kind !== "running") return receiver.system.status.kind === "stopping" ? "CanisterStopping" : "CanisterStopped";
  if (!hasRoom) return "OutOfMemory";
  tip.deliver(receiver, message);
  return undefined;
}
