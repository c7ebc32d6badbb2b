import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PLANTED } from "../sim/planted.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Last line of what the simulation says. */
function sim(...args: readonly string[]): { readonly last: string; readonly all: string } {
  const { stdout } = spawnSync(process.execPath, [join(root, "scripts/sim.ts"), ...args], { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return { last: stdout.trimEnd().split("\n").at(-1) ?? "", all: stdout };
}

test("a thousand seeds of 4, 7 and 13 nodes: every fault class, and no rule is broken", { timeout: 3 * 3_600_000 }, () => {
  const { last, all } = sim("--seeds", "1000", "--nodes", "4,7,13");
  expect(all).toMatch(/^runs 1000 heights \d+ faults \d+ violations 0$/m);
  const [, heights, faults] = /heights (\d+) faults (\d+)/.exec(last)!;
  expect([Number(heights) >= 150_000, Number(faults) > 0]).toEqual([true, true]);
});

test("every planted bug is caught by its rule", { timeout: 3 * 3_600_000 }, () => {
  expect(sim("--planted").last).toBe(`caught ${PLANTED.length} of ${PLANTED.length}`);
});
