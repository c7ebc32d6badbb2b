import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import type { StateObject, StateObjects } from "../../../../src/replica/stateManager/stateObjects.ts";

/** Everything that a checkpoint adds, at once; `between` runs after each step. */
export function collect(objects: StateObjects, state: ReplicatedState, has: (name: string) => boolean, between: () => void = () => undefined): { readonly objects: readonly StateObject[]; readonly root: Uint8Array; readonly steps: number } {
  const work = objects.collect(state, has), found: StateObject[] = [];
  for (let steps = 1; ; steps++) {
    const step = work.next();
    if (step.done === true) return { objects: found, root: step.value, steps };
    found.push(...step.value);
    between();
  }
}
