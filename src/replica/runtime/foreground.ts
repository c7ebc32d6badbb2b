import { setImmediate } from "node:timers";

/** Milliseconds: who asks one thing after another is back by then. */
const BACK_MS = 1;
/** Milliseconds between two turns of background work while somebody asks. */
const REST_MS = 4;

/** Questions that are answered on this thread now, from what is there, and when the last one ended. */
let asked = 0, ended = -Infinity;

/** Work that somebody waits for and that waits for nothing but this thread. */
export async function inForeground<Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  asked++;
  try { return await answer(); } finally { asked--; ended = performance.now(); }
}

/**
 * Resolves when work that can wait may take its next turn: in the next pass of the event loop, or, while questions are answered, some
 * milliseconds later, since an answer needs several passes and would meet a turn in each.
 */
export function spareTurn(): Promise<void> {
  const asking = asked > 0 || performance.now() - ended < BACK_MS;
  return new Promise((resolve) => { if (asking) setTimeout(resolve, REST_MS); else setImmediate(resolve); });
}
