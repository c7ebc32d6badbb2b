import type { ConsumedCycles, CyclesUse } from "./canisterState.ts";

/** Adds to what a canister paid for one use (interface spec, "canister_metrics"); refunded cycles were never consumed. */
export function consume(system: { consumed?: ConsumedCycles }, use: CyclesUse, amount: bigint): void {
  if (amount > 0n) system.consumed = { ...system.consumed, [use]: (system.consumed?.[use] ?? 0n) + amount };
}
/** All that a canister paid so far. */
export function consumedTotal(consumed: ConsumedCycles | undefined): bigint {
  let sum = 0n;
  if (consumed !== undefined) for (const amount of Object.values(consumed)) sum += amount;
  return sum;
}
