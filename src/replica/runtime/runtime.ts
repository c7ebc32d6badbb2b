import type { Time } from "../types/index.ts";

/** The only sources of time, chance and waiting inside the replica (design §3.4). */
export interface Clock { now(): Time }
/** A tree of deterministic random streams: `fork` gives an independent one for a named purpose. */
export interface Rng { bytes(length: number): Uint8Array; fork(label: string): Rng }
/** `after` calls the task once when `delay` nanoseconds have passed and returns what cancels it. */
export interface Timers { after(delay: Time, label: string, task: () => void): () => void }
export interface Runtime {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly timers: Timers;
  /** Resolves when the thread has time for work that nobody waits for; absent where time is simulated. */
  readonly spareTurn?: () => Promise<void>;
  /** Whether work may be done in other threads, whose pace nobody foresees; its outcomes are the same. */
  readonly threads?: boolean;
}
