import { maxFaulty } from "../params/subnetParams.ts";
import type { QueryStatsRecord } from "../state/replicatedState.ts";
import { subnetTopology } from "../state/routing.ts";
import type { StateTip } from "../state/stateTip.ts";
import type { CanisterQueryStats, QueryStats, QueryStatsReport } from "../types/index.ts";

const NUMBERS = ["calls", "instructions", "requestBytes", "responseBytes"] as const;
/** Of an even number of values the mean of the two in the middle. */
function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)), middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2n;
}

/** Adds a report to what its node said before: what was said of an epoch stays, later epochs come behind. False when it is too late for it. */
function record(tip: StateTip, { node, epoch, stats }: QueryStatsReport): boolean {
  const { aggregated = -1, nodes } = tip.queryStats, mine = nodes.find((known) => known.node === node) ?? { node, epochs: [] }, last = mine.epochs.at(-1);
  if (epoch <= aggregated || (last !== undefined && last.epoch > epoch)) return false;
  const before = last?.epoch === epoch ? last.stats : [], said = new Set(before.map(({ canister }) => canister));
  const merged = [...before, ...stats.filter(({ canister }) => !said.has(canister) && tip.has(canister))].sort((a, b) => (a.canister < b.canister ? -1 : 1));
  const epochs = [...mine.epochs.filter((known) => known.epoch !== epoch), { epoch, stats: merged }];
  tip.queryStats = { ...tip.queryStats, nodes: [...nodes.filter((known) => known.node !== node), { node, epochs }].sort((a, b) => (a.node < b.node ? -1 : 1)) };
  return true;
}

/**
 * Aggregates the oldest epoch that enough nodes have told all of: those that went on to a later one. A canister is credited the median of what
 * they counted, times the number of nodes: more than two thirds must have told, so that no third can make the figures up.
 */
function aggregate(tip: StateTip): boolean {
  const { nodes } = tip.queryStats, size = subnetTopology(tip.topology, tip.base.subnetId)?.nodes.length ?? 0;
  const epoch = Math.min(...nodes.map(({ epochs }) => epochs[0]!.epoch)), complete = nodes.filter(({ epochs }) => epochs.at(-1)!.epoch > epoch);
  if (complete.length < Math.max(1, size - maxFaulty(size))) return false;
  const told = new Map<CanisterQueryStats["canister"], QueryStats[]>();
  for (const { epochs } of complete) for (const { canister, ...stats } of epochs[0]!.epoch === epoch ? epochs[0]!.stats : []) told.set(canister, [...(told.get(canister) ?? []), stats]);
  for (const [id, stats] of [...told].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const canister = tip.canister(id);
    if (canister === undefined) continue;
    const sums: { -readonly [K in keyof QueryStats]: bigint } = { ...canister.system.queryStats };
    for (const name of NUMBERS) sums[name] += median([...stats.map((counted) => counted[name]), ...Array.from({ length: complete.length - stats.length }, () => 0n)]) * BigInt(Math.max(1, size));
    canister.system.queryStats = sums;
  }
  tip.queryStats = { aggregated: epoch, nodes: nodes.map((known): QueryStatsRecord => ({ ...known, epochs: known.epochs.filter((later) => later.epoch > epoch) })).filter(({ epochs }) => epochs.length > 0) };
  return tip.queryStats.nodes.length > 0;
}

/** Takes what the block's maker counted; what is complete becomes part of the canisters' statistics (dfinity/ic, rs/query_stats/src/state_machine.rs). */
export function deliverQueryStats(tip: StateTip, report: QueryStatsReport): void {
  if (!record(tip, report)) return;
  while (aggregate(tip)) { /* the next epoch may be complete too */ }
}
