import type { CanisterId } from "../types/index.ts";
import type { CanisterState } from "../state/canisterState.ts";
import { PAGE_BYTES, type PagedMemory } from "../state/pagedMemory.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";

/** Which bit of which canister was flipped: a byte's offset in its heap or stable memory. */
export interface Corruption { readonly canister: CanisterId; readonly memory: "heap" | "stable"; readonly offset: number }

/** A version of the state in which one bit of a canister's memory is another one, as after a cosmic ray; undefined when no canister has written a page. */
export function corruptState(state: ReplicatedState): { readonly state: ReplicatedState; readonly corruption: Corruption } | undefined {
  for (const [canister, { execution, ...rest }] of state.canisters) {
    if (execution === undefined) continue;
    for (const memory of ["stable", "heap"] as const) {
      const last = lastPage(execution[memory]);
      if (last === undefined) continue;
      const [index, page] = last, flipped = page.slice(), changed: CanisterState = { ...rest, execution: { ...execution, [memory]: execution[memory].with([[index, flipped]]) } };
      flipped[PAGE_BYTES - 1]! ^= 1;
      return { state: { ...state, canisters: state.canisters.set(canister, changed) }, corruption: { canister, memory, offset: (index + 1) * PAGE_BYTES - 1 } };
    }
  }
  return undefined;
}

function lastPage(memory: PagedMemory): readonly [number, Uint8Array] | undefined {
  let last: readonly [number, Uint8Array] | undefined;
  memory.forEachPage((index, bytes) => { last = [index, bytes]; });
  return last;
}
