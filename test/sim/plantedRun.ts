import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PLANTED, type PlantedBug } from "./planted.ts";
import { startWorker } from "./runMany.ts";
import type { SimulationReport } from "./simulate.ts";

/** Seeds that a bug has to be found in. */
export const SEEDS_MAX = 200;
export interface Catch { readonly bug: PlantedBug; readonly caught: boolean; /** Runs until then. */ readonly seeds: number; readonly cpuMs: number; /** What was seen first, or why it was not caught. */ readonly note: string }

/** A copy of the sources in a folder of its own. */
function copySources(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), "icx-planted-"));
  for (const part of ["src/replica", "test/sim"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return folder;
}
/** Why the bug cannot be put into these sources; undefined when it can. */
export function misfit(root: string, { edits }: PlantedBug): string | undefined {
  for (const { file, from } of edits) {
    const found = readFileSync(join(root, file), "utf8").split(from).length - 1;
    if (found !== 1) return `${file} holds ${found} times: ${from}`;
  }
  return undefined;
}
/** Puts the bug into a copy. @returns what takes it out again */
function plant(folder: string, { edits }: PlantedBug): () => void {
  const before = new Map(edits.map(({ file }) => [join(folder, file), readFileSync(join(folder, file), "utf8")]));
  for (const { file, from, to } of edits) writeFileSync(join(folder, file), readFileSync(join(folder, file), "utf8").split(from).join(to));
  return () => { for (const [file, text] of before) writeFileSync(file, text); };
}

/** Plants each bug and looks for it. @param clean runs the same seed without a bug */
export async function hunt(root: string, bugs: readonly PlantedBug[], told: (found: Catch) => void, workers = 2, progress: (line: string) => void = () => undefined): Promise<readonly Catch[]> {
  const waiting = [...bugs], found: Catch[] = [], cleanRuns = new Map<string, Promise<SimulationReport>>();
  await Promise.all(Array.from({ length: Math.min(workers, bugs.length) }, async () => {
    const folder = copySources(root), cache = join(folder, "compiled"), clean = startWorker(root);
    const cleanly = (seed: number, nodes: number): Promise<SimulationReport> => {
      const key = `${seed} of ${nodes}`, known = cleanRuns.get(key) ?? clean.run({ seed, nodes, real: false });
      cleanRuns.set(key, known);
      return known;
    };
    for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
      const outcome = await huntOne(folder, cache, bug, cleanly, progress);
      found.push(outcome);
      told(outcome);
    }
    clean.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }));
  return PLANTED.flatMap(({ name }) => found.filter(({ bug }) => bug.name === name));
}

async function huntOne(folder: string, cache: string, bug: PlantedBug, cleanly: (seed: number, nodes: number) => Promise<SimulationReport>, progress: (line: string) => void): Promise<Catch> {
  const { nodes = 4, invariant } = bug, others = new Set<string>();
  let cpuMs = 0;
  const why = misfit(folder, bug);
  if (why !== undefined) return { bug, caught: false, seeds: 0, cpuMs, note: why };
  const pull = plant(folder, bug), worker = startWorker(folder, cache);
  try {
    for (let seed = 1; seed <= SEEDS_MAX; seed++) {
      if (bug.when !== undefined && !bug.when(seed)) continue;
      const report = await worker.run({ seed, nodes, real: false, until: invariant });
      cpuMs += report.cpuMs;
      progress(`${bug.name}: seed ${seed}, ${Math.round(report.cpuMs)} ms of CPU, ${Math.round(report.virtualMs)} ms: ${[...new Set(report.violations.map((violation) => violation.invariant))].join(", ")}`);
      const seen = report.violations.find((violation) => violation.invariant === invariant);
      for (const violation of report.violations) others.add(violation.invariant);
      if (seen === undefined) continue;
      for (let ran = 1; ran <= seed; ran++) {
        if (bug.when !== undefined && !bug.when(ran)) continue;
        const { violations: [wrong] } = await cleanly(ran, nodes);
        if (wrong !== undefined) return { bug, caught: false, seeds: seed, cpuMs, note: `seed ${ran} fails without it: ${wrong.invariant}: ${wrong.what}` };
      }
      return { bug, caught: true, seeds: seed, cpuMs, note: `${invariant}: ${seen.what}` };
    }
    return { bug, caught: false, seeds: SEEDS_MAX, cpuMs, note: others.size === 0 ? "nothing was seen" : `seen by ${[...others].sort().join(", ")}` };
  } finally {
    worker.stop();
    pull();
  }
}
