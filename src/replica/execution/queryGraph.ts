import type { CountQuery, UserQuery } from "../interfaces/execution.ts";
import { LIMITS } from "../params/limits.ts";
import type { CanisterState, Continuation, ExecutionState, WasmClosure } from "../state/canisterState.ts";
import { liquidCycles } from "../state/cyclesAccount.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { isManagementOf } from "../state/routing.ts";
import { type CanisterId, type ResponsePayload, type Result, type UserError, err, ok, principalToText, userError } from "../types/index.ts";
import { rejection } from "./answer.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { canisterNotFound, canisterStopped, canisterStopping, cleanupFailed, didNotReply, fromCanister, methodNotFound, noWasmModule } from "./executionErrors.ts";
import { execute } from "./hypervisor.ts";
import type { ExecutePart } from "./longQueries.ts";
import type { EntryPoint } from "./program.ts";
import { subnetViewOf } from "./subnetViewOf.ts";
import type { OutgoingCall } from "./systemApi/host.ts";

type Certificate = (canister: CanisterId) => Uint8Array | undefined;
interface Target { readonly canister: CanisterState; readonly execution: ExecutionState; readonly entry: string; readonly composite: boolean }

const entryOf = (what: WasmClosure | Continuation): EntryPoint => ("step" in what ? { kind: "continuation", continuation: what } : { kind: "closure", closure: what });
const failed = (error: UserError): ResponsePayload => rejection(error);

