import type { CandidPrincipal } from "../../codec/candid.ts";
import { addCycles } from "../../state/cyclesAccount.ts";
import { ok } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

/** Spec, "deposit_cycles". */
export const depositCycles = defineTargetMethod<CanisterIdArgs>({
  name: "deposit_cycles", ingress: false, callers: "anyone", target: byCanisterId,
  run(call, _args, { system }) {
    system.balance = addCycles(system.balance, call.cycles);
    call.cycles = 0n;
    return ok([]);
  },
});

/** Spec, "provisional_top_up_canister". */
export const provisionalTopUpCanister = defineTargetMethod<{ canister_id: CandidPrincipal; amount: bigint }>({
  name: "provisional_top_up_canister", ingress: true, callers: "anyone", target: byCanisterId,
  run(_call, { amount }, { system }) { system.balance = addCycles(system.balance, amount); return ok([]); },
});
