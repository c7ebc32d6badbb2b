import { afterEach, describe, expect, test } from "vitest";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { fullHash } from "../../../../src/replica/stateManager/fullHash.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type SignedIngress, bytesFromHex, hexFromBytes } from "../../../../src/replica/types/index.ts";
import { calleeFromArg, callTo, moduleText, replyWith } from "./testModule.ts";
import { START, type TestSubnet, candidPrincipal as candid, createTestSubnet, text } from "./testSubnet.ts";

const SLICE = 1_000_000n, LIMIT = 12_000_000n, PARAMS = { sliceInstructions: SLICE, messageInstructionsMax: LIMIT, pausedMessagesMax: 2 };
const LOOP = 8;
/** Turns of the loop that take so many slices, and a little of the next. */
const turns = (slices: number): number => Math.floor((slices * Number(SLICE)) / LOOP) + 1000;
const work = (count: number | string): string => `(local $i i32) (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) ${typeof count === "number" ? `(i32.const ${count})` : count})))`;
const number32 = (value: number): Uint8Array => { const out = new Uint8Array(4); new DataView(out.buffer).setUint32(0, value, true); return out; };
const argument = "(call $msg_arg_data_copy (i32.const 1000) (i32.const 0) (i32.const 4))";

/** Works for as many turns as the argument says, then changes everything that a message may change, and replies with what it saw. */
const BUSY = moduleText({
  "update work": `${work("(i32.const 1)")} ${argument} (local.set $i (i32.const 0)) (loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.load (i32.const 1000)))))
    (global.set $done (i32.add (global.get $done) (i32.const 1))) (i32.store (i32.const 500) (global.get $done)) (i32.store (i32.const 60000) (i32.const 77)) (drop (memory.grow (i32.const 1)))
    (i32.store (i32.const 65536) (i32.const 5)) (drop (call $stable_grow (i32.const 1))) (call $stable_write (i32.const 5000) (i32.const 500) (i32.const 4))
    (call $certified_data_set (i32.const 500) (i32.const 4)) (call $debug_print (i32.const 2000) (i32.const 4))
    (i64.store (i32.const 600) (call $time)) (i64.store (i32.const 608) (call $performance_counter (i32.const 0))) (i64.store (i32.const 616) (call $canister_cycle_balance)) ${replyWith(600, 24)}`,
  "update endless": `(loop (br 0))`,
  "update quick": replyWith(500, 4),
  "query look": replyWith(500, 4),
}, { prelude: "(global $done (mut i32) (i32.const 0))", data: { 2000: "done" } });

const open: TestSubnet[] = [];
afterEach(async () => { await Promise.all(open.splice(0).map((subnet) => subnet.close())); });
function subnetOf(options: { readonly threads?: boolean; readonly state?: ReplicatedState } = {}): TestSubnet {
  const subnet = createTestSubnet({ params: PARAMS, ...options });
  open.push(subnet);
  return subnet;
}
function installed(subnet: TestSubnet, module: string): CanisterId {
  const id = subnet.create();
  expect(subnet.install(id, module)).toBeUndefined();
  return id;
}
const pausedOf = ({ state }: TestSubnet, id: CanisterId): readonly number[] | undefined => state.canisters.get(id)!.system.paused?.slices;
/** Rounds until the message has its answer; how many. */
function finish(subnet: TestSubnet, message: SignedIngress, each: () => void = () => undefined): number {
  for (let rounds = 0; rounds < 100; rounds++) {
    if (["completed", "failed"].includes(subnet.status(message).kind)) return rounds;
    subnet.round();
    each();
  }
  throw new RangeError("the message never ends");
}

