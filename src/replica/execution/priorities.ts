import type { SystemState } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { type CanisterId, type Height, height as heightOf } from "../types/index.ts";

/** dfinity/ic, rs/config/src/subnet_config.rs, ACCUMULATED_PRIORITY_RESET_INTERVAL: rounds after which nobody has earned or owes anything. */
const RESET_ROUNDS = 24 * 3600;
/** dfinity/ic, rs/execution_environment/src/scheduler/round_schedule.rs, AP_ROUNDS_MAX: nobody saves up more than five rounds of a core. */
const PRIORITY_MAX = 500;

/** What a canister has earned so far, without what was before the last reset. */
const priorityOf = ({ accumulatedPriority, round = 0 }: SystemState["schedule"], now: Height): number =>
  (Math.floor(round / RESET_ROUNDS) === Math.floor(now / RESET_ROUNDS) ? Math.min(accumulatedPriority, PRIORITY_MAX) : 0);

/**
 * Who had work in a round, and who of them ran until nothing was left, or came first on its core. One logical core is kept free for messages
 * under way, so that a round gives out (cores − 1) × 100 percent (reference/protocol.md §2.5).
 */
export class RoundSchedule {
  readonly #height: Height;
  readonly #capacity: number;
  readonly #all = new Map<CanisterId, CanisterTip>();
  readonly #full = new Map<CanisterId, CanisterTip>();
  constructor(height: Height, cores: number) { this.#height = heightOf(height); this.#capacity = (cores - 1) * 100; }

  /** Messages under way come first (they run elsewhere), then who has earned most, then by id. */
  order(canisters: CanisterTip[]): CanisterTip[] {
    for (const canister of canisters) this.#all.set(canister.id, canister);
    const earned = new Map(canisters.map(({ id, system }) => [id, priorityOf(system.schedule, this.#height) + system.settings.computeAllocation]));
    return canisters.sort((a, b) => Number(b.system.paused !== undefined) - Number(a.system.paused !== undefined) || earned.get(b.id)! - earned.get(a.id)! || (a.id < b.id ? -1 : 1));
  }
  fullyExecuted(canister: CanisterTip): void { this.#full.set(canister.id, canister); }

  /**
   * Ends the round: each canister that had work earns its compute allocation and an equal share of what is free, and those that were executed
   * fully pay together what all earned, in whole percents, so that the sum stays as it is.
   */
  settle(): void {
    if (this.#all.size === 0) return;
    const all = [...this.#all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), full = all.filter(({ id }) => this.#full.has(id));
    const allocated = all.reduce((sum, { system }) => sum + system.settings.computeAllocation, 0), share = Math.max(0, Math.floor((this.#capacity - allocated) / all.length));
    const earned = allocated + share * all.length, price = full.length === 0 ? 0 : Math.floor(earned / full.length), rest = full.length === 0 ? 0 : earned - price * full.length;
    for (const { id, system } of all) {
      const paid = this.#full.has(id) ? price + (id === full[0]!.id ? rest : 0) : 0;
      system.schedule = {
        accumulatedPriority: priorityOf(system.schedule, this.#height) + system.settings.computeAllocation + share - paid,
        lastFullExecutionRound: this.#full.has(id) ? this.#height : system.schedule.lastFullExecutionRound, round: this.#height,
      };
    }
  }
}

/** Which of the canisters, in their order, run on which logical core, one after the other. */
export function partition(canisters: readonly CanisterTip[], cores: number): readonly (readonly CanisterTip[])[] {
  return Array.from({ length: cores }, (_, core) => canisters.filter((_canister, i) => i % cores === core));
}
