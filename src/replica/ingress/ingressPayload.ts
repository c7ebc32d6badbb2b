import { type CanisterId, type MessageId, type Result, type SignedIngress, type Time, err, ok } from "../types/index.ts";
import type { ValidationError } from "../interfaces/consensus.ts";
import type { Destination, IngressPool, RequestValidator } from "../interfaces/ingress.ts";
import type { CallContent } from "../codec/envelope.ts";
import { decodeIngress } from "./decodeIngress.ts";

const MIB = 1024 * 1024;
/** dfinity/ic, rs/limits: at most 1000 messages and 4 MiB of ingress in a block. */
export const INGRESS_MESSAGES_PER_BLOCK = 1000;
export const INGRESS_BYTES_PER_BLOCK = 4 * MIB;

export interface IngressPayloadOptions {
  readonly pool: IngressPool;
  readonly validator: RequestValidator;
  readonly effectiveIdOf: (content: CallContent) => CanisterId;
  /** Whether the certified ingress history of the context knows a message. */
  readonly isInHistory: (id: MessageId) => boolean;
}

/** The ingress section of blocks: made from the pool, and judged as every node judges it. */
export interface IngressPayload {
  /** `past`: ingress sections between the certified height and the parent. */
  build(blockTime: Time, past: readonly (readonly Uint8Array[])[]): readonly Uint8Array[];
  validate(blockTime: Time, ingress: readonly Uint8Array[], past: readonly (readonly Uint8Array[])[]): Result<void, ValidationError>;
}

export function createIngressPayload({ pool, validator, effectiveIdOf, isInHistory }: IngressPayloadOptions): IngressPayload {
  const idOf = (envelope: Uint8Array): MessageId | undefined => decodeIngress(envelope, effectiveIdOf)?.messageId;
  const idsOf = (past: readonly (readonly Uint8Array[])[]): ReadonlySet<MessageId | undefined> => new Set(past.flat().map(idOf));

  /** The block's own envelopes are authenticated again, at the block's time (signatures seen before are remembered). */
  function authentic(envelope: Uint8Array, blockTime: Time): Result<SignedIngress, ValidationError> {
    const message = decodeIngress(envelope, effectiveIdOf);
    if (message === undefined) return err({ kind: "invalid", reason: "an ingress envelope cannot be decoded" });
    const destination: Destination = { kind: "canister", id: message.effectiveCanisterId };
    const checked = validator.call(envelope, destination, blockTime);
    return checked.ok ? checked : err({ kind: "invalid", reason: `ingress ${message.messageId}: ${checked.error.kind}` });
  }

  return {
    build(blockTime, past) {
      const blocks = idsOf(past);
      const chosen = pool.select({
        time: blockTime, bytesMax: INGRESS_BYTES_PER_BLOCK, messagesMax: INGRESS_MESSAGES_PER_BLOCK, isKnown: (id) => blocks.has(id) || isInHistory(id),
      });
      return chosen.map(({ envelope }) => envelope);
    },
    validate(blockTime, ingress, past) {
      const invalid = (reason: string): Result<void, ValidationError> => err({ kind: "invalid", reason });
      if (ingress.length > INGRESS_MESSAGES_PER_BLOCK) return invalid(`${ingress.length} ingress messages, at most ${INGRESS_MESSAGES_PER_BLOCK} are allowed`);
      const size = ingress.reduce((sum, { length }) => sum + length, 0);
      if (size > INGRESS_BYTES_PER_BLOCK) return invalid(`${size} bytes of ingress, at most ${INGRESS_BYTES_PER_BLOCK} are allowed`);
      const seen = new Set(idsOf(past));
      for (const envelope of ingress) {
        const message = authentic(envelope, blockTime);
        if (!message.ok) return message;
        const id = message.value.messageId;
        if (seen.has(id) || isInHistory(id)) return invalid(`ingress ${id} is there already`);
        seen.add(id);
      }
      return ok(undefined);
    },
  };
}