describe.each([false, true])("a message of several slices, in a thread: %s", (threads) => {
  test("ends in the round that its instructions decide, and does what it would do in one piece", () => {
    const subnet = subnetOf({ threads }), id = installed(subnet, BUSY), other = installed(subnet, BUSY);
    const message = subnet.ingress(id, "work", number32(turns(3)));
    subnet.round([message]);
    const began = subnet.state.time;
    expect(subnet.status(message).kind).toBe("processing");
    expect(pausedOf(subnet, id)).toEqual([1]);
    expect(subnet.query(id, "look")).toEqual({ ok: true, value: number32(0) });
    const next = subnet.ingress(id, "quick"), elsewhere = subnet.ingress(other, "quick");
    subnet.round([next, elsewhere]);
    expect([subnet.status(next).kind, subnet.status(elsewhere).kind]).toEqual(["received", "completed"]);
    expect(finish(subnet, message)).toBe(2);
    const status = subnet.status(message) as { readonly reply: Uint8Array }, view = new DataView(status.reply.buffer, status.reply.byteOffset);
    expect(view.getBigUint64(0, true)).toBe(began);
    const counted = view.getBigUint64(8, true);
    expect(counted > 3n * SLICE && counted < 4n * SLICE).toBe(true);
    expect(subnet.status(next)).toMatchObject({ kind: "completed", reply: number32(1) });
    const { execution, system } = subnet.state.canisters.get(id)!, stable = new Uint8Array(4);
    execution!.stable.read(5000, stable);
    expect([execution!.heap.wasmPages, execution!.stable.wasmPages, stable, system.certifiedData, system.paused, system.logs.map(({ content }) => text(content))])
      .toEqual([2, 1, number32(1), number32(1), undefined, ["done"]]);
    expect(subnet.state.active.has(id)).toBe(false);
  });

  test("traps at the limit of its message", () => {
    const subnet = subnetOf({ threads }), id = installed(subnet, BUSY), message = subnet.ingress(id, "endless");
    subnet.round([message]);
    expect(finish(subnet, message)).toBe(Number(LIMIT / SLICE) - 1);
    expect(subnet.status(message)).toMatchObject({ kind: "failed", code: "IC0522", message: expect.stringContaining(`exceeded the limit of ${LIMIT} instructions`) });
    expect(subnet.call(id, "quick")).toMatchObject({ kind: "completed" });
  });
});

test("the state is the same whether a thread ran the message, this thread did, or a restart in the middle began it again", () => {
  const hashes = [{ threads: false }, { threads: true }, { threads: true, restart: true }].map(({ threads, restart }) => {
    let subnet = subnetOf({ threads }), id = installed(subnet, BUSY);
    const message = subnet.ingress(id, "work", number32(turns(4))), quick = subnet.ingress(id, "quick"), path: string[] = [];
    subnet.round([message]);
    for (let i = 0; i < 6; i++) {
      if (restart === true && i === 2) { const { state } = subnet; subnet = subnetOf({ threads, state }); }
      subnet.round(i === 1 ? [quick] : []);
      path.push(hexFromBytes(fullHash(subnet.state)));
    }
    expect(subnet.status(message).kind).toBe("completed");
    return path;
  });
  expect(hashes[1]).toEqual(hashes[0]);
  expect(hashes[2]).toEqual(hashes[0]);
});

test("a round ends when management calls have used their part of it; the others come next", () => {
  const subnet = createTestSubnet({ params: { managementRoundInstructions: 1n } });
  open.push(subnet);
  const create = (): SignedIngress => subnet.ingress(MANAGEMENT_CANISTER_ID, "provisional_create_canister_with_cycles", encodeCandid(MANAGEMENT_TYPES.provisional_create_canister_with_cycles.args, [{ amount: [], settings: [], specified_id: [], sender_canister_version: [] }]));
  const messages = [create(), create(), create()], answered = (): number => messages.filter((message) => subnet.status(message).kind === "completed").length;
  subnet.round(messages);
  expect(answered()).toBe(1);
  subnet.round();
  subnet.round();
  expect(answered()).toBe(3);
});

