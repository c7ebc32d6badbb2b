import { describe, expect, test } from "vitest";
import { encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { REJECT, bytesFromHex, canisterIdFromIndex, principalToText, subnetId, time } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "../execution/testModule.ts";
import { candidPrincipal, createTestSubnet } from "../execution/testSubnet.ts";

const ECHO = moduleText({ "update go": "(call $msg_reply)" });

describe("ingress", () => {
  test("is executed once, even when two batches bring it", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, moduleText({ "update go": `(global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.store8 (i32.const 0) (global.get $n)) ${replyWith(0, 1)}` }, { prelude: "(global $n (mut i32) (i32.const 0))" }));
    const message = subnet.ingress(id, "go");
    subnet.round([message, message]);
    subnet.round([message]);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: Uint8Array.of(1) });
    expect(subnet.call(id, "go")).toMatchObject({ reply: Uint8Array.of(2) });
  });
  test("is ignored after its expiry, and forgotten then", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, ECHO);
    const message = subnet.ingress(id, "go"), late = { ...subnet.ingress(id, "go"), expiry: time(subnet.now - 1n) };
    subnet.round([message, late]);
    expect([subnet.status(message).kind, subnet.status(late).kind]).toEqual(["completed", "unknown"]);
    subnet.round([], 299);
    expect(subnet.status(message).kind).toBe("completed");
    subnet.round([], 5);
    expect(subnet.status(message).kind).toBe("unknown");
    expect(subnet.state.ingressHistory.size).toBe(0);
    expect(subnet.state.ingressExpiries.size).toBe(0);
  });
  test("pays for its induction", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    subnet.install(id, ECHO);
    const before = subnet.state.canisters.get(id)!.system.balance, message = subnet.ingress(id, "go");
    subnet.round([message]);
    const price = before - subnet.state.canisters.get(id)!.system.balance, induction = 1_200_000n + 2_000n * BigInt(message.envelope.length);
    expect(price).toBeGreaterThan(induction + 5_000_000n);
    expect(price).toBeLessThan(induction + 5_000_000n + 10_000n);
  });
  test("to nobody fails with IC0301", () => {
    const subnet = createTestSubnet();
    expect(subnet.call("00000000000000990101" as never, "go")).toMatchObject({ kind: "failed", code: "IC0301", rejectCode: REJECT.destinationInvalid });
  });
});

describe("rounds", () => {
  test("an unfinished round goes on in the next one: the budget ends it", () => {
    const subnet = createTestSubnet({ params: { roundInstructions: 1_000_000n } }), id = subnet.create();
    subnet.install(id, ECHO);
    const messages = Array.from({ length: 4 }, () => subnet.ingress(id, "go"));
    subnet.round(messages);
    const done = (): number => messages.filter((message) => subnet.status(message).kind === "completed").length;
    expect(done()).toBeGreaterThan(0);
    expect(done()).toBeLessThan(4);
    expect([...subnet.state.active.keys()]).toEqual([id]);
    for (let i = 0; i < 4; i++) subnet.round();
    expect(done()).toBe(4);
    expect(subnet.state.active.size).toBe(0);
  });
  test("an empty round opens no canister", () => {
    const subnet = createTestSubnet();
    for (let i = 0; i < 5; i++) subnet.create();
    const before = subnet.state;
    subnet.round();
    expect(subnet.state.canisters).toBe(before.canisters);
  });
  test("the same batches give the same state", () => {
    const run = (): unknown => {
      const subnet = createTestSubnet(), ids = [subnet.create(), subnet.create()];
      for (const id of ids) subnet.install(id, ECHO);
      subnet.round(ids.flatMap((id) => [subnet.ingress(id, "go"), subnet.ingress(id, "go")]));
      return [...subnet.state.canisters].map(([id, { system, execution }]) => [id, system, execution!.heap.digest(), execution!.globals]);
    };
    expect(run()).toEqual(run());
  });
});

