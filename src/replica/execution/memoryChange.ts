import { STORAGE_RESERVATION_SECONDS } from "../params/fees.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { consume } from "../state/consumedCycles.ts";
import { freezingBalance, memoryCost } from "../state/cyclesAccount.ts";
import type { StateTip } from "../state/stateTip.ts";
import { type Result, type UserError, cycles, err, ok, shownCycles, userError } from "../types/index.ts";
import { outOfCycles } from "./executionErrors.ts";

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** What a subnet with this many bytes taken has reserved in all: nothing up to the threshold, then growing with the square of what lies above it. */
function reservedAt(params: SubnetParams, taken: bigint): bigint {
  const { memoryBytes, memoryThreshold } = params, above = max(0n, taken - memoryThreshold), room = memoryBytes - memoryThreshold;
  if (above === 0n || room <= 0n) return 0n;
  return memoryCost(params, above, (STORAGE_RESERVATION_SECONDS * above) / room / 2n);
}
/** Cycles that move into the reserved balance when `bytes` are allocated while `taken` are taken (interface digest §7.1, "reserved cycles"). */
export const storageReservation = (params: SubnetParams, taken: bigint, bytes: bigint): bigint => (bytes <= 0n ? 0n : reservedAt(params, taken + bytes) - reservedAt(params, taken));

const UNITS = ["KiB", "MiB", "GiB", "TiB"];
/** Bytes as the replica writes them for people. */
export function shownBytes(bytes: bigint): string {
  let value = Number(bytes), unit = "B";
  for (const next of UNITS) { if (value < 1024) break; value /= 1024; unit = next; }
  return unit === "B" ? `${value} B` : `${value.toFixed(2)} ${unit}`;
}
/** IC0101: the subnet has no room for this many bytes more. */
export function checkRoom({ memoryBytes }: SubnetParams, { memoryTaken }: Pick<StateTip, "memoryTaken">, bytes: bigint): Result<void, UserError> {
  const left = max(0n, memoryBytes - memoryTaken);
  return bytes <= left ? ok(undefined) : err(userError("IC0101", `Canister requested ${shownBytes(bytes)} of memory but only ${shownBytes(left)} are available in the subnet.`));
}

/** A change of a canister's memory, in bytes of use before and after it, and the price of the instructions that make it. */
export interface MemoryChange { readonly before: bigint; readonly after: bigint; readonly price: bigint }

/**
 * Checks that the subnet has room, that the canister is not frozen by the change and can pay for it, and reserves cycles; then takes them
 * (dfinity/ic, cycles_and_memory_usage_checks). Nothing changes on failure: IC0101, IC0207, IC0532, IC0534.
 */
export function changeMemory({ params, tip }: { readonly params: SubnetParams; readonly tip: Pick<StateTip, "memoryTaken"> }, canister: Pick<CanisterTip, "id" | "system" | "execution">, { before, after, price }: MemoryChange): Result<void, UserError> {
  const { system } = canister, { memoryAllocation, reservedCyclesLimit } = system.settings;
  const held = max(memoryAllocation, after), more = held - max(memoryAllocation, before), allocated = max(0n, more);
  const room = checkRoom(params, tip, allocated);
  if (!room.ok) return room;
  const threshold = freezingBalance(params, canister, held), { balance } = system;
  if (!params.free && balance < threshold) return err(growError("IC0532", allocated, `due to insufficient cycles. At least ${shownCycles(threshold - balance)} additional cycles are required.`));
  if (balance - price < (params.free ? 0n : threshold)) {
    return err(userError("IC0207", `Canister snapshotting failed with: \`${outOfCycles(canister.id, threshold + price - balance).message}\``));
  }
  const reservation = storageReservation(params, tip.memoryTaken, allocated), left = balance - price;
  if (system.reservedBalance + reservation > reservedCyclesLimit && reservation > 0n) {
    return err(growError("IC0534", allocated, `due to its reserved cycles limit. The current limit (${shownCycles(reservedCyclesLimit)}) would be exceeded by ${shownCycles(system.reservedBalance + reservation - reservedCyclesLimit)}.`));
  }
  if (reservation > left) return err(growError("IC0532", allocated, `due to insufficient cycles. At least ${shownCycles(reservation - left)} additional cycles are required.`));
  tip.memoryTaken += more;
  system.balance = cycles(left - reservation);
  system.reservedBalance = cycles(system.reservedBalance + reservation);
  consume(system, "instructions", price);
  return ok(undefined);
}
const growError = (code: "IC0532" | "IC0534", bytes: bigint, why: string): UserError => userError(code, `Canister cannot grow memory by ${bytes} bytes ${why}`);
