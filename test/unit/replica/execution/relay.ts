import { decodeCandid, encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../../src/replica/codec/candidManagement.ts";
import type { CanisterId } from "../../../../src/replica/types/index.ts";
import { moduleText } from "./testModule.ts";
import { type TestSubnet, text } from "./testSubnet.ts";

/** Calls `aaaaa-aa`: the argument is cycles (u64), length of the method, method, argument. Answers 0 and the reply, or the reject code and the message. */
export const RELAY = moduleText({
  "update relay": `(local $name i32) (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (local.set $name (i32.load8_u (i32.const 8)))
    (call $call_new (i32.const 0) (i32.const 0) (i32.const 9) (local.get $name) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call $call_data_append (i32.add (i32.const 9) (local.get $name)) (i32.sub (i32.sub (call $msg_arg_data_size) (i32.const 9)) (local.get $name)))
    (call $call_cycles_add (i64.load (i32.const 0))) (drop (call $call_perform))`,
}, {
  prelude: `(table funcref (elem $onReply $onReject))
    (func $onReply (param i32) (i32.store8 (i32.const 0) (i32.const 0)) (call $msg_arg_data_copy (i32.const 1) (i32.const 0) (call $msg_arg_data_size))
      (call $msg_reply_data_append (i32.const 0) (i32.add (i32.const 1) (call $msg_arg_data_size))) (call $msg_reply))
    (func $onReject (param i32) (i32.store8 (i32.const 0) (call $msg_reject_code)) (call $msg_reject_msg_copy (i32.const 1) (i32.const 0) (call $msg_reject_msg_size))
      (call $msg_reply_data_append (i32.const 0) (i32.add (i32.const 1) (call $msg_reject_msg_size))) (call $msg_reply))`,
});

/** Calls a management method through the canister `id`, which has the module `RELAY`: the decoded answer, or its reject. */
export function relay(subnet: TestSubnet, id: CanisterId, method: ManagementMethodName | "no_such_method", args: Record<string, unknown> | undefined, cycles = 0n): unknown {
  const types = method === "no_such_method" ? MANAGEMENT_TYPES.raw_rand : MANAGEMENT_TYPES[method], amount = Buffer.alloc(8);
  amount.writeBigUInt64LE(cycles);
  const status = subnet.call(id, "relay", Buffer.concat([amount, Buffer.from([method.length]), Buffer.from(method), encodeCandid(types.args, args === undefined ? [] : [args])]));
  if (status.kind !== "completed") return status;
  const { reply } = status;
  if (reply[0] !== 0) return { code: reply[0], message: text(reply.subarray(1)) };
  const decoded = decodeCandid(types.results, reply.subarray(1));
  return decoded.ok ? decoded.value[0] : decoded.error;
}