describe("best-effort calls", () => {
  test("whose deadline passes are answered with SYS_UNKNOWN, and a late answer is dropped", () => {
    const subnet = createTestSubnet(), caller = subnet.create();
    subnet.install(caller, moduleText({
      "update go": `${calleeFromArg} ${callTo(0, 0, 100, 8)} (call $call_data_append (i32.const 200) (i32.const 6)) (call $call_with_best_effort_response (i32.const 10)) (drop (call $call_perform))`,
    }, { data: { 100: "raw_rand", 200: "DIDL\0\0" }, prelude: `(table funcref (elem $onReply $onReject)) (func $onReply (param i32)) (func $onReject (param i32) (i32.store8 (i32.const 0) (call $msg_reject_code)) ${replyWith(0, 1)})` }));
    const message = subnet.ingress(caller, "go", bytesFromHex(caller));
    subnet.round([message]);
    expect(subnet.state.due.size).toBe(1);
    subnet.state = { ...subnet.state, subnetCalls: subnet.state.subnetCalls.map((call) => ({ ...call, since: (call.since + 5) as never })) };
    subnet.round([], 9);
    expect(subnet.status(message).kind).toBe("processing");
    subnet.round([], 2);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: Uint8Array.of(REJECT.sysUnknown) });
    for (let i = 0; i < 5; i++) subnet.round();
    expect(subnet.state.subnetCalls).toEqual([]);
    expect(subnet.state.canisters.get(caller)!.system).toMatchObject({ callContexts: {}, callbacks: {} });
    expect(subnet.state.due.size).toBe(0);
  });
});

describe("fairness", () => {
  test("a canister with endless work does not hold up another's message for more than a round", () => {
    const subnet = createTestSubnet({ params: { roundInstructions: 2_000_000n } }), [greedy, modest] = [subnet.create(), subnet.create()]; // four messages a round
    subnet.install(greedy, ECHO);
    subnet.install(modest, ECHO);
    const work = Array.from({ length: 40 }, () => subnet.ingress(greedy, "go"));
    subnet.round(work);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      const message = subnet.ingress(modest, "go");
      subnet.round([message]);
      let rounds = 1;
      for (; subnet.status(message).kind !== "completed"; rounds++) subnet.round();
      waits.push(rounds);
    }
    expect(work.some((message) => subnet.status(message).kind === "received")).toBe(true);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2);
  });
});

