import type { CanisterId, CanisterQueryStats, Height, QueryStats, QueryStatsReport } from "../types/index.ts";

/** What one node counted of the queries that it answered. Not part of any state: a node that restarts begins anew. */
export interface QueryStatsCollector {
  /** A query that was answered from the state of this height. */
  count(canister: CanisterId, stats: QueryStats, height: Height): void;
  /** The epoch before the one that the height lies in: complete now. */
  ended(height: Height): Pick<QueryStatsReport, "epoch" | "stats"> | undefined;
}
/** Epochs are of so many heights (dfinity/ic, QUERY_STATS_EPOCH_LENGTH). */
export const epochOf = (height: number, length: number): number => Math.floor(height / length);

const sum = (a: QueryStats | undefined, b: QueryStats): QueryStats => (a === undefined ? b : {
  calls: a.calls + b.calls, instructions: a.instructions + b.instructions, requestBytes: a.requestBytes + b.requestBytes, responseBytes: a.responseBytes + b.responseBytes,
});

/** Counts epoch by epoch; only the epoch that goes on and the one before it are kept. */
export function createQueryStatsCollector(epochLength: number): QueryStatsCollector {
  const epochs = new Map<number, Map<CanisterId, QueryStats>>();
  const trim = (current: number): void => { for (const epoch of epochs.keys()) if (epoch < current - 1) epochs.delete(epoch); };
  return {
    count(canister, stats, height) {
      const epoch = epochOf(height, epochLength), counted = epochs.get(epoch) ?? new Map<CanisterId, QueryStats>();
      trim(epoch);
      epochs.set(epoch, counted);
      counted.set(canister, sum(counted.get(canister), stats));
    },
    ended(height) {
      const current = epochOf(height, epochLength);
      if (current === 0) return undefined;
      const counted = epochs.get(current - 1) ?? new Map<CanisterId, QueryStats>();
      return { epoch: current - 1, stats: [...counted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([canister, stats]): CanisterQueryStats => ({ canister, ...stats })) };
    },
  };
}
