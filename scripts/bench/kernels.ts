import type { BenchPart } from "./row.ts";

/** The rewritten module (journal, stack limit, NaN rule on) against the same kernels raw in V8, in one process. */
export const part: BenchPart = {
  ids: ["wasm.kernels.ratio"],
  async run() {
    const { runKernels } = await import("./kernels/runKernels.ts");
    const kernels = await runKernels();
    const mean = Math.exp(kernels.reduce((sum, kernel) => sum + Math.log(kernel.ratio), 0) / kernels.length);
    return [
      { id: "wasm.kernels.ratio", value: mean, unit: "x", target: 1.5, note: "geometric mean" },
      ...kernels.map((kernel) => ({ id: `wasm.kernels.${kernel.id}`, value: kernel.rewrittenMs, unit: "ms" as const, baseline: kernel.rawMs, ratio: kernel.ratio, note: "ratio ≤ 3.5" })),
    ];
  },
};