describe("while a message is paused", () => {
  test("management calls about its canister wait, and those about others do not", () => {
    const subnet = subnetOf(), id = installed(subnet, BUSY), other = installed(subnet, BUSY), message = subnet.ingress(id, "work", number32(turns(4)));
    subnet.round([message]);
    expect(subnet.manage("canister_status", { canister_id: candid(other) })).toMatchObject({ status: { running: null } });
    expect(pausedOf(subnet, id)).toBeDefined();
    expect(subnet.manage("stop_canister", { canister_id: candid(id) })).toBeUndefined();
    expect(subnet.status(message).kind).toBe("completed");
    expect(subnet.state.canisters.get(id)!.system.status.kind).toBe("stopped");
  });

  test("only so many have their turn; the next begins when one has ended", () => {
    const subnet = subnetOf(), ids = [0, 1, 2].map(() => installed(subnet, BUSY)).sort(), messages = ids.map((id) => subnet.ingress(id, "work", number32(turns(2))));
    subnet.round(messages);
    expect(ids.map((id) => pausedOf(subnet, id))).toEqual([[1], [1], [1]]);
    subnet.round();
    expect(ids.map((id) => pausedOf(subnet, id))).toEqual([[2], [2], [1]]);
    expect(messages.map((message) => finish(subnet, message))).toEqual([1, 0, 2]);
  });

  test("idle charges wait until it has ended", () => {
    const subnet = subnetOf(), id = installed(subnet, BUSY), message = subnet.ingress(id, "work", number32(turns(2))), { balance } = subnet.state.canisters.get(id)!.system;
    subnet.round([message]);
    const paid = balance - subnet.state.canisters.get(id)!.system.balance;
    subnet.round([], 3600);
    expect(subnet.state.canisters.get(id)!.system.balance).toBe(balance - paid);
    finish(subnet, message);
    subnet.call(id, "quick");
    expect(subnet.state.canisters.get(id)!.system.consumed!.memory! > 0n).toBe(true);
  });

  test("what users' messages cost the canister meanwhile is paid in the end: all is paid that is paid without slices", () => {
    const balances = [SLICE, LIMIT].map((sliceInstructions) => {
      const subnet = createTestSubnet({ params: { ...PARAMS, sliceInstructions } }), id = installed(subnet, BUSY), message = subnet.ingress(id, "work", number32(turns(3))), quick = subnet.ingress(id, "quick");
      open.push(subnet);
      subnet.round([message]);
      const began = subnet.state.canisters.get(id)!.system;
      subnet.round([quick]);
      if (sliceInstructions === SLICE) {
        const { balance, paused } = subnet.state.canisters.get(id)!.system;
        expect([balance, paused!.debit! > 0n]).toEqual([began.balance, true]);
      }
      finish(subnet, message);
      subnet.round();
      expect([message, quick].map((each) => subnet.status(each).kind)).toEqual(["completed", "completed"]);
      const { balance, consumed } = subnet.state.canisters.get(id)!.system;
      return { balance, consumed, transactions: subnet.state.metrics.updateTransactionsTotal };
    });
    expect(balances[0]).toEqual(balances[1]);
  });

  test("a change of the registry begins it again", () => {
    const subnet = subnetOf(), id = installed(subnet, BUSY), message = subnet.ingress(id, "work", number32(turns(3)));
    subnet.round([message]);
    subnet.round();
    subnet.round([], 0, [], 2);
    expect(subnet.state.canisters.get(id)!.system.paused).toMatchObject({ slices: [1], since: subnet.state.height });
    expect(finish(subnet, message)).toBe(3);
  });
});

describe("other messages that take long", () => {
  const COUNT = `(global $count (mut i32) (i32.const 0))`, add = (by: number): string => `(global.set $count (i32.add (global.get $count) (i32.const ${by})))`;
  const look = `(i32.store (i32.const 500) (global.get $count)) ${replyWith(500, 4)}`;
  const countOf = (subnet: TestSubnet, id: CanisterId): number => { const answer = subnet.query(id, "look"); expect(answer.ok).toBe(true); return new DataView((answer as { value: Uint8Array }).value.slice().buffer).getUint32(0, true); };

  test("a heartbeat, while others beat on", () => {
    const subnet = subnetOf({ threads: true }), slow = installed(subnet, moduleText({ heartbeat: `${work(turns(2))} ${add(1)}`, "query look": look }, { prelude: COUNT }));
    const fast = installed(subnet, moduleText({ heartbeat: add(1), "query look": look }, { prelude: COUNT })), before = countOf(subnet, slow), beats = countOf(subnet, fast);
    for (let i = 0; i < 9; i++) subnet.round();
    expect(countOf(subnet, slow) - before).toBe(3);
    expect(countOf(subnet, fast) - beats).toBe(9);
  });

  test("a timer: it is set until the task has ended, and then it is not", () => {
    const subnet = subnetOf(), id = installed(subnet, moduleText({ "update set": `(drop (call $global_timer_set (i64.const ${START}))) (call $msg_reply)`, global_timer: `${work(turns(2))} ${add(1)}`, "query look": look }, { prelude: COUNT }));
    subnet.call(id, "set");
    for (let i = 0; i < 4; i++) subnet.round();
    expect(countOf(subnet, id)).toBe(1);
    expect(subnet.state.canisters.get(id)!.system.globalTimer).toBe(0n);
    expect([...subnet.state.due.values()].length).toBe(1); // the end of its cycles
  });

  test.each([false, true])("a callback that ends in a trap, and its cleanup; threads: %s", (threads) => {
    const subnet = subnetOf({ threads }), callee = installed(subnet, moduleText({ "update echo": "(call $msg_reply)" }));
    const caller = installed(subnet, moduleText({
      "update go": `${calleeFromArg} ${callTo(1000, 10, 100, 4)} (call $call_on_cleanup (i32.const 2) (i32.const 0)) (drop (call $call_perform))`, "query look": look,
    }, { data: { 100: "echo" }, prelude: `(table funcref (elem $onReply $onReject $onCleanup)) ${COUNT}
      (func $onReply (param i32) ${work(turns(2))} ${add(100)} (unreachable)) (func $onReject (param i32)) (func $onCleanup (param i32) ${work(turns(3))} ${add(1)})` }));
    const message = subnet.ingress(caller, "go", bytesFromHex(callee)), seen: (readonly number[] | undefined)[] = [];
    subnet.round([message]);
    seen.push(pausedOf(subnet, caller));
    finish(subnet, message, () => seen.push(pausedOf(subnet, caller)));
    expect(seen).toEqual([[1], [2], [2, 1], [2, 2], [2, 3], undefined]);
    expect(subnet.status(message)).toMatchObject({ kind: "failed", code: "IC0502" });
    expect(countOf(subnet, caller)).toBe(1);
    expect(subnet.state.canisters.get(caller)!.system.callbacks).toEqual({});
  });
});


