import { MANAGEMENT_CANISTER_ID, cycles, err, ok, principalToText, userError } from "../../types/index.ts";
import type { StopContext } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { answer, rejection } from "../answer.ts";
import { encodeCandid } from "../../codec/candid.ts";
import type { RoundContext } from "../roundContext.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

const answerStop = (round: RoundContext, { origin, cycles: refund }: StopContext, payload: Parameters<typeof answer>[3]): void =>
  answer(round, MANAGEMENT_CANISTER_ID, origin, payload, refund);

/** A stopping canister stops when its last call context is gone; everyone who waits for it is answered (spec, "stop_canister"). */
export function finishStop(round: RoundContext, canister: CanisterTip): void {
  const { status } = canister.system;
  if (status.kind !== "stopping" || canister.callContexts.size > 0) return;
  canister.system.status = { kind: "stopped" };
  canister.system.version += 1n;
  for (const stop of status.stopContexts) answerStop(round, stop, { kind: "reply", data: encodeCandid([], []) });
}

/** Spec, "start_canister": stops that wait are cancelled. */
export const startCanister = defineTargetMethod<CanisterIdArgs>({
  name: "start_canister", ingress: true, callers: "controllersOrAdmins", target: byCanisterId,
  run({ round }, _args, { id, system }) {
    const { status } = system;
    if (status.kind === "stopping") {
      for (const stop of status.stopContexts) answerStop(round, stop, rejection(userError("IC0511", `Canister ${principalToText(id)}'s stop request was cancelled.`)));
    }
    system.status = { kind: "running" };
    system.version += 1n;
    return ok([]);
  },
});

/** Spec, "stop_canister": answered when nothing is outstanding, at the latest after five minutes. */
export const stopCanister = defineTargetMethod<CanisterIdArgs>({
  name: "stop_canister", ingress: true, callers: "controllersOrAdmins", target: byCanisterId,
  run({ round, origin, cycles: attached }, _args, canister) {
    const { system } = canister, { status } = system;
    system.version += 1n;
    if (status.kind === "stopped") return ok([]);
    const stop: StopContext = { origin, since: round.tip.time, cycles: cycles(attached) };
    system.status = { kind: "stopping", stopContexts: status.kind === "stopping" ? [...status.stopContexts, stop] : [stop] };
    finishStop(round, canister);
    return "later";
  },
});

/** Spec, "delete_canister": its cycles are discarded. */
export const deleteCanister = defineTargetMethod<CanisterIdArgs>({
  name: "delete_canister", ingress: true, callers: "controllersOrAdmins", target: byCanisterId,
  run({ round, caller }, _args, canister) {
    const name = principalToText(canister.id);
    if (caller === canister.id) return err(userError("IC0512", `Canister ${name} cannot delete itself.`));
    if (canister.system.status.kind !== "stopped") return err(userError("IC0510", `Canister ${name} must be stopped before it is deleted.`));
    if (canister.hasInput() || canister.output.length > 0) {
      return err(userError("IC0203", `Canister ${name} has messages in its queues and cannot be deleted now. Please retry after some time`));
    }
    round.tip.delete(canister.id);
    return ok([]);
  },
});
