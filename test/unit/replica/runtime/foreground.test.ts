import { setImmediate as nextPass } from "node:timers/promises";
import { expect, test } from "vitest";
import { inForeground, spareTurn } from "../../../../src/replica/runtime/foreground.ts";

/** Which of the two comes first. */
const first = (turn: Promise<void>, passes: number): Promise<string> =>
  Promise.race([turn.then(() => "turn"), (async () => { for (let i = 0; i < passes; i++) await nextPass(); return "passes"; })()]);
/** Until nobody asks and nobody is expected back. */
async function quiet(): Promise<void> { while (await first(spareTurn(), 2) === "passes"); }

test("work that can wait goes on in the next pass of the event loop when nobody asks", async () => {
  await quiet();
  expect(await first(spareTurn(), 2)).toBe("turn");
});

test("it rests while a question is answered, whatever the answer is, and goes on all the same", async () => {
  await quiet();
  let answer = (_text: string): void => undefined;
  const asked = inForeground(() => new Promise<string>((resolve) => { answer = resolve; })), turn = spareTurn();
  expect(await first(turn, 2)).toBe("passes");
  await turn;
  expect(await first(spareTurn(), 2)).toBe("passes");
  answer("42");
  expect(await asked).toBe("42");
  await expect(inForeground(() => { throw new TypeError("no"); })).rejects.toThrow("no");
  await quiet();
  expect(await first(spareTurn(), 2)).toBe("turn");
});
