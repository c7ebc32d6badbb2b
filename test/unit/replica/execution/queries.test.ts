import { describe, expect, test } from "vitest";
import { bytesFromHex } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "./testModule.ts";
import { OTHER, bytes, createTestSubnet } from "./testSubnet.ts";

const COMPOSITE = moduleText({
  "query one": replyWith(50, 1),
  "query changes": `(i32.store8 (i32.const 50) (i32.const 9)) ${replyWith(50, 1)}`,
  "query silent": "",
  "query certificate": `(if (call $data_certificate_present) (then (call $data_certificate_copy (i32.const 0) (i32.const 0) (call $data_certificate_size)) (call $msg_reply_data_append (i32.const 0) (call $data_certificate_size)))) (call $msg_reply)`,
  "update increment": "(call $msg_reply)",
  "composite_query ask": `${calleeFromArg} (i32.store8 (i32.const 50) (i32.const 40)) ${callTo(1000, 10, 100, 3, 0, 1, 2)} (drop (call $call_perform))`,
  "composite_query self": `(call $canister_self_copy (i32.const 1000) (i32.const 0) (i32.const 10)) ${callTo(1000, 10, 100, 3)} (drop (call $call_perform))`,
}, {
  data: { 50: "\u0007", 100: "one" },
  prelude: `(table funcref (elem $onReply $onReject))
    (func $onReply (param $env i32) (call $msg_arg_data_copy (i32.const 60) (i32.const 0) (i32.const 1))
      (i32.store8 (i32.const 61) (i32.add (i32.load8_u (i32.const 50)) (local.get $env))) ${replyWith(60, 2)})
    (func $onReject (param i32) (call $msg_reject_msg_copy (i32.const 60) (i32.const 0) (call $msg_reject_msg_size)) (call $msg_reject (i32.const 60) (call $msg_reject_msg_size)))`,
});

describe("queries", () => {
  const subnet = createTestSubnet(), [a, b] = [subnet.create(), subnet.create()];
  subnet.install(a, COMPOSITE); subnet.install(b, COMPOSITE);
  test("do not change the canister", () => {
    const before = subnet.state;
    expect(subnet.query(a, "changes")).toEqual({ ok: true, value: Uint8Array.of(9) });
    expect(subnet.query(a, "one")).toEqual({ ok: true, value: Uint8Array.of(7) });
    expect(subnet.call(a, "changes")).toMatchObject({ kind: "completed" });
    expect(subnet.query(a, "one")).toEqual({ ok: true, value: Uint8Array.of(7) });
    expect(before.canisters.get(a)!.execution!.heap).toBe(subnet.state.canisters.get(a)!.execution!.heap);
  });
  test.each([
    ["silent", "IC0506", /Canister did not reply to the call$/], ["missing", "IC0536", /Canister has no query method 'missing'\.\.\nCheck that [^]*#method-not-found$/], ["increment", "IC0536", /no query method/],
  ])("`%s` fails with %s", (method, code, message) => {
    const answer = subnet.query(a, method);
    expect(answer).toMatchObject({ ok: false, error: { code } });
    expect((answer as { error: { message: string } }).error.message).toMatch(message);
  });
  test("the target canister gets its data certificate, an update none", () => {
    expect(subnet.query(a, "certificate")).toEqual({ ok: true, value: bytes("certificate") });
    expect(subnet.call(a, "certificate")).toMatchObject({ kind: "completed", reply: new Uint8Array(0) });
  });
  test("a composite query keeps its memory until its callback, and then drops it", () => {
    expect(subnet.query(a, "ask", bytesFromHex(b))).toEqual({ ok: true, value: Uint8Array.of(7, 42) });
    expect(subnet.query(a, "one")).toEqual({ ok: true, value: Uint8Array.of(7) });
  });
  test("loops are found, and missing canisters are rejected", () => {
    expect(subnet.query(a, "self")).toMatchObject({ ok: false, error: { code: "IC0406", message: expect.stringContaining("Loop detected") } });
    expect(subnet.query(a, "ask", bytesFromHex("00000000000000990101"))).toMatchObject({ ok: false, error: { message: expect.stringContaining("not found") } });
    expect(subnet.query("00000000000000990101" as never, "one")).toMatchObject({ ok: false, error: { code: "IC0301" } });
  });
  test("a composite query is no update", () => {
    expect(subnet.call(a, "ask", bytesFromHex(b))).toMatchObject({ kind: "failed", code: "IC0527" });
    expect(subnet.inspect(subnet.ingress(a, "ask"))).toMatchObject({ ok: false, error: { code: "IC0527" } });
  });
});

describe("the ingress filter", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, moduleText({
    "inspect_message": `(call $msg_method_name_copy (i32.const 0) (i32.const 0) (i32.const 1)) (i32.store8 (i32.const 200) (i32.const 1))
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 98)) (then (unreachable)))
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 97)) (then (call $accept_message)))
      (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 99)) (then (call $accept_message) (call $accept_message)))`,
    "update a": replyWith(200, 1), "update b": "", "update c": "", "update d": "",
  }));
  test.each([["a", undefined], ["b", "IC0502"], ["c", "IC0504"], ["d", "IC0406"], ["e", "IC0536"]])("method `%s`: %s", (method, code) => {
    const answer = subnet.inspect(subnet.ingress(id, method));
    expect(answer.ok ? undefined : answer.error.code).toBe(code);
  });
  test("leaves no trace", () => { expect(subnet.call(id, "a")).toMatchObject({ reply: Uint8Array.of(0) }); });
  test.each([["raw_rand", "IC0406"], ["deposit_cycles", "IC0408"], ["no_such", "IC0407"], ["canister_status", "IC0408"]])("management method %s without a canister: %s", (method, code) => {
    const arg = method === "raw_rand" ? bytes("DIDL\0\0") : new Uint8Array(0);
    const answer = subnet.inspect(subnet.ingress("" as never, method, arg));
    expect(answer.ok ? undefined : answer.error.code).toBe(code);
  });
  test("strangers may not manage", () => {
    const start = (sender?: typeof OTHER): unknown => subnet.inspect(subnet.ingress("" as never, "start_canister", Buffer.concat([Buffer.from("4449444c016c01b3c4b1f204680100010a", "hex"), bytesFromHex(id)]), sender));
    expect(start()).toMatchObject({ ok: true });
    expect(start(OTHER)).toMatchObject({ ok: false, error: { code: "IC0512" } });
  });
});
