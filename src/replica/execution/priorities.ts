import type { CanisterTip } from "../state/canisterTip.ts";
import type { Height } from "../types/index.ts";

/** One logical core: a round gives out 100 percent of it. */
const CAPACITY = 100;

/**
 * Spec of the scheduler (reference/protocol.md §2.5), over the canisters that have work: each earns its compute allocation and an equal share
 * of what is free; those that were executed fully pay together what all earned, so that nobody drifts. Messages that are
 * under way come first (they run elsewhere), then it sorts by what was earned, then by id.
 */
export function orderByPriority(canisters: CanisterTip[]): CanisterTip[] {
  const allocated = canisters.reduce((sum, { system }) => sum + system.settings.computeAllocation, 0);
  const share = canisters.length === 0 ? 0 : Math.max(0, Math.floor((CAPACITY - allocated) / canisters.length));
  for (const { system } of canisters) {
    system.schedule = { ...system.schedule, accumulatedPriority: system.schedule.accumulatedPriority + system.settings.computeAllocation + share };
  }
  return canisters.sort((a, b) => Number(b.system.paused !== undefined) - Number(a.system.paused !== undefined) || b.system.schedule.accumulatedPriority - a.system.schedule.accumulatedPriority || (a.id < b.id ? -1 : 1));
}

/** Charges those that ran until nothing was left, in whole percents; the remainder falls on the first of them. */
export function chargePriorities(all: readonly CanisterTip[], full: readonly CanisterTip[], height: Height): void {
  if (full.length === 0) return;
  const allocated = all.reduce((sum, { system }) => sum + system.settings.computeAllocation, 0);
  const earned = allocated + Math.max(0, Math.floor((CAPACITY - allocated) / all.length)) * all.length, each = Math.floor(earned / full.length);
  for (const [i, { system }] of full.entries()) {
    const price = each + (i === 0 ? earned - each * full.length : 0);
    system.schedule = { accumulatedPriority: system.schedule.accumulatedPriority - price, lastFullExecutionRound: height };
  }
}
