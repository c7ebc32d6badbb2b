import { type CanisterId, type MessageId, type SignedIngress, type Time, err, ok } from "../types/index.ts";
import type { IngressOrigin, IngressPool, IngressSelection } from "../interfaces/ingress.ts";
import { INGRESS_TTL, PERMITTED_DRIFT } from "./rules/expiry.ts";

const MIB = 1024 * 1024;

/** How much a pool holds. A peer may fill its share alone, so one noisy node leaves room for the others. */
export interface IngressPoolLimits { readonly messagesMax: number; readonly bytesMax: number; readonly messagesPerPeerMax: number; readonly bytesPerPeerMax: number }
/** Ours: a minute of ingress at the rate that blocks can carry, and a quarter of it for each peer. */
export const INGRESS_POOL_LIMITS: IngressPoolLimits = { messagesMax: 40_000, bytesMax: 400 * MIB, messagesPerPeerMax: 10_000, bytesPerPeerMax: 100 * MIB };

interface Entry { readonly message: SignedIngress; readonly origin: IngressOrigin }
interface Share { messages: number; bytes: number }

/**
 * The authenticated messages that wait for a block (design §3.9, room 7). Liveness: every message that is neither known nor expired is
 * selected in the end, because receivers take turns and each receiver's messages leave in order of arrival.
 */
export function createIngressPool(limits: IngressPoolLimits = INGRESS_POOL_LIMITS): IngressPool {
  const entries = new Map<MessageId, Entry>();
  /** Order of arrival within a receiver is the insertion order of its map. */
  const receivers = new Map<CanisterId, Map<MessageId, SignedIngress>>();
  const shares = new Map<IngressOrigin, Share>();
  let bytes = 0;
  /** The receiver that was served last: the next block begins behind it. */
  let lastServed: CanisterId | undefined;

  const forget = (id: MessageId): void => {
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { message, origin } = entry, size = message.envelope.length, share = shares.get(origin)!, waiting = receivers.get(message.receiver)!;
    entries.delete(id);
    waiting.delete(id);
    if (waiting.size === 0) receivers.delete(message.receiver);
    share.messages--;
    share.bytes -= size;
    if (share.messages === 0) shares.delete(origin);
    bytes -= size;
  };

  /** Receivers in byte order, beginning behind the one served last. */
  const turns = (): readonly CanisterId[] => {
    const sorted = [...receivers.keys()].sort(), from = lastServed === undefined ? 0 : sorted.findIndex((id) => id > lastServed!);
    return from <= 0 ? sorted : [...sorted.slice(from), ...sorted.slice(0, from)];
  };

  return {
    get size() { return entries.size; },
    get bytes() { return bytes; },
    add(message, origin) {
      if (entries.has(message.messageId)) return ok("known");
      const size = message.envelope.length, share = shares.get(origin) ?? { messages: 0, bytes: 0 };
      if (entries.size >= limits.messagesMax) return err({ kind: "poolFull", limit: "messages" });
      if (bytes + size > limits.bytesMax) return err({ kind: "poolFull", limit: "bytes" });
      if (share.messages >= limits.messagesPerPeerMax || share.bytes + size > limits.bytesPerPeerMax) return err({ kind: "poolFull", limit: "perPeer" });
      entries.set(message.messageId, { message, origin });
      const waiting = receivers.get(message.receiver) ?? new Map<MessageId, SignedIngress>();
      receivers.set(message.receiver, waiting.set(message.messageId, message));
      shares.set(origin, { messages: share.messages + 1, bytes: share.bytes + size });
      bytes += size;
      return ok("added");
    },
    get: (id) => entries.get(id)?.message,
    remove(ids) { for (const id of ids) forget(id); },
    purgeExpired(now) {
      const expired = [...entries].filter(([, { message }]) => message.expiry < now).map(([id]) => id);
      for (const id of expired) forget(id);
      return expired;
    },
    select(selection) {
      const { chosen, last } = chooseInTurns(turns(), receivers, selection);
      lastServed = last ?? lastServed;
      return chosen;
    },
  };
}

/** One message of each receiver, then the next of each, until the block is full or nothing is left. */
function chooseInTurns(order: readonly CanisterId[], receivers: ReadonlyMap<CanisterId, ReadonlyMap<MessageId, SignedIngress>>, { time, bytesMax, messagesMax, isKnown }: IngressSelection): { readonly chosen: readonly SignedIngress[]; readonly last: CanisterId | undefined } {
  const chosen: SignedIngress[] = [];
  let left = bytesMax, last: CanisterId | undefined;
  let queues = order.map((receiver) => ({ receiver, messages: receivers.get(receiver)!.values() }));
  while (queues.length > 0 && chosen.length < messagesMax) {
    queues = queues.filter(({ receiver, messages }) => {
      if (chosen.length >= messagesMax) return false;
      for (const message of messages) {
        if (!mayEnter(message, time) || isKnown(message.messageId)) continue;
        // A message that does not fit waits for the next block with all that came after it for the same receiver.
        if (message.envelope.length > left) return false;
        chosen.push(message);
        left -= message.envelope.length;
        last = receiver;
        return true;
      }
      return false;
    });
  }
  return { chosen, last };
}

/** Interface spec, "Authentication", at the block's time: the check that every node repeats on the block. */
export const mayEnter = (message: SignedIngress, blockTime: Time): boolean => message.expiry >= blockTime && message.expiry <= blockTime + INGRESS_TTL + PERMITTED_DRIFT;
