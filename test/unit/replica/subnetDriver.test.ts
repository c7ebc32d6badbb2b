import { setImmediate as nextPass } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRealRuntime } from "../../../src/replica/runtime/real.ts";
import { type Driven, createSubnetDriver } from "../../../src/replica/subnetDriver.ts";

/** A core with so many pieces of work that can wait, and how often its turn came. */
function drivenCore(spare: number): { readonly core: Driven; turns(): number } {
  let turns = 0;
  return {
    turns: () => turns,
    core: {
      advance: () => ++turns <= spare, onlySpare: () => true, persist: () => Promise.resolve(), publish() {}, prepare() {}, load: () => ({ waiting: 0, lastBlock: 0 }), nextWake: () => undefined,
    },
  };
}
const passes = async (count: number): Promise<void> => { for (let i = 0; i < count; i++) await nextPass(); };
const unexpected = (error: unknown): void => { throw error; };

test("between two pieces of work that can wait the driver rests until there is time", async () => {
  const { core, turns } = drivenCore(3), rests: (() => void)[] = [];
  const driver = createSubnetDriver(core, { ...createRealRuntime(), spareTurn: () => new Promise((resolve) => { rests.push(resolve); }) }, unexpected);
  driver.kick();
  for (let done = 1; done <= 3; done++) {
    await passes(20);
    expect([turns(), rests.length]).toEqual([done, done]);
    rests.at(-1)!();
  }
  await passes(20);
  expect(turns()).toBe(4);
  await driver.halt();
});

test("what arrives ends the rest, and so does the end", async () => {
  const { core, turns } = drivenCore(100);
  const driver = createSubnetDriver(core, { ...createRealRuntime(), spareTurn: () => new Promise(() => undefined) }, unexpected);
  driver.kick();
  await passes(20);
  expect(turns()).toBe(1);
  driver.kick();
  await passes(20);
  expect(turns()).toBe(2);
  await driver.halt();
  expect(turns()).toBe(2);
});
