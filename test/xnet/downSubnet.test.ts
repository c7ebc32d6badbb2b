import { expect, test } from "vitest";
import { type Storm, accountOf, pumpModule, runOf, setupOf, startStorm, statsOf } from "./storm.ts";

const CALM = { lossPerMille: 0, repeatPerMille: 0, forgedPerMille: 0, delayMaxMs: 20 };
const CALLS = 12, TIMEOUT_SECONDS = 6;

/** Protocol digest §7 row 3. */
test("a subnet that is down stops nobody else: bounded-wait calls to it end as unknown in time, unbounded ones wait and end when it is back", async () => {
  const storm: Storm = await startStorm("down", 2, CALM), [down, up] = storm.applications as [Storm["applications"][number], Storm["applications"][number]];
  await using network = storm.open.network;
  const module = await pumpModule(), callee = await storm.install(down, module), patient = await storm.install(up, module), hasty = await storm.install(up, module), latest = (): ReturnType<typeof up.serving.node.stateManager.latest>[] => storm.applications.map(({ serving }) => serving.node.stateManager.latest());
  for (const caller of [patient, hasty]) await storm.call(up, caller, "setup", setupOf([callee]));
  const account = accountOf(latest()), pass = async (seconds: number): Promise<{ readonly up: number; readonly down: number }> => {
    const [, before, other] = [0, up, down].map((subnet) => (typeof subnet === "number" ? 0 : subnet.serving.node.stateManager.latest().height)), at = storm.seconds;
    await storm.until(() => storm.seconds >= at + seconds, seconds + 5);
    return { up: up.serving.node.stateManager.latest().height - before!, down: down.serving.node.stateManager.latest().height - other! };
  };
  const usual = await pass(20);

  await down.stopNode(0);
  await storm.call(up, patient, "run", runOf(CALLS, CALLS));
  await storm.call(up, hasty, "run", runOf(CALLS, CALLS, TIMEOUT_SECONDS));
  await pass(TIMEOUT_SECONDS - 3);
  expect(statsOf(up, hasty)).toMatchObject({ replies: 0n, rejects: 0n });
  await pass(6);
  expect(statsOf(up, hasty)).toMatchObject({ replies: 0n, rejects: BigInt(CALLS), unknown: BigInt(CALLS), refunded: 0n });
  expect(statsOf(up, patient)).toMatchObject({ replies: 0n, rejects: 0n });
  const alone = await pass(20);
  expect(alone.down).toBe(0);
  expect(Math.abs(alone.up - usual.up)).toBeLessThanOrEqual(Math.max(1, 0.05 * usual.up));

  down.startNode(0);
  const answered = ({ replies, rejects }: ReturnType<typeof statsOf>): bigint => replies + rejects;
  await storm.until(() => answered(statsOf(up, patient)) === BigInt(CALLS), 120);
  await storm.until(() => latest().every(({ streams }) => [...streams].every(([, { messages }]) => messages.length === 0)), 120);
  expect(statsOf(up, patient)).toMatchObject({ unknown: 0n, replies: BigInt(CALLS - 2), rejects: 2n });
  // The bounded-wait ones were on their way: whether they are still executed says nobody, and nobody is told. A trap undoes its own count.
  const { taken, outOfOrder } = statsOf(down, callee);
  expect([[BigInt(CALLS - 1), BigInt(2 * (CALLS - 1))].includes(taken), outOfOrder]).toEqual([true, 0n]);
  expect(statsOf(up, hasty)).toMatchObject({ replies: 0n, unknown: BigInt(CALLS), refunded: 0n });
  // What was sent along with a call whose answer is unknown comes back to whoever sent it, without a word.
  await pass(5);
  expect(accountOf(latest())).toBe(account);
});
