import { afterAll, beforeAll, expect } from "vitest";

/**
 * Most files of tests share a process (vitest.config.ts), so what one leaves behind another would find. Here is held that none does: the
 * environment, the working directory and the clock of the process are at the end of each file what they were at its beginning.
 */
const surroundings = (): Readonly<Record<string, unknown>> => ({
  env: { ...process.env, VITEST_POOL_ID: "", VITEST_WORKER_ID: "" },
  cwd: process.cwd(),
  umask: process.umask().toString(8),
  clock: [Date, Date.now, performance.now, setTimeout, setInterval, setImmediate, clearTimeout, queueMicrotask, Math.random, globalThis.fetch],
});

let before: Readonly<Record<string, unknown>>;
beforeAll(() => { before = surroundings(); });
afterAll(() => { expect(surroundings(), "a file of tests must leave its process as it found it").toEqual(before); });
