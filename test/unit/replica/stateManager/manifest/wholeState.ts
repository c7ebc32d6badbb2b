import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";
import type { CanisterState } from "../../../../../src/replica/state/canisterState.ts";
import type { ReplicatedState } from "../../../../../src/replica/state/replicatedState.ts";
import { canisterIdFromIndex } from "../../../../../src/replica/types/index.ts";
import { canister, sampleState } from "../../certification/sampleState.ts";
import { stateAfter } from "../randomRounds.ts";

/** The same canister with memories that are as large as the pages in them need. */
function grown(one: CanisterState): CanisterState {
  const large = (memory: PagedMemory): PagedMemory => memory.with([], Math.max(memory.wasmPages, ...[...memory.pages()].map(([index]) => Math.floor(index / 16) + 1)));
  const { execution } = one;
  return execution === undefined ? one : { ...one, execution: { ...execution, heap: large(execution.heap), stable: large(execution.stable) } };
}
/** Makes the memories of a state as large as their pages need: a canister cannot write beyond their ends. */
export function whole(state: ReplicatedState): ReplicatedState {
  let { canisters } = state;
  for (const [id, one] of canisters) canisters = canisters.set(id, grown(one));
  return { ...state, canisters };
}
export const randomState = (seed: string, rounds = 20): ReplicatedState => whole(stateAfter(seed, rounds));

/** A canister with a heap of so many pages of 4 KiB, all different, and a module of 100 kB. */
export function largeState(pages: number, change: (heap: PagedMemory) => PagedMemory = (heap) => heap): ReplicatedState {
  const id = canisterIdFromIndex(1n), one = canister(id, 1, true), heap = PagedMemory.empty(pages / 16).with(Array.from({ length: pages }, (_, i) => [i, new Uint8Array(new Uint32Array(1024).fill(i + 1).buffer)] as const));
  return whole(sampleState([{ ...one, execution: { ...one.execution!, module: new Uint8Array(100_000).fill(7), heap: change(heap) } }]));
}
/** The state with another heap of its only canister. */
export function withHeap(state: ReplicatedState, change: (heap: PagedMemory) => PagedMemory): ReplicatedState {
  const [[id, one]] = [...state.canisters] as [[ReturnType<typeof canisterIdFromIndex>, CanisterState]];
  return { ...state, canisters: state.canisters.set(id, { ...one, execution: { ...one.execution!, heap: change(one.execution!.heap) } }) };
}
