import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { PLANTED } from "../test/sim/planted.ts";
import { hunt } from "../test/sim/plantedRun.ts";
import { type Job, runMany } from "../test/sim/runMany.ts";
import { type SimulationReport, simulate } from "../test/sim/simulate.ts";
import { root } from "./package/checkout.ts";

/**
 * `npm run sim -- --seeds N --nodes 4,7,13`: runs of the simulation, spread over the sizes, on all cores. `--from N` begins at another seed.
 * `--seed N [--nodes 7]` plays one again, with a line for whatever happens. `--planted [NAME…]` looks for the planted bugs.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: {
  seeds: { type: "string" }, nodes: { type: "string" }, seed: { type: "string" }, from: { type: "string" }, planted: { type: "boolean" }, verbose: { type: "boolean" },
} });
const write = (line: string): void => void process.stdout.write(`${line}\n`), wrong = (line: string): never => { process.stderr.write(`${line}\n`); process.exit(2); };
const number = (text: string, name: string): number => Number.isSafeInteger(Number(text)) && Number(text) >= 0 && text !== "" ? Number(text) : wrong(`--${name} takes a number, got ${text}`);
const sizes = (values.nodes ?? (values.seed === undefined ? "4,7,13" : "")).split(",").filter((text) => text !== "").map((text) => number(text, "nodes"));
if (sizes.some((size) => size < 1 || size > 100)) wrong("A simulated subnet has 1 to 100 nodes.");

/** Seeds take the sizes in turn: the size of a seed is a part of what it means. */
const sizeOf = (seed: number, among: readonly number[]): number => among[seed % among.length]!;
const failure = ({ seed, nodes, violations }: SimulationReport): readonly string[] => [
  ...violations.map(({ invariant, what }) => `seed ${seed}, ${nodes} nodes: ${invariant}: ${what}`), `  again: npm run sim -- --seed ${seed} --nodes ${nodes}`,
];

async function many(count: number, from: number): Promise<boolean> {
  const jobs: Job[] = Array.from({ length: count }, (_, i) => ({ seed: from + i, nodes: sizeOf(from + i, sizes) }));
  const total = { runs: 0, heights: 0, faults: 0, violations: 0, cpuMs: 0 }, classes = new Map<string, number>(), start = performance.now();
  await runMany(root, jobs, (report) => {
    total.runs++;
    total.heights += report.heights;
    total.faults += report.faults;
    total.violations += report.violations.length;
    total.cpuMs += report.cpuMs;
    for (const [name, acts] of Object.entries(report.classes)) classes.set(name, (classes.get(name) ?? 0) + acts);
    if (report.violations.length > 0) failure(report).forEach(write);
    else if (values.verbose === true) write(`seed ${report.seed}, ${report.nodes} nodes: ${report.heights} heights, ${report.faults} faults, ${Math.round(report.cpuMs)} ms of CPU, ${report.hash.slice(0, 16)}`);
    else if (total.runs % 50 === 0) write(`${total.runs} runs, ${Math.round((performance.now() - start) / 1000)} s`);
  });
  write(`faults: ${[...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, acts]) => `${name} ${acts}`).join(", ")}`);
  write(`${Math.round(total.cpuMs / total.runs)} ms of CPU a run, ${Math.round((total.runs * 3_600_000) / (performance.now() - start))} runs an hour`);
  write(`runs ${total.runs} heights ${total.heights} faults ${total.faults} violations ${total.violations}`);
  return total.violations === 0;
}

async function again(seed: number): Promise<boolean> {
  const report = await simulate({ seed, nodes: sizes[0] ?? sizeOf(seed, [4, 7, 13]), tell: write });
  if (report.violations.length > 0) failure(report).forEach(write);
  write(`hash ${report.hash}`);
  write(`runs 1 heights ${report.heights} faults ${report.faults} violations ${report.violations.length}`);
  return report.violations.length === 0;
}

async function planted(): Promise<boolean> {
  const bugs = PLANTED.filter(({ name, invariant }) => positionals.length === 0 || positionals.some((wanted) => name.includes(wanted) || invariant === wanted));
  if (bugs.length === 0) wrong(`No planted bug is named ${positionals.join(" ")}.`);
  const found = await hunt(root, bugs, ({ bug, caught, seeds, cpuMs, note }) => write(`${caught ? "caught" : "MISSED"}  ${bug.invariant.padEnd(4)} ${bug.name} — ${seeds} seeds, ${Math.round(cpuMs / 100) / 10} s; ${note}`), availableParallelism(), values.verbose === true ? write : undefined);
  const caught = found.filter((one) => one.caught).length;
  write(`caught ${caught} of ${bugs.length}`);
  return caught === bugs.length;
}

const fine = values.planted === true ? await planted() : values.seed !== undefined ? await again(number(values.seed, "seed")) : await many(number(values.seeds ?? "20", "seeds"), number(values.from ?? "1", "from"));
process.exit(fine ? 0 : 1);
