import type { NativeCall, NativeOutgoingCall, StableMap } from "../../interfaces/nativeProgram.ts";
import { Trap } from "../../interfaces/wasm.ts";
import { LIMITS } from "../../params/limits.ts";
import { callCost } from "../../state/cyclesAccount.ts";
import { messageBytesOf, requestReservation } from "../../state/messageMemory.ts";
import { NANOSECONDS_PER_SECOND, REJECT, cycles, time, userError } from "../../types/index.ts";
import { hasPlace } from "../systemApi/calls.ts";
import { acceptCycles, mintCycles } from "../systemApi/cycles.ts";
import { contextsOf } from "../systemApi/executionContext.ts";
import type { Host } from "../systemApi/host.ts";

export type { NativeCall, NativeProgram } from "../../interfaces/nativeProgram.ts";

const CERTIFYING = contextsOf("I G U Ry Rt T");
const violation = (message: string): Trap => new Trap(userError("IC0504", `Canister violated contract: ${message}`));

/** The message's record of effects, as a native program writes it: the rules are those of the system calls of the same names. */
export function nativeCall(host: Host, state: StableMap): NativeCall {
  const { input } = host;
  const answer = (response: NonNullable<Host["response"]>): void => {
    if (input.responded || host.response !== undefined) throw violation("the call is already replied to");
    host.response = response;
    host.available = 0n;
  };
  return {
    state, arg: input.arg, caller: input.caller, self: input.canisterId, time: input.subnet.time,
    reply: (data) => answer({ kind: "reply", data }),
    reject: (message) => answer({ kind: "reject", code: REJECT.canisterReject, message }),
    certify(data) {
      if (!CERTIFYING.has(input.context) || data.length > LIMITS.certifiedDataBytesMax) throw violation(`certified_data_set of ${data.length} bytes in ${input.context} mode`);
      host.certifiedData = data;
    },
    dataCertificate: () => host.certificate ??= input.dataCertificate?.(),
    rejectCode: input.rejectCode, rejectMessage: input.rejectMessage, cyclesRefunded: input.refunded,
    cyclesAvailable: () => host.available, acceptCycles: (max) => acceptCycles(host, max), mintCycles: (amount) => mintCycles(host, "mint_cycles128", amount),
    cycleBalance: () => host.balance, call: (outgoing) => sendCall(host, outgoing), setTimer(at) { host.timer = at; }, print(text) { host.logs.push(new TextEncoder().encode(text)); },
  };
}

const CALLING = contextsOf("U Ry Rt T");
/** As `call_new` … `call_perform`: the whole price leaves the balance, or nothing is sent. */
function sendCall(host: Host, call: NativeOutgoingCall): boolean {
  const { input } = host, attached = call.cycles ?? 0n;
  if (!CALLING.has(input.context)) throw violation(`"ic0_call_new" cannot be executed in ${input.context} mode`);
  const cost = callCost(input.subnet.params, BigInt(Buffer.byteLength(call.method) + call.arg.length), input.memory64), price = cost.request + cost.response + cost.execution + attached;
  const { timeoutSeconds } = call, reserved = timeoutSeconds !== undefined ? 0 : requestReservation(messageBytesOf(Buffer.byteLength(call.method) + call.arg.length));
  if (!hasPlace(host, call.receiver, reserved) || host.balance - (reserved === 0 ? input.freezingBalance : input.freezingWith(host.messageBytes + reserved)) < price) return false;
  host.messageBytes += reserved;
  host.balance -= price;
  host.calls.push({
    receiver: call.receiver, method: call.method, arg: call.arg, cycles: cycles(attached), onReply: call.onReply, onReject: call.onReject,
    ...(timeoutSeconds !== undefined && { deadline: time(input.subnet.time + BigInt(Math.min(timeoutSeconds, LIMITS.callTimeoutSecondsMax)) * NANOSECONDS_PER_SECOND) }),
    ...(call.onCleanup !== undefined && { onCleanup: call.onCleanup }), prepaidExecution: cycles(cost.execution), prepaidTransmission: cycles(cost.response),
  });
  return true;
}
