import { describe, expect, test } from "vitest";
import { candidFromPrincipal, encodeCandid } from "../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../src/replica/codec/candidManagement.ts";
import { createReceipts } from "../../../src/replica/execution/receipts.ts";
import type { ReceiptNode } from "../../../src/replica/interfaces/receipts.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type SignedIngress, principalBytes } from "../../../src/replica/types/index.ts";
import { RELAY, relay } from "../../unit/replica/execution/relay.ts";
import { moduleText, replyWith } from "../../unit/replica/execution/testModule.ts";
import { type TestSubnet, USER, createTestSubnet, settingsOf } from "../../unit/replica/execution/testSubnet.ts";

/** Loops as often as the argument says, in the same instructions a turn; echoes; tells what things cost. */
const module = (memory64: boolean): string => {
  const at = (address: number): string => `(i${memory64 ? 64 : 32}.const ${address})`;
  return moduleText({
    "update loop": `(local $left i64) (call $msg_arg_data_copy ${at(0)} ${at(0)} ${at(8)}) (local.set $left (i64.load ${at(0)}))
      (block (loop (br_if 1 (i64.eqz (local.get $left))) (local.set $left (i64.sub (local.get $left) (i64.const 1))) (br 0))) (call $msg_reply)`,
    "query nothing": "(call $msg_reply)",
    ...(!memory64 && {
      "query cost_call": `(call $cost_call (i64.const 4) (i64.const 6) (i32.const 0)) ${replyWith(0, 16)}`, "query cost_create": `(call $cost_create_canister (i32.const 0)) ${replyWith(0, 16)}`,
      "query cost_outcall": `(call $cost_http_request (i64.const 1000) (i64.const 2000) (i32.const 0)) ${replyWith(0, 16)}`,
      "query cost_ecdsa": `(drop (call $cost_sign_with_ecdsa (i32.const 100) (i32.const 5) (i32.const 0) (i32.const 0))) ${replyWith(0, 16)}`,
      "query cost_schnorr": `(drop (call $cost_sign_with_schnorr (i32.const 100) (i32.const 5) (i32.const 1) (i32.const 0))) ${replyWith(0, 16)}`,
      "query cost_vetkd": `(drop (call $cost_vetkd_derive_key (i32.const 100) (i32.const 5) (i32.const 0) (i32.const 0))) ${replyWith(0, 16)}`,
    }),
  }, { memory64, data: { 100: "key_1" } });
};
const ECHO = moduleText({ "update echo": "(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply)" });
/** Calls `echo` of the canister whose id the argument begins with; the rest is passed on. */
const CALLER = moduleText({
  "update go": `(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size))
    (call $call_new (i32.const 0) (i32.const 10) (i32.const 60000) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $call_data_append (i32.const 10) (i32.sub (call $msg_arg_data_size) (i32.const 10))) (drop (call $call_perform))`,
}, { prelude: "(table funcref (elem $done)) (func $done (param i32) (call $msg_reply))", data: { 60000: "echo" } });
const u64 = (value: bigint): Uint8Array => { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(value); return bytes; };
const record = (id: CanisterId): { readonly canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });

