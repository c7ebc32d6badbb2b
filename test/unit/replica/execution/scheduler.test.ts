import { describe, expect, test } from "vitest";
import type { SubnetParams } from "../../../../src/replica/params/subnetParams.ts";
import { type SystemState } from "../../../../src/replica/state/canisterState.ts";
import { type CanisterId, type SignedIngress, height } from "../../../../src/replica/types/index.ts";
import { subnetHeapLimit } from "../../../../src/replica/execution/heapDelta.ts";
import { moduleText, replyWith } from "./testModule.ts";
import { type TestSubnet, candidPrincipal, createTestSubnet, wasmFromText } from "./testSubnet.ts";

const ECHO = wasmFromText(moduleText({ "update go": "(call $msg_reply)" }));
/** Writes to so many pages of 4 KiB, and says nothing. */
const WRITER = wasmFromText(moduleText({
  "update write": `(local $i i32) (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4)) (local.set $i (i32.load (i32.const 0)))
    (loop $next (i32.store (i32.mul (local.get $i) (i32.const 4096)) (i32.add (i32.load (i32.mul (local.get $i) (i32.const 4096))) (i32.const 1))) (br_if $next (local.tee $i (i32.sub (local.get $i) (i32.const 1))))) ${replyWith(0, 4)}`,
}, { pages: 64 }));
const pages = (count: number): Uint8Array => new Uint8Array(Uint32Array.of(count).buffer);

function subnetOf(module: Uint8Array, count: number, params: Partial<SubnetParams>, allocations: readonly number[] = []): { readonly subnet: TestSubnet; readonly ids: readonly CanisterId[] } {
  const subnet = createTestSubnet({ params }), ids = Array.from({ length: count }, (_, i) => subnet.create(100_000_000_000_000n, allocations[i] === undefined ? undefined : { compute_allocation: BigInt(allocations[i]), freezing_threshold: 0n }));
  for (const id of ids) subnet.install(id, module);
  return { subnet, ids };
}
const schedule = (subnet: TestSubnet, id: CanisterId): SystemState["schedule"] => subnet.state.canisters.get(id)!.system.schedule;
const done = (subnet: TestSubnet, messages: readonly SignedIngress[]): number => messages.filter((message) => subnet.status(message).kind === "completed").length;

describe("four logical cores", () => {
  test("each runs its canisters with a budget of its own", () => {
    const { subnet, ids } = subnetOf(ECHO, 8, { roundInstructions: 1n }), messages = ids.map((id) => subnet.ingress(id, "go"));
    subnet.round(messages);
    expect(done(subnet, messages)).toBe(4);
    subnet.round();
    expect(done(subnet, messages)).toBe(8);
  });
  test("a round ends when all cores together have used what it may take", () => {
    const { subnet, ids } = subnetOf(ECHO, 8, { roundInstructionsTotal: 1n }), messages = ids.map((id) => subnet.ingress(id, "go"));
    for (let done_ = 1; done_ <= 8; done_++) {
      subnet.round(done_ === 1 ? messages : []);
      expect(done(subnet, messages)).toBe(done_);
    }
  });
  test("canisters that a round begins to run cost it something too", () => {
    const { subnet, ids } = subnetOf(ECHO, 8, { roundInstructions: 1_000_000n, canisterOverhead: 1_000_000n }), messages = ids.map((id) => subnet.ingress(id, "go"));
    subnet.round(messages);
    expect(done(subnet, messages)).toBe(0); // nobody's core has anything left
    const cheaper = subnetOf(ECHO, 8, { roundInstructions: 1_000_000n, canisterOverhead: 200_000n }), others = cheaper.ids.map((id) => cheaper.subnet.ingress(id, "go"));
    cheaper.subnet.round(others);
    expect(done(cheaper.subnet, others)).toBe(8);
  });
});

describe("fairness", () => {
  test("canisters with endless work do not hold up another's message for more than two rounds", () => {
    const { subnet, ids: [modest, ...greedy] } = subnetOf(ECHO, 9, { roundInstructions: 400_000n }); // two messages a core and round
    const work = greedy.flatMap((id) => Array.from({ length: 40 }, () => subnet.ingress(id, "go"))), waits: number[] = [];
    subnet.round(work);
    for (let i = 0; i < 3; i++) {
      const message = subnet.ingress(modest!, "go");
      subnet.round([message]);
      let rounds = 1;
      for (; subnet.status(message).kind !== "completed"; rounds++) subnet.round();
      waits.push(rounds);
    }
    expect(work.some((message) => subnet.status(message).kind === "received")).toBe(true);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2);
  });
  test("who reserved compute runs in proportion to it", () => {
    const { subnet, ids } = subnetOf(ECHO, 9, { roundInstructions: 1n }, [90]), work = ids.map((id) => Array.from({ length: 30 }, () => subnet.ingress(id, "go")));
    subnet.round(work.flat());
    for (let i = 1; i < 20; i++) subnet.round();
    const ran = work.map((messages) => done(subnet, messages));
    expect(ran[0]).toBeGreaterThanOrEqual(17); // 90 % of a core and its share of what is free
    expect(Math.min(...ran.slice(1))).toBeGreaterThanOrEqual(5);
    expect(ran.reduce((sum, count) => sum + count, 0)).toBe(4 * 20);
  });
  test("what all have earned and owe adds up to nothing, and is forgotten after a day of rounds", () => {
    const { subnet, ids } = subnetOf(ECHO, 6, { roundInstructions: 1n }), go = (): void => { subnet.round(ids.flatMap((id) => [subnet.ingress(id, "go"), subnet.ingress(id, "go")])); };
    for (let i = 0; i < 5; i++) go();
    const earned = ids.map((id) => schedule(subnet, id).accumulatedPriority);
    expect(earned.some((priority) => priority !== 0)).toBe(true);
    expect(earned.reduce((sum, priority) => sum + priority, 0)).toBe(0);
    subnet.state = { ...subnet.state, height: height(24 * 3600 - 1) };
    go();
    const after = ids.map((id) => schedule(subnet, id).accumulatedPriority);
    expect(Math.max(...after.map(Math.abs))).toBeLessThanOrEqual(75);
    expect(ids.map((id) => schedule(subnet, id).round)).toEqual(ids.map(() => 24 * 3600));
  });
  test("nobody saves up more than five rounds of a core", () => {
    const { subnet, ids: [a, b] } = subnetOf(ECHO, 2, {}), canister = subnet.state.canisters.get(a!)!;
    subnet.state = { ...subnet.state, canisters: subnet.state.canisters.set(a!, { ...canister, system: { ...canister.system, schedule: { accumulatedPriority: 90_000, lastFullExecutionRound: 0, round: subnet.state.height } } }) };
    subnet.round([subnet.ingress(a!, "go"), subnet.ingress(b!, "go")]);
    expect(schedule(subnet, a!).accumulatedPriority).toBe(500);
  });
});

