import { expect, test } from "vitest";
import { createRealClock, createRealRuntime } from "../../../../src/replica/runtime/real.ts";
import { createSeededRng, drawBelow } from "../../../../src/replica/runtime/seededRng.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { hexFromBytes, time } from "../../../../src/replica/types/index.ts";

test("a random stream follows from its seed, however it is cut", () => {
  const whole = createSeededRng(Buffer.from("seed")).bytes(100), parts = createSeededRng(Buffer.from("seed"));
  expect(hexFromBytes(whole)).toBe([1, 31, 0, 40, 28].map((length) => hexFromBytes(parts.bytes(length))).join(""));
  expect(hexFromBytes(createSeededRng(Buffer.from("other")).bytes(100))).not.toBe(hexFromBytes(whole));
});

test("forks depend on the label and not on what was drawn", () => {
  const a = createSeededRng(Buffer.from("seed")), b = createSeededRng(Buffer.from("seed"));
  a.bytes(77);
  expect(hexFromBytes(a.fork("x").bytes(32))).toBe(hexFromBytes(b.fork("x").bytes(32)));
  expect(hexFromBytes(a.fork("x").bytes(32))).not.toBe(hexFromBytes(a.fork("y").bytes(32)));
});

test("draws below a bound reach all of it and nothing else", () => {
  const rng = createSeededRng(Buffer.from("draw"));
  expect([...new Set(Array.from({ length: 200 }, () => drawBelow(rng, 5)))].sort()).toEqual([0, 1, 2, 3, 4]);
});

test("simulated tasks run in order of time, then of registration; cancelled ones do not", () => {
  const runtime = createSimulatedRuntime("timers"), ran: string[] = [], start = runtime.clock.now();
  const note = (name: string) => () => void ran.push(`${name}@${runtime.clock.now() - start}`);
  runtime.timers.after(time(30n), "", note("c"));
  runtime.timers.after(time(10n), "", note("a"));
  runtime.timers.after(time(10n), "", () => { note("b")(); runtime.timers.after(time(5n), "", note("b2")); });
  const cancel = runtime.timers.after(time(20n), "", note("never"));
  cancel();
  expect(runtime.nextDue).toBe(start + 10n);
  runtime.advanceTo(time(start + 25n));
  expect(ran).toEqual(["a@10", "b@10", "b2@15"]);
  expect(runtime.clock.now() - start).toBe(25n);
  cancel();
  expect([runtime.runNext(), runtime.runNext()]).toEqual([true, false]);
  expect(ran.at(-1)).toBe("c@30");
});

test("the real clock never goes back, follows the monotonic counter, and jumps ahead after a sleep", () => {
  let wall = 1_000_000, steady = 5n;
  const clock = createRealClock(() => wall, () => steady), first = clock.now();
  expect(first).toBe(1_000_000_000_000n);
  wall -= 60_000;
  expect(clock.now()).toBe(first);
  steady += 7n;
  expect(clock.now()).toBe(first + 7n);
  wall = 1_000_000 + 3_600_000;
  const woken = clock.now();
  expect(woken).toBe(4_600_000_000_000n);
  steady += 1n;
  expect(clock.now()).toBe(woken + 1n);
});

test("real timers fire after their delay, and not when cancelled", async () => {
  const { timers } = createRealRuntime(), fired: string[] = [];
  const cancel = timers.after(time(1n), "", () => fired.push("cancelled"));
  cancel();
  await new Promise<void>((resolve) => { timers.after(time(2_000_000n), "", () => { fired.push("kept"); resolve(); }); });
  expect(fired).toEqual(["kept"]);
});
