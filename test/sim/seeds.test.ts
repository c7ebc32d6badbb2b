import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { ABSENT } from "./invariants/keys.ts";
import { INVARIANTS } from "./invariants/table.ts";
import { type Job, runMany } from "./runMany.ts";
import type { SimulationReport } from "./simulate.ts";

/** Three seconds of one core each, in processes of their own; a thousand of three sizes, some with the real curve, are a part of nightly. */
const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1), NODES = 4, TWICE = 5;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const reports: SimulationReport[] = [];
const failures = ({ seed, nodes, violations }: SimulationReport): readonly string[] => violations.map(({ invariant, what }) => `npm run sim -- --seed ${seed} --nodes ${nodes}: ${invariant}: ${what}`);

describe("seeds", () => {
  beforeAll(async () => {
    const jobs: Job[] = [...SEEDS, TWICE].map((seed) => ({ seed, nodes: NODES, real: false }));
    await runMany(root, jobs, (report) => void reports.push(report));
  }, 900_000);

  test("break no rule", () => {
    expect(reports.flatMap(failures)).toEqual([]);
    expect(reports).toHaveLength(SEEDS.length + 1);
    expect(reports.filter(({ heights, intervals, faults }) => heights < 150 || intervals < 3 || faults === 0).map(({ seed }) => seed)).toEqual([]);
  });
  test("show many classes of faults", () => {
    const seen = new Set(reports.flatMap(({ classes }) => Object.keys(classes)));
    const wanted = ["crash", "partition", "storm", "slow", "skew", "loss", "duplicate", "reorder", "twins", "everything", "withhold", "invalidShares", "invalidAggregates"];
    expect(wanted.filter((name) => !seen.has(name))).toEqual([]);
  });
  test("end in the same hash when they are run twice, and each in another", () => {
    const hashes = reports.map(({ hash }) => hash);
    expect(new Set(reports.filter(({ seed }) => seed === TWICE).map(({ hash }) => hash)).size).toBe(1);
    expect(new Set(hashes).size).toBe(SEEDS.length);
  });
});

test("every rule of the protocol digest is in the table, or says why it is not", () => {
  const names = (letter: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  expect([...INVARIANTS, ...ABSENT].map(({ name }) => name).sort()).toEqual([...names("S", 13), ...names("L", 7), ...names("X", 11), ...names("C", 9)].sort());
});
