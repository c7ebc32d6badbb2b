import type { BenchPart } from "./row.ts";

/** What the size of a heap costs: an update that touches sixteen pages, and the first call of an evicted canister. */
export const part: BenchPart = {
  ids: ["journal.heap_growth.ratio", "canister.cold_heap.ms_per_gib"],
  async run() {
    const { runHeaps } = await import("./kernels/runHeaps.ts"), { largeUs, smallUs, coldMs, touchMs } = runHeaps();
    return [
      { id: "journal.heap_growth.ratio", value: largeUs / smallUs, unit: "x", target: 1.2, note: `${largeUs.toFixed(0)} µs on 1 GiB, ${smallUs.toFixed(0)} µs on 1 MiB` },
      { id: "canister.cold_heap.ms_per_gib", value: coldMs, unit: "ms", baseline: touchMs, ratio: coldMs / touchMs, target: 1500, note: "baseline: touching fresh memory" },
    ];
  },
};
