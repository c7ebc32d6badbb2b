import { LIMITS } from "../../params/limits.ts";
import { callCost } from "../../state/cyclesAccount.ts";
import { messageBytesOf, requestReservation } from "../../state/messageMemory.ts";
import { NANOSECONDS_PER_SECOND, type CanisterId, cycles, principalFromBytes, time, userError } from "../../types/index.ts";
import { Trap } from "../../interfaces/wasm.ts";
import { outOfCycles } from "../executionErrors.ts";
import { from128, textOf } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import { isReplicated } from "./executionContext.ts";
import type { CallBuilder, Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

const CALLING = "U CQ Ry Rt CRy CRt T";
/** Spec, "call_perform": the call was not put into a queue. */
const NOT_ENQUEUED = 2;

/** Everything but `call_new` needs a call that was begun. */
function pending(host: Host, name: string): CallBuilder {
  if (host.builder === undefined) throw contractViolation(`ic0.${name} called when no call is under construction.`);
  return host.builder;
}
/** Cycles of a call that is thrown away return to the balance. */
export function discardBuilder(host: Host): void {
  if (host.builder !== undefined) host.balance += host.builder.cycles;
  host.builder = undefined;
}
function addCycles(host: Host, name: string, amount: bigint): void {
  const call = pending(host, name), { canisterId, caller, freezingBalance, settings } = host.input, missing = freezingBalance + amount - host.balance;
  if (missing > 0n) throw new Trap(userError("IC0504", outOfCycles(canisterId, missing, settings.controllers.includes(caller)).message)); // dfinity/ic, InsufficientCyclesBalance
  host.balance -= amount;
  call.cycles += amount;
}

/**
 * Whether a call may be put into a queue: 500 at once to one canister; 50 for every canister, and a shared number for all of the subnet; and
 * memory for the answer, when it is guaranteed (dfinity/ic, system_api, push_output_request).
 */
export function hasPlace({ input, calls, messageBytes }: Host, receiver: CanisterId, reserved: number): boolean {
  const taken = input.subnet.messagesTaken?.() ?? { guaranteed: 0, callbacks: 0 }, { callbacksSoft, guaranteedMessageBytes } = input.subnet.params;
  if (input.callsInFlight(receiver) + calls.filter((call) => call.receiver === receiver).length >= LIMITS.callsInFlightPerPair) return false;
  if (input.callbacksOpen + calls.length >= LIMITS.callbacksGuaranteed && taken.callbacks + calls.length >= callbacksSoft) return false;
  return reserved === 0 || taken.guaranteed + messageBytes + reserved <= guaranteedMessageBytes;
}

/** Takes the call's whole price from the balance and records it, or answers that it cannot be sent. Deadlines are whole seconds (dfinity/ic, CoarseTime). */
function perform(host: Host): number {
  const call = pending(host, "call_perform"), { input } = host;
  host.builder = undefined;
  const fromQuery = !isReplicated(input.context);
  const cost = fromQuery ? { request: 0n, response: 0n, execution: 0n } : callCost(input.subnet.params, BigInt(Buffer.byteLength(call.method) + call.argBytes), input.memory64);
  const price = cost.request + cost.response + cost.execution;
  const reserved = fromQuery || call.timeoutSeconds !== undefined ? 0 : requestReservation(messageBytesOf(Buffer.byteLength(call.method) + call.argBytes));
  if (!hasPlace(host, call.receiver, reserved) || (!fromQuery && host.balance - (reserved === 0 ? input.freezingBalance : input.freezingWith(host.messageBytes + reserved)) < price)) { host.balance += call.cycles; return NOT_ENQUEUED; }
  host.messageBytes += reserved;
  host.balance -= price;
  const { receiver, method, onReply, onReject, onCleanup, timeoutSeconds } = call;
  host.calls.push({
    receiver, method, onReply, onReject, arg: call.arg.length === 1 ? call.arg[0]! : new Uint8Array(Buffer.concat(call.arg)), cycles: cycles(call.cycles),
    ...(onCleanup !== undefined && { onCleanup }),
    ...(timeoutSeconds !== undefined && { deadline: time(input.subnet.time - (input.subnet.time % NANOSECONDS_PER_SECOND) + BigInt(Math.min(timeoutSeconds, LIMITS.callTimeoutSecondsMax)) * NANOSECONDS_PER_SECOND) }),
    prepaidExecution: cycles(cost.execution), prepaidTransmission: cycles(cost.response),
  });
  return 0;
}

/** Calls to other canisters: put together piece by piece, sent by `call_perform`. */
export const callCalls = [
  defineSystemCall({
    name: "call_new", params: ["I", "I", "I", "I", "E", "E", "E", "E"], results: [], contexts: CALLING, cost: { fixed: 1500 },
    run(host, calleeSrc, calleeSize, nameSrc, nameSize, replyFun, replyEnv, rejectFun, rejectEnv) {
      discardBuilder(host);
      if (nameSize > LIMITS.methodNameBytesMax) throw contractViolation(`ic0.call_new: size of method_name_len ${nameSize} exceeds the allowed limit of ${LIMITS.methodNameBytesMax}`);
      const callee = host.memory.read(calleeSrc, calleeSize);
      if (callee.length > 29) throw contractViolation(`ic0.call_new: callee id with ${callee.length} bytes is not a principal`);
      const method = textOf(host.memory.read(nameSrc, nameSize), "Canister violated contract: ic0.call_new: invalid UTF-8 method name");
      host.builder = {
        receiver: principalFromBytes(callee) as CanisterId, method, onReply: { fun: replyFun, env: replyEnv }, onReject: { fun: rejectFun, env: rejectEnv },
        arg: [], argBytes: 0, cycles: 0n,
      };
    },
  }),
  defineSystemCall({
    name: "call_on_cleanup", params: ["E", "E"], results: [], contexts: CALLING, cost: { fixed: 500 },
    run(host, fun, env) {
      const call = pending(host, "call_on_cleanup");
      if (call.onCleanup !== undefined) throw contractViolation("ic0.call_on_cleanup can be called at most once between `ic0.call_new` and `ic0.call_perform`");
      call.onCleanup = { fun, env };
    },
  }),
  defineSystemCall({
    name: "call_data_append", params: ["I", "I"], results: [], contexts: CALLING, cost: { fixed: 500, perByte: 1 },
    run(host, src, size) {
      const call = pending(host, "call_data_append");
      const limit = host.input.subnet.isLocal(call.receiver) ? LIMITS.localPayloadBytesMax : LIMITS.payloadBytesMax;
      if (call.argBytes + size > limit) throw contractViolation(`ic0.call_data_append: application payload size (${call.argBytes + size}) cannot be larger than ${limit}.`);
      call.arg.push(host.memory.read(src, size));
      call.argBytes += size;
    },
  }),
  defineSystemCall({
    name: "call_with_best_effort_response", params: ["i32"], results: [], contexts: CALLING, cost: { fixed: 500 },
    run(host, timeoutSeconds) {
      const call = pending(host, "call_with_best_effort_response");
      if (call.timeoutSeconds !== undefined) throw contractViolation("ic0_call_with_best_effort_response failed because a timeout is already set.");
      call.timeoutSeconds = timeoutSeconds >>> 0;
    },
  }),
  defineSystemCall({
    name: "call_cycles_add128", params: ["i64", "i64"], results: [], contexts: "U Ry Rt T", cost: { fixed: 500 },
    run(host, high, low) { addCycles(host, "call_cycles_add128", from128(high, low)); },
  }),
  defineSystemCall({
    name: "call_cycles_add", params: ["i64"], results: [], contexts: "U Ry Rt T", cost: { fixed: 500 }, only32: true,
    run(host, amount) { addCycles(host, "call_cycles_add", BigInt.asUintN(64, amount)); },
  }),
  defineSystemCall({ name: "call_perform", params: [], results: ["i32"], contexts: CALLING, cost: { fixed: 5000 }, run: perform }),
];
