import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLANTED, type PlantedBug } from "./planted.ts";
import { startWorker } from "./runMany.ts";
import type { SimulationReport } from "./simulate.ts";

/** Seeds that a bug has to be found in. */
export const SEEDS_MAX = 200;
export interface Catch { readonly bug: PlantedBug; readonly caught: boolean; /** Runs until then. */ readonly seeds: number; readonly cpuMs: number; /** What was seen first, or why it was not caught. */ readonly note: string }

/** The sources with the bug in them, in a folder of their own. @throws RangeError when the text that it changes is not there exactly once */
export function plant(root: string, bug: PlantedBug): string {
  const folder = mkdtempSync(join(tmpdir(), "icx-planted-"));
  for (const part of ["src/replica", "test/sim"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  for (const { file, from, to } of bug.edits) {
    const text = readFileSync(join(folder, file), "utf8"), parts = text.split(from);
    if (parts.length !== 2) { rmSync(folder, { recursive: true, force: true }); throw new RangeError(`${bug.name}: ${file} holds ${parts.length - 1} times: ${from}`); }
    writeFileSync(join(folder, file), parts.join(to));
  }
  return folder;
}

/** Plants each bug and looks for it. @param clean runs the same seed without a bug */
export async function hunt(root: string, bugs: readonly PlantedBug[], told: (found: Catch) => void, workers = 2): Promise<readonly Catch[]> {
  const waiting = [...bugs], found: Catch[] = [], cleanRuns = new Map<string, Promise<SimulationReport>>();
  await Promise.all(Array.from({ length: Math.min(workers, bugs.length) }, async () => {
    const clean = startWorker(root);
    const cleanly = (seed: number, nodes: number): Promise<SimulationReport> => {
      const key = `${seed} of ${nodes}`, known = cleanRuns.get(key) ?? clean.run({ seed, nodes });
      cleanRuns.set(key, known);
      return known;
    };
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const outcome = await huntOne(root, bug, cleanly);
      found.push(outcome);
      told(outcome);
    }
    clean.stop();
  }));
  return PLANTED.flatMap(({ name }) => found.filter(({ bug }) => bug.name === name));
}

async function huntOne(root: string, bug: PlantedBug, cleanly: (seed: number, nodes: number) => Promise<SimulationReport>): Promise<Catch> {
  const { nodes = 4, invariant } = bug, others = new Set<string>();
  let cpuMs = 0;
  const folder = plant(root, bug), worker = startWorker(folder);
  try {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      const report = await worker.run({ seed, nodes, real: false });
      cpuMs += report.cpuMs;
      const seen = report.violations.find((violation) => violation.invariant === invariant);
      for (const violation of report.violations) others.add(violation.invariant);
      if (seen === undefined) continue;
      for (let ran = 1; ran <= seed; ran++) {
        const { violations: [wrong] } = await cleanly(ran, nodes);
        if (wrong !== undefined) return { bug, caught: false, seeds: seed, cpuMs, note: `seed ${ran} fails without it: ${wrong.invariant}: ${wrong.what}` };
      }
      return { bug, caught: true, seeds: seed, cpuMs, note: `${invariant}: ${seen.what}` };
    }
    return { bug, caught: false, seeds: SEEDS_MAX, cpuMs, note: others.size === 0 ? "nothing was seen" : `seen by ${[...others].sort().join(", ")}` };
  } finally {
    worker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
