import { describe, expect, test } from "vitest";
import { candidFromPrincipal, encodeCandid } from "../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../src/replica/codec/candidManagement.ts";
import { type CanisterId, shownCycles } from "../../../src/replica/types/index.ts";
import { RELAY, relay } from "../../unit/replica/execution/relay.ts";
import { moduleText } from "../../unit/replica/execution/testModule.ts";
import { type TestSubnet, createTestSubnet } from "../../unit/replica/execution/testSubnet.ts";

const MODULE = moduleText({ "update ping": "(call $msg_reply)" });
const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
/** The envelope of a test's message has 200 bytes. */
const INDUCTION = { 13: 1_600_000n, 34: 4_184_461n } as const;
const balance = (subnet: TestSubnet, id: CanisterId): bigint => subnet.state.canisters.get(id)!.system.balance;
/** What a call takes from the canister beyond its induction. */
function priceOf(subnet: TestSubnet, nodes: 13 | 34, id: CanisterId, method: ManagementMethodName, args: Record<string, unknown>): bigint {
  const before = balance(subnet, id), answer = subnet.manage(method, args);
  expect(answer ?? {}).not.toHaveProperty("code");
  return before - balance(subnet, id) - INDUCTION[nodes];
}
const scaled = (nodes: 13 | 34, nominal: bigint): bigint => (nominal * BigInt(nodes)) / 13n;

