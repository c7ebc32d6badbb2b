import { describe, expect, test } from "vitest";
import { type CanisterId, type SenderInfo, bytesFromHex, canisterIdFromIndex } from "../../../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../testModule.ts";
import { OTHER, type TestSubnet, USER, bytes, createTestSubnet } from "../testSubnet.ts";

/** What the canister with this id says of the sender: checked at the gatehouse, read by canisters (spec, "msg_caller_info_data"). */
const SIGNER = canisterIdFromIndex(77n), INFO: SenderInfo = { info: bytes("verified adult"), signer: SIGNER };
const tell = (at: number): string => `(call $msg_caller_info_data_copy (i32.const ${at}) (i32.const 0) (call $msg_caller_info_data_size))
  (call $msg_caller_info_signer_copy (i32.add (i32.const ${at}) (call $msg_caller_info_data_size)) (i32.const 0) (call $msg_caller_info_signer_size))
  (call $msg_reply_data_append (i32.const ${at}) (i32.add (call $msg_caller_info_data_size) (call $msg_caller_info_signer_size)))`;
/** `later` and `deep` tell in the callback of a call to the canister itself; `relay` passes on what the called method told. */
const callItself = (reply: number, reject: number): string => `(call $canister_self_copy (i32.const 1000) (i32.const 0) (i32.const 10))
  (call $call_new (i32.const 1000) (i32.const 10) (i32.const 100) (i32.const 4) (i32.const ${reply}) (i32.const 0) (i32.const ${reject}) (i32.const 0))
  (drop (call $call_perform))`;
const MODULE = moduleText({
  "update tell": `${tell(0)} (call $msg_reply)`, "query look": `${tell(0)} (call $msg_reply)`, "composite_query deep": callItself(0, 0),
  "update later": callItself(0, 0), "update relay": callItself(1, 1),
  "inspect_message": "(if (i32.ne (call $msg_caller_info_data_size) (i32.const 5)) (then (call $accept_message)))",
}, {
  data: { 100: "tell" },
  prelude: `(table funcref (elem $tellHere $passOn)) (func $tellHere (param i32) ${tell(200)} (call $msg_reply))
    (func $passOn (param i32) (call $msg_arg_data_copy (i32.const 300) (i32.const 0) (call $msg_arg_data_size)) ${replyWith(300, 24)})`,
});
const said = Buffer.concat([INFO.info, bytesFromHex(SIGNER)]);

function ask(subnet: TestSubnet, id: CanisterId, method: string, senderInfo?: SenderInfo): unknown {
  const message = { ...subnet.ingress(id, method), ...(senderInfo && { senderInfo }) };
  subnet.round([message]);
  for (let i = 0; i < 5 && subnet.status(message).kind !== "completed"; i++) subnet.round();
  const status = subnet.status(message);
  return status.kind === "completed" ? Buffer.from(status.reply) : status;
}

describe("what a canister says of a user is read by the canister that the user calls", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, MODULE);
  test("in an update, a query as an update, a query", () => {
    expect(ask(subnet, id, "tell", INFO)).toEqual(said);
    expect(ask(subnet, id, "look", INFO)).toEqual(said);
    expect(subnet.query(id, "look", undefined, USER, INFO)).toEqual({ ok: true, value: new Uint8Array(said) });
  });
  test("in callbacks of the call that the user began, and of a composite query", () => {
    expect(ask(subnet, id, "later", INFO)).toEqual(said);
    expect(subnet.query(id, "deep", undefined, USER, INFO)).toEqual({ ok: true, value: new Uint8Array(said) });
  });
  test("but not in the calls that it makes: their caller is a canister", () => expect(ask(subnet, id, "relay", INFO)).toEqual(Buffer.alloc(24)));
  test("in inspect_message", () => {
    expect(subnet.inspect({ ...subnet.ingress(id, "tell"), senderInfo: { info: bytes("child"), signer: SIGNER } })).toMatchObject({ ok: false, error: { code: "IC0406" } });
    expect(subnet.inspect({ ...subnet.ingress(id, "tell"), senderInfo: INFO })).toMatchObject({ ok: true });
  });
  test("and it is empty without one", () => {
    expect(ask(subnet, id, "tell")).toEqual(Buffer.alloc(0));
    expect(subnet.query(id, "look", undefined, OTHER)).toEqual({ ok: true, value: new Uint8Array(0) });
  });
});

test("a module that imports what this System API does not have is refused at install, by name", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  const refused = subnet.install(id, `(module (import "ic0" "cost_http_request_v9" (func (param i32 i32 i32))) (memory 1))`);
  expect(refused).toMatchObject({ code: "IC0505", message: expect.stringContaining("function 'cost_http_request_v9'") as unknown });
});
