import { EventEmitter, once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { getGenesis } from "../../src/replica/genesis.ts";
import { openStore } from "../../src/replica/stateManager/openStore.ts";

const blocks = new EventEmitter();
const start = (stateDir: string): Promise<Network> => startNetwork({
  stateDir, idleBlockIntervalMs: 10, dkgInterval: { heights: 9, ms: 0 }, onEvent: (event) => { if (event.kind === "block") blocks.emit("block"); },
});
async function reach(network: Network, height: number): Promise<void> { while (network.subnets.some((subnet) => subnet.height < height)) await once(blocks, "block"); }
/** The keys that each node of a network holds shares of. */
async function sharesIn(stateDir: string): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [], folder = join(stateDir, "subnets");
  for (const name of readdirSync(folder).sort()) {
    const store = await openStore(join(folder, name)), [keys] = getGenesis(store)?.subnet.keyStores ?? [];
    found.push(Object.keys(keys!.shares).sort());
    await store.close();
  }
  return found;
}

test("nodes keep their newest shares on disk and no older ones, also when no checkpoint is written, and go on with them", { timeout: 60_000 }, async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-keys-"));
  try {
    const first = await start(stateDir);
    await reach(first, 35);
    const { rootKey } = first;
    await first.suspend();
    const held = await sharesIn(stateDir);
    expect(held).toHaveLength(2);
    for (const ids of held) {
      expect(ids.filter((id) => id.startsWith("highThreshold-"))).toHaveLength(2);
      expect(ids.some((id) => id.includes("genesis"))).toBe(false);
    }
    await using again = await start(stateDir);
    await reach(again, Math.max(...again.subnets.map(({ height }) => height)) + 2);
    expect(again.rootKey).toEqual(rootKey);
  } finally { rmSync(stateDir, { recursive: true, force: true }); }
});
