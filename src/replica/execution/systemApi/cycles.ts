import { CYCLES_MAX } from "../../params/fees.ts";
import { as64, from128, write128 } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const liquid = ({ balance, input }: Host): bigint => (balance > input.freezingBalance ? balance - input.freezingBalance : 0n);

/** Takes at most `max` of the cycles that came with the call. */
export function acceptCycles(host: Host, max: bigint): bigint {
  const amount = least(least(max, host.available), CYCLES_MAX - host.balance);
  host.available -= amount;
  host.balance += amount;
  host.accepted += amount;
  return amount;
}

/** The cycles minting canister (reference/interface-spec.md §1.4): no other canister may mint. */
export const CYCLES_MINTING_CANISTER_ID = "00000000000000040101";
/** Makes cycles. @throws Trap in every other canister */
export function mintCycles(host: Host, name: string, amount: bigint): bigint {
  if (host.input.canisterId !== CYCLES_MINTING_CANISTER_ID) throw contractViolation(`ic0.${name} cannot be executed on non Cycles Minting Canister: ${host.input.canisterId} != ${CYCLES_MINTING_CANISTER_ID}`);
  const minted = least(amount, CYCLES_MAX - host.balance);
  host.balance += minted;
  host.minted += minted;
  return minted;
}

/** Cycles that came, went and are there. */
export const cyclesCalls = [
  defineSystemCall({ name: "msg_cycles_available128", params: ["I"], results: [], contexts: "U RQ Rt Ry", cost: { fixed: 500 }, run(host, dst) { write128(host, dst, host.available); } }),
  defineSystemCall({ name: "msg_cycles_refunded128", params: ["I"], results: [], contexts: "Rt Ry", cost: { fixed: 500 }, run(host, dst) { write128(host, dst, host.input.refunded); } }),
  defineSystemCall({
    name: "msg_cycles_accept128", params: ["i64", "i64", "I"], results: [], contexts: "U RQ Rt Ry", cost: { fixed: 500 },
    run(host, high, low, dst) { write128(host, dst, acceptCycles(host, from128(high, low))); },
  }),
  defineSystemCall({
    name: "cycles_burn128", params: ["i64", "i64", "I"], results: [], contexts: "I G U RQ Ry Rt C T", cost: { fixed: 500 },
    run(host, high, low, dst) {
      const amount = least(from128(high, low), liquid(host));
      host.balance -= amount;
      host.burned += amount;
      write128(host, dst, amount);
    },
  }),
  defineSystemCall({ name: "canister_cycle_balance128", params: ["I"], results: [], contexts: "*", cost: { fixed: 500 }, run(host, dst) { write128(host, dst, host.balance); } }),
  defineSystemCall({ name: "canister_liquid_cycle_balance128", params: ["I"], results: [], contexts: "*", cost: { fixed: 500 }, run(host, dst) { write128(host, dst, liquid(host)); } }),
  defineSystemCall({ name: "msg_cycles_available", params: [], results: ["i64"], contexts: "U RQ Rt Ry", cost: { fixed: 500 }, only32: true, run: (host) => as64(host.available) }),
  defineSystemCall({ name: "msg_cycles_refunded", params: [], results: ["i64"], contexts: "Rt Ry", cost: { fixed: 500 }, only32: true, run: (host) => as64(host.input.refunded) }),
  defineSystemCall({
    name: "msg_cycles_accept", params: ["i64"], results: ["i64"], contexts: "U RQ Rt Ry", cost: { fixed: 500 }, only32: true,
    run: (host, max) => acceptCycles(host, BigInt.asUintN(64, max)),
  }),
  defineSystemCall({ name: "canister_cycle_balance", params: [], results: ["i64"], contexts: "*", cost: { fixed: 500 }, only32: true, run: (host) => as64(host.balance) }),
  defineSystemCall({
    name: "mint_cycles", params: ["i64"], results: ["i64"], contexts: "U Ry Rt T", cost: { fixed: 500 },
    run: (host, amount) => mintCycles(host, "mint_cycles", BigInt.asUintN(64, amount)),
  }),
  defineSystemCall({
    name: "mint_cycles128", params: ["i64", "i64", "I"], results: [], contexts: "U Ry Rt T", cost: { fixed: 500 },
    run(host, high, low, dst) { write128(host, dst, mintCycles(host, "mint_cycles128", from128(high, low))); },
  }),
];
