import type { BenchPart } from "./row.ts";

/** Dot product, n-body and axpy, scalar and in vectors, as `kernels.ts` measures: what the NaN rule costs shows here. */
export const part: BenchPart = {
  ids: ["wasm.float.ratio"],
  async run() {
    const { runKernels, meanRatio } = await import("./kernels/runKernels.ts"), { floatModules } = await import("./kernels/floatModules.ts");
    const kernels = runKernels(floatModules());
    return [
      { id: "wasm.float.ratio", value: meanRatio(kernels), unit: "x", target: 3, note: "geometric mean" },
      ...kernels.map(({ id, rewrittenMs, rawMs, ratio }) => ({ id: `wasm.float.${id}`, value: rewrittenMs, unit: "ms" as const, baseline: rawMs, ratio })),
    ];
  },
};
