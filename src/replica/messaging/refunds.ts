import { addCycles } from "../state/cyclesAccount.ts";
import { subnetOfCanister } from "../state/routing.ts";
import type { StateTip } from "../state/stateTip.ts";

/**
 * Gives the cycles of dropped messages back to canisters of this subnet; those of other subnets go by stream. A canister in the middle of a
 * message must not see its balance change, so it gets them later; what was sent to a canister that is no more is lost (protocol digest §2.7, X7).
 */
export function payRefunds(tip: StateTip): void {
  for (const [recipient, amount] of [...tip.refunds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const canister = tip.canister(recipient);
    if (canister === undefined) {
      const subnet = subnetOfCanister(tip.topology, recipient);
      if (subnet === undefined || subnet === tip.base.subnetId) tip.takeRefund(recipient);
      continue;
    }
    if (canister.system.paused !== undefined) continue;
    canister.system.balance = addCycles(canister.system.balance, amount);
    tip.takeRefund(recipient);
  }
}
