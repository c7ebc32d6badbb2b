import { HttpAgent } from "@dfinity/agent";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";

let stateDir: string, network: Network | undefined;
beforeEach(() => { stateDir = mkdtempSync(join(tmpdir(), "icx-summary-")); });
afterEach(async () => { await network?.stop(); rmSync(stateDir, { recursive: true, force: true }); });

const heights = new EventEmitter();
/** A summary every ten heights, without a minimum of time: many intervals in little time. */
async function start(): Promise<Network> {
  network = await startNetwork({ stateDir, idleBlockIntervalMs: 5, dkgInterval: { heights: 10, ms: 0 }, onEvent: (event) => { if (event.kind === "block") heights.emit("height"); } });
  return network;
}
const agentOf = (running: Network): HttpAgent =>
  HttpAgent.createSync({ host: running.url, fetch: ((input: RequestInfo | URL, init?: RequestInit) => running.fetch(new Request(input, init))) as typeof fetch, rootKey: running.rootKey });
const bytesOnDisk = (): number => readdirSync(stateDir, { recursive: true, encoding: "utf8" }).map((file) => statSync(join(stateDir, file))).reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);

/** Idle blocks take the application subnet to a height. */
async function reach(running: Network, height: number): Promise<void> { while (running.subnets[1]!.height < height) await once(heights, "height"); }

test("a network goes on through summaries, restarts behind its catch-up packages, and keeps only what it needs", { timeout: 120_000 }, async () => {
  let running = await start();
  const id = await createAndInstall(agentOf(running), running.defaultEffectiveCanisterId, await counterModule());
  await reach(running, 35);
  const early = bytesOnDisk();
  for (let life = 0; life < 3; life++) {
    const after = await counterActor(agentOf(running), id).increment(1n);
    await reach(running, running.subnets[1]!.height + 45);
    await running.stop();
    running = await start();
    expect(await counterActor(agentOf(running), id).get()).toBe(after);
  }
  // Some 170 heights were journaled; the journal holds the last intervals.
  expect(bytesOnDisk()).toBeLessThan(4 * early);
});
