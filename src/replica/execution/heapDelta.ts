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

/** Bytes that the subnet may have changed by now: more and more from checkpoint to checkpoint (dfinity/ic, scheduler.rs, scheduled_heap_delta_limit). */
export function subnetHeapLimit({ heapDelta }: Pick<SubnetParams, "heapDelta">, checkpointAt: Height | undefined, height: Height): number {
  if (heapDelta === undefined) return Infinity;
  const { capacity, reserve, interval } = heapDelta, left = Math.max(0, (checkpointAt ?? 0) + interval - height);
  return capacity - Math.floor(((capacity - reserve) * Math.min(left, interval)) / interval);
}

/** What management calls that change the memory of such a canister are told; undefined: nothing. */
export function heapRefusal(params: Pick<SubnetParams, "heapDelta">, { id, system }: { readonly id: CanisterId; readonly system: Debtor }, height: Height): UserError | undefined {
  if (params.heapDelta === undefined || !isHeapLimited(params, system, height)) return undefined;
  return userError("IC0210", `Canister ${principalToText(id)} is heap delta rate limited: current delta debit is ${heapDebit(params, system, height)}, but limit is ${params.heapDelta.rate}`);
}
