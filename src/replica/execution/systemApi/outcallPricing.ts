import type { OutcallParams } from "../../codec/candidOutcall.ts";
import { maxFaulty } from "../../params/subnetParams.ts";

/** Who makes an outcall: all nodes, one, or a committee that may answer differently. */
export type Outcall = { readonly kind: "fullyReplicated" | "nonReplicated" } | { readonly kind: "flexible"; readonly requests: bigint; readonly minResponses: bigint; readonly maxResponses: bigint };
/** What an outcall is expected to use. Bytes, milliseconds, instructions. */
export interface OutcallUsage {
  readonly requestBytes: bigint; readonly roundtripMs: bigint; readonly rawResponseBytes: bigint; readonly transformedResponseBytes: bigint; readonly transformInstructions: bigint;
}

/** Pricing version 1 of HTTPS outcalls: a fixed part, the request's bytes and the largest response, on every node. */
export const outcallCost = (nodes: bigint, requestBytes: bigint, responseBytes: bigint): bigint => (3_000_000n + 60_000n * nodes + 400n * requestBytes + 800n * responseBytes) * nodes;

const REQUEST = 1_000_000n, REQUEST_BYTE = 50n, DOWNLOADED_BYTE = 50n, RESPONSE_MS = 300n, GOSSIPED_BYTE = 50n, INSTRUCTIONS_PER_CYCLE = 13n;
/** A reject of this size may be delivered in the place of any response. */
const REJECT_BYTES_MAX = 1_025n, FLEXIBLE_RESPONSE_BYTES = 181n;
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const roundUp = (value: bigint, to: bigint): bigint => (to === 0n ? value : ((value + to - 1n) / to) * to);

/**
 * Pricing version 2 (dfinity/ic, rs/https_outcalls/pricing: a base fee for the request; for each replica what it downloads, waits and computes;
 * and the response's place in a block). What has to be withheld: replicas have equal shares of it, so that it is rounded up to them.
 */
export function outcallCostV2(n: bigint, outcall: Outcall, { requestBytes, roundtripMs, rawResponseBytes, transformedResponseBytes, transformInstructions }: OutcallUsage): bigint {
  const least = outcall.kind === "flexible" ? outcall.minResponses : 1n, replicas = outcall.kind === "flexible" ? outcall.requests : outcall.kind === "nonReplicated" ? 1n : n;
  const base = n * (REQUEST + REQUEST_BYTE * requestBytes + (outcall.kind === "fullyReplicated" ? 140_000n * n + 800n * n * n : 90_000n * n + 2_000n * n * least + 100_000n * least));
  const gossip = outcall.kind === "fullyReplicated" ? 0n : GOSSIPED_BYTE * transformedResponseBytes * n;
  const each = DOWNLOADED_BYTE * rawResponseBytes + RESPONSE_MS * roundtripMs + transformInstructions / INSTRUCTIONS_PER_CYCLE + gossip;
  const delivered = max(transformedResponseBytes, REJECT_BYTES_MAX), inBlock = (bytes: bigint): bigint => (10n * n + 600n) * n * bytes;
  const extra = (responses: bigint): bigint => (2_000n * n + 100_000n) * n * max(0n, responses);
  const quorum = n - BigInt(maxFaulty(Number(n)));
  const consensus = outcall.kind === "flexible" ? (outcall.maxResponses === 0n ? 0n : inBlock(outcall.requests * (FLEXIBLE_RESPONSE_BYTES + delivered)) + extra(outcall.requests - outcall.minResponses))
    : outcall.kind === "nonReplicated" ? inBlock(delivered) : (roundUp(inBlock(delivered), quorum) / quorum) * n;
  return base + roundUp(replicas * each + consensus, replicas);
}

/** The price by a decoded argument: on all nodes unless it says otherwise; a committee of all, of whom more than two thirds must answer, unless it says otherwise. */
export function outcallCostOf(nodes: number, { outcall_type: [type], ...params }: OutcallParams): bigint {
  const n = BigInt(nodes);
  const usage: OutcallUsage = {
    requestBytes: params.request_bytes, roundtripMs: params.http_roundtrip_time_ms, rawResponseBytes: params.raw_response_bytes,
    transformedResponseBytes: params.transformed_response_bytes, transformInstructions: params.transform_instructions,
  };
  if (type === undefined || "fully_replicated" in type) return outcallCostV2(n, { kind: "fullyReplicated" }, usage);
  if ("non_replicated" in type) return outcallCostV2(n, { kind: "nonReplicated" }, usage);
  const [counts] = type.flexible;
  return outcallCostV2(n, counts === undefined ? { kind: "flexible", requests: n, minResponses: n - BigInt(maxFaulty(nodes)), maxResponses: n }
    : { kind: "flexible", requests: BigInt(counts.total_requests), minResponses: BigInt(counts.min_responses), maxResponses: BigInt(counts.max_responses) }, usage);
}
