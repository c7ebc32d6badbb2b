import type { ConsumedCycles } from "../../state/canisterState.ts";
import { ok } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

const metricsOf = ({ consumed = {} }: { readonly consumed?: ConsumedCycles }): readonly unknown[] => [{
  cycles_consumed: {
    memory: consumed.memory ?? 0n, compute_allocation: consumed.computeAllocation ?? 0n, ingress_induction: consumed.ingressInduction ?? 0n, instructions: consumed.instructions ?? 0n,
    request_and_response_transmission: consumed.transmission ?? 0n, uninstall: consumed.uninstall ?? 0n, canister_creation: consumed.creation ?? 0n, http_outcalls: consumed.httpOutcalls ?? 0n,
    burned_cycles: consumed.burned ?? 0n,
  },
}];

/** Spec, "canister_metrics": what the canister paid since it was created, by use. */
export const canisterMetrics = defineTargetMethod<CanisterIdArgs>({
  name: "canister_metrics", ingress: true, callers: "controllersOrAdmins", target: byCanisterId,
  run: (_call, _args, { system }) => ok(metricsOf(system)),
  queryRun: (_query, _args, { system }) => ok({ values: metricsOf(system), instructions: 0n }),
});
