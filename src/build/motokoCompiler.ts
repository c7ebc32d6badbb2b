import { Worker } from "node:worker_threads";
import type { MotokoAnswer, MotokoJob } from "./motokoWorker.ts";

const STACK_MB = 64; // the compiler is OCaml turned into JavaScript and recurses deeply on long programs
const YOUNG_GENERATION_MB = 128; // it makes garbage fast: a fifth less time than with V8's default

/** Compiles one program with the compiler that comes with icx, in a thread of its own. */
export function compileMotoko(job: MotokoJob): Promise<MotokoAnswer> {
  const file = import.meta.url.endsWith(".ts") ? "./motokoWorker.ts" : "./motokoWorker.js";
  const worker = new Worker(new URL(file, import.meta.url), { resourceLimits: { stackSizeMb: STACK_MB, maxYoungGenerationSizeMb: YOUNG_GENERATION_MB }, stdout: true, stderr: true });
  return new Promise<MotokoAnswer>((resolve) => {
    worker.once("message", (answer: MotokoAnswer) => resolve(answer));
    worker.once("error", (error: unknown) => resolve({ kind: "crash", reason: error instanceof Error ? error.message : String(error) }));
    worker.once("exit", (code) => resolve({ kind: "crash", reason: `the thread ended with code ${code}` }));
    worker.postMessage(job);
  }).finally(() => worker.terminate());
}
