import { existsSync, readFileSync } from "node:fs";
import type { Covered } from "./coverage.ts";

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
export const uncovered = (list: readonly Covered[]): string[] => list.flatMap(([name, ...where]) => [
  ...(where.length === 0 ? [`${name}: nothing`] : []),
  ...where.flatMap((place) => ("reason" in place ? (place.reason === "" ? [`${name}: no reason`] : []) : titlesOf(place.file) !== "" && titlesOf(place.file).includes(place.title) ? [] : [`${name}: no "${place.title}" in ${place.file}`])),
]);
