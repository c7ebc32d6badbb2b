import type { IngressFilter } from "../interfaces/execution.ts";
import type { CanisterState } from "../state/canisterState.ts";
import { liquidCycles } from "../state/cyclesAccount.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { adminsOf } from "../state/routing.ts";
import { MANAGEMENT_CANISTER_ID, type Result, type SignedIngress, type UserError, err, ok, userError } from "../types/index.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { canisterNotFound, canisterStopped, canisterStopping, fromCanister, methodNotFound, noWasmModule, outOfCycles } from "./executionErrors.ts";
import { execute } from "./hypervisor.ts";
import { idOf } from "./management/defineManagementMethod.ts";
import { decodeManagementCall } from "./management/executeManagement.ts";
import { mayCall, mustBeAdmin } from "./management/permission.ts";
import { subnetViewOf } from "./subnetViewOf.ts";

/** Spec, "Management canister": methods that users may call, and the callers that each allows. */
function inspectManagement(state: ReplicatedState, { sender, method, arg }: SignedIngress): Result<void, UserError> {
  const decoded = decodeManagementCall(method, arg);
  if (!decoded.ok) return decoded;
  const { row, args } = decoded.value;
  if (row.ingress === "admins") return mustBeAdmin(method, sender, adminsOf(state.topology, state.subnetId));
  if (!row.ingress) return err(userError("IC0406", `Only canisters can call ic00 method ${method}`));
  if (row.target === undefined) return ok(undefined);
  const id = idOf(row.target(args as never)), canister = state.canisters.get(id);
  return canister === undefined ? err(canisterNotFound(id)) : mayCall(row.callers, canister, sender, adminsOf(state.topology, state.subnetId));
}

/** The receiver takes the message: it exists, runs, has cycles, has the method (spec, "Request: Call"). */
function checkReceiver({ programs, paramsOf }: ExecutionModules, state: ReplicatedState, canister: CanisterState, message: SignedIngress): Result<void, UserError> {
  const { id, system, execution } = canister, { method } = message, params = paramsOf(state);
  if (system.status.kind === "stopped") return err(canisterStopped(id));
  if (system.status.kind === "stopping") return err(canisterStopping(id));
  if (execution === undefined) return err(noWasmModule(id));
  if (!execution.exports.includes(`canister_update ${method}`) && !execution.exports.includes(`canister_query ${method}`)) {
    return err(execution.exports.includes(`canister_composite_query ${method}`)
      ? fromCanister(id, userError("IC0527", "Composite query cannot be called in replicated mode")) : methodNotFound(id, "update", method));
  }
  if (!params.free && liquidCycles(params, canister) < params.fees.updateMessage) {
    return err(outOfCycles(id, params.fees.updateMessage - liquidCycles(params, canister), system.settings.controllers.includes(message.sender)));
  }
  if (!execution.exports.includes("canister_inspect_message")) return ok(undefined);
  const { outcome, host } = execute(programs, subnetViewOf(state, params), {
    id, system, execution, context: "F", entry: { kind: "export", name: "canister_inspect_message" }, caller: message.sender, ...(message.senderInfo !== undefined && { senderInfo: message.senderInfo }), arg: message.arg, methodName: method,
    balance: system.balance, responded: true, instructionsMax: params.inspectMessageInstructionsMax, discard: true,
  });
  if (outcome.kind === "trapped") return err(outcome.error);
  return host.messageAccepted ? ok(undefined) : err(fromCanister(id, userError("IC0406", "Canister rejected the message")));
}

/** Whether an ingress message may enter the pool, judged on the latest certified state. */
export function createIngressFilter(modules: ExecutionModules): IngressFilter {
  return {
    inspect(state, message) {
      if (message.receiver === MANAGEMENT_CANISTER_ID) return inspectManagement(state, message);
      const canister = state.canisters.get(message.receiver);
      return canister === undefined ? err(canisterNotFound(message.receiver)) : checkReceiver(modules, state, canister, message);
    },
  };
}
