import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { createVitest } from "vitest/node";
import { type Mutation, mutations } from "../test/spec/mutation.ts";
import { root } from "./package/checkout.ts";

/**
 * `npm run mutate [-- NAME…]`: replaces the `run` of each System API row and of each management method by one that does nothing, one at a time, and
 * runs the files of test/spec that name the row. A row that no test misses is named; the last line is `noticed N of N`.
 */
const folder = join(root, "test/spec"), wanted = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts")).sort().map((file) => ({ path: join(folder, file), text: readFileSync(join(folder, file), "utf8") }));
/** Tests take the two calls of a `_size` and `_copy` pair together, by their common name. */
const namesOf = ({ name }: Mutation): readonly string[] => [name, name.replace(/_(size|copy)$/, "")];
const naming = (mutation: Mutation): readonly string[] => files.filter(({ text }) => namesOf(mutation).some((name) => new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`).test(text))).map(({ path }) => path);

const vitest = await createVitest("test", {
  root, config: false, pool: "forks", maxWorkers: 2, watch: false, bail: 1, reporters: [{}], setupFiles: [join(folder, "mutation.setup.ts")], silent: true, testTimeout: 30_000,
});
const project = vitest.projects[0]!;
/** The files of these whose tests do not all pass while this row does nothing; files that were not begun any more count as passed. */
async function failing(paths: readonly string[], mutation: Mutation | null): Promise<readonly string[]> {
  project.provide("mutation", mutation);
  project.config.bail = mutation === null ? 0 : 1;
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(paths.map((path) => project.createSpecification(path)));
  return unhandledErrors.length > 0 ? paths : testModules.filter((module) => module.state() === "failed").map(({ moduleId }) => moduleId);
}

const chosen = wanted.length === 0 ? mutations : mutations.filter(({ name }) => wanted.includes(name)), started = performance.now();
const relevant = [...new Set(chosen.flatMap((mutation) => naming(mutation)))];
const broken = await failing(relevant, null);
for (const path of broken) process.stdout.write(`${relative(root, path)} fails without any mutation and is left out\n`);
let noticed = 0;
for (const mutation of chosen) {
  const paths = naming(mutation).filter((path) => !broken.includes(path)), seen = paths.length > 0 && (await failing(paths, mutation)).length > 0;
  if (seen) noticed++;
  process.stdout.write(`${seen ? "noticed" : "MISSED "} ${mutation.table} ${mutation.name}${paths.length === 0 ? " (no test names it)" : ""}\n`);
}
await vitest.close();
process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0)} s\nnoticed ${noticed} of ${chosen.length}\n`);
process.exit(noticed === chosen.length && broken.length === 0 ? 0 : 1);
