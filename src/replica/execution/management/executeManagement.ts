import { decodeCandid, encodeCandid } from "../../codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../codec/candidManagement.ts";
import { adminsOf, subnetOfCanister } from "../../state/routing.ts";
import type { StateTip } from "../../state/stateTip.ts";
import type { CallOrigin, IngressMessage } from "../../state/canisterState.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type Request, type Result, type UserError, cycles, err, ok, principalToText, userError } from "../../types/index.ts";
import { answer, rejection } from "../answer.ts";
import { canisterNotFound } from "../executionErrors.ts";
import { chargeIdle, foreseeEnd } from "../idleCharges.ts";
import { type RoundContext, tell } from "../roundContext.ts";
import { type Callers, type ManagementCall, type ManagementMethod, type ManagementResult, idOf } from "./defineManagementMethod.ts";
import { managementMethods } from "./managementMethods.ts";
import { mayCall } from "./permission.ts";

type DecodedCall = Result<{ readonly row: ManagementMethod; readonly args: unknown }, UserError>;
/** A message is looked at when it comes and when it is executed, and candid takes long to decode. Large arguments are not kept twice. */
const known = new WeakMap<Uint8Array, { readonly method: string; readonly call: DecodedCall }>();
const KEPT_BYTES_MAX = 16_384;

/** The method's row and its decoded argument; IC0407 for unknown methods, IC0408 for arguments that do not decode. */
export function decodeManagementCall(method: string, arg: Uint8Array): DecodedCall {
  const before = known.get(arg);
  if (before?.method === method) return before.call;
  const call = decodeCall(method, arg);
  if (arg.length <= KEPT_BYTES_MAX) known.set(arg, { method, call });
  return call;
}
function decodeCall(method: string, arg: Uint8Array): DecodedCall {
  const row = managementMethods.get(method);
  if (row === undefined) return err(userError("IC0407", `Management canister has no method '${method}'`));
  const decoded = decodeCandid(MANAGEMENT_TYPES[row.name].args, arg);
  return decoded.ok ? ok({ row, args: decoded.value[0] }) : err(userError("IC0408", `Error decoding candid: ${decoded.error}`));
}

/** Methods that serve the subnet's own canisters and those of the root subnet (interface digest §5, "Remote-subnet rule"). */
const OWN_SUBNET_ONLY: readonly string[] = ["create_canister", "raw_rand"];
function isNear({ topology, base }: StateTip, sender: CanisterId): boolean {
  const subnet = subnetOfCanister(topology, sender);
  return subnet === base.subnetId || subnet === topology.rootSubnet;
}

/** As on mainnet, where the migration canister is the only controller of both canisters until the move is over. */
const isLocked = ({ topology: { migrations }, base }: StateTip, callers: Callers, id: CanisterId): boolean => migrations !== undefined && !["anyone", "status", "logs"].includes(callers)
  && migrations.some(({ start, trace, replaces }) => replaces !== undefined && (replaces.canister === id || (start === id && trace.at(-1) !== base.subnetId)));

function run(call: ManagementCall, method: string, arg: Uint8Array): { readonly result: ManagementResult; readonly row?: ManagementMethod } {
  const decoded = decodeManagementCall(method, arg);
  if (!decoded.ok) return { result: decoded };
  const { row, args } = decoded.value, [claimed] = (args as { sender_canister_version?: [] | [bigint] } | undefined)?.sender_canister_version ?? [];
  // a canister that names its version names the one it had when it made the call
  if (call.request !== undefined && claimed !== undefined && claimed !== call.request.senderVersion) {
    return { row, result: err(userError("IC0504", `Invalid sender_canister_version: ${claimed} was given, but the version of the caller was ${call.request.senderVersion}`)) };
  }
  if (OWN_SUBNET_ONLY.includes(row.name) && call.request !== undefined && !isNear(call.round.tip, call.request.sender)) {
    const subnet = subnetOfCanister(call.round.tip.topology, call.request.sender);
    return { row, result: err(userError("IC0504", `Incorrect sender subnet id: ${subnet === undefined ? "unknown" : principalToText(subnet)}. Sender should be on the same subnet or on the NNS subnet.`)) };
  }
  if (row.target === undefined) return { row, result: row.run(call, args as never) };
  const id = idOf(row.target(args as never)), canister = call.round.tip.canister(id);
  if (canister === undefined) return { row, result: err(canisterNotFound(id)) };
  if (canister.system.paused === undefined) chargeIdle(call.round, canister);
  const allowed = mayCall(row.callers, canister, call.caller, adminsOf(call.round.tip.topology, call.round.tip.base.subnetId));
  const result = isLocked(call.round.tip, row.callers, id) ? err(userError("IC0512", `Canister ${principalToText(id)} is moving to another subnet: nobody controls it meanwhile.`)) : allowed.ok ? row.run(call, args as never, canister) : allowed;
  foreseeEnd(call.round, canister);
  return { row, result };
}

/** Executes one call to the management canister and answers it, now or later; returns the instructions used. */
export function executeManagement(round: RoundContext, message: Request | IngressMessage): bigint {
  const request = message.kind === "request" ? message : undefined, { method, arg, sender } = message;
  const origin: CallOrigin = message.kind === "ingress" ? { kind: "ingress", messageId: message.messageId, sender, method }
    : { kind: "canister", sender: message.sender, callback: message.callback, method, ...(message.deadline !== undefined && { deadline: message.deadline }) };
  const call: ManagementCall = { round, caller: sender, origin, request, cycles: request?.cycles ?? 0n, used: 0n };
  const { result, row } = run(call, method, arg);
  round.spared = call.spared ?? 0n;
  if (round.log !== undefined && message.kind === "ingress") tell(round, "execution", result === "later" ? "later" : result.ok ? "returned" : "rejected", message.messageId, call.used);
  if (result === "later") {
    const status = message.kind === "ingress" ? round.tip.ingressStatus(message.messageId) : undefined;
    if (message.kind === "ingress" && status?.kind === "received") round.tip.setIngressStatus(message.messageId, { ...status, kind: "processing" });
    return call.used;
  }
  const payload = result.ok ? { kind: "reply", data: encodeCandid(MANAGEMENT_TYPES[row!.name].results, result.value) } as const : rejection(result.error);
  answer(round, MANAGEMENT_CANISTER_ID, origin, payload, cycles(call.cycles));
  return call.used;
}

/** Answers the `raw_rand` calls of earlier rounds from this round's tape. */
export function answerRawRand(round: RoundContext): void {
  const { tip } = round, due = tip.subnetCalls.filter(({ kind, since }) => kind === "rawRand" && since < tip.height);
  if (due.length === 0) return;
  tip.subnetCalls = tip.subnetCalls.filter((waiting) => !due.includes(waiting));
  for (const { request } of due) {
    const origin: CallOrigin = { kind: "canister", sender: request.sender, callback: request.callback, method: request.method, ...(request.deadline !== undefined && { deadline: request.deadline }) };
    answer(round, MANAGEMENT_CANISTER_ID, origin, { kind: "reply", data: encodeCandid(MANAGEMENT_TYPES.raw_rand.results, [round.random()]) }, request.cycles);
  }
}
