import type { Log } from "../interfaces/runtime.ts";
import type { StateTip } from "../state/stateTip.ts";
import type { MessageId, SignedIngress } from "../types/index.ts";

/** Tells of rooms 11 and 14 of the walk, a line a message. Made only when somebody listens. */
export interface WalkLines {
  inducted(tip: StateTip, messages: readonly SignedIngress[]): void;
  /** After a round: of the messages that were executed in it. */
  routed(tip: StateTip): void;
}

export function createWalkLines(log: Log): WalkLines {
  /** Inducted, not executed yet: a full round leaves messages to the next. */
  const queued = new Set<MessageId>();
  return {
    inducted(tip, messages) {
      for (const { messageId } of messages) {
        const event = tip.ingressStatus(messageId).kind;
        if (event === "received") queued.add(messageId);
        log({ room: "induction", event, messageId, subnet: tip.base.subnetId, height: tip.base.height });
      }
    },
    routed(tip) {
      const streams = tip.streams.size;
      for (const messageId of queued) {
        if (tip.ingressStatus(messageId).kind === "received") continue;
        queued.delete(messageId);
        log({ room: "routing", event: "routed", messageId, subnet: tip.base.subnetId, height: tip.base.height, streams });
      }
    },
  };
}
