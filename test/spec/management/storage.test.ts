import { describe, expect, test } from "vitest";
import { candidFromPrincipal } from "../../../src/replica/codec/candid.ts";
import { consumedTotal } from "../../../src/replica/state/consumedCycles.ts";
import type { CanisterId } from "../../../src/replica/types/index.ts";
import { moduleText } from "../../unit/replica/execution/testModule.ts";
import { type TestSubnet, createTestSubnet, settingsOf } from "../../unit/replica/execution/testSubnet.ts";

const GIB = 1n << 30n, PLENTY = 10n ** 17n;
/** Grows stable memory by the pages that it is told (u64), and the heap by those (u32). */
const GROWER = moduleText({
  "update stable": "(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 8)) (if (i64.eq (call $stable64_grow (i64.load (i32.const 0))) (i64.const -1)) (then (unreachable))) (call $msg_reply)",
  "update heap": "(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (i32.const 4)) (if (i32.eq (memory.grow (i32.load (i32.const 0))) (i32.const -1)) (then (unreachable))) (call $msg_reply)",
});
const pages = (count: bigint): Uint8Array => { const bytes = new Uint8Array(8); new DataView(bytes.buffer).setBigUint64(0, count, true); return bytes; };
const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
const set = (subnet: TestSubnet, id: CanisterId, settings: Record<string, unknown>): unknown => subnet.manage("update_settings", { ...record(id), settings: settingsOf(settings), sender_canister_version: [] });
const system = (subnet: TestSubnet, id: CanisterId) => subnet.state.canisters.get(id)!.system;
/** Area under the rising price above the threshold (interface digest §7.1). */
function reservation(above: bigint, room: bigint): bigint {
  return (above * 317_500n * ((300_000_000n * above) / room / 2n)) >> 30n;
}

describe("§ Storage reservation", () => {
  test("allocations below the threshold reserve nothing; above it the price rises with what is taken", () => {
    const subnet = createTestSubnet(), id = subnet.create(PLENTY, { reserved_cycles_limit: PLENTY });
    expect(set(subnet, id, { memory_allocation: 700n * GIB })).toBeUndefined();
    expect(system(subnet, id).reservedBalance).toBe(0n);
    const before = system(subnet, id).balance;
    expect(set(subnet, id, { memory_allocation: 1000n * GIB })).toBeUndefined();
    const reserved = system(subnet, id).reservedBalance;
    expect(reserved).toBe(reservation(250n * GIB, 1298n * GIB));
    expect(before - system(subnet, id).balance - reserved).toBe(1_600_000n);
    expect(subnet.state.metrics.allocatedBytes).toBe(1000n * GIB);
    expect(subnet.manage("canister_status", record(id))).toMatchObject({ reserved_cycles: reserved });
  });
  test("idle charges drain the reserved balance first", () => {
    const subnet = createTestSubnet(), id = subnet.create(PLENTY, { reserved_cycles_limit: PLENTY, memory_allocation: 1000n * GIB });
    const { reservedBalance, balance } = system(subnet, id);
    expect(reservedBalance).toBeGreaterThan(0n);
    subnet.round([], 1000);
    subnet.manage("start_canister", record(id));
    expect(reservedBalance - system(subnet, id).reservedBalance).toBe(1000n * (317_500n * 1000n + 10_000n));
    expect(balance - system(subnet, id).balance).toBe(1_600_000n);
  });
  test("no further than reserved_cycles_limit, which cannot go below what is reserved", () => {
    const subnet = createTestSubnet(), id = subnet.create(PLENTY);
    expect(set(subnet, id, { memory_allocation: 1000n * GIB })).toMatchObject({ code: "IC0533", message: expect.stringContaining("due to its reserved cycles limit. The current limit (5_000_000_000_000) would be exceeded by") });
    expect(set(subnet, id, { memory_allocation: 1000n * GIB, reserved_cycles_limit: PLENTY })).toBeUndefined();
    expect(set(subnet, id, { reserved_cycles_limit: 1n })).toMatchObject({ code: "IC0540" });
  });
  test("an allocation needs cycles for the freezing threshold, and room on the subnet", () => {
    const subnet = createTestSubnet(), poor = subnet.create(10n ** 12n), rich = subnet.create(10n ** 20n, { reserved_cycles_limit: 10n ** 20n });
    expect(set(subnet, poor, { memory_allocation: 10n * GIB })).toMatchObject({ code: "IC0531", message: expect.stringMatching(/^Cannot increase memory allocation to 10737418240 due to insufficient cycles\. At least [\d_]+ additional cycles are required\.$/) });
    expect(set(subnet, poor, { compute_allocation: 1n })).toMatchObject({ code: "IC0530", message: expect.stringContaining("Cannot increase compute allocation to 1%") });
    expect(set(subnet, rich, { memory_allocation: 2049n * GIB })).toMatchObject({ code: "IC0101", message: expect.stringMatching(/^Canister requested 2\.00 TiB of memory but only 2\.00 TiB are available in the subnet\.$/) });
    expect(set(subnet, rich, { compute_allocation: 100n })).toBeUndefined();
    const more = [1, 2].map(() => subnet.create(10n ** 20n));
    expect(more.map((id) => set(subnet, id, { compute_allocation: 100n }))).toEqual([undefined, expect.objectContaining({ code: "IC0101" })]);
    expect(set(subnet, more[1]!, { compute_allocation: 99n })).toBeUndefined();
  });
  test("creation with an allocation that cannot be met creates nothing", () => {
    const subnet = createTestSubnet(), before = subnet.state.canisters.size;
    expect(subnet.manage("provisional_create_canister_with_cycles", { amount: [10n], settings: [settingsOf({ memory_allocation: GIB })], specified_id: [], sender_canister_version: [] })).toMatchObject({ code: "IC0531" });
    expect(subnet.state.canisters.size).toBe(before);
  });
});

