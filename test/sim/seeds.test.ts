import { describe, expect, test } from "vitest";
import { ABSENT } from "./invariants/keys.ts";
import { INVARIANTS } from "./invariants/table.ts";
import { type SimulationReport, simulate } from "./simulate.ts";

/** Five to ten seconds of one core each; a thousand of three sizes, some with the real curve, are a part of nightly. */
const SEEDS = [3, 4, 5, 6] as const, NODES = 4;
const reports: SimulationReport[] = [];
const failures = ({ seed, nodes, violations }: SimulationReport): readonly string[] => violations.map(({ invariant, what }) => `npm run sim -- --seed ${seed} --nodes ${nodes}: ${invariant}: ${what}`);

describe("seeds", () => {
  test.each(SEEDS)("%i: no rule is broken", { timeout: 900_000 }, async (seed) => {
    const report = await simulate({ seed, nodes: NODES, real: false });
    expect(failures(report)).toEqual([]);
    expect([report.heights >= 150, report.intervals >= 3, report.faults > 0]).toEqual([true, true, true]);
    reports.push(report);
  });
  test("show many classes of faults", () => {
    const seen = new Set(reports.flatMap(({ classes }) => Object.keys(classes)));
    expect(["crash", "partition", "storm", "loss", "duplicate", "reorder"].filter((name) => !seen.has(name))).toEqual([]);
  });
  test("a run made twice ends in the same hash, and another seed in another", { timeout: 900_000 }, async () => {
    const again = await simulate({ seed: 3, nodes: NODES });
    expect(again.hash).toBe(reports.find(({ seed }) => seed === 3)!.hash);
    expect(new Set(reports.map(({ hash }) => hash)).size).toBe(reports.length);
  });
});

test("every rule of the protocol digest is in the table, or says why it is not", () => {
  const names = (letter: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  expect([...INVARIANTS, ...ABSENT].map(({ name }) => name).sort()).toEqual([...names("S", 13), ...names("L", 7), ...names("X", 11), ...names("C", 9)].sort());
});