describe.each([13, 34] as const)("§ Cycles costs, on a subnet priced as %i nodes", (nodes) => {
  const subnet = createTestSubnet({ pricedAs: nodes }), id = subnet.create();
  subnet.install(id, MODULE);
  const { execution } = subnet.state.canisters.get(id)!, instructions = BigInt(execution!.instructionCount);
  let snapshot_id: Uint8Array, size = 0n, uploaded: Uint8Array;

  test("upload_chunk: 200 million instructions", () => {
    const price = { 13: 200_000_000n, 34: 523_076_923n }[nodes];
    expect(priceOf(subnet, nodes, id, "upload_chunk", { ...record(id), chunk: Uint8Array.of(1) })).toBe(price);
    expect(priceOf(subnet, nodes, id, "upload_chunk", { ...record(id), chunk: Uint8Array.of(1) })).toBe(price); // also when it is there
    expect(priceOf(subnet, nodes, id, "stored_chunks", record(id))).toBe(0n);
    expect(priceOf(subnet, nodes, id, "clear_chunk_store", record(id))).toBe(0n);
  });
  test("take_canister_snapshot: 2 billion instructions and one a byte", () => {
    const price = priceOf(subnet, nodes, id, "take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    const [taken] = subnet.manage("list_canister_snapshots", record(id)) as [{ id: Uint8Array; total_size: bigint }];
    snapshot_id = taken.id;
    size = taken.total_size;
    expect(price).toBe(scaled(nodes, 2_000_000_000n + size));
    expect(size).toBe(65_536n + 32n + BigInt(execution!.module.length));
  });
  test("load_canister_snapshot: 2 billion, one a byte, and compiling", () => {
    expect(priceOf(subnet, nodes, id, "load_canister_snapshot", { ...record(id), snapshot_id, sender_canister_version: [] })).toBe(scaled(nodes, 2_000_000_000n) + scaled(nodes, size + 6_000n * instructions));
  });
  test("read_canister_snapshot_data: 5 million and one a byte; metadata and lists are free", () => {
    expect(priceOf(subnet, nodes, id, "read_canister_snapshot_data", { ...record(id), snapshot_id, kind: { wasm_memory: { offset: 0n, size: 1000n } } })).toBe(scaled(nodes, 5_001_000n));
    expect(priceOf(subnet, nodes, id, "read_canister_snapshot_metadata", { ...record(id), snapshot_id })).toBe(0n);
    expect(priceOf(subnet, nodes, id, "list_canister_snapshots", record(id))).toBe(0n);
  });
  test("upload_canister_snapshot_metadata: as taking one of that size; data: 5 million and one a byte", () => {
    const metadata = { ...record(id), replace_snapshot: [], wasm_module_size: 10n, globals: [], wasm_memory_size: 65_536n, stable_memory_size: 0n, certified_data: new Uint8Array(2), global_timer: [], on_low_wasm_memory_hook_status: [] };
    expect(priceOf(subnet, nodes, id, "upload_canister_snapshot_metadata", metadata)).toBe(scaled(nodes, 2_000_000_000n + 65_548n));
    uploaded = (subnet.manage("list_canister_snapshots", record(id)) as { id: Uint8Array }[])[1]!.id;
    expect(priceOf(subnet, nodes, id, "upload_canister_snapshot_data", { ...record(id), snapshot_id: uploaded, kind: { wasm_memory: { offset: 5n } }, chunk: new Uint8Array(100) })).toBe(scaled(nodes, 5_000_100n));
    expect(priceOf(subnet, nodes, id, "delete_canister_snapshot", { ...record(id), snapshot_id: uploaded })).toBe(0n);
  });
  test("install_code: 5 million, compiling and what init executes", () => {
    const fresh = subnet.create();
    expect(priceOf(subnet, nodes, fresh, "install_code", { mode: { install: null }, ...record(fresh), wasm_module: execution!.module, arg: new Uint8Array(0), sender_canister_version: [] }))
      .toBe(scaled(nodes, 5_000_000n + 300_000_000_000n) - scaled(nodes, 300_000_000_000n - 6_000n * instructions));
  });
  test.each(["canister_status", "canister_metrics", "start_canister", "stop_canister", "uninstall_code"] as const)("%s costs its induction", (method) => {
    const fresh = subnet.create();
    expect(priceOf(subnet, nodes, fresh, method, { ...record(fresh), sender_canister_version: [] })).toBe(0n);
  });
  test("create_canister: its fee, from the cycles of the call", () => {
    const caller = subnet.create(), fee = { 13: 500_000_000_000n, 34: 1_307_692_307_692n }[nodes];
    subnet.install(caller, RELAY);
    expect(relay(subnet, caller, "create_canister", { settings: [], sender_canister_version: [] }, fee - 1n)).toMatchObject({ code: 4, message: expect.stringContaining(`requires a fee of ${shownCycles(fee)}`) });
    const { canister_id } = relay(subnet, caller, "create_canister", { settings: [], sender_canister_version: [] }, fee + 7n) as { canister_id: { toHex(): string } };
    const made = canister_id.toHex().toLowerCase() as CanisterId;
    expect(subnet.state.canisters.get(made)!.system).toMatchObject({ balance: 7n, consumed: { creation: fee } });
  });
  test("a call: 260,000 and a thousand a byte each way", () => {
    const caller = subnet.create();
    subnet.install(caller, RELAY);
    const answer = relay(subnet, caller, "raw_rand", undefined) as Uint8Array, replyBytes = BigInt(encodeCandid(MANAGEMENT_TYPES.raw_rand.results, [answer]).length), requestBytes = BigInt("raw_rand".length + "DIDL00".length);
    expect(subnet.state.canisters.get(caller)!.system.consumed!.transmission).toBe(scaled(nodes, 260_000n) + scaled(nodes, 1000n * requestBytes) + scaled(nodes, 1000n * replyBytes));
  });
  test("an update: 5 million and its instructions; a day of memory, and of compute", () => {
    const before = balance(subnet, id), message = subnet.ingress(id, "ping");
    subnet.round([message]);
    expect(before - balance(subnet, id) - INDUCTION[nodes]).toBe(scaled(nodes, 5_000_000n + 40_000_000_000n) - scaled(nodes, 40_000_000_000n - 506n));
    const idle = (subnet.manage("canister_status", record(id)) as { idle_cycles_burned_per_day: bigint; memory_size: bigint }), { idle_cycles_burned_per_day: day, memory_size: bytes } = idle;
    expect(day).toBe(scaled(nodes, (bytes * 317_500n * 86_400n) >> 30n) + scaled(nodes, 10_000n * 86_400n));
    const reserved = subnet.create(10n ** 15n, { compute_allocation: 2n, memory_allocation: 1n << 30n });
    expect((subnet.manage("canister_status", record(reserved)) as { idle_cycles_burned_per_day: bigint }).idle_cycles_burned_per_day)
      .toBe(scaled(nodes, 317_500n * 86_400n) + scaled(nodes, 10_000n * 86_400n) + scaled(nodes, 2n * 10_000_000n * 86_400n));
  });
});

describe("§ canister_metrics", () => {
  test("what is consumed adds up to what the balance lost", () => {
    const subnet = createTestSubnet(), id = subnet.create(), start = balance(subnet, id);
    subnet.install(id, RELAY);
    relay(subnet, id, "raw_rand", undefined);
    subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    subnet.round([], 100);
    const { cycles_consumed: consumed } = subnet.manage("canister_metrics", record(id)) as { cycles_consumed: Record<string, bigint> };
    expect(Object.values(consumed).reduce((sum, part) => sum + part, 0n)).toBe(start - balance(subnet, id));
    for (const use of ["memory", "instructions", "ingress_induction", "request_and_response_transmission"]) expect(consumed[use]).toBeGreaterThan(0n);
    expect(consumed).toMatchObject({ compute_allocation: 0n, burned_cycles: 0n, canister_creation: 0n, uninstall: 0n, http_outcalls: 0n });
    expect(subnet.state.metrics.consumedCyclesTotal).toBe(start - balance(subnet, id));
  });
  test("a system subnet takes nothing", () => {
    const subnet = createTestSubnet({ type: "system" }), id = subnet.create(10n);
    expect(subnet.install(id, MODULE)).toBeUndefined();
    subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] });
    expect(balance(subnet, id)).toBe(10n);
  });
});
