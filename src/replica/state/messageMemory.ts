import { LIMITS } from "../params/limits.ts";
import type { CallContext, Callback, CanisterState } from "./canisterState.ts";
import type { ErrorCode, Refund, Request, Response } from "../types/index.ts";

/** What a message has beside its payload: ids, numbers, the frame. */
const MESSAGE_FRAME_BYTES = 128;
/** What a place for an answer holds until the answer is there (dfinity/ic, rs/types/types/src/messages/inter_canister.rs: MAX_RESPONSE_COUNT_BYTES). */
export const SLOT_BYTES: number = LIMITS.payloadBytesMax + MESSAGE_FRAME_BYTES;
/** Answers that take the place of a lost one weigh nothing, or shedding would never end. */
const SYNTHETIC: readonly (ErrorCode | undefined)[] = ["IC0601", "IC0602"];

/** Bytes that a message with so large a payload (method name included) counts for. */
export const messageBytesOf = (payload: number): number => MESSAGE_FRAME_BYTES + payload;
/** Bytes that a message counts for in queues and streams. */
export function messageBytes(message: Request | Response | Refund): number {
  if (message.kind === "request") return MESSAGE_FRAME_BYTES + message.arg.length + Buffer.byteLength(message.method);
  if (message.kind === "refund") return MESSAGE_FRAME_BYTES;
  return MESSAGE_FRAME_BYTES + (message.payload.kind === "reply" ? message.payload.data.length : Buffer.byteLength(message.payload.message));
}

/**
 * Memory that messages hold, in bytes, and calls without an answer so far (protocol digest §2.3). Guaranteed calls hold a place for the answer
 * on both sides until it is there, and then the answer's own size; a request counts for what it has beyond such a place.
 */
export interface MessageUse { guaranteed: number; bestEffort: number; callbacks: number }
export const noMessages = (): MessageUse => ({ guaranteed: 0, bestEffort: 0, callbacks: 0 });

/** Adds (`times` 1) or takes away (−1) a message of a queue. In the input a request holds the place of its answer, and an answer fills one. */
export function countMessage(use: MessageUse, queue: "input" | "output", message: Request | Response, times: 1 | -1): void {
  const bytes = messageBytes(message);
  if (message.deadline !== undefined) {
    if (message.kind === "response" && message.payload.kind === "reject" && SYNTHETIC.includes(message.payload.errorCode)) return;
    use.bestEffort += times * bytes;
  } else if (message.kind === "request") use.guaranteed += times * (Math.max(0, bytes - SLOT_BYTES) + (queue === "input" ? SLOT_BYTES : 0));
  else use.guaranteed += times * (queue === "input" ? bytes - SLOT_BYTES : bytes);
}
export function countCallback(use: MessageUse, { deadline }: Callback, times: 1 | -1): void {
  use.callbacks += times;
  if (deadline === undefined) use.guaranteed += times * SLOT_BYTES;
}
/** A call of a canister that has no answer yet holds a place for it. */
export function countContext(use: MessageUse, { origin, responded, deleted }: CallContext, times: 1 | -1): void {
  if (origin.kind === "canister" && origin.deadline === undefined && !responded && !deleted) use.guaranteed += times * SLOT_BYTES;
}

/** All that one canister's messages hold. Costs what is open. */
export function messagesOf({ queues, callbacks, callContexts }: Pick<CanisterState["system"], "queues" | "callbacks" | "callContexts">): MessageUse {
  const use = noMessages();
  for (const queue of ["input", "output"] as const) for (const message of queues[queue]) countMessage(use, queue, message, 1);
  for (const callback of Object.values(callbacks)) countCallback(use, callback, 1);
  for (const context of Object.values(callContexts)) countContext(use, context, 1);
  return use;
}
/** What a guaranteed request of so many bytes takes where it is received. */
export const requestReservation = (bytes: number): number => Math.max(SLOT_BYTES, bytes);
