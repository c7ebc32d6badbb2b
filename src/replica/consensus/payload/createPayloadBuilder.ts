import { type Result, err, ok } from "../../types/index.ts";
import type { BatchPayload, PayloadBuilder, PayloadSection, ValidationError } from "../../interfaces/consensus.ts";
import { EMPTY_BATCH, encodePayload } from "../payloadCodec.ts";

/** Protocol digest §1.3: 4 MiB for all sections together. */
export const BLOCK_PAYLOAD_BYTES_MAX = 4 * 1024 * 1024;

/** A missing section is empty, and must be. */
export interface PayloadSections {
  readonly ingress?: PayloadSection<"ingress">;
  readonly xnet?: PayloadSection<"xnet">;
  readonly consensusResponses?: PayloadSection<"consensusResponses">;
  readonly queryStats?: PayloadSection<"queryStats">;
}

const ORDER = ["ingress", "xnet", "consensusResponses"] as const;
const encodedBytes = (batch: BatchPayload): number => encodePayload({ kind: "data", batch, dealings: [] }).length;
/** Heads of the CBOR around the sections. */
const FRAME_BYTES = 64 * 1024;

/** The sections behind one door. They share the block's bytes; which of them comes first rotates with the height, so that none starves; statistics take what is left. */
export function createPayloadBuilder(sections: PayloadSections): PayloadBuilder {
  return {
    build(height, context, past) {
      let batch = EMPTY_BATCH, left = BLOCK_PAYLOAD_BYTES_MAX - FRAME_BYTES;
      for (let i = 0; i < ORDER.length; i++) {
        const key = ORDER[(height + i) % ORDER.length]!;
        const built = sections[key]?.build(height, context, past, left);
        if (built === undefined || built.length === 0) continue;
        batch = { ...batch, [key]: built };
        left = BLOCK_PAYLOAD_BYTES_MAX - FRAME_BYTES - encodedBytes(batch);
      }
      const queryStats = sections.queryStats?.build(height, context, past, left);
      return queryStats === undefined ? batch : { ...batch, queryStats };
    },
    validate(height, context, payload, past): Result<void, ValidationError> {
      for (const key of ORDER) {
        const section = sections[key] as PayloadSection<typeof key> | undefined;
        if (payload[key].length === 0) continue;
        if (section === undefined) return err({ kind: "invalid", reason: `no ${key} expected` });
        const verdict = section.validate(height, context, payload[key] as never, past);
        if (!verdict.ok) return verdict;
      }
      if (payload.queryStats !== undefined) {
        const verdict = sections.queryStats?.validate(height, context, payload.queryStats, past) ?? err({ kind: "invalid", reason: "no queryStats expected" });
        if (!verdict.ok) return verdict;
      }
      return encodedBytes(payload) <= BLOCK_PAYLOAD_BYTES_MAX ? ok(undefined) : err({ kind: "invalid", reason: "payload is too large" });
    },
  };
}
