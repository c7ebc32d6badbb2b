import type { ProgramState } from "../interfaces/wasm.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { ExecutionState, SystemState } from "../state/canisterState.ts";
import { PAGE_BYTES } from "../state/pagedMemory.ts";
import { type CanisterId, type Height, type UserError, principalToText, userError } from "../types/index.ts";

type Debtor = { heapDebit?: SystemState["heapDebit"] };

/** Bytes of the pages that a message changed. Costs what it changed. */
export function changedBytes(before: Pick<ExecutionState, "heap" | "stable">, after: Pick<ProgramState, "heap" | "stable">): number {
  let pages = 0;
  for (const kind of ["heap", "stable"] as const) for (const _page of after[kind].changesSince(before[kind])) pages++;
  return pages * PAGE_BYTES;
}

/** Bytes that a canister changed and rounds since then have not made up for (dfinity/ic, heap_delta_debit). */
export function heapDebit({ heapDelta }: Pick<SubnetParams, "heapDelta">, { heapDebit: debit }: Debtor, height: Height): number {
  return heapDelta === undefined || debit === undefined ? 0 : Math.max(0, debit.bytes - heapDelta.rate * (height - debit.since));
}
export function addHeapDebit(params: Pick<SubnetParams, "heapDelta">, system: Debtor, height: Height, bytes: number): void {
  const total = heapDebit(params, system, height) + bytes;
  if (total > 0) system.heapDebit = { bytes: total, since: height }; else delete system.heapDebit;
}
/** Whether a canister changed so much memory that it waits (dfinity/ic, rs/config/src/subnet_config.rs, heap_delta_rate_limit). */
export const isHeapLimited = (params: Pick<SubnetParams, "heapDelta">, system: Debtor, height: Height): boolean => params.heapDelta !== undefined && heapDebit(params, system, height) >= params.heapDelta.rate;

/** What management calls that change the memory of such a canister are told. */
export const heapLimited = (id: CanisterId, debit: number, limit: number): UserError =>
  userError("IC0210", `Canister ${principalToText(id)} is heap delta rate limited: current delta debit is ${debit}, but limit is ${limit}`);