describe("changed memory", () => {
  const MIB = 1024 * 1024, LIMITED: Partial<SubnetParams> = { heapDelta: { rate: 64 * 1024, pass: 200 * MIB, capacity: 100 * MIB, reserve: 100 * MIB, interval: 500 } };
  test("a canister that changed more than a round makes up for waits; others do not", () => {
    const { subnet, ids: [writer, other] } = subnetOf(WRITER, 2, LIMITED);
    for (let i = 0; i < 10; i++) subnet.round(); // the installs' own changes
    expect(subnet.call(writer!, "write", pages(48))).toMatchObject({ kind: "completed" }); // three rounds' worth
    const messages = [subnet.ingress(writer!, "write", pages(1)), subnet.ingress(other!, "write", pages(1))];
    subnet.round(messages);
    expect(messages.map((message) => subnet.status(message).kind)).toEqual(["received", "completed"]);
    expect([...subnet.state.active.keys()]).toEqual([writer]);
    subnet.round();
    expect(subnet.status(messages[0]!).kind).toBe("received");
    subnet.round();
    expect(subnet.status(messages[0]!).kind).toBe("completed");
  });
  test("and takes no code meanwhile: IC0210", () => {
    const { subnet, ids: [writer] } = subnetOf(WRITER, 1, LIMITED);
    for (let i = 0; i < 10; i++) subnet.round();
    subnet.call(writer!, "write", pages(60));
    expect(subnet.install(writer!, WRITER, { reinstall: null })).toMatchObject({ code: "IC0210", message: expect.stringMatching(/is heap delta rate limited: current delta debit is \d+, but limit is 65536$/) });
    for (let i = 0; i < 4; i++) subnet.round();
    expect(subnet.install(writer!, WRITER, { reinstall: null })).toBeUndefined();
  });
  test("what a subnet may change grows from checkpoint to checkpoint", () => {
    const params: Pick<SubnetParams, "heapDelta"> = { heapDelta: { rate: 1, pass: 1, capacity: 1_000, reserve: 200, interval: 100 } }, limit = (at: number): number => subnetHeapLimit(params, height(50), height(at));
    expect([limit(50), limit(51), limit(100), limit(149), limit(150), limit(900), subnetHeapLimit(params, undefined, height(0)), subnetHeapLimit({}, undefined, height(9))]).toEqual([200, 208, 600, 992, 1_000, 1_000, 200, Infinity]);
  });
  test("snapshots of a canister that waits are refused, and count as changed memory", () => {
    const { subnet, ids: [writer] } = subnetOf(WRITER, 1, LIMITED), id = candidPrincipal(writer!), take = (): unknown => subnet.manage("take_canister_snapshot", { canister_id: id, replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    for (let i = 0; i < 100; i++) subnet.round();
    const taken = take() as { readonly id: Uint8Array };
    expect(taken.id).toBeInstanceOf(Uint8Array);
    expect(take()).toMatchObject({ code: "IC0210" });
    expect(subnet.manage("load_canister_snapshot", { canister_id: id, snapshot_id: taken.id, sender_canister_version: [] })).toMatchObject({ code: "IC0210" });
    for (let i = 0; i < 100; i++) subnet.round();
    expect(subnet.manage("load_canister_snapshot", { canister_id: id, snapshot_id: taken.id, sender_canister_version: [] })).toBeUndefined();
  });
  test("a subnet that changed as much as it may runs nothing more until its next checkpoint", () => {
    const params: { heapDelta: NonNullable<SubnetParams["heapDelta"]> } = { heapDelta: { rate: 200 * MIB, pass: 200 * MIB, capacity: 100 * MIB, reserve: 100 * MIB, interval: 500 } }, { subnet, ids: [writer] } = subnetOf(WRITER, 1, params);
    params.heapDelta = { ...params.heapDelta, capacity: 4096, reserve: 4096 };
    expect(subnet.call(writer!, "write", pages(4))).toMatchObject({ kind: "completed" });
    const message = subnet.ingress(writer!, "write", pages(4));
    subnet.round([message]);
    subnet.round();
    expect(subnet.status(message).kind).toBe("received");
    subnet.round([], 0, [], undefined, true);
    expect(subnet.state.metrics.heapDelta).toBe(0);
    subnet.round();
    expect(subnet.status(message).kind).toBe("completed");
  });
});
