import { principalToText } from "../types/index.ts";
import type { MessageId } from "../types/index.ts";
import type { Receipt, ReceiptNode } from "../interfaces/receipts.ts";
import type { AdminRow } from "./adminDoor.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";

/** Who writes receipts. */
export interface ReceiptSource { record(): void | Promise<void>; receipt(id: MessageId): Receipt | undefined | Promise<Receipt | undefined> }

/** Cycles, bytes and instructions as decimal strings; uses of cycles in the order of their names. */
const nodeDocument = ({ canister, method, outcome, instructions, memory, balance, charged, attached, accepted, calls }: ReceiptNode): object => ({
  canister: principalToText(canister), method, outcome, instructions: String(instructions), memory: String(memory), balance: String(balance),
  charged: Object.fromEntries(Object.entries(charged).sort(([a], [b]) => (a < b ? -1 : 1)).map(([use, amount]) => [use, String(amount)])), attached: String(attached), accepted: String(accepted), calls: calls.map(nodeDocument),
});
const receiptDocument = ({ root, idle, cut }: Receipt): object =>
  ({ root: nodeDocument(root), idle: Object.fromEntries([...idle].sort(([a], [b]) => (a < b ? -1 : 1)).map(([canister, cycles]) => [principalToText(canister), String(cycles)])), cut });

/** `POST /_icx/receipts`: write receipts of the next calls. `GET /_icx/receipts?request=<id>`: what one of them did and cost, with the calls that it made. */
export const adminReceipts = (receipts: ReceiptSource): readonly AdminRow[] => [
  { method: "POST", path: "receipts", summary: "Write receipts of the next calls", async respond() { await receipts.record(); return jsonAnswer(200, { recording: true }); } },
  {
    method: "GET", path: "receipts", summary: "What a call did and cost: `?request=<id>`",
    async respond(_network, _body, url) {
      const found = await receipts.receipt((url.searchParams.get("request") ?? "").toLowerCase() as MessageId);
      return found === undefined ? textAnswer(404, "No receipt of this request was written, or it is forgotten.") : jsonAnswer(200, receiptDocument(found));
    },
  },
];
