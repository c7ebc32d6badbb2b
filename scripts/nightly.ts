import { spawn } from "node:child_process";
import { readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "./package/checkout.ts";

/**
 * `npm run nightly [-- PART…]`: the checks that are too long, or too far from the sources, for `npm test`. A part is a file of
 * `test/nightly/`; without names all of them run, one after the other. Each ends with one line; the exit code tells whether all passed.
 */
const folder = "test/nightly";
const all = readdirSync(join(root, folder)).filter((file) => file.endsWith(".test.ts")).map((file) => basename(file, ".test.ts")).sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !all.includes(part));
if (unknown.length > 0) {
  process.stderr.write(`No part is named ${unknown.join(", ")}. The parts are: ${all.join(", ")}.\n`);
  process.exit(2);
}

interface Report { readonly numPassedTests: number; readonly numFailedTests: number; readonly numPendingTests: number }

/** Runs one part in a vitest of its own; its output is shown as it comes. */
async function runPart(part: string): Promise<{ readonly passed: boolean; readonly line: string }> {
  const start = performance.now(), file = join(tmpdir(), `icx-nightly-${process.pid}-${part}.json`);
  const child = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", `${folder}/${part}.test.ts`, "--reporter=verbose", "--reporter=json", `--outputFile.json=${file}`],
    { cwd: root, stdio: "inherit", env: { ...process.env, ICX_NIGHTLY: "1" } });
  const code = await new Promise<number | null>((resolve) => { child.on("close", resolve); });
  let counts = "no report";
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, "utf8")) as Report;
    counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  } catch { /* the part ended before it could report; the exit code says so */ }
  rmSync(file, { force: true });
  return { passed: code === 0, line: `${code === 0 ? "passed" : "FAILED"}  ${part.padEnd(12)} ${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s   ${counts}` };
}

const results: { readonly passed: boolean; readonly line: string }[] = [];
for (const part of wanted.length > 0 ? wanted : all) results.push(await runPart(part));
process.stdout.write(`\n${results.map(({ line }) => line).join("\n")}\n`);
process.exit(results.every(({ passed }) => passed) ? 0 : 1);
