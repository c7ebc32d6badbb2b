import createWabt from "wabt";
import { createWasmEngine } from "../../../src/replica/execution/wasm/createWasmEngine.ts";
import { PagedMemory } from "../../../src/replica/state/pagedMemory.ts";
import { assert } from "../../../src/replica/types/index.ts";
import { kernelModules } from "./kernelModules.ts";

export interface KernelResult { readonly id: string; readonly ratio: number; readonly rawMs: number; readonly rewrittenMs: number }

const wabt = await createWabt();
const ENTRY = "canister_update kernel";
/** Runs are short and many, so that the best of them was not interrupted. */
const REPETITIONS = 200;
/** Time for V8's optimising compiler, which works in the background. */
const WARM_UP_MS = 500;

function once(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/**
 * Times each kernel raw in V8 against the same module through the engine's door, everything on: metering, journal, stack limit, NaN rule and
 * commit. Best of several repetitions, after the engine's optimising compiler had its turn; all kernels take turns, so that a time in which
 * the machine is busy with something else falls on each of them and spoils none.
 */
export function runKernels(modules: readonly { readonly id: string; readonly text: string }[] = kernelModules()): KernelResult[] {
  const engine = createWasmEngine([]);
  const kernels = modules.map(({ id, text }) => {
    const { buffer } = wabt.parseWat(id, text, { memory64: true }).toBinary({}), raw = new WebAssembly.Instance(new WebAssembly.Module(buffer as BufferSource)).exports[ENTRY] as () => void;
    const module = engine.prepare(buffer);
    assert(module.ok, "the kernel is a valid module");
    const state = engine.instantiate(module.value, PagedMemory.empty());
    assert(state.ok, "the kernel instantiates");
    let current = state.value;
    const rewritten = (): void => {
      const outcome = engine.run(id, module.value, current, { kind: "export", name: ENTRY }, {}, { instructions: 1n << 50n, heapBytesMax: Infinity }, false);
      assert(outcome.kind === "returned", "the kernel returns");
      current = outcome.state;
    };
    return { id, raw, rewritten, rawMs: Infinity, rewrittenMs: Infinity };
  });
  for (const { raw, rewritten } of kernels) for (const end = performance.now() + WARM_UP_MS; performance.now() < end;) { raw(); rewritten(); }
  for (let i = 0; i < REPETITIONS; i++) {
    for (const kernel of kernels) {
      kernel.rawMs = Math.min(kernel.rawMs, once(kernel.raw));
      kernel.rewrittenMs = Math.min(kernel.rewrittenMs, once(kernel.rewritten));
    }
  }
  return kernels.map(({ id, rawMs, rewrittenMs }) => ({ id, ratio: rewrittenMs / rawMs, rawMs, rewrittenMs }));
}

/** Geometric mean of the ratios. */
export const meanRatio = (results: readonly KernelResult[]): number => Math.exp(results.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / results.length);

if (import.meta.main) {
  const results = runKernels();
  for (const { id, ratio, rawMs, rewrittenMs } of results) process.stdout.write(`${id.padEnd(10)} ${rawMs.toFixed(2).padStart(8)} ms raw ${rewrittenMs.toFixed(2).padStart(8)} ms rewritten  ${ratio.toFixed(2)}x\n`);
  process.stdout.write(`geometric mean ${meanRatio(results).toFixed(2)}x\n`);
}
