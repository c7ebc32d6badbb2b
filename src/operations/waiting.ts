import type { CommandContext } from "../context/context.ts";
import type { Waiting } from "../network/lockWhenFree.ts";

/** Seconds that a command waits for another one that uses the same state. */
const TIMEOUT_VARIABLE = "ICX_LOCK_TIMEOUT";

/** How a command waits for the local network's folder. */
export function waiting({ io, ui }: Pick<CommandContext, "io" | "ui">): Waiting {
  const seconds = Number(io.env[TIMEOUT_VARIABLE] ?? NaN);
  return { interrupted: io.interrupted, note: (text) => ui.report({ kind: "note", text }), timeoutMs: seconds >= 0 ? seconds * 1_000 : undefined };
}
