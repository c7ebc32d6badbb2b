import { table } from "./table.ts";

interface Node { readonly canister: string; readonly method: string; readonly outcome: string; readonly instructions: string; readonly memory: string; readonly balance: string; readonly charged: Readonly<Record<string, string>>; readonly calls: readonly Node[] }
interface Totals { readonly instructions: bigint; readonly memory: bigint; readonly charged: bigint; readonly idle: bigint; readonly balance: bigint }

const grouped = (amount: bigint): string => amount.toString().replace(/\B(?=(\d{3})+(?!\d))/g, "_");
const signed = (amount: bigint): string => `${amount > 0n ? "+" : ""}${grouped(amount)}`;
const sum = (charged: Readonly<Record<string, string>>): bigint => Object.values(charged).reduce((total, amount) => total + BigInt(amount), 0n);

/** A call's tree as an indented table with its sums: what each call did, what it was charged, and how its canister's balance changed. */
export function receiptText(root: Node, totals: Totals, nameOf: (canister: string) => string, cut: boolean): string {
  const rows: string[][] = [], visit = (node: Node, lead: string, branch: string, below: string): void => {
    rows.push([`${lead}${branch}${nameOf(node.canister)}.${node.method}${node.outcome === "replied" ? "" : ` (${node.outcome})`}`, grouped(BigInt(node.instructions)), grouped(sum(node.charged)), signed(BigInt(node.balance)), signed(BigInt(node.memory))]);
    for (const [place, call] of node.calls.entries()) { const last = place === node.calls.length - 1; visit(call, lead + below, last ? "└ " : "├ ", last ? "  " : "│ "); }
  };
  visit(root, "", "", "");
  if (totals.idle > 0n) rows.push(["memory and allocations since the last charge", "", grouped(totals.idle), signed(-totals.idle), ""]);
  rows.push(["sum", grouped(totals.instructions), grouped(totals.charged + totals.idle), signed(totals.balance), signed(totals.memory)]);
  return `${table(rows, ["call", "instructions", "charged", "balance", "memory"])}${cut ? "\nThere were more calls than a receipt holds." : ""}`;
}
