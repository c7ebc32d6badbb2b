import { describe, expect, test } from "vitest";
import type { StreamSlice } from "../../../../src/replica/interfaces/xnet.ts";
import { type CanisterId, REJECT, REJECT_REASONS, bytesFromHex, canisterIdFromIndex, principalToText, subnetId, time } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "../execution/testModule.ts";
import { candidPrincipal, createTestSubnet, dueSoon } from "../execution/testSubnet.ts";

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
    const subnet = createTestSubnet({ params: { roundInstructions: 500_000n } }), id = subnet.create();
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
    expect(dueSoon(subnet)).toHaveLength(1);
    subnet.state = { ...subnet.state, subnetCalls: subnet.state.subnetCalls.map((call) => ({ ...call, since: (call.since + 5) as never })) };
    subnet.round([], 9);
    expect(subnet.status(message).kind).toBe("processing");
    subnet.round([], 2);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: Uint8Array.of(REJECT.sysUnknown) });
    for (let i = 0; i < 5; i++) subnet.round();
    expect(subnet.state.subnetCalls).toEqual([]);
    expect(subnet.state.canisters.get(caller)!.system).toMatchObject({ callContexts: {}, callbacks: {} });
    expect(dueSoon(subnet)).toEqual([]);
  });
});

describe("streams", () => {
  test("a request to a canister of another subnet leaves through its stream, and the answer comes back by a slice", async () => {
    const { createTestSubnet: create } = await import("../execution/testSubnet.ts");
    const { subnetId, canisterIdFromIndex } = await import("../../../../src/replica/types/index.ts");
    const remote = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n);
    const slices: StreamSlice[] = [];
    const slice = { source: remote, certificate: new Uint8Array(0) };
    const subnet = create({ remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, readSlice: () => slices.shift() });
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
    const forged = { kind: "request", sender: canisterIdFromIndex(0x30000n), receiver: caller, callback: 9, method: "echo", arg: new Uint8Array(0), cycles: 5n, senderVersion: 1n } as never; // lives on neither subnet
    slices.push({ header: { begin: 0n, end: 4n, signalsEnd: 1n, rejectSignals: [] }, begin: 0n, messages: [response, incoming, lost, forged] });
    subnet.round([], 0, [slice]);
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: Uint8Array.of(42) });
    const after = subnet.state.streams.get(remote)!;
    expect(after).toMatchObject({ begin: 1n, signalsEnd: 4n, rejectSignals: [{ index: 2n, reason: "CanisterNotFound" }] });
    expect(after.messages).toMatchObject([{ kind: "response", originator: there, respondent: caller, callback: 7, payload: { kind: "reply" } }]);
    slices.push({ header: { begin: 0n, end: 4n, signalsEnd: 2n, rejectSignals: [] }, begin: 0n, messages: [response, incoming, lost, forged] }); // the same slice again is not inducted twice
    subnet.round([], 0, [slice]);
    expect(subnet.state.streams.get(remote)!).toMatchObject({ begin: 2n, messages: [], signalsEnd: 4n, rejectSignals: [{ index: 2n }] });
    slices.push({ header: { begin: 3n, end: 4n, signalsEnd: 2n, rejectSignals: [] }, begin: 3n, messages: [] }); // it has read the rejection
    subnet.round([], 0, [slice]);
    expect(subnet.state.streams.get(remote)!).toMatchObject({ begin: 2n, signalsEnd: 4n, rejectSignals: [] });
  });

  const remote = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n), slice = { source: remote, certificate: new Uint8Array(0) };
  /** A subnet with one canister that calls `there` and replies with the code and the words of a rejection, and with what came back of 500 cycles. */
  function connected(slices: StreamSlice[] = []): { readonly subnet: ReturnType<typeof createTestSubnet>; readonly caller: CanisterId } {
    const subnet = createTestSubnet({ remote: { id: remote, start: there, end: canisterIdFromIndex(0x2ffffn) }, readSlice: () => slices.shift() }), caller = subnet.create();
    subnet.install(caller, moduleText({ "update go": `${calleeFromArg} ${callTo(1000, 10, 100, 2)} (call $call_cycles_add (i64.const 500)) (drop (call $call_perform))` }, {
      data: { 100: "hi" },
      prelude: `(table funcref (elem $done $refused)) (func $done (param i32) (call $msg_reply)) (func $refused (param i32) (i64.store (i32.const 300) (call $msg_cycles_refunded)) (i32.store8 (i32.const 308) (call $msg_reject_code))
        (call $msg_reject_msg_copy (i32.const 309) (i32.const 0) (call $msg_reject_msg_size)) (call $msg_reply_data_append (i32.const 300) (i32.add (i32.const 9) (call $msg_reject_msg_size))) (call $msg_reply))`,
    }));
    return { subnet, caller };
  }
  const saying = (signalsEnd: bigint, reason?: StreamSlice["header"]["rejectSignals"][number]["reason"]): StreamSlice =>
    ({ header: { begin: 0n, end: 0n, signalsEnd, rejectSignals: reason === undefined ? [] : [{ index: 0n, reason }] }, begin: 0n, messages: [] });

  test.each(REJECT_REASONS.map((reason) => [reason]))("a request that the other subnet refuses (%s) is answered by its own, with its cycles", (reason) => {
    const { subnet, caller } = connected([saying(1n, reason)]), message = subnet.ingress(caller, "go", bytesFromHex(there));
    subnet.round([message]);
    subnet.round([], 0, [slice]);
    const status = subnet.status(message);
    expect(status).toMatchObject({ kind: "completed" });
    const said = Buffer.from((status as { readonly reply: Uint8Array }).reply), words: Readonly<Record<typeof reason, readonly [number, string]>> = {
      CanisterMigrating: [REJECT.sysTransient, "is migrating"], CanisterNotFound: [REJECT.destinationInvalid, "not found"], CanisterStopped: [REJECT.canisterError, "is stopped"],
      CanisterStopping: [REJECT.canisterError, "is stopping"], QueueFull: [REJECT.sysTransient, "input queue is full"], OutOfMemory: [REJECT.canisterError, "Out of memory"], Unknown: [REJECT.sysFatal, "unknown error"],
    };
    expect([said.readBigUInt64LE(), said[8]]).toEqual([500n, words[reason][0]]);
    expect(said.subarray(9).toString()).toContain(words[reason][1]);
    expect(subnet.state.streams.get(remote)).toMatchObject({ begin: 1n, messages: [] });
  });

  test("a stopped canister takes no request of another subnet", () => {
    const request = (caller: CanisterId): StreamSlice => ({ header: { begin: 0n, end: 1n, signalsEnd: 0n, rejectSignals: [] }, begin: 0n, messages: [{ kind: "request", sender: there, receiver: caller, callback: 7, method: "go", arg: new Uint8Array(0), cycles: 0n, senderVersion: 1n } as never] });
    const slices: StreamSlice[] = [], { subnet, caller } = connected(slices);
    subnet.manage("stop_canister", { canister_id: candidPrincipal(caller) });
    slices.push(request(caller));
    subnet.round([], 0, [slice]);
    expect(subnet.state.streams.get(remote)).toMatchObject({ signalsEnd: 1n, rejectSignals: [{ index: 0n, reason: "CanisterStopped" }] });
  });

  test("a full stream holds what comes after back, in its order, until the other subnet has taken some", () => {
    const slices: StreamSlice[] = [], { subnet, caller } = connected(slices), filled = 10_000;
    const filler = Array.from({ length: filled - 1 }, (_, i) => ({ kind: "response", originator: there, respondent: caller, callback: i, refund: 0n, payload: { kind: "reply", data: new Uint8Array(0) } }) as never);
    subnet.state = { ...subnet.state, streams: subnet.state.streams.set(remote, { begin: 0n, messages: filler, signalsEnd: 0n, rejectSignals: [] }) };
    subnet.round([1, 2, 3].map(() => subnet.ingress(caller, "go", bytesFromHex(there))));
    const waiting = (): unknown[] => subnet.state.canisters.get(caller)!.system.queues.output.map((message) => "callback" in message && message.callback);
    expect(subnet.state.streams.get(remote)!.messages).toHaveLength(filled);
    const [first, ...others] = [Reflect.get(subnet.state.streams.get(remote)!.messages.at(-1)!, "callback"), ...waiting()] as number[];
    expect(others).toEqual([first! + 1, first! + 2]);
    slices.push(saying(5n));
    subnet.round([], 0, [slice]);
    expect(waiting()).toEqual([]);
    expect(subnet.state.streams.get(remote)).toMatchObject({ begin: 5n });
    expect(subnet.state.streams.get(remote)!.messages.slice(-3).map((message) => "callback" in message && message.callback)).toEqual([first, ...others]);
  });
});
