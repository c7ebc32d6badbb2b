import { EMPTY_STREAM, type StateTip } from "../state/stateTip.ts";
import { subnetTopology } from "../state/routing.ts";
import type { Request, Response, SubnetId } from "../types/index.ts";
import type { Stream } from "../state/replicatedState.ts";

/** dfinity/ic, rs/config/src/message_routing.rs: MAX_STREAM_MESSAGES, TARGET_STREAM_SIZE_BYTES, SYSTEM_SUBNET_STREAM_MSG_LIMIT (times two, as the stream builder has it). */
const MESSAGES_MAX = 10_000, BYTES_MAX = 10 * 1024 * 1024, SYSTEM_MESSAGES_MAX = 200;
/** What a message has beside its payload: ids, numbers, the frame. */
const MESSAGE_FRAME_BYTES = 128;

/** Bytes that a message counts for in queues and streams. */
export const messageBytes = (message: Request | Response): number => MESSAGE_FRAME_BYTES + (message.kind === "request"
  ? message.arg.length + Buffer.byteLength(message.method)
  : message.payload.kind === "reply" ? message.payload.data.length : Buffer.byteLength(message.payload.message));

/** The bytes of a stream's messages: counted once for each version of its list. */
const counted = new WeakMap<Stream["messages"], number>();
const streamBytes = (messages: Stream["messages"]): number => {
  const known = counted.get(messages) ?? messages.reduce((sum, message) => sum + messageBytes(message), 0);
  counted.set(messages, known);
  return known;
};

/** The streams while a round fills them: a list of new messages each, joined to the state in `commit`. A stream that was full once stays so for the round, which keeps each sender's order. */
export interface StreamWriter { append(subnet: SubnetId, message: Request | Response): boolean; commit(): void }

export function openStreams(tip: StateTip): StreamWriter {
  const open = new Map<SubnetId, { readonly added: (Request | Response)[]; count: number; bytes: number; readonly messagesMax: number; full: boolean }>();
  return {
    append(subnet, message) {
      let stream = open.get(subnet);
      if (stream === undefined) {
        const { messages } = tip.streams.get(subnet) ?? EMPTY_STREAM;
        stream = { added: [], count: messages.length, bytes: streamBytes(messages), full: false, messagesMax: subnetTopology(tip.topology, subnet)?.type === "system" ? SYSTEM_MESSAGES_MAX : MESSAGES_MAX };
        open.set(subnet, stream);
      }
      stream.full ||= stream.count >= stream.messagesMax || stream.bytes >= BYTES_MAX;
      if (stream.full) return false;
      stream.added.push(message);
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
