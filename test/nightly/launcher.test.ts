import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { NODES, type NodeLine, clone, environment, installNode, must, temporaryFolder } from "./ground.ts";

const MINUTES = 60_000;
/** A stopping network may write a checkpoint; after this the child ends itself anyway (bin/icx.js). */
const GONE_WITHIN_MS = 15_000;
const ground = temporaryFolder("launcher");
let checkout: string;
const bins = new Map<NodeLine, string>();

/** Every process that was started from the clone, whoever its parent is now. */
const processes = (): string[] => execFileSync("ps", ["-A", "-o", "pid=,args="], { encoding: "utf8" }).split("\n").filter((line) => line.includes(checkout) && !line.includes("ps -A"));
const isListening = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.on("connect", () => { socket.destroy(); resolve(true); }).on("error", () => resolve(false));
});
async function until(what: string, check: () => boolean | Promise<boolean>, milliseconds: number): Promise<void> {
  for (const end = performance.now() + milliseconds; !(await check()); await delay(20)) if (performance.now() > end) throw new Error(`${what}: not within ${milliseconds} ms\n${processes().join("\n")}`);
}
const launch = (line: NodeLine, cwd: string, ...argv: string[]): ChildProcess =>
  spawn(join(bins.get(line)!, "node"), [join(checkout, "bin/icx.js"), ...argv], { cwd, env: environment([bins.get(line)!]), stdio: "ignore" });
const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => { if (child.exitCode !== null || child.signalCode !== null) resolve(); else child.once("exit", () => resolve()); });

beforeAll(async () => {
  for (const line of [18, 20, 22] as const) bins.set(line, await installNode(line, ground));
  checkout = await clone(ground, "icx");
  await must("npm", ["install"], { cwd: checkout, path: [bins.get(20)!] });
  await must("npx", ["--no", "--", "icx", "new", "hello"], { cwd: checkout, path: [bins.get(20)!] });
}, 10 * MINUTES);

describe.each([18, 20, 22] as const)("a launcher started by Node %i", (line) => {
  test("hands the network over to the Node that came along, and leaves nothing when it is killed", async () => {
    const project = join(checkout, "hello"), announced = join(project, ".icx/network/network.json");
    const launcher = launch(line, project, "start");
    await until("the network is announced", () => {
      if (launcher.exitCode !== null) throw new Error(`icx start ended with ${launcher.exitCode}`);
      return existsSync(announced);
    }, 60_000);
    const { pid, port } = JSON.parse(readFileSync(announced, "utf8")) as { readonly pid: number; readonly port: number };
    expect(pid).not.toBe(launcher.pid);
    expect(await isListening(port)).toBe(true);
    expect(processes().length).toBeGreaterThanOrEqual(2);
    process.kill(launcher.pid!, "SIGKILL");
    await until("all processes have ended", () => processes().length === 0, GONE_WITHIN_MS);
    expect(await isListening(port)).toBe(false);
    expect(readdirSync(join(project, ".icx/network")).filter((file) => /^(lock|network\.json)/.test(file))).toEqual([]);
    await must("npx", ["--no", "--", "icx", "start", "--background", "--project-root", project], { cwd: checkout, path: [bins.get(line)!] });
    await must("npx", ["--no", "--", "icx", "stop", "--project-root", project], { cwd: checkout, path: [bins.get(line)!] });
    await until("the stopped network's process has ended", () => processes().length === 0, GONE_WITHIN_MS);
  }, 3 * MINUTES);
  test("leaves nothing when it is killed while the child is still starting", async () => {
    const program = join(ground, "waits.mjs"); // only the signal of the closed channel ends it
    writeFileSync(program, 'import { createServer } from "node:net"; createServer().listen(0);\n');
    for (const milliseconds of [20, 40, 60, 80, 100, 130, 160, 200, 300, 500]) {
      const launcher = launch(line, ground, "--run-with-node", program);
      await delay(milliseconds);
      launcher.kill("SIGKILL");
      await ended(launcher);
      await until(`killed after ${milliseconds} ms, all processes have ended`, () => processes().length === 0, GONE_WITHIN_MS);
    }
  }, 5 * MINUTES);
  test("passes the exit code and the signal through", async () => {
    const program = join(ground, "ends.mjs");
    writeFileSync(program, "process.exit(7);\n");
    const done = launch(line, ground, "--run-with-node", program);
    await ended(done);
    expect(done.exitCode).toBe(7);
    const ready = join(ground, `ready-${line}`), signalled = join(ground, "signalled.mjs");
    writeFileSync(signalled, `import { createServer } from "node:net"; import { writeFileSync } from "node:fs"; createServer().listen(0, () => writeFileSync(${JSON.stringify(ready)}, process.version));\n`);
    const stopped = launch(line, ground, "--run-with-node", signalled);
    await until("the program runs", () => existsSync(ready) && readFileSync(ready, "utf8") !== "", 20_000);
    expect(readFileSync(ready, "utf8")).toBe(`v${NODES[26]}`);
    stopped.kill("SIGTERM");
    await ended(stopped);
    expect([stopped.signalCode, processes()]).toEqual(["SIGTERM", []]);
  }, 2 * MINUTES);
});
