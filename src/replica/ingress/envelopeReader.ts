import { MANAGEMENT_CANISTER_ID, NANOSECONDS_PER_SECOND, type CanisterId, type SignedIngress, time } from "../types/index.ts";
import { decodeEnvelope } from "../codec/envelope.ts";
import { managementTarget } from "../codec/managementTarget.ts";
import type { RequestValidator } from "../interfaces/ingress.ts";

/** Interface spec, "ingress_expiry": at most five minutes after the moment at which a message is accepted. */
const TTL = 300n * NANOSECONDS_PER_SECOND;

export interface EnvelopeReader {
  read(envelope: Uint8Array): SignedIngress | undefined;
  /** The message as a block will give it, of one that was authenticated just now. */
  accepted(message: SignedIngress): SignedIngress;
}

/**
 * Reads the envelopes of blocks: undefined for what is not an authentic call. A pure function of the bytes, so that every node and every
 * replay says the same: authenticity is judged at the earliest moment at which the message could be accepted, and the canister that a
 * management call is about comes from its argument, not from the URL that it was sent to (`aaaaa-aa` when it is about none yet).
 */
export function createEnvelopeReader(validator: RequestValidator): EnvelopeReader {
  // The same bytes are looked at when a block is built, validated and delivered.
  const known = new WeakMap<Uint8Array, SignedIngress | "refused">();
  const read = (envelope: Uint8Array): SignedIngress | "refused" => {
    const decoded = decodeEnvelope(envelope);
    if (!decoded.ok || decoded.value.content.kind !== "call") return "refused";
    const { canister, method, arg, expiry } = decoded.value.content;
    const target: CanisterId = canister !== MANAGEMENT_CANISTER_ID ? canister : managementTarget(method, arg) ?? MANAGEMENT_CANISTER_ID;
    const message = validator.call(envelope, { kind: "canister", id: target }, time(expiry > TTL ? expiry - TTL : 0n));
    return message.ok ? message.value : "refused";
  };
  return {
    read(envelope) {
      let message = known.get(envelope);
      if (message === undefined) known.set(envelope, message = read(envelope));
      return message === "refused" ? undefined : message;
    },
    accepted(message) {
      const canonical = message.receiver !== MANAGEMENT_CANISTER_ID ? message
        : { ...message, effectiveCanisterId: managementTarget(message.method, message.arg) ?? MANAGEMENT_CANISTER_ID };
      known.set(message.envelope, canonical);
      return canonical;
    },
  };
}
