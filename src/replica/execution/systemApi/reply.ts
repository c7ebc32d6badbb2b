import { LIMITS } from "../../params/limits.ts";
import { REJECT } from "../../types/index.ts";
import { textOf } from "./blob.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import { isReplicated } from "./executionContext.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

const ANSWERING = "U RQ NRQ TQ CQ Ry Rt CRy CRt";

/** A message is answered at most once (spec, "msg_reply"). */
function mayAnswer(host: Host, name: string): void {
  if (host.input.responded || host.response !== undefined) throw contractViolation(`"${name}" cannot be executed: the call is already replied to`);
}

/** How a message is answered. */
export const replyCalls = [
  defineSystemCall({
    name: "msg_reply_data_append", params: ["I", "I"], results: [], contexts: ANSWERING, cost: { fixed: 500, perByte: 1 },
    run(host, src, size) {
      mayAnswer(host, "ic0_msg_reply_data_append");
      const limit = isReplicated(host.input.context) ? LIMITS.payloadBytesMax : LIMITS.queryReplyBytesMax;
      if (host.replyBytes + size > limit) {
        throw contractViolation(`ic0.msg_reply_data_append: application payload size (${host.replyBytes + size}) cannot be larger than ${limit}.`);
      }
      host.reply.push(host.memory.read(src, size));
      host.replyBytes += size;
    },
  }),
  defineSystemCall({
    name: "msg_reply", params: [], results: [], contexts: ANSWERING, cost: { fixed: 500 },
    run(host) {
      mayAnswer(host, "ic0_msg_reply");
      host.response = { kind: "reply", data: host.reply.length === 1 ? host.reply[0]! : new Uint8Array(Buffer.concat(host.reply)) };
      host.available = 0n;
    },
  }),
  defineSystemCall({
    name: "msg_reject", params: ["I", "I"], results: [], contexts: ANSWERING, cost: { fixed: 500, perByte: 1 },
    run(host, src, size) {
      mayAnswer(host, "ic0_msg_reject");
      const message = textOf(host.memory.read(src, size), "Canister violated contract: ic0.msg_reject: invalid UTF-8 string provided");
      const cut = Buffer.from(message).subarray(0, LIMITS.rejectMessageBytesMax);
      host.response = { kind: "reject", code: REJECT.canisterReject, message: cut.length === size ? message : new TextDecoder().decode(cut), errorCode: "IC0406" };
      host.available = 0n;
    },
  }),
];
