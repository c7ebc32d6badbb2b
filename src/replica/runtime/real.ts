import { randomBytes } from "node:crypto";
import { NANOSECONDS_PER_MS, time } from "../types/index.ts";
import { countBuffersWithHeap } from "./collector.ts";
import { spareTurn } from "./foreground.ts";
import type { Clock, Runtime, Timers } from "./runtime.ts";
import { createSeededRng } from "./seededRng.ts";

/** setTimeout takes 32-bit milliseconds; longer waits are taken in pieces. */
const WAIT_MS_MAX = 2 ** 31 - 1;

/**
 * The host's wall clock that never goes back: readings advance with the monotonic counter, are pulled forward when the wall clock is ahead
 * (a laptop that slept), and wait for it when it was set back.
 */
export function createRealClock(wallMs: () => number = Date.now, monotonic: () => bigint = process.hrtime.bigint): Clock {
  const origin = BigInt(wallMs()) * NANOSECONDS_PER_MS - monotonic();
  let last = 0n, ahead = 0n;
  return {
    now() {
      const steady = origin + ahead + monotonic(), wall = BigInt(wallMs()) * NANOSECONDS_PER_MS;
      // A wall clock that is ahead by more than its own grain has been moved or the host slept.
      if (wall - steady > 1000n * NANOSECONDS_PER_MS) ahead += wall - steady;
      const reading = wall - steady > 1000n * NANOSECONDS_PER_MS ? wall : steady;
      last = reading > last ? reading : last;
      return time(last);
    },
  };
}

const timers: Timers = {
  after(delay, _label, task) {
    if (delay <= 0n) {
      const soon = setImmediate(task);
      return () => clearImmediate(soon);
    }
    let handle: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      handle = setTimeout(() => (leftMs > WAIT_MS_MAX ? wait(leftMs - WAIT_MS_MAX) : task()), Math.min(leftMs, WAIT_MS_MAX));
    };
    wait(Number((delay + NANOSECONDS_PER_MS - 1n) / NANOSECONDS_PER_MS));
    return () => clearTimeout(handle);
  },
};

/** @param seed 32 bytes; drawn from the host when absent */
export function createRealRuntime(seed: Uint8Array = new Uint8Array(randomBytes(32))): Runtime {
  countBuffersWithHeap();
  return { clock: createRealClock(), rng: createSeededRng(seed), timers, spareTurn, threads: true };
}