describe("streams", () => {
  test("a request to a canister of another subnet leaves through its stream, and the answer comes back by a slice", async () => {
    const { createTestSubnet: create } = await import("../execution/testSubnet.ts");
    const { subnetId, canisterIdFromIndex } = await import("../../../../src/replica/types/index.ts");
    const remote = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n);
    const slices: { begin: bigint; messages: never[]; signalsEnd: bigint; rejectSignals: [] }[] = [];
    const subnet = create({ remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, decodeSlice: () => slices.shift()! });
    const caller = subnet.create();
    subnet.install(caller, moduleText({
      "update go": `${calleeFromArg} ${callTo(1000, 10, 100, 2)} (call $call_cycles_add (i64.const 500)) (drop (call $call_perform))`, "update echo": "(call $msg_reply)",
    }, { data: { 100: "hi" }, prelude: `(table funcref (elem $done $done)) (func $done (param i32) (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply))` }));
    const message = subnet.ingress(caller, "go", bytesFromHex(there));
    subnet.round([message]);
    const stream = subnet.state.streams.get(remote)!;
    expect(stream).toMatchObject({ begin: 0n, messages: [{ kind: "request", sender: caller, receiver: there, method: "hi", cycles: 500n }] });
    expect(subnet.status(message).kind).toBe("processing");
    const request = stream.messages[0] as { callback: number };
    const response = { kind: "response", originator: caller, respondent: there, callback: request.callback, refund: 500n, payload: { kind: "reply", data: Uint8Array.of(42) } } as never;
    const incoming = { kind: "request", sender: there, receiver: caller, callback: 7, method: "echo", arg: new Uint8Array(0), cycles: 0n, senderVersion: 1n } as never;
    const lost = { kind: "request", sender: there, receiver: canisterIdFromIndex(0xeeeen), callback: 8, method: "echo", arg: new Uint8Array(0), cycles: 3n, senderVersion: 1n } as never;
    slices.push({ begin: 0n, messages: [response, incoming, lost], signalsEnd: 1n, rejectSignals: [] });
    subnet.round([], 0, [{ source: remote, payload: new Uint8Array(0), witness: new Uint8Array(0), certificate: new Uint8Array(0) }]);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: Uint8Array.of(42) });
    const after = subnet.state.streams.get(remote)!;
    expect(after.signalsEnd).toBe(3n);
    expect(after.begin).toBe(1n);
    expect(after.messages).toMatchObject([
      { kind: "response", originator: there, callback: 8, refund: 3n, payload: { kind: "reject", code: REJECT.destinationInvalid } },
      { kind: "response", originator: there, respondent: caller, callback: 7, payload: { kind: "reply" } },
    ]);
    slices.push({ begin: 0n, messages: [response, incoming, lost], signalsEnd: 3n, rejectSignals: [] }); // the same slice again is not inducted twice
    subnet.round([], 0, [{ source: remote, payload: new Uint8Array(0), witness: new Uint8Array(0), certificate: new Uint8Array(0) }]);
    expect(subnet.state.streams.get(remote)!).toMatchObject({ begin: 3n, messages: [], signalsEnd: 3n });
  });

  test.each([
    ["a canister of another subnet", "there"], ["that subnet's management canister", "subnet"], ["aaaaa-aa about a canister of another subnet", "about"],
  ] as const)("where no stream is carried, a call to %s is rejected at once, and its cycles come back", (_what, whom) => {
    const remote = subnetId(Uint8Array.from({ length: 10 }, () => 9)), there = canisterIdFromIndex(0x20000n);
    const subnet = createTestSubnet({ remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, reachable: "own" }), caller = subnet.create();
    const arg = encodeCandid(MANAGEMENT_TYPES.canister_status.args, [{ canister_id: candidPrincipal(there) }]), size = whom === "about" ? 0 : 10;
    subnet.install(caller, moduleText({
      "update go": `${whom === "about" ? "" : calleeFromArg} ${callTo(1000, size, 100, whom === "about" ? 15 : 2)}
        ${whom === "about" ? `(call $call_data_append (i32.const 200) (i32.const ${arg.length}))` : ""} (call $call_cycles_add (i64.const 500000000000)) (drop (call $call_perform))`,
    }, {
      data: { 100: whom === "about" ? "canister_status" : "hi" },
      prelude: `(data (i32.const 200) "${Buffer.from(arg).toString("hex").replace(/../g, "\\$&")}") (table funcref (elem $done $refused)) (func $done (param i32))
        (func $refused (param i32) (i64.store (i32.const 300) (call $msg_cycles_refunded)) (i32.store8 (i32.const 308) (call $msg_reject_code))
          (call $msg_reject_msg_copy (i32.const 309) (i32.const 0) (call $msg_reject_msg_size)) (call $msg_reply_data_append (i32.const 300) (i32.add (i32.const 9) (call $msg_reject_msg_size))) (call $msg_reply))`,
    }));
    const before = subnet.state.canisters.get(caller)!.system.balance, status = subnet.call(caller, "go", bytesFromHex(whom === "subnet" ? remote : there));
    expect(status).toMatchObject({ kind: "completed" });
    const { reply } = status as { readonly reply: Uint8Array }, said = Buffer.from(reply);
    expect([said.readBigUInt64LE(), said[8]]).toEqual([500_000_000_000n, REJECT.destinationInvalid]);
    expect(said.subarray(9).toString()).toContain(`subnet ${principalToText(remote)}: this version of icx carries no calls between subnets`);
    expect(before - subnet.state.canisters.get(caller)!.system.balance).toBeLessThan(100_000_000n);
    expect(subnet.state.canisters.get(caller)!.system).toMatchObject({ callContexts: {}, callbacks: {} });
    expect([subnet.state.streams.size, subnet.state.active.size]).toEqual([0, 0]);
  });
});
