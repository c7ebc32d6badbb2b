import type { CanisterTip } from "../state/canisterTip.ts";
import { idleCyclesPerDay } from "../state/cyclesAccount.ts";
import { NANOSECONDS_PER_SECOND, cycles, time } from "../types/index.ts";
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
  const price = (idleCyclesPerDay(round.params, canister) * seconds) / SECONDS_PER_DAY;
  if (price === 0n) return;
  const fromReserve = price < system.reservedBalance ? price : system.reservedBalance, rest = price - fromReserve;
  system.reservedBalance = cycles(system.reservedBalance - fromReserve);
  system.balance = cycles(rest < system.balance ? system.balance - rest : 0n);
  if (system.balance > 0n || system.reservedBalance > 0n) return;
  uninstall(round, canister);
  system.settings = { ...system.settings, computeAllocation: 0, memoryAllocation: 0n };
  system.chunkStore = [];
  system.history = [];
  system.historyTotal += 1n;
}
