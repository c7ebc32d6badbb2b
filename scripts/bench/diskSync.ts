import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchPart, median } from "./row.ts";

/** What one durable write costs on this disk: the floor under every acknowledged update. */
export const part: BenchPart = {
  ids: ["disk.sync.ms"],
  async run() {
    const directory = mkdtempSync(join(tmpdir(), "icx-bench-"));
    const file = openSync(join(directory, "sync"), "w");
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      writeSync(file, Buffer.alloc(4096, i));
      fsyncSync(file);
      times.push(performance.now() - start);
    }
    closeSync(file);
    rmSync(directory, { recursive: true });
    return [{ id: "disk.sync.ms", value: median(times), unit: "ms", note: "4 KiB write and fsync" }];
  },
};
