import { EMPTY_STREAM, type StateTip, countSent } from "../state/stateTip.ts";
import { subnetTopology } from "../state/routing.ts";
import { messageBytes } from "../state/messageMemory.ts";
import type { StreamMessage, SubnetId } from "../types/index.ts";
import type { Stream } from "../state/replicatedState.ts";

/** dfinity/ic, rs/messaging/src/routing/stream_builder.rs: refunds have at most this share of a stream, which they are built into first. */
const REFUNDS_MAX = 5_000;
/** dfinity/ic, rs/config/src/message_routing.rs: MAX_STREAM_MESSAGES, TARGET_STREAM_SIZE_BYTES, SYSTEM_SUBNET_STREAM_MSG_LIMIT (times two, as the stream builder has it). */
const MESSAGES_MAX = 10_000, BYTES_MAX = 10 * 1024 * 1024, SYSTEM_MESSAGES_MAX = 200;
/** The bytes of a stream's messages: counted once for each version of its list. */
const counted = new WeakMap<Stream["messages"], number>();
const streamBytes = (messages: Stream["messages"]): number => {
  const known = counted.get(messages) ?? messages.reduce((sum, message) => sum + messageBytes(message), 0);
  counted.set(messages, known);
  return known;
};

/** The streams while a round fills them: a list of new messages each, joined to the state in `commit`. A stream that was full once stays so for the round, which keeps each sender's order. */
export interface StreamWriter { append(subnet: SubnetId, message: StreamMessage): boolean; commit(): void }

export function openStreams(tip: StateTip): StreamWriter {
  const open = new Map<SubnetId, { readonly added: StreamMessage[]; count: number; refunds: number; bytes: number; readonly messagesMax: number; full: boolean }>();
  return {
    append(subnet, message) {
      let stream = open.get(subnet);
      if (stream === undefined) {
        const { messages } = tip.streams.get(subnet) ?? EMPTY_STREAM;
        stream = { added: [], count: messages.length, refunds: messages.reduce((count, { kind }) => count + Number(kind === "refund"), 0), bytes: streamBytes(messages), full: false, messagesMax: subnetTopology(tip.topology, subnet)?.type === "system" ? SYSTEM_MESSAGES_MAX : MESSAGES_MAX };
        open.set(subnet, stream);
      }
      stream.full ||= stream.count >= MESSAGES_MAX || stream.bytes >= BYTES_MAX || stream.count - stream.refunds >= stream.messagesMax;
      if (message.kind === "refund" && stream.refunds < REFUNDS_MAX && stream.bytes < BYTES_MAX && stream.count < MESSAGES_MAX) stream.refunds++;
      else if (message.kind === "refund" || stream.full) return false;
      stream.added.push(message);
      countSent(tip.messages, message, 1);
      stream.count++;
      stream.bytes += messageBytes(message);
      return true;
    },
    commit() {
      for (const [subnet, { added, bytes }] of open) {
        if (added.length === 0) continue;
        const stream = tip.streams.get(subnet) ?? EMPTY_STREAM, messages = [...stream.messages, ...added];
        counted.set(messages, bytes);
        tip.streams = tip.streams.set(subnet, { ...stream, messages });
      }
    },
  };
}
