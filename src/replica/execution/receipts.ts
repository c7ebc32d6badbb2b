import type { BeforeStep, ReceiptNode, ReceiptRecorder } from "../interfaces/receipts.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { CyclesUse } from "../state/canisterState.ts";
import { memoryUsage } from "../state/cyclesAccount.ts";
import type { StateTip } from "../state/stateTip.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type MessageId } from "../types/index.ts";

/** Ours: receipts that are kept, and calls in one of them. */
const RECEIPTS_MAX = 100, NODES_MAX = 10_000;

interface Node { canister: CanisterId; method: string; outcome: ReceiptNode["outcome"]; instructions: bigint; memory: bigint; balance: bigint; charged: Partial<Record<CyclesUse, bigint>>; attached: bigint; accepted: bigint; calls: Node[]; executed: boolean; readonly tree: Tree }
interface Idle { readonly from: bigint; to: bigint }
interface Tree { readonly id: MessageId; root: Node; nodes: number; cut: boolean; readonly idle: Map<CanisterId, Idle> }
interface Paid { height: number; last: bigint; total: bigint }

const callKey = (sender: CanisterId, callback: number): string => `${sender}/${callback}`;

/** Makes a recorder that writes nothing until it is asked to. */
export function createReceipts(): ReceiptRecorder {
  const trees = new Map<MessageId, Tree>();
  /** Calls without an answer: who sent them, and the node of the call itself. */
  const open = new Map<string, { readonly parent: Node; readonly child: Node }>();
  const inductions = new Map<MessageId, { readonly payer: CanisterId; readonly price: bigint }>(), paid = new Map<CanisterId, Paid>();
  let left = 0;

  const nodeOf = (tree: Tree, canister: CanisterId, method: string, attached: bigint): Node =>
    ({ canister, method, outcome: "waiting", instructions: 0n, memory: 0n, balance: 0n, charged: {}, attached, accepted: 0n, calls: [], executed: false, tree });
  const charge = (node: Node, use: CyclesUse, amount: bigint): void => { if (amount !== 0n) node.charged[use] = (node.charged[use] ?? 0n) + amount; };

  function plant(id: MessageId, canister: CanisterId, method: string): Node | undefined {
    if (trees.has(id) || left === 0) return undefined; // executed before: by another node, or before a restart
    left--;
    const tree: Tree = { id, root: undefined as unknown as Node, nodes: 1, cut: false, idle: new Map() }, root = tree.root = nodeOf(tree, canister, method, 0n), induction = inductions.get(id);
    trees.set(id, tree);
    if (trees.size > RECEIPTS_MAX) forget(trees.values().next().value!);
    inductions.delete(id);
    if (induction === undefined) return root;
    charge(root, "ingressInduction", induction.price);
    root.balance -= induction.price;
    return root;
  }
  function forget(tree: Tree): void {
    trees.delete(tree.id);
    for (const [key, { child }] of open) if (child.tree === tree) open.delete(key);
  }
  /** What the canister paid while it did nothing counts from before the tree's first round in it. */
  function visit({ tree }: Node, tip: StateTip, id: CanisterId): void {
    const { total, height, last } = paid.get(id) ?? { total: 0n, height: -1, last: 0n }, known = tree.idle.get(id);
    if (known === undefined) tree.idle.set(id, { from: height === tip.height ? total - last : total, to: total });
    else known.to = total;
  }
  /** Adds what one step changed in a canister. */
  function measure(node: Node, canister: CanisterTip, before: BeforeStep): void {
    const { system } = canister, idled = (paid.get(canister.id)?.total ?? 0n) - before.idle;
    node.memory += memoryUsage(canister) - before.memory;
    node.balance += system.balance + system.reservedBalance - before.balance + idled;
    for (const [use, amount] of Object.entries(system.consumed ?? {}) as [CyclesUse, bigint][]) {
      if (use !== "memory" && use !== "computeAllocation") charge(node, use, amount - (before.consumed?.[use] ?? 0n));
    }
  }
  /** Adds one execution and the calls that it sent. */
  function step(node: Node, tip: StateTip, canister: CanisterTip, before: BeforeStep, instructions: bigint): void {
    visit(node, tip, canister.id);
    measure(node, canister, before);
    node.instructions += instructions;
    const { tree } = node;
    if (canister.system.nextCallback > before.nextCallback) for (const message of canister.output.toArray()) {
      if (message.kind !== "request" || message.callback < before.nextCallback) continue;
      if (tree.nodes >= NODES_MAX) { tree.cut = true; break; }
      tree.nodes++;
      const child = nodeOf(tree, message.receiver, message.method, message.cycles);
      node.calls.push(child);
      open.set(callKey(canister.id, message.callback), { parent: node, child });
    }
    settle(tip, node);
  }
  function settle(tip: StateTip, node: Node): void {
    if (node !== node.tree.root) return;
    const { kind } = tip.ingressStatus(node.tree.id);
    if (kind === "completed" || kind === "failed") node.outcome = kind === "completed" ? "replied" : "rejected";
  }

  return {
    get recording() { return left > 0 || open.size > 0; },
    record() { left = RECEIPTS_MAX; inductions.clear(); },
    receipt(id) {
      const tree = trees.get(id);
      return tree && { root: tree.root, cut: tree.cut, idle: new Map([...tree.idle].map(([canister, { from, to }]) => [canister, to - from])) };
    },
    inducted(id, payer, price) { if (left > 0 && !trees.has(id)) inductions.set(id, { payer, price }); },
    idled(tip, canister, price) {
      const known = paid.get(canister) ?? { height: -1, last: 0n, total: 0n };
      if (tip.height <= known.height) return;
      paid.set(canister, { height: tip.height, last: price, total: known.total + price });
    },
    before: (canister) => ({
      balance: canister.system.balance + canister.system.reservedBalance, consumed: canister.system.consumed, memory: memoryUsage(canister), nextCallback: canister.system.nextCallback,
      idle: paid.get(canister.id)?.total ?? 0n,
    }),
    called(tip, canister, { origin, method }, before, instructions) {
      const node = origin.kind === "ingress" ? plant(origin.messageId, canister.id, method) : origin.kind === "canister" ? open.get(callKey(origin.sender, origin.callback))?.child : undefined;
      if (node === undefined || node.executed) return;
      node.executed = true;
      step(node, tip, canister, before, instructions);
    },
    answered(tip, canister, response, before, instructions) {
      const key = callKey(canister.id, response.callback), found = open.get(key);
      if (found === undefined) return;
      const { parent, child } = found;
      open.delete(key);
      child.outcome = response.payload.kind === "reply" ? "replied" : "rejected";
      child.accepted = child.attached - response.refund;
      step(parent, tip, canister, before, instructions);
    },
    managed(tip, message, about, instructions) {
      const node = message.kind === "ingress" ? plant(message.messageId, MANAGEMENT_CANISTER_ID, message.method) : open.get(callKey(message.sender, message.callback))?.child;
      if (node === undefined || node.executed) return;
      node.executed = true;
      node.instructions += instructions;
      if (about !== undefined) { visit(node, tip, about.canister.id); measure(node, about.canister, about.before); }
      settle(tip, node);
    },
  };
}
