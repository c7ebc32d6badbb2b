import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { managementMethods } from "../../src/replica/execution/management/managementMethods.ts";
import { IC0_CALLS } from "../canisters/universal.ts";
import { AREAS, type Covered, SECTIONS } from "./coverage.ts";
import { mutations } from "./mutation.ts";

const titles = new Map<string, string>();
/** All that is said in `describe(…)` and `test(…)` of a file. */
function titlesOf(file: string): string {
  let known = titles.get(file);
  if (known === undefined) {
    const path = new URL(`../${file}`, import.meta.url);
    known = existsSync(path) ? [...readFileSync(path, "utf8").matchAll(/\b(?:describe|test)(?:\.\w+\([^]*?\))?\(\s*(["`])([^]*?)\1/g)].map((match) => match[2]).join("\n") : "";
    titles.set(file, known);
  }
  return known;
}
/** What of this is neither tried nor excused. */
const uncovered = (list: readonly Covered[]): string[] => list.flatMap(([name, ...where]) => [
  ...(where.length === 0 ? [`${name}: nothing`] : []),
  ...where.flatMap((place) => ("reason" in place ? (place.reason === "" ? [`${name}: no reason`] : []) : titlesOf(place.file) !== "" && titlesOf(place.file).includes(place.title) ? [] : [`${name}: no "${place.title}" in ${place.file}`])),
]);

describe("the specification is covered", () => {
  test.each(Object.entries(SECTIONS))("every section of %s is tried, or says why not", (_document, sections) => { expect(uncovered(sections)).toEqual([]); });
  test("every area of the acceptance tests is tried, or says why not", () => { expect(uncovered(AREAS)).toEqual([]); });
  test("every row of the System API and of the management canister is among the mutations", () => {
    const names = mutations.map(({ name }) => name);
    expect(names.filter((_, i) => mutations[i]!.table === "system call").sort()).toEqual(IC0_CALLS.map(([name]) => name).sort());
    expect(names.filter((_, i) => mutations[i]!.table === "management method").sort()).toEqual([...managementMethods.keys()].sort());
  });
});
