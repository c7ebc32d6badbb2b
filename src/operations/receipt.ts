import { askOwner } from "../client/askOwner.ts";
import type { NetworkTarget } from "../context/network.ts";

/** One call of a receipt, as the admin door tells it: amounts are decimal. */
export interface ReceiptNode {
  readonly canister: string; readonly method: string; readonly outcome: "waiting" | "replied" | "rejected"; readonly instructions: string; readonly memory: string; readonly balance: string;
  readonly charged: Readonly<Record<string, string>>; readonly attached: string; readonly accepted: string; readonly calls: readonly ReceiptNode[];
}
/** What a call and the calls that it made did and cost. */
export interface Receipt { readonly root: ReceiptNode; readonly idle: Readonly<Record<string, string>>; readonly cut: boolean }

/** Lets the network write receipts of the next calls. @throws IcxError ICX2008 */
export const beginReceipts = async (target: NetworkTarget): Promise<void> => { await askOwner(target, "POST", "receipts"); };
/** The receipt of a call that was made after `beginReceipts`. @throws IcxError ICX2008 */
export const readReceipt = async (target: NetworkTarget, requestId: string): Promise<Receipt> => await (await askOwner(target, "GET", `receipts?request=${requestId}`)).json() as Receipt;

/** Sums over the whole tree. */
export function totalsOf({ root, idle }: Receipt): { readonly instructions: bigint; readonly memory: bigint; readonly charged: bigint; readonly idle: bigint; readonly balance: bigint } {
  const nodes = (node: ReceiptNode): readonly ReceiptNode[] => [node, ...node.calls.flatMap(nodes)], all = nodes(root), sum = (values: readonly string[]): bigint => values.reduce((total, value) => total + BigInt(value), 0n);
  const idled = sum(Object.values(idle));
  return {
    instructions: sum(all.map(({ instructions }) => instructions)), memory: sum(all.map(({ memory }) => memory)), charged: sum(all.flatMap(({ charged }) => Object.values(charged))), idle: idled,
    balance: sum(all.map(({ balance }) => balance)) - idled,
  };
}
