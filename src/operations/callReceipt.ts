import type { Shown } from "../context/context.ts";
import { receiptText } from "../ui/receiptText.ts";
import type { Connection } from "./connect.ts";
import { readReceipt, totalsOf } from "./receipt.ts";

export { beginReceipts } from "./receipt.ts";

/** A call's receipt in words, with the project's names, and as a document with its sums. @throws IcxError ICX2008 */
export async function receiptOf({ target, ids }: Pick<Connection, "target" | "ids">, requestId: string): Promise<Shown> {
  const receipt = await readReceipt(target, requestId), totals = totalsOf(receipt), names = new Map(Object.entries(ids.all()).map(([name, id]) => [id, name]));
  return { text: receiptText(receipt.root, totals, (canister) => names.get(canister) ?? canister, receipt.cut), data: { request_id: requestId, ...receipt, total: totals } };
}
