import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { keptInterval } from "../../src/replica/genesis.ts";
import { openMemoryStore } from "../../src/replica/stateManager/memoryStore.ts";
import { counterModule } from "../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../canisters/install.ts";
import { agentFor, application } from "./subnetOfFour.ts";

/** As commands without a daemon and `icx start` do in turn, only shorter: 64 heights and 499. */
const SHORT = { heights: 6, ms: 0 }, LONG = { heights: 29, ms: 0 };

test("four nodes that are opened in turn with a short and a long interval go on past the borders of both, wherever they were stopped", { timeout: 120_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-interval-")), blocks = new EventEmitter();
  const open = (dkgInterval: typeof SHORT): Promise<Network> => startNetwork({ stateDir, nodes: 1, subnets: [{ type: "application", nodes: 4 }], idleBlockIntervalMs: 5, dkgInterval, onEvent: (event) => { if (event.kind === "block") blocks.emit("block"); } });
  const reach = async (network: Network, height: number): Promise<void> => { while (application(network).certifiedHeight < height) await once(blocks, "block"); };
  try {
    const first = await open(SHORT), canister = await createAndInstall(agentFor(first), application(first).effectiveCanisterId, await counterModule());
    // The second interval's keys are known, and so are shares of its heights' signatures.
    await reach(first, 13);
    await first.suspend();
    let count = 0n;
    for (const interval of [LONG, SHORT]) {
      const network = await open(interval), { height } = application(network);
      await reach(network, height + 8);
      // It had a summary on the way, where the first life would have had it.
      await expect.poll(() => application(network).checkpointHeight, { timeout: 20_000 }).toBeGreaterThan(height);
      expect(application(network).checkpointHeight % (SHORT.heights + 1)).toBe(0);
      expect(await counterActor(agentFor(network), canister).increment(1n)).toBe(++count);
      await network.suspend();
    }
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});

test("what the first opening asked for is kept by every node, also by one that lost its disk; one node alone takes what it is given", () => {
  const stores = Array.from({ length: 4 }, openMemoryStore), [, , third] = stores;
  expect(keptInterval(stores, SHORT)).toEqual(SHORT);
  expect(keptInterval(stores, LONG)).toEqual(SHORT);
  expect(keptInterval(stores, undefined)).toEqual(SHORT);
  expect(keptInterval([openMemoryStore(), openMemoryStore(), third!], LONG)).toEqual(SHORT);
  const registry = [openMemoryStore(), openMemoryStore()];
  expect([keptInterval(registry, undefined), keptInterval(registry, SHORT)]).toEqual([undefined, undefined]);
  const alone = [openMemoryStore()];
  expect([keptInterval(alone, SHORT), keptInterval(alone, LONG), keptInterval(alone, undefined)]).toEqual([SHORT, LONG, undefined]);
});