describe("§ memory_allocation, growth", () => {
  const MIB = 1n << 20n, small = { memoryThreshold: 4n * MIB, memoryBytes: 64n * MIB };
  test("a canister that grows above the threshold reserves for what it takes", () => {
    const subnet = createTestSubnet({ params: small }), id = subnet.create(PLENTY, { reserved_cycles_limit: PLENTY });
    subnet.install(id, GROWER);
    expect(subnet.call(id, "stable", pages(16n))).toMatchObject({ kind: "completed" });
    expect(system(subnet, id).reservedBalance).toBe(0n);
    const taken = subnet.state.metrics.allocatedBytes!;
    expect(subnet.call(id, "stable", pages(160n))).toMatchObject({ kind: "completed" });
    expect(system(subnet, id).reservedBalance).toBe(reservation(taken + 160n * 65_536n - 4n * MIB, 60n * MIB));
    expect(subnet.call(id, "heap", pages(16n))).toMatchObject({ kind: "completed" });
    expect(subnet.state.metrics.canisterStateBytes).toBe(taken + 176n * 65_536n);
  });
  test("growth beyond the subnet answers -1, beyond the limit of reserved cycles it traps", () => {
    const subnet = createTestSubnet({ params: small }), id = subnet.create(PLENTY);
    subnet.install(id, GROWER);
    expect(subnet.call(id, "stable", pages(2000n))).toMatchObject({ kind: "failed", code: "IC0502" });
    expect(set(subnet, id, { reserved_cycles_limit: 0n })).toBeUndefined();
    expect(subnet.call(id, "stable", pages(500n))).toMatchObject({ kind: "failed", code: "IC0534", message: expect.stringContaining("Canister cannot grow memory by 32768000 bytes due to its reserved cycles limit. The current limit (0) would be exceeded by") });
    expect(subnet.call(id, "heap", pages(500n))).toMatchObject({ kind: "failed", code: "IC0534" });
    expect(system(subnet, id).reservedBalance).toBe(0n);
  });
  test("what a query grew as an update is given back with its cycles", () => {
    const subnet = createTestSubnet({ params: small }), id = subnet.create(PLENTY, { reserved_cycles_limit: PLENTY });
    subnet.install(id, moduleText({ "query grow": "(drop (memory.grow (i32.const 160))) (call $msg_reply)" }));
    const paid = (): bigint => consumedTotal(system(subnet, id).consumed), [balance, before] = [system(subnet, id).balance, paid()];
    expect(subnet.call(id, "grow")).toMatchObject({ kind: "completed" });
    expect(system(subnet, id).reservedBalance).toBe(0n);
    expect(balance - system(subnet, id).balance).toBe(paid() - before);
  });
  test("two that grow in one round share what is left", () => {
    const subnet = createTestSubnet({ params: { memoryThreshold: 8n * MIB, memoryBytes: 8n * MIB } }), ids = [subnet.create(), subnet.create()];
    for (const id of ids) subnet.install(id, GROWER);
    const messages = ids.map((id) => subnet.ingress(id, "stable", pages(100n)));
    subnet.round(messages);
    expect(messages.map((message) => subnet.status(message).kind).sort()).toEqual(["completed", "failed"]);
  });
  test("what a canister has allocated it may fill without reserving again", () => {
    const subnet = createTestSubnet({ params: small }), id = subnet.create(PLENTY, { reserved_cycles_limit: PLENTY, memory_allocation: 20n * MIB });
    subnet.install(id, GROWER);
    const { reservedBalance } = system(subnet, id);
    expect(subnet.call(id, "stable", pages(200n))).toMatchObject({ kind: "completed" });
    expect(system(subnet, id).reservedBalance).toBe(reservedBalance);
    expect(subnet.state.metrics.allocatedBytes).toBe(20n * MIB);
  });
  test("growth that would freeze the canister traps", () => {
    const subnet = createTestSubnet(), id = subnet.create(400_000_000_000n);
    subnet.install(id, GROWER);
    subnet.manage("provisional_top_up_canister", { ...record(id), amount: 41_000_000_000n });
    expect(subnet.call(id, "stable", pages(16_384n * 2n))).toMatchObject({ kind: "failed", code: "IC0532", message: expect.stringContaining("due to insufficient cycles") });
  });
  test("snapshots and chunks take memory too", () => {
    const subnet = createTestSubnet({ params: { memoryThreshold: 9n * MIB, memoryBytes: 9n * MIB } }), id = subnet.create();
    subnet.install(id, GROWER);
    subnet.call(id, "stable", pages(64n));
    const take = (): unknown => subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    expect(take()).toMatchObject({ total_size: expect.any(BigInt) });
    expect(take()).toMatchObject({ code: "IC0101" });
    const [taken] = subnet.manage("list_canister_snapshots", record(id)) as { id: Uint8Array }[];
    expect(subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [true], sender_canister_version: [] })).toMatchObject({ total_size: expect.any(BigInt) }); // its own memory is free for it
    expect(subnet.manage("delete_canister_snapshot", { ...record(id), snapshot_id: taken!.id })).toBeUndefined();
    for (let i = 0; i < 4; i++) expect(subnet.manage("upload_chunk", { ...record(id), chunk: Uint8Array.of(i) })).toMatchObject({ hash: expect.any(Uint8Array) });
    expect(subnet.manage("upload_chunk", { ...record(id), chunk: Uint8Array.of(9) })).toMatchObject({ code: "IC0101" });
  });
  test("without cycles for the work a snapshot is refused, and nothing is charged", () => {
    const subnet = createTestSubnet(), id = subnet.create(10n ** 12n);
    expect(subnet.install(id, GROWER)).toBeUndefined();
    expect(set(subnet, id, { freezing_threshold: 86_400n * 1000n })).toBeUndefined();
    const day = (subnet.manage("canister_status", record(id)) as { idle_cycles_burned_per_day: bigint }).idle_cycles_burned_per_day;
    expect(set(subnet, id, { freezing_threshold: ((system(subnet, id).balance - 1_000_000_000n) * 86_400n) / day })).toBeUndefined(); // liquid: a billion, work: more than two
    const before = system(subnet, id).balance;
    expect(subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] })).toMatchObject({ code: expect.stringMatching(/^IC0(207|532)$/) });
    expect(subnet.manage("upload_chunk", { ...record(id), chunk: new Uint8Array(2) })).toMatchObject({ code: "IC0532" });
    expect(before - system(subnet, id).balance).toBe(203_200_000n);
  });
});

