import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createReceipts } from "../../../../src/replica/execution/receipts.ts";
import type { Receipt, ReceiptNode, ReceiptRecorder } from "../../../../src/replica/interfaces/receipts.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type SignedIngress, principalBytes } from "../../../../src/replica/types/index.ts";
import { candidFromPrincipal, encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import { RELAY } from "./relay.ts";
import { moduleText } from "./testModule.ts";
import { type TestSubnet, createTestSubnet, wasmFromText } from "./testSubnet.ts";

const NESTED = readFileSync(new URL("../../../canisters/nested.wat", import.meta.url), "utf8");
const through = (...canisters: readonly CanisterId[]): Uint8Array => {
  const [next, ...rest] = canisters;
  return next === undefined ? new Uint8Array() : Buffer.concat([principalBytes(next), Uint8Array.of(5), Buffer.from("relay"), through(...rest)]);
};
const nodesOf = (node: ReceiptNode): readonly ReceiptNode[] => [node, ...node.calls.flatMap(nodesOf)];
const total = (values: Iterable<bigint>): bigint => [...values].reduce((sum, value) => sum + value, 0n);
const charges = (nodes: readonly ReceiptNode[]): bigint => total(nodes.flatMap(({ charged }) => Object.values(charged)));
const held = ({ state }: TestSubnet, id: CanisterId): bigint => state.canisters.get(id)!.system.balance + state.canisters.get(id)!.system.reservedBalance;
interface Ground { readonly receipts: ReceiptRecorder; readonly subnet: TestSubnet; readonly ids: readonly [CanisterId, CanisterId, CanisterId] }
function ground(options: Parameters<typeof createTestSubnet>[0] = {}, settings: Record<string, unknown> = {}): Ground {
  const receipts = createReceipts(), subnet = createTestSubnet({ ...options, receipts }), ids = [0, 1, 2].map(() => subnet.create(100_000_000_000_000n, settings)) as unknown as Ground["ids"];
  for (const id of ids) expect(subnet.install(id, NESTED)).toBeUndefined();
  return { receipts, subnet, ids };
}
/** Sends a call through all three; the receipt, and what the balances did. */
function relayed({ receipts, subnet, ids }: Ground, seconds = 0): { readonly receipt: Receipt; readonly changes: readonly bigint[]; readonly message: SignedIngress } {
  const before = ids.map((id) => held(subnet, id)), message = subnet.ingress(ids[0], "relay", through(ids[1], ids[2]));
  subnet.round([message], seconds);
  for (let rounds = 0; rounds < 20 && subnet.status(message).kind !== "completed"; rounds++) subnet.round([], seconds);
  expect(subnet.status(message).kind).toBe("completed");
  return { receipt: receipts.receipt(message.messageId)!, changes: ids.map((id, place) => held(subnet, id) - before[place]!), message };
}

describe.each([13, 34])("receipts, at %i nodes' price", (pricedAs) => {
  test("charges, idle charges and what changed hands add up to each balance, to the cycle", () => {
    const here = ground({ pricedAs }, { compute_allocation: 1n });
    here.receipts.record();
    for (const seconds of [0, 95, 10, 290]) {
      const { receipt, changes } = relayed(here, seconds), nodes = nodesOf(receipt.root);
      expect(nodes.map(({ canister }) => canister)).toEqual(here.ids);
      expect(nodes.map(({ balance }, place) => balance - receipt.idle.get(here.ids[place]!)!)).toEqual(changes);
      expect(charges(nodes) + total(receipt.idle.values())).toBe(-total(changes));
      for (const idle of receipt.idle.values()) expect(idle > 0n).toBe(seconds >= 10);
      expect(nodes.map(({ attached, accepted, outcome }) => [attached, accepted, outcome])).toEqual([[0n, 0n, "replied"], [1000n, 600n, "replied"], [1000n, 600n, "replied"]]);
    }
  });
  test("over many rounds, with other calls in between", () => {
    const here = ground({ pricedAs, params: { roundInstructions: 1n } }, { compute_allocation: 1n });
    here.receipts.record();
    const other = here.subnet.ingress(here.ids[2], "relay");
    here.subnet.round([other], 12);
    const { receipt, changes } = relayed(here, 12), nodes = nodesOf(receipt.root), second = here.receipts.receipt(other.messageId)!;
    expect(second.root).toMatchObject({ outcome: "replied", calls: [] });
    expect(nodes.slice(0, 2).map(({ balance }, place) => balance - receipt.idle.get(here.ids[place]!)!)).toEqual(changes.slice(0, 2));
  });
  test("of a long message, which runs in slices over many rounds", () => {
    const receipts = createReceipts(), subnet = createTestSubnet({ pricedAs, receipts, params: { sliceInstructions: 100_000n } }), id = subnet.create(100_000_000_000_000n, { compute_allocation: 1n });
    subnet.install(id, wasmFromText(moduleText({ "update loop": "(local $left i32) (local.set $left (i32.const 300000)) (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) (call $msg_reply)" })));
    receipts.record();
    const before = held(subnet, id), message = subnet.ingress(id, "loop");
    let rounds = 0;
    for (; rounds < 100 && subnet.status(message).kind !== "completed"; rounds++) subnet.round(rounds === 0 ? [message] : [], 5);
    expect(rounds).toBeGreaterThan(5);
    const { root, idle } = receipts.receipt(message.messageId)!;
    expect(root).toMatchObject({ outcome: "replied", calls: [] });
    expect(root.instructions).toBeGreaterThan(900_000n);
    expect(root.balance).toBe(-charges([root]));
    expect(root.balance - total(idle.values())).toBe(held(subnet, id) - before);
  });
});

describe("the recorder", () => {
  test("writes nothing until it is asked, then as many as it keeps", () => {
    const here = ground(), { receipts, subnet, ids } = here;
    expect(relayed(here).receipt).toBeUndefined();
    receipts.record();
    const first = relayed(here).message, messages = Array.from({ length: 120 }, () => subnet.ingress(ids[2], "relay"));
    subnet.round(messages);
    const known = messages.filter(({ messageId }) => receipts.receipt(messageId) !== undefined);
    expect([known.length, receipts.recording]).toEqual([99, false]);
    receipts.record();
    subnet.call(ids[2], "relay");
    expect(receipts.receipt(first.messageId)).toBeUndefined(); // the oldest went
  });
  test("what is executed again, by another node or in a replay, is written once", () => {
    const here = ground(), { receipts, subnet, ids } = here;
    receipts.record();
    const message = subnet.ingress(ids[0], "relay", through(ids[1], ids[2])), before = subnet.state, now = subnet.now;
    subnet.round([message], 20);
    const written = receipts.receipt(message.messageId), after = subnet.state;
    subnet.state = before;
    subnet.now = now;
    subnet.round([message], 20);
    expect(receipts.receipt(message.messageId)).toEqual(written);
    expect(held({ ...subnet, state: after }, ids[0])).toBe(held(subnet, ids[0]));
  });
  test("a call that nobody answers yet waits; one that is refused was charged nothing", () => {
    const { receipts, subnet, ids } = ground({ params: { roundInstructions: 1n } });
    receipts.record();
    const message = subnet.ingress(ids[0], "relay", through(ids[1], ids[2]));
    subnet.round([message]);
    expect(receipts.receipt(message.messageId)!.root).toMatchObject({ outcome: "waiting", calls: [{ outcome: "waiting", instructions: 0n, calls: [] }] });
    const refused = subnet.ingress(ids[0], "no_such_method");
    for (let i = 0; i < 20; i++) subnet.round(i === 0 ? [refused] : []);
    expect(receipts.receipt(refused.messageId)!.root).toMatchObject({ outcome: "rejected", instructions: 0n, charged: { ingressInduction: 1_600_000n }, balance: -1_600_000n });
  });
  test("the management canister's part: what it did to the canister that it was about", () => {
    const receipts = createReceipts(), subnet = createTestSubnet({ receipts }), relay = subnet.create(), target = subnet.create();
    subnet.install(relay, wasmFromText(RELAY));
    receipts.record();
    const types = MANAGEMENT_TYPES.deposit_cycles, amount = Buffer.alloc(8), before = [relay, target].map((id) => held(subnet, id));
    amount.writeBigUInt64LE(7_000n);
    const message = subnet.ingress(relay, "relay", Buffer.concat([amount, Uint8Array.of(14), Buffer.from("deposit_cycles"), encodeCandid(types.args, [{ canister_id: candidFromPrincipal(target) }])]));
    subnet.round([message]);
    for (let i = 0; i < 5 && subnet.status(message).kind !== "completed"; i++) subnet.round();
    const { root } = receipts.receipt(message.messageId)!, changes = [relay, target].map((id, place) => held(subnet, id) - before[place]!);
    expect(root).toMatchObject({ balance: changes[0], calls: [{ canister: MANAGEMENT_CANISTER_ID, method: "deposit_cycles", outcome: "replied", attached: 7_000n, accepted: 7_000n, balance: changes[1] }] });
    expect(changes[1]).toBe(7_000n);
    expect(changes[0]).toBe(-7_000n - charges(nodesOf(root)));
  });
});
