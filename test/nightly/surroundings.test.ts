import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/package/checkout.ts";
import { SURROUNDINGS } from "../cli/surrounding.ts";
import { measured, run, temporaryFolder } from "./ground.ts";

const MINUTES = 60_000, SECONDS_MAX = 40 * 60;
interface Report { readonly numTotalTests: number; readonly numPassedTests: number; readonly numFailedTests: number; readonly numPendingTests: number; readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string; readonly failureMessages?: readonly string[] }[] }[] }

/** The whole of test/cli, in a vitest of its own whose user has an empty home. */
describe("the tests of the command line", { timeout: SECONDS_MAX * 1_000 + MINUTES }, () => {
  test.each(SURROUNDINGS)("%s", async (surrounding) => {
    const folder = temporaryFolder(surrounding), home = join(folder, "home"), file = join(folder, "report.json");
    mkdirSync(home);
    const ran = await run(process.execPath, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "test/cli", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      { cwd: root, path: [dirname(process.execPath)], env: { ICX_TEST_SURROUNDING: surrounding, HOME: home, USERPROFILE: home, XDG_CONFIG_HOME: "", XDG_CACHE_HOME: "" }, seconds: SECONDS_MAX });
    expect(existsSync(file), `${ran.stdout.slice(-4_000)}\n${ran.stderr.slice(-4_000)}`).toBe(true);
    const { numTotalTests, numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(file, "utf8")) as Report;
    measured(`${surrounding}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped of ${numTotalTests}`);
    for (const own of new Set(`${ran.stdout}\n${ran.stderr}`.split("\n").filter((line) => line.startsWith("own environment: ")))) measured(`  ${own}`);
    const failed = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === "failed");
    for (const { fullName, failureMessages } of failed) measured(`  failed: ${fullName}: ${failureMessages?.[0]?.slice(0, 600) ?? ""}`);
    expect(failed.map(({ fullName }) => fullName)).toEqual([]);
    expect(ran.code, ran.stdout.slice(-4_000)).toBe(0);
    expect(numPassedTests).toBeGreaterThan(500);
    for (const left of [".config", ".cache", ".local", "Library", "AppData"]) expect(existsSync(join(home, left, "icx")), `${left} of the home of whoever runs the tests`).toBe(false);
  });
});
