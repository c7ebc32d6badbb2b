import { describe, expect, test } from "vitest";
import { seeded } from "../unit/replica/execution/wasm/seeded.ts";
import { findings } from "./findings.ts";
import { FAULTS, withFault } from "./plantedFaults.ts";

const SEEDS = 100;

describe("random programs", () => {
  test(`${SEEDS} of them behave as a plain interpreter and V8 say, to the bit and to the instruction`, () => {
    const results = Array.from({ length: SEEDS }, (_, seed) => findings(seed));
    expect(results.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    const sum = (of: "trapped" | "returned"): number => results.reduce((total, result) => total + result[of], 0);
    expect(sum("trapped")).toBeGreaterThan(2 * SEEDS);
    expect(sum("returned")).toBeGreaterThan(2 * SEEDS);
    expect(results.filter(({ raw }) => raw).length).toBeGreaterThan(SEEDS / 5);
  });
  test("behave the same with outlined barriers", () => expect(Array.from({ length: 15 }, (_, seed) => findings(seed, { outlineAbove: 0 }).wrong).flat()).toEqual([]));
  test("behave the same in slices of any size", () => expect(Array.from({ length: 25 }, (_, seed) => findings(seed, { sliced: true }).wrong).flat()).toEqual([]));
});

describe("a planted fault is found", () => {
  const TRIES = 60;
  test.each(Object.entries(FAULTS))("%s", (_, fault) => {
    const next = seeded(1);
    let found = false;
    for (let seed = 0; seed < TRIES && !found; seed++) withFault(fault, next, () => { found = findings(seed).wrong.length > 0; });
    expect(found).toBe(true);
  });
  test("stores across pages that are journaled wrongly", () => expect(Array.from({ length: TRIES }, (_, seed) => seed).some((seed) => findings(seed, { crossingStores: false }).wrong.length > 0)).toBe(true));
  test("and without a fault nothing is", () => {
    const planted = withFault({ find: FAULTS["a block with a wrong charge"]!.find, put: [] }, seeded(1), () => expect(findings(1).wrong).toEqual([]));
    expect(planted).toBe(1);
  });
});
