import type { CallOrigin, CyclesUse } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { StateTip } from "../state/stateTip.ts";
import type { CanisterId, MessageId, Request, Response } from "../types/index.ts";

/** One call of a receipt's tree: what it did and cost in the canister that executed it. Amounts are cycles. */
export interface ReceiptNode {
  readonly canister: CanisterId;
  readonly method: string;
  /** `waiting`: without an answer so far. */
  readonly outcome: "waiting" | "replied" | "rejected";
  readonly instructions: bigint;
  /** Bytes that the canister's memory grew by. */
  readonly memory: bigint;
  /** What the call did to the canister's main and reserved balances together, idle charges aside. */
  readonly balance: bigint;
  /** What was charged for it, by use. When everything is answered: balance = accepted − what the calls of it accepted − all charges. */
  readonly charged: Readonly<Partial<Record<CyclesUse, bigint>>>;
  /** Cycles that came with the call, and what of them was kept; nobody knows that before the answer. */
  readonly attached: bigint;
  readonly accepted: bigint;
  readonly calls: readonly ReceiptNode[];
}
/** What a user's call and the calls that it made did and cost. */
export interface Receipt {
  readonly root: ReceiptNode;
  /** What the canisters of the tree paid for memory and allocations in the rounds between its first step in them and its last, those included. */
  readonly idle: ReadonlyMap<CanisterId, bigint>;
  /** The tree has more calls than a receipt holds. */
  readonly cut: boolean;
}

/** What a step is measured against. */
export interface BeforeStep { readonly balance: bigint; readonly consumed: CanisterTip["system"]["consumed"]; readonly memory: bigint; readonly nextCallback: number; readonly idle: bigint }

/**
 * Writes receipts while somebody wants them. It stands beside the replicated state and changes nothing of it; what is executed twice, by another
 * node or after a restart, is written once.
 */
export interface ReceiptRecorder {
  /** Whether anything is to be written now; else nothing of this is called. */
  readonly recording: boolean;
  /** Writes receipts of the next user calls, as many as are kept. */
  record(): void;
  /** Undefined when the call was not recorded or is forgotten. */
  receipt(id: MessageId): Receipt | undefined;
  /** Induction of a user's message was paid. */
  inducted(id: MessageId, payer: CanisterId, price: bigint): void;
  /** A canister paid for memory and allocations. */
  idled(tip: StateTip, canister: CanisterId, price: bigint): void;
  before(canister: CanisterTip): BeforeStep;
  /** A canister has executed a call, or refused it. */
  called(tip: StateTip, canister: CanisterTip, call: { readonly origin: CallOrigin; readonly method: string }, before: BeforeStep, instructions: bigint): void;
  /** A canister has executed the callback of an answer. */
  answered(tip: StateTip, canister: CanisterTip, response: Response, before: BeforeStep, instructions: bigint): void;
  /** The management canister has executed a call; `about` is the canister that it was about, if that exists, as it is now. */
  managed(tip: StateTip, message: Request | { readonly kind: "ingress"; readonly messageId: MessageId; readonly method: string }, about: { readonly canister: CanisterTip; readonly before: BeforeStep } | undefined, instructions: bigint): void;
}
