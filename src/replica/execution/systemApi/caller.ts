import { copyOut, principalAsBytes } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

const NOTHING = new Uint8Array(0);
/** Spec, "msg_caller_info_data", "msg_caller_info_signer": empty unless a canister's signature authenticated the user and vouched for the info. */
const infoOf = ({ input }: Host): Uint8Array => input.senderInfo?.info ?? NOTHING;
const signerOf = ({ input }: Host): Uint8Array => (input.senderInfo === undefined ? NOTHING : principalAsBytes(input.senderInfo.signer));
const ARG = "I U RQ NRQ TQ CQ Ry CRy F", INFO = "U RQ NRQ CQ Ry Rt CRy CRt C CC F";
const rejectMessage = (text: string | undefined): Uint8Array => {
  if (text === undefined) throw contractViolation("No reject message to read");
  return new TextEncoder().encode(text);
};

/** What the message carries and who sent it. */
export const callerCalls = [
  defineSystemCall({ name: "msg_arg_data_size", params: [], results: ["I"], contexts: ARG, cost: { fixed: 500 }, run: ({ input }) => input.arg.length }),
  defineSystemCall({
    name: "msg_arg_data_copy", params: ["I", "I", "I"], results: [], contexts: ARG, cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_arg_data_copy payload", host.input.arg, dst, offset, size); },
  }),
  defineSystemCall({ name: "msg_caller_size", params: [], results: ["I"], contexts: "*", cost: { fixed: 500 }, run: ({ input }) => input.caller.length / 2 }),
  defineSystemCall({
    name: "msg_caller_copy", params: ["I", "I", "I"], results: [], contexts: "*", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_caller_copy id", principalAsBytes(host.input.caller), dst, offset, size); },
  }),
  defineSystemCall({ name: "msg_caller_info_data_size", params: [], results: ["I"], contexts: INFO, cost: { fixed: 500 }, run: (host) => infoOf(host).length }),
  defineSystemCall({
    name: "msg_caller_info_data_copy", params: ["I", "I", "I"], results: [], contexts: INFO, cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_caller_info_data_copy", infoOf(host), dst, offset, size); },
  }),
  defineSystemCall({ name: "msg_caller_info_signer_size", params: [], results: ["I"], contexts: INFO, cost: { fixed: 500 }, run: (host) => signerOf(host).length }),
  defineSystemCall({
    name: "msg_caller_info_signer_copy", params: ["I", "I", "I"], results: [], contexts: INFO, cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_caller_info_signer_copy", signerOf(host), dst, offset, size); },
  }),
  defineSystemCall({ name: "msg_reject_code", params: [], results: ["i32"], contexts: "Ry Rt CRy CRt C", cost: { fixed: 500 }, run: ({ input }) => input.rejectCode }),
  defineSystemCall({
    name: "msg_reject_msg_size", params: [], results: ["I"], contexts: "Rt CRt", cost: { fixed: 500 },
    run: ({ input }) => rejectMessage(input.rejectMessage).length,
  }),
  defineSystemCall({
    name: "msg_reject_msg_copy", params: ["I", "I", "I"], results: [], contexts: "Rt CRt", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_reject_msg_copy", rejectMessage(host.input.rejectMessage), dst, offset, size); },
  }),
  defineSystemCall({ name: "msg_deadline", params: [], results: ["i64"], contexts: "U RQ NRQ CQ Ry Rt CRy CRt", cost: { fixed: 500 }, run: ({ input }) => input.deadline }),
  defineSystemCall({
    name: "msg_method_name_size", params: [], results: ["I"], contexts: "F", cost: { fixed: 500 },
    run: ({ input }) => Buffer.byteLength(input.methodName),
  }),
  defineSystemCall({
    name: "msg_method_name_copy", params: ["I", "I", "I"], results: [], contexts: "F", cost: { fixed: 500, perByte: 1 },
    run(host, dst, offset, size) { copyOut(host, "msg_method_name_copy", new TextEncoder().encode(host.input.methodName), dst, offset, size); },
  }),
  defineSystemCall({
    name: "accept_message", params: [], results: [], contexts: "F", cost: { fixed: 500 },
    run(host) {
      if (host.messageAccepted) throw contractViolation("ic0.accept_message: the function was already called.");
      host.messageAccepted = true;
    },
  }),
];
