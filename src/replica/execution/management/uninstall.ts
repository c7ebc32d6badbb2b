import type { CandidPrincipal } from "../../codec/candid.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { REJECT, cycles, ok, time } from "../../types/index.ts";
import { answer } from "../answer.ts";
import type { RoundContext } from "../roundContext.ts";
import { byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";

/** Removes code and state; whoever waits for the canister is rejected, and late responses will only bring cycles back (spec, "uninstall_code"). */
export function uninstall(round: RoundContext, canister: CanisterTip): void {
  const { system } = canister;
  canister.execution = undefined;
  system.certifiedData = new Uint8Array(0);
  system.globalTimer = time(0n);
  system.onLowWasmMemory = "notSatisfied";
  system.logs = [];
  system.version += 1n;
  for (const [id, context] of [...canister.callContexts].sort(([a], [b]) => a - b)) {
    if (!context.responded) {
      answer(round, canister.id, context.origin, { kind: "reject", code: REJECT.canisterReject, message: "Canister has been uninstalled.", errorCode: "IC0406" }, context.availableCycles,
        (response) => canister.output.push(response));
    }
    canister.setCallContext(id, { ...context, responded: true, deleted: true, availableCycles: cycles(0n) });
  }
}

/** Spec, "uninstall_code". */
export const uninstallCode = defineTargetMethod<{ canister_id: CandidPrincipal; sender_canister_version: [] | [bigint] }>({
  name: "uninstall_code", ingress: true, callers: "uninstall", target: byCanisterId,
  run(call, { sender_canister_version }, canister) {
    uninstall(call.round, canister);
    canister.system.chunkStore = [];
    recordChange(call, canister, sender_canister_version, { kind: "codeUninstall" });
    return ok([]);
  },
});
