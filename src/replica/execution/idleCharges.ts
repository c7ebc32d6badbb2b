import type { SubnetParams } from "../params/subnetParams.ts";
import type { CanisterState, CyclesUse } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { idleCyclesPerDay, idleRates } from "../state/cyclesAccount.ts";
import { NANOSECONDS_PER_SECOND, type Time, cycles, time } from "../types/index.ts";
import { uninstall } from "./management/uninstall.ts";
import type { RoundContext } from "./roundContext.ts";

/** dfinity/ic: canisters are charged for what they hold every ten seconds. */
const CHARGE_PERIOD_SECONDS = 10n;
const SECONDS_PER_DAY = 86_400n;

/** Charges for memory and compute since the last charge, in whole periods, when the canister is next looked at; without cycles it is uninstalled. */
export function chargeIdle(round: RoundContext, canister: CanisterTip): void {
  const { system } = canister, periods = (round.tip.time - system.lastCharged) / NANOSECONDS_PER_SECOND / CHARGE_PERIOD_SECONDS;
  if (periods <= 0n) return;
  const seconds = periods * CHARGE_PERIOD_SECONDS;
  system.lastCharged = time(system.lastCharged + seconds * NANOSECONDS_PER_SECOND);
  const { memory, compute } = idleRates(round.params, canister);
  const held = system.balance + system.reservedBalance;
  for (const [use, rate] of [["memory", memory], ["computeAllocation", compute]] as const) pay(canister, use, (rate * seconds) / SECONDS_PER_DAY);
  round.receipts?.idled(round.tip, canister.id, held - system.balance - system.reservedBalance);
  if (memory + compute === 0n || system.balance > 0n || system.reservedBalance > 0n) return;
  uninstall(round, canister);
  canister.snapshots = [];
  system.snapshotBytes = 0n;
  system.settings = { ...system.settings, computeAllocation: 0, memoryAllocation: 0n };
  system.chunkStore = [];
  system.history = [];
  system.historyTotal += 1n;
}

const DAY = 86_400n * NANOSECONDS_PER_SECOND;
/** The rich are looked at once a year: times of thousands of years have no place in 64 bits of nanoseconds. */
const FAR = 365n * DAY;
/**
 * Notes when the canister must be looked at again because its cycles may be at an end. Far from it that is a quarter early, so that the time
 * need not move with every message; a time that is early enough stays.
 */
export function foreseeEnd({ params, tip: { time: now } }: Pick<RoundContext, "params" | "tip">, { system, execution }: CanisterTip): void {
  const day = params.free ? 0n : idleCyclesPerDay(params, { system, execution });
  if (day === 0n) { if (system.cyclesEnd !== undefined) system.cyclesEnd = undefined; return; }
  const left = system.lastCharged + ((system.balance + system.reservedBalance) * DAY) / day + CHARGE_PERIOD_SECONDS * NANOSECONDS_PER_SECOND - now;
  const known = system.cyclesEnd;
  if (known !== undefined && known > now && known - now <= left) return;
  const soonest = CHARGE_PERIOD_SECONDS * NANOSECONDS_PER_SECOND, wanted = left > DAY ? (left * 3n) / 4n : left;
  system.cyclesEnd = time(now + (wanted < soonest ? soonest : wanted > FAR ? FAR : wanted));
}

/** Takes from the reserved balance first, then from the main one, as far as they go. */
function pay({ system }: CanisterTip, use: CyclesUse, price: bigint): void {
  const fromReserve = price < system.reservedBalance ? price : system.reservedBalance, rest = price - fromReserve;
  const fromBalance = rest < system.balance ? rest : system.balance;
  system.reservedBalance = cycles(system.reservedBalance - fromReserve);
  system.balance = cycles(system.balance - fromBalance);
  consume(system, use, fromReserve + fromBalance);
}

/** The balances that a canister has now, although it was last charged before. */
export function chargedBalances(params: SubnetParams, canister: CanisterState, now: Time): { readonly balance: bigint; readonly reservedBalance: bigint } {
  const { system } = canister, periods = (now - system.lastCharged) / NANOSECONDS_PER_SECOND / CHARGE_PERIOD_SECONDS;
  let { balance, reservedBalance }: { balance: bigint; reservedBalance: bigint } = system;
  if (periods <= 0n) return { balance, reservedBalance };
  for (const rate of Object.values(idleRates(params, canister))) {
    const price = (rate * periods * CHARGE_PERIOD_SECONDS) / SECONDS_PER_DAY, fromReserve = price < reservedBalance ? price : reservedBalance;
    reservedBalance -= fromReserve;
    balance = balance > price - fromReserve ? balance - price + fromReserve : 0n;
  }
  return { balance, reservedBalance };
}
