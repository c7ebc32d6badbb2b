import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { NODES, type NodeLine, clone, installNode, measured, must, temporaryFolder } from "./ground.ts";

const MINUTES = 60_000;
const ground = temporaryFolder("matrix");

describe.each(Object.keys(NODES).map((line) => Number(line) as NodeLine))("a fresh clone for a user of Node %i", (line) => {
  test("npm install && npx icx demo", async () => {
    const path = [await installNode(line, ground)], cwd = await clone(ground, `demo-${line}`);
    const install = await must("npm", ["install"], { cwd, path });
    const { stdout, seconds } = await must("npx", ["--no", "--", "icx", "demo"], { cwd, path });
    measured(`Node ${NODES[line]}: npm install ${install.seconds} s, npx icx demo ${seconds} s`);
    expect(stdout).toContain("(1 : nat)");
    expect(existsSync(join(cwd, "icx-demo"))).toBe(true);
    const changed = (await must("git", ["status", "--porcelain"], { cwd })).stdout.split("\n").filter((entry) => entry !== "");
    const byNpm10 = line === 18 ? [" M package-lock.json"] : []; // it drops the `libc` fields
    expect(changed.filter((entry) => !byNpm10.includes(entry))).toEqual([]);
  }, 10 * MINUTES);
});

describe("a fresh clone whose install runs no scripts", () => {
  test("npm install --ignore-scripts && npm test", async () => {
    const path = [await installNode(18, ground)], cwd = await clone(ground, "tests");
    await must("npm", ["install", "--ignore-scripts"], { cwd, path });
    const { stdout, seconds } = await must("npm", ["test"], { cwd, path, seconds: 20 * 60 });
    measured(`npm test, started by Node ${NODES[18]}: ${seconds} s`);
    expect(stdout).toMatch(/Tests .*passed/);
    expect(stdout).not.toMatch(/\d+ failed/);
  }, 25 * MINUTES);
});
