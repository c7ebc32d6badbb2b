import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { SimulationReport } from "./simulate.ts";

export interface Job { readonly seed: number; readonly nodes: number; readonly real?: boolean; /** The run ends when this rule is broken. */ readonly until?: string }

/** A worker of the sources below `root`. */
export interface SimulationWorker { run(job: Job): Promise<SimulationReport>; stop(): void }
/** @param cache a folder for compiled sources: for workers that are started again and again on nearly the same ones */
export function startWorker(root: string, cache?: string): SimulationWorker {
  const child: ChildProcess = fork(join(root, "test", "sim", "worker.ts"), [], { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: ["--disable-warning=ExperimentalWarning"], ...(cache !== undefined && { env: { ...process.env, NODE_COMPILE_CACHE: cache } }) });
  let settle: ((report: SimulationReport | undefined) => void) | undefined, gone = false;
  child.on("message", (report) => settle?.(report as SimulationReport));
  child.on("exit", () => { gone = true; settle?.(undefined); });
  return {
    run: ({ seed, nodes, real, until }) => new Promise((resolve) => {
      settle = (report) => resolve(report ?? { seed, nodes, heights: 0, intervals: 0, faults: 0, violations: [{ invariant: "exception", what: "the process ended" }], hash: "", cpuMs: 0, virtualMs: 0, real: real === true, classes: {} });
      if (gone) settle(undefined); else child.send({ seed, nodes, ...(real !== undefined && { real }), ...(until !== undefined && { until }) });
    }),
    stop() { child.disconnect(); },
  };
}

/** Runs all jobs on all cores. @param done in the order in which they end; false ends the whole after the runs under way */
export async function runMany(root: string, jobs: readonly Job[], done: (report: SimulationReport) => boolean | void, workers = Math.min(availableParallelism(), jobs.length)): Promise<void> {
  const waiting = [...jobs];
  let going = true;
  await Promise.all(Array.from({ length: workers }, async () => {
    const worker = startWorker(root);
    for (let job = waiting.shift(); job !== undefined && going; job = waiting.shift()) if (done(await worker.run(job)) === false) going = false;
    worker.stop();
  }));
}
