import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { counterModule } from "../canisters/assemble.ts";
import { icx } from "./run.ts";

/** A project whose canister needs no compiler: the counter of the tests. */
export async function counterProject(folder: string): Promise<void> {
  writeFileSync(join(folder, "icp.yaml"), "canisters:\n  - name: counter\n    build:\n      steps:\n        - { type: pre-built, path: counter.wasm }\n");
  writeFileSync(join(folder, "counter.wasm"), await counterModule());
}

/** `icx start` in this process, until `stop` is called. */
export async function startHere(folder: string, argv: readonly string[] = []): Promise<{ readonly events: readonly Record<string, unknown>[]; readonly stop: () => Promise<number> }> {
  const controller = new AbortController(), events: Record<string, unknown>[] = [];
  let started = (): void => undefined;
  const running = new Promise<void>((done) => { started = done; });
  const write = (text: string): void => { for (const line of text.trim().split("\n")) { const event = JSON.parse(line) as Record<string, unknown>; events.push(event); if (event["event"] === "started") started(); } };
  const ended = icx(folder, ["start", ...argv, "--json"], { stdout: { write }, interrupted: controller.signal }, false).then(({ code }) => code);
  await Promise.race([running, ended.then((code) => expect.unreachable(`icx start ended with ${code}: ${JSON.stringify(events)}`))]);
  return { events, stop: async () => { controller.abort(); return await ended; } };
}
