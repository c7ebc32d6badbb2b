import { describe, expect, test } from "vitest";
import { ABSENT } from "./invariants/keys.ts";
import { INVARIANTS } from "./invariants/table.ts";
import { ADVERSARIES } from "./adversaries.ts";
import { type SimulationReport, simulate } from "./simulate.ts";

/** Of sixty seeds one has thirteen nodes and two have seven; one runs with the real curve, which takes as long as ten others (one in twenty does at night). */
const sizeOf = (seed: number): number => (seed === 40 ? 13 : seed % 25 === 12 ? 7 : 4);
const reports: SimulationReport[] = [];
const failures = ({ seed, nodes, violations }: SimulationReport): readonly string[] => violations.map(({ invariant, what }) => `npm run sim -- --seed ${seed} --nodes ${nodes}: ${invariant}: ${what}`);

describe("sixty seeds", () => {
  test.each([1, 11, 21, 31, 41, 51])("from %i: no rule is broken", { timeout: 300_000 }, async (first) => {
    for (let seed = first; seed < first + 10; seed++) {
      const report = await simulate({ seed, nodes: sizeOf(seed), real: seed === 7 });
      expect(failures(report)).toEqual([]);
      expect([report.heights >= 150, report.intervals >= 3, report.faults > 0]).toEqual([true, true, true]);
      reports.push(report);
    }
  });
  test("show every class of faults, and run with the real curve too", () => {
    const seen = new Set(reports.flatMap(({ classes }) => Object.keys(classes)));
    expect(ADVERSARIES.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
    expect(["crash", "partition", "storm", "slow", "exile", "twins", "corruptState", "skew", "loss", "duplicate", "reorder"].filter((name) => !seen.has(name))).toEqual([]);
    expect(reports.filter(({ real }) => real).length).toBe(1);
  });
  test("a run made twice ends in the same hash, and another seed in another", { timeout: 120_000 }, async () => {
    const again = await simulate({ seed: 3, nodes: 4 });
    expect(again.hash).toBe(reports.find(({ seed }) => seed === 3)!.hash);
    expect(new Set(reports.map(({ hash }) => hash)).size).toBe(reports.length);
  });
});

test("every rule of the protocol digest is in the table, or says why it is not", () => {
  const names = (letter: string, count: number): readonly string[] => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  expect([...INVARIANTS, ...ABSENT].map(({ name }) => name).sort()).toEqual([...names("S", 13), ...names("L", 7), ...names("X", 11), ...names("C", 9)].sort());
});
