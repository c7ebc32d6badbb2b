import { type Time, time } from "../types/index.ts";
import type { Clock, Rng, Runtime, Timers } from "./runtime.ts";
import { createSeededRng } from "./seededRng.ts";

/** A runtime whose hands are moved by the test: equal seeds and equal calls give equal lives. */
export interface SimulatedRuntime extends Runtime {
  /** When the next task is due; undefined when nobody waits. */
  readonly nextDue: Time | undefined;
  /** Moves the hands to the next task and runs it; false when nobody waits. */
  runNext(): boolean;
  /** Runs everything that is due up to then, in order of time and of registration, and leaves the clock there. */
  advanceTo(then: Time): void;
  /** A clock that is ahead of (or behind) this one by `offset` nanoseconds. */
  skewed(offset: Time): Clock;
}

interface Waiting { readonly at: bigint; /** Nanoseconds since the start, rounded: numbers compare faster than bigints. */ readonly about: number; readonly order: number; readonly task: () => void; state: "waiting" | "cancelled" | "done" }

/** @param start the first time shown, nanoseconds since the epoch */
export function createSimulatedRuntime(seed: string | Uint8Array, start: Time = time(1_700_000_000_000_000_000n)): SimulatedRuntime {
  const rng: Rng = createSeededRng(typeof seed === "string" ? Buffer.from(seed) : seed);
  let now: bigint = start, order = 0;
  const heap: Waiting[] = [];
  const before = (a: Waiting, b: Waiting): boolean => a.about < b.about || (a.about === b.about && (a.at < b.at || (a.at === b.at && a.order < b.order)));

  const push = (entry: Waiting): void => {
    let i = heap.push(entry) - 1;
    for (let up = (i - 1) >> 1; i > 0 && before(heap[i]!, heap[up]!); i = up, up = (i - 1) >> 1) [heap[i], heap[up]] = [heap[up]!, heap[i]!];
  };
  const pop = (): Waiting | undefined => {
    const top = heap[0], last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let i = 0; ;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap[child]!, heap[least]!)) least = child;
      if (least === i) return top;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  };
  const dropCancelled = (): void => { while (heap[0]?.state === "cancelled") pop(); };

  const timers: Timers = {
    after(delay, _label, task) {
      const at = now + (delay > 0n ? delay : 0n), entry: Waiting = { at, about: Number(at - start), order: order++, task, state: "waiting" };
      push(entry);
      return () => { if (entry.state === "waiting") entry.state = "cancelled"; };
    },
  };
  const clock: Clock = { now: () => time(now) };
  return {
    clock, rng, timers,
    get nextDue() { dropCancelled(); return heap[0] === undefined ? undefined : time(heap[0].at); },
    runNext() {
      dropCancelled();
      const entry = pop();
      if (entry === undefined) return false;
      if (entry.at > now) now = entry.at;
      entry.state = "done";
      entry.task();
      return true;
    },
    advanceTo(then) {
      for (dropCancelled(); heap[0] !== undefined && heap[0].at <= then; dropCancelled()) this.runNext();
      if (then > now) now = then;
    },
    skewed: (offset) => ({ now: () => time(now + offset) }),
  };
}