/** One query call and everything that it calls: their instructions together are limited, no canister appears twice on a path (spec, "Composite queries"). */
export function createQueryGraph({ programs, paramsOf }: ExecutionModules, state: ReplicatedState, management: (query: Omit<UserQuery, "receiver">) => Result<{ readonly data: Uint8Array; readonly instructions: bigint }, UserError>,
  part: ExecutePart = (subnet, what) => execute(programs, subnet, what), count?: CountQuery): {
  run(query: UserQuery, dataCertificate: Certificate): ResponsePayload;
} {
  const params = paramsOf(state), subnet = subnetViewOf(state, params);
  let left = params.queryGraphInstructionsMax, variants = 0;

  function targetOf({ receiver, method }: UserQuery): Result<Target, UserError> {
    const canister = state.canisters.get(receiver);
    if (canister === undefined) return err(canisterNotFound(receiver));
    const { status } = canister.system, { execution } = canister;
    if (status.kind === "stopped") return err(canisterStopped(receiver));
    if (status.kind === "stopping") return err(canisterStopping(receiver));
    if (execution === undefined) return err(noWasmModule(receiver));
    if (liquidCycles(params, canister) < 0n) {
      return err(userError("IC0207", `Canister ${principalToText(receiver)} is unable to process query calls because it's frozen. Please top up the canister with cycles and try again.`));
    }
    for (const [prefix, composite] of [["canister_query", false], ["canister_composite_query", true]] as const) {
      const entry = `${prefix} ${method}`;
      if (execution.exports.includes(entry)) return ok({ canister, execution, entry, composite });
    }
    return err(methodNotFound(receiver, "query", method));
  }

  function call(query: UserQuery, path: readonly CanisterId[], certificate: Certificate | undefined): ResponsePayload {
    const { receiver, arg } = query;
    if (path.includes(receiver)) return failed(userError("IC0517", "Loop detected in composite query call graph"));
    if (path.length > LIMITS.compositeQueryDepthMax) return failed(userError("IC0525", "Composite query call graph is too deep"));
    const target = targetOf(query);
    if (!target.ok) return failed(target.error);
    const meter = { used: 0n }, response = answerOf(target.value, query, path, certificate, meter);
    const responseBytes = response.kind === "reply" ? response.data.length : response.errorCode === "IC0406" ? Buffer.byteLength(response.message) : 0;
    count?.(receiver, { calls: 1n, instructions: meter.used, requestBytes: BigInt(arg.length), responseBytes: BigInt(responseBytes) });
    return response;
  }

  function answerOf({ canister, execution: before, entry, composite }: Target, { receiver, sender, method, arg, senderInfo }: UserQuery, path: readonly CanisterId[], certificate: Certificate | undefined, meter: { used: bigint }): ResponsePayload {
    if (path.length > 0) left -= params.queryCallOverhead;
    if (left <= 0n) return failed(userError("IC0526", "Composite query call graph exceeded the maximum number of instructions"));
    const budget = (): bigint => (left < params.queryInstructionsMax ? left : params.queryInstructionsMax);
    const variant = composite ? `composite${variants++}` : undefined;
    const shared = { id: receiver, system: canister.system, caller: sender, methodName: method, balance: canister.system.balance, ...(senderInfo !== undefined && { senderInfo }), ...(variant !== undefined && { variant }) };
    const first = part(subnet, {
      ...shared, execution: before, context: composite ? "CQ" : "NRQ", entry: { kind: "export", name: entry }, arg, instructionsMax: budget(), discard: !composite,
      ...(certificate !== undefined && { dataCertificate: () => certificate(receiver) }),
    });
    left -= first.outcome.used;
    meter.used = first.outcome.used;
    if (first.outcome.kind === "trapped") return failed(first.outcome.error);
    let response = first.host.response, execution: ExecutionState = { ...before, ...first.outcome.state }, lastError: UserError | undefined;
    let used = first.outcome.used;
    const waiting: OutgoingCall[] = [...first.host.calls];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const asked = { sender: receiver, receiver: next.receiver, method: next.method, arg: next.arg };
      const answer = answerNested(asked, [...path, receiver]);
      if (left <= 0n) return failed(userError("IC0526", "Composite query call graph exceeded the maximum number of instructions"));
      const reject = answer.kind === "reject" ? answer : undefined;
      const callback = {
        ...shared, execution, rejectCode: reject?.code ?? 0, ...(reject !== undefined && { rejectMessage: reject.message }), contextInstructions: used, responded: response !== undefined,
      };
      const { outcome, host } = part(subnet, {
        ...callback, context: reject === undefined ? "CRy" : "CRt", entry: entryOf(reject === undefined ? next.onReply : next.onReject),
        ...(answer.kind === "reply" && { arg: answer.data }), instructionsMax: budget(),
      });
      left -= outcome.used;
      used += outcome.used;
      meter.used = used;
      if (outcome.kind === "returned") {
        execution = { ...execution, ...outcome.state };
        waiting.push(...host.calls);
        response ??= host.response;
        continue;
      }
      lastError = outcome.error;
      if (next.onCleanup === undefined || left <= 0n) continue;
      const cleanup = part(subnet, { ...callback, context: "CC", entry: entryOf(next.onCleanup), contextInstructions: used, instructionsMax: budget() });
      left -= cleanup.outcome.used;
      used += cleanup.outcome.used;
      meter.used = used;
      if (cleanup.outcome.kind === "returned") execution = { ...execution, ...cleanup.outcome.state };
      else lastError = cleanupFailed(receiver, host.failure!, cleanup.host.failure!);
    }
    return response ?? failed(lastError ?? didNotReply(receiver));
  }

  function answerNested(query: UserQuery, path: readonly CanisterId[]): ResponsePayload {
    if (isManagementOf(state.subnetId, query.receiver)) {
      const answer = management(query);
      if (!answer.ok) return failed(answer.error);
      left -= params.queryCallOverhead + answer.value.instructions;
      return { kind: "reply", data: answer.value.data };
    }
    if (!subnet.isLocal(query.receiver)) return failed(fromCanister(query.sender as CanisterId, userError("IC0301", `Composite query cannot call canister ${principalToText(query.receiver)} of another subnet`)));
    return call(query, path, undefined);
  }
  return { run: (query, dataCertificate) => call(query, [], dataCertificate) };
}