/** reference/interface-spec.md §7.1, one test a row: the price that 13 nodes take, and the price of 34. */
describe.each([[13, 0], [34, 1]] as const)("§ Cycle fees, on a subnet priced as %i nodes", (nodes, column) => {
  const receipts = createReceipts(), subnet: TestSubnet = createTestSubnet({ pricedAs: nodes, receipts });
  const price = (prices: readonly [bigint, bigint]): bigint => prices[column];
  const installed = (text: string, settings?: Record<string, unknown>): CanisterId => { const id = subnet.create(10n ** 15n, settings); expect(subnet.install(id, text)).toBeUndefined(); return id; };
  const id = installed(module(false)), wide = installed(module(true));
  const balance = (canister = id): bigint => subnet.state.canisters.get(canister)!.system.balance, consumed = (canister = id): Readonly<Record<string, bigint>> => subnet.state.canisters.get(canister)!.system.consumed ?? {};
  const ended = (message: SignedIngress): SignedIngress => { subnet.round([message]); for (let i = 0; i < 10 && !["completed", "failed"].includes(subnet.status(message).kind); i++) subnet.round(); return message; };
  const receiptOf = (message: SignedIngress): ReceiptNode => { receipts.record(); return receipts.receipt(ended(message).messageId)!.root; };
  const told = (method: string): bigint => { const answer = subnet.query(id, method); return answer.ok ? Buffer.from(answer.value).readBigUInt64LE(0) : -1n; };
  /** What an execution is charged: 40 billion instructions are paid for in advance, and what is left is paid back, each in whole cycles. */
  const executed = (instructions: bigint, rate: bigint): bigint => ((5_000_000n + 40_000_000_000n * rate) * BigInt(nodes)) / 13n - ((40_000_000_000n - instructions) * rate * BigInt(nodes)) / 13n;

  test("canister creation", () => {
    const fee = price([500_000_000_000n, 1_307_692_307_692n]), maker = installed(RELAY), args = { settings: [], sender_canister_version: [] };
    expect(told("cost_create")).toBe(fee);
    expect(relay(subnet, maker, "create_canister", args, fee - 1n)).toMatchObject({ code: 4 });
    const { canister_id: made } = relay(subnet, maker, "create_canister", args, fee) as { readonly canister_id: { toHex(): string } };
    expect(subnet.state.canisters.get(made.toHex().toLowerCase() as CanisterId)!.system).toMatchObject({ balance: 0n, consumed: { creation: fee } });
  });
  test("update message execution base, also for a query method", () => {
    const nothing = receiptOf(subnet.ingress(id, "nothing"));
    expect(nothing.charged["instructions"]).toBe(executed(nothing.instructions, 1n));
    expect(executed(0n, 1n)).toBe(price([5_000_000n, 13_076_923n]));
  });
  test("instructions: one cycle each", () => {
    const [few, many] = [receiptOf(subnet.ingress(id, "loop", u64(0n))), receiptOf(subnet.ingress(id, "loop", u64(1_300_000n)))], turns = (many.instructions - few.instructions) / 1_300_000n;
    expect(many.instructions - few.instructions).toBe(turns * 1_300_000n);
    expect(many.charged["instructions"]! - few.charged["instructions"]!).toBe(turns * price([1_300_000n, 3_400_000n]));
  });
  test("instructions of memory64: two cycles each", () => {
    const [few, many] = [receiptOf(subnet.ingress(wide, "loop", u64(0n))), receiptOf(subnet.ingress(wide, "loop", u64(1_300_000n)))], turns = (many.instructions - few.instructions) / 1_300_000n;
    expect(few.charged["instructions"]).toBe(executed(few.instructions, 2n));
    expect(many.charged["instructions"]! - few.charged["instructions"]!).toBe(turns * price([2_600_000n, 6_800_000n]));
  });
  test("ingress induction: 1,200,000 and 2,000 a byte of the signed envelope, from the receiver", () => {
    const induction = (bytes: number): bigint => receiptOf({ ...subnet.ingress(id, "nothing"), envelope: new Uint8Array(bytes) }).charged["ingressInduction"]!;
    expect(induction(200)).toBe(price([1_600_000n, 4_184_461n]));
    expect(induction(1_000)).toBe(price([3_200_000n, 8_368_461n]));
  });
  test("ingress induction of management calls: from the canister that they are about, from nobody for a new one", () => {
    const before = consumed()["ingressInduction"]!, all = (): bigint => [...subnet.state.canisters.values()].reduce((sum, { system }) => sum + (system.consumed?.ingressInduction ?? 0n), 0n);
    subnet.manage("canister_status", record(id));
    expect(consumed()["ingressInduction"]! - before).toBe(price([1_600_000n, 4_184_461n]));
    const total = all();
    subnet.create();
    expect(all()).toBe(total);
  });
  test("ingress induction of a small update_settings: also from a frozen canister", () => {
    const frozen = subnet.create(10n ** 9n, { freezing_threshold: 10n ** 12n }), settings = (padding: number): SignedIngress => {
      const arg = encodeCandid(MANAGEMENT_TYPES.update_settings.args, [{ ...record(frozen), settings: settingsOf({ freezing_threshold: 0n, ...(padding > 0 && { controllers: Array.from({ length: padding }, () => candidFromPrincipal(USER)) }) }), sender_canister_version: [] }]);
      return subnet.ingress(MANAGEMENT_CANISTER_ID, "update_settings", arg);
    };
    const large = settings(10), small = settings(0);
    expect([large.arg.length > 366, small.arg.length <= 366]).toEqual([true, true]);
    ended(large);
    expect(subnet.status(large)).toMatchObject({ kind: "failed", code: "IC0207" });
    ended(small);
    expect(subnet.status(small).kind).toBe("completed");
    expect(consumed(frozen)["ingressInduction"]).toBe(price([1_600_000n, 4_184_461n]));
  });
  test("xnet call: 260,000; xnet byte: 1,000 for each byte of the name and the argument, and of the answer", () => {
    const caller = installed(CALLER), echo = installed(ECHO), transmitted = (bytes: number): bigint => receiptOf(subnet.ingress(caller, "go", Buffer.concat([principalBytes(echo), Buffer.alloc(bytes)]))).charged["transmission"]!;
    expect(transmitted(0)).toBe(price([260_000n + 4_000n, 680_000n + 10_461n]));
    expect(transmitted(1_300)).toBe(price([260_000n + 1_304_000n + 1_300_000n, 680_000n + 3_410_461n + 3_400_000n]));
    expect(consumed(echo)["transmission"]).toBeUndefined(); // who asks pays for the answer
  });
  test("cost_call: the call, the longest answer and its execution in advance", () => {
    expect(told("cost_call")).toBe(price([260_000n + 10_000n + 2_097_152_000n + 40_005_000_000n, 680_000n + 26_153n + 5_484_859_076n + 104_628_461_538n]));
  });
  test("an execution is paid for in advance, from what is liquid", () => {
    const [least] = [price([40_005_000_000n, 104_628_461_538n])], poor = subnet.create(10n ** 15n, { freezing_threshold: 0n });
    subnet.install(poor, module(false));
    const induction = price([1_600_000n, 4_184_461n]), leave = (amount: bigint): void => {
      const canister = subnet.state.canisters.get(poor)!;
      subnet.state = { ...subnet.state, canisters: subnet.state.canisters.set(poor, { ...canister, system: { ...canister.system, balance: amount as typeof canister.system.balance } }) };
    };
    leave(least + induction - 1n);
    const refused = ended(subnet.ingress(poor, "nothing"));
    expect(subnet.status(refused)).toMatchObject({ kind: "failed", code: "IC0207" });
    leave(least + induction);
    expect(subnet.status(ended(subnet.ingress(poor, "nothing"))).kind).toBe("completed");
  });
  test("compute allocation: 10,000,000 per percent and second; charged every ten seconds", () => {
    const busy = subnet.create(10n ** 15n, { compute_allocation: 2n }), paid = (): bigint => consumed(busy)["computeAllocation"] ?? 0n, touch = (seconds: number): void => { subnet.round([], seconds); subnet.manage("canister_status", record(busy)); };
    touch(9);
    expect(paid()).toBe(0n);
    touch(1);
    expect(paid()).toBe(price([200_000_000n, 523_076_923n]));
    touch(30);
    expect(paid()).toBe(price([800_000_000n, 523_076_923n + 1_569_230_769n]));
  });
  test("storage: 317,500 per GiB and second, of what is allocated or used; 10,000 per second of whoever uses any", () => {
    const large = subnet.create(10n ** 15n, { memory_allocation: 1n << 30n }), paid = (): bigint => consumed(large)["memory"] ?? 0n;
    subnet.round([], 10);
    subnet.manage("canister_status", record(large));
    expect(paid()).toBe(price([3_175_000n + 100_000n, 8_565_384n]));
  });
  test("charges for time take the reserved cycles first, then the balance; the freezing threshold is what the settings' seconds cost, less what is reserved", () => {
    const large = subnet.create(10n ** 15n, { memory_allocation: 1n << 30n, freezing_threshold: 100n }), put = (reserved: bigint): void => {
      const canister = subnet.state.canisters.get(large)!;
      subnet.state = { ...subnet.state, canisters: subnet.state.canisters.set(large, { ...canister, system: { ...canister.system, reservedBalance: reserved as typeof canister.system.reservedBalance } }) };
    };
    const ten = price([3_275_000n, 8_565_384n]), induction = price([1_600_000n, 4_184_461n]);
    put(ten + 1_000n);
    const touch = (): bigint => { const before = balance(large); subnet.round([], 10); subnet.manage("canister_status", record(large)); return before - balance(large) - induction; };
    expect(touch()).toBe(0n);
    expect(subnet.state.canisters.get(large)!.system.reservedBalance).toBe(1_000n);
    expect(touch()).toBe(ten - 1_000n);
    expect(subnet.state.canisters.get(large)!.system.reservedBalance).toBe(0n);
    const { idle_cycles_burned_per_day: day } = subnet.manage("canister_status", record(large)) as { readonly idle_cycles_burned_per_day: bigint };
    expect(day).toBe(price([28_296_000_000n, 74_004_923_076n]));
    expect((day * 100n) / 86_400n).toBe(price([32_750_000n, 85_653_846n]));
  });
  test("fetch_canister_logs by a canister is refused, and costs what any call costs", () => {
    const caller = installed(RELAY, { log_visibility: { public: null } }), arg = { ...record(caller), filter: [] };
    expect(relay(subnet, caller, "fetch_canister_logs", arg, 10n ** 9n)).toMatchObject({ message: expect.stringMatching(/only accessible in non-replicated mode/) });
    const { transmission } = consumed(caller) as { readonly transmission: bigint }, message = "fetch_canister_logs API is only accessible in non-replicated mode".length, sent = "fetch_canister_logs".length + encodeCandid(MANAGEMENT_TYPES.fetch_canister_logs.args, [arg]).length;
    expect(transmission).toBe(price([260_000n, 680_000n]) + (BigInt(sent) * 1_000n * BigInt(nodes)) / 13n + (BigInt(message) * 1_000n * BigInt(nodes)) / 13n);
    expect(consumed(caller)["burned"]).toBeUndefined();
  });
  test("signatures and keys: ECDSA, Schnorr, vetKD", () => {
    for (const method of ["cost_ecdsa", "cost_schnorr", "cost_vetkd"]) expect(told(method)).toBe(price([10_000_000_000n, 26_153_846_153n]));
  });
  test("HTTP outcalls, version 1 of the price: a request of 1,000 bytes and an answer of at most 2,000", () => {
    expect(told("cost_outcall")).toBe(price([75_140_000n, 239_360_000n]));
  });
  test("queries are free", () => {
    const before = balance();
    for (let i = 0; i < 3; i++) expect(subnet.query(id, "nothing").ok).toBe(true);
    expect(balance()).toBe(before);
  });
  test("a deleted canister's cycles are burned", () => {
    const gone = subnet.create(123_456_789n);
    subnet.manage("update_settings", { ...record(gone), settings: settingsOf({ freezing_threshold: 0n }), sender_canister_version: [] });
    const before = subnet.state.metrics.consumedCyclesTotal, left = balance(gone);
    subnet.manage("stop_canister", record(gone));
    expect(subnet.manage("delete_canister", record(gone))).toBeUndefined();
    expect(subnet.state.canisters.has(gone)).toBe(false);
    expect(subnet.state.metrics.consumedCyclesTotal - before).toBe(left);
  });
});

describe("§ Cycle fees, cost schedules", () => {
  test.each([["a subnet with admins", { admins: [USER] }], ["a system subnet", { type: "system" }]] as const)("%s takes nothing", (_, options) => {
    const subnet = createTestSubnet(options), id = subnet.create(10n ** 12n, { compute_allocation: 1n });
    expect(subnet.install(id, module(false))).toBeUndefined();
    const before = subnet.state.canisters.get(id)!.system.balance;
    expect(subnet.call(id, "loop", u64(1_000n)).kind).toBe("completed");
    subnet.round([], 100);
    subnet.manage("canister_status", record(id));
    expect(subnet.state.canisters.get(id)!.system.balance).toBe(before);
    expect(before).toBe(10n ** 12n);
  });
});
