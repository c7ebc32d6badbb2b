import { type MessageId, type SignedIngress, NANOSECONDS_PER_SECOND, err, ok } from "../../types/index.ts";
import type { BatchPayload, IngressSource, PayloadSection, ValidationContext, ValidationError } from "../../interfaces/consensus.ts";

/** Subnet record `max_ingress_messages_per_block` (protocol digest §1.3). */
export const INGRESS_MESSAGES_MAX = 1000;
/**
 * Interface spec, "ingress_expiry": at most five minutes from now, here from the block's time, and the 30 s by which a client's clock may be
 * ahead. The gatehouse takes such a message (mainnet lets it wait in the pool); one that no block may carry yet would be work that is never done.
 */
const INGRESS_TTL = (5n * 60n + 30n) * NANOSECONDS_PER_SECOND;

const invalid = (reason: string): { readonly ok: false; readonly error: ValidationError } => err({ kind: "invalid", reason });
const transient = (reason: string): { readonly ok: false; readonly error: ValidationError } => err({ kind: "transient", reason });
const inTime = (message: SignedIngress, context: ValidationContext): boolean => message.expiry > context.time && message.expiry <= context.time + INGRESS_TTL;

/**
 * User messages of a block: authentic, within their time, in no block and no ingress history before, and paid for (protocol digest §1.5). All
 * of it is judged by the state at the context's certified height and the payloads since then, so that every node says the same.
 */
export function createIngressSection(source: IngressSource): PayloadSection<"ingress"> {
  const idsOf = new WeakMap<BatchPayload, ReadonlySet<MessageId>>();
  const ids = (payload: BatchPayload): ReadonlySet<MessageId> => {
    const known = idsOf.get(payload);
    if (known !== undefined) return known;
    const made = new Set(payload.ingress.map((envelope) => source.authenticate(envelope)?.messageId).filter((id) => id !== undefined));
    idsOf.set(payload, made);
    return made;
  };
  const included = (past: readonly BatchPayload[], id: MessageId): boolean => past.some((payload) => payload.ingress.length > 0 && ids(payload).has(id));
  return {
    build(_, context, past, bytesMax) {
      const chosen: Uint8Array[] = [], taken = new Set<MessageId>();
      let bytes = 0;
      for (const message of source.messages()) {
        if (chosen.length === INGRESS_MESSAGES_MAX) break;
        if (!inTime(message, context) || taken.has(message.messageId) || included(past, message.messageId)) continue;
        if (source.isKnown(message.messageId, context.certifiedHeight) !== false || source.isPayable(message, context.certifiedHeight) !== true) continue;
        // A message that does not fit waits; smaller ones behind it may still go.
        if (bytes + message.envelope.length > bytesMax) continue;
        bytes += message.envelope.length;
        taken.add(message.messageId);
        chosen.push(message.envelope);
      }
      return chosen;
    },
    validate(_, context, envelopes, past) {
      if (envelopes.length > INGRESS_MESSAGES_MAX) return invalid("too many ingress messages");
      const taken = new Set<MessageId>();
      for (const envelope of envelopes) {
        const message = source.authenticate(envelope);
        if (message === undefined) return invalid("ingress message is not authentic");
        if (!inTime(message, context)) return invalid("ingress message is expired or too far ahead");
        if (taken.has(message.messageId) || included(past, message.messageId)) return invalid("ingress message is already in the chain");
        taken.add(message.messageId);
        const known = source.isKnown(message.messageId, context.certifiedHeight), payable = source.isPayable(message, context.certifiedHeight);
        if (known === undefined || payable === undefined) return transient("state at the certified height is not at hand");
        if (known) return invalid("ingress message is in the ingress history");
        if (!payable) return invalid("receiver cannot take the ingress message");
      }
      return ok(undefined);
    },
  };
}