describe("installations that take long", () => {
  const COUNT = `(global $count (mut i32) (i32.const 0))`, look = `(i32.store (i32.const 500) (global.get $count)) ${replyWith(500, 4)}`;
  const module = (slices: Readonly<Record<"init" | "pre_upgrade" | "post_upgrade", number>>): string => moduleText({
    ...Object.fromEntries(Object.entries(slices).map(([name, count]) => [name, `${work(turns(count))} (call $stable_store) (global.set $count (i32.const ${count}))`])), "query look": look,
  }, { prelude: `${COUNT} (func $stable_store (drop (call $stable_grow (i32.const 1))))`, data: { 100: "data" } });
  const until = (subnet: TestSubnet, id: CanisterId, mode: Record<string, unknown>, code: string): { readonly error: unknown; readonly seen: readonly string[] } => {
    const seen: string[] = [], round = subnet.round.bind(subnet);
    subnet.round = (...args) => { round(...args); const slices = pausedOf(subnet, id)?.join(); if (slices !== undefined) seen.push(slices); };
    const error = subnet.install(id, code, mode);
    subnet.round = round;
    return { error, seen };
  };

  test.each([false, true])("end as they would in one piece; threads: %s", (threads) => {
    const subnet = subnetOf({ threads }), id = subnet.create();
    expect(until(subnet, id, { install: null }, module({ init: 2, pre_upgrade: 2, post_upgrade: 1 }))).toEqual({ error: undefined, seen: ["1", "2"] });
    expect(subnet.query(id, "look")).toEqual({ ok: true, value: number32(2) });
    expect(subnet.state.canisters.get(id)!.execution!.stable.wasmPages).toBe(1);
    expect(until(subnet, id, { upgrade: [] }, module({ init: 1, pre_upgrade: 1, post_upgrade: 3 }))).toEqual({ error: undefined, seen: ["1", "2", "2,1", "2,2", "2,3"] });
    expect(subnet.query(id, "look")).toEqual({ ok: true, value: number32(3) });
    expect(subnet.state.canisters.get(id)!.execution!.stable.wasmPages).toBe(3);
    expect(subnet.state.canisters.get(id)!.system.history.map(({ details }) => details.kind)).toEqual(["creation", "codeDeployment", "codeDeployment"]);
  });

  test("one that traps after several slices leaves what was there; calls wait until it has ended", () => {
    const subnet = subnetOf(), id = installed(subnet, BUSY);
    const upgraded = moduleText({ post_upgrade: `${work(turns(2))} (unreachable)`, "update quick": replyWith(500, 4) });
    const message = subnet.ingress(id, "quick");
    let sent = false;
    const round = subnet.round.bind(subnet);
    subnet.round = (messages = [], ...rest) => { const more = !sent && pausedOf(subnet, id) !== undefined; if (more) sent = true; round(more ? [...messages, message] : messages, ...rest); };
    expect(subnet.install(id, upgraded, { upgrade: [] })).toMatchObject({ code: "IC0502" });
    expect(subnet.status(message)).toMatchObject({ kind: "completed", reply: number32(0) });
    expect(subnet.query(id, "look").ok).toBe(true);
  });
});
