import { LIMITS } from "../params/limits.ts";
import { NANOSECONDS_PER_SECOND, type NodeId, type Time } from "../types/index.ts";
import type { NodeMetrics } from "./replicatedState.ts";

const NANOSECONDS_PER_DAY = 86_400n * NANOSECONDS_PER_SECOND;
const dayOf = (at: Time): bigint => at / NANOSECONDS_PER_DAY;

/** Counts a block: the entry of its day goes on, or one of a new day begins (dfinity/ic, blockmaker metrics). At most 60 days are kept. */
export function withBlock(history: readonly NodeMetrics[] | undefined, maker: NodeId, at: Time): readonly NodeMetrics[] {
  const last = history?.at(-1), known = last?.nodes ?? [], index = known.findIndex(({ node }) => node === maker);
  const nodes = index < 0 ? [...known, { node: maker, proposed: 1n, failed: 0n }].sort((a, b) => (a.node < b.node ? -1 : 1))
    : known.with(index, { ...known[index]!, proposed: known[index]!.proposed + 1n });
  const before = last !== undefined && dayOf(last.at) === dayOf(at) ? history!.slice(0, -1) : history ?? [];
  return [...before, { at, nodes }].slice(-LIMITS.nodeMetricsDays);
}