describe("§ Out of cycles", () => {
  test("a canister that has nothing left is uninstalled with its snapshots, unasked; its history is counted, not kept", () => {
    const subnet = createTestSubnet(), id = subnet.create(310_000_000_000n, { freezing_threshold: 0n });
    expect(subnet.install(id, GROWER)).toBeUndefined();
    subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    const { version, balance, historyTotal } = system(subnet, id), day = (subnet.manage("canister_status", record(id)) as { idle_cycles_burned_per_day: bigint }).idle_cycles_burned_per_day;
    const days = Number(balance / day);
    for (let passed = 0; passed < days - 1; passed++) subnet.round([], 86_400);
    expect(subnet.state.canisters.get(id)!.execution).toBeDefined();
    for (let passed = 0; passed < 3; passed++) subnet.round([], 86_400);
    expect(subnet.state.canisters.get(id)).toMatchObject({ execution: undefined, system: { balance: 0n, history: [], historyTotal: historyTotal + 1n, version: version + 1n, snapshotBytes: 0n, chunkStore: [] } });
    expect(subnet.state.canisters.get(id)!.snapshots).toBeUndefined();
    expect(subnet.manage("provisional_top_up_canister", { ...record(id), amount: 10n ** 12n })).toMatchObject({ code: "IC0207" }); // nobody can pay for the message
  });
  test("nothing happens to a canister before its end, and topping up moves the end", () => {
    const subnet = createTestSubnet(), id = subnet.create(310_000_000_000n, { freezing_threshold: 0n }), first = system(subnet, id).cyclesEnd!;
    expect(subnet.state.due.size).toBe(1);
    subnet.manage("provisional_top_up_canister", { ...record(id), amount: 10n ** 15n });
    expect(system(subnet, id).cyclesEnd).toBe(first); // early enough
    subnet.round([], Number((first - subnet.now) / 1_000_000_000n) + 1);
    expect(system(subnet, id).cyclesEnd).toBeGreaterThan(first * 2n - subnet.state.time);
    expect(system(subnet, id).history).toHaveLength(1);
  });
});
