import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { openStore } from "../../../../src/replica/stateManager/openStore.ts";
import { StateObjects } from "../../../../src/replica/stateManager/stateObjects.ts";
import { height } from "../../../../src/replica/types/index.ts";
import { seeded, stateAfter } from "./randomRounds.ts";

const writer = join(import.meta.dirname, "crashingWriter.ts");
const hashOf = (state: Parameters<StateObjects["hash"]>[0]): string => Buffer.from(new StateObjects().hash(state)).toString("hex");

/** Runs the writer until it acknowledged so many heights, kills it at once, and gives the last height it acknowledged. */
function liveAndDie(directory: string, seed: string, heights: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, directory, seed], { stdio: ["ignore", "pipe", "pipe"] });
    let last = 0, seen = 0, complaint = "";
    child.stderr.on("data", (data) => { complaint += String(data); });
    createInterface({ input: child.stdout }).on("line", (line) => {
      last = Number(line);
      if (++seen === heights) child.kill("SIGKILL");
    });
    child.on("close", (_, signal) => { if (signal === "SIGKILL") resolve(last); else reject(new TypeError(`the writer ended by itself: ${complaint}`)); });
  });
}

test("killed at any moment, and its newest file torn, a subnet loses nothing that it acknowledged", async () => {
  const directory = mkdtempSync(join(tmpdir(), "icx-crash-")), seed = `crash ${process.pid}`, draw = seeded(seed);
  for (let life = 0; life < 4; life++) {
    const acknowledged = await liveAndDie(directory, seed, 1 + draw(40));
    if (life % 2 === 1) {
      const [newest] = readdirSync(directory).filter((name) => name !== "lock").map((name) => join(directory, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
      truncateSync(newest!, Math.max(0, statSync(newest!).size - draw(65536)));
    }
    const store = await openStore(directory), loaded = store.load(), from = loaded.ok && loaded.value ? loaded.value.state.height : 0;
    expect(loaded.ok, seed).toBe(true);
    if (loaded.ok && loaded.value) expect(hashOf(loaded.value.state), seed).toBe(hashOf(stateAfter(seed, from)));
    const journal = store.heights(height(from + 1));
    expect(journal.map((one) => one.height), seed).toEqual(Array.from(journal, (_, i) => from + 1 + i));
    const last = journal.at(-1)?.height ?? from;
    expect(last, seed).toBeGreaterThanOrEqual(acknowledged);
    for (const { height: at, entries } of journal) expect(entries[0]!.bytes, seed).toEqual(new Uint8Array(1 + (at * 997) % 9000).fill(at));
    expect(Number(Buffer.from(store.getRecord("signed")!).toString()), seed).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  }
  rmSync(directory, { recursive: true });
}, 60_000);
