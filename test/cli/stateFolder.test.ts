import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { icx, temporaryFolder } from "./run.ts";

const state = (folder: string, ...names: readonly string[]): string => join(folder, ".icx/network/state/subnets", ...names);
const project = (): ReturnType<typeof temporaryFolder> => {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, "icp.yaml"), "canisters: []\n");
  return folder;
};
/** A project whose network has run and was stopped. */
async function lived(): Promise<ReturnType<typeof temporaryFolder>> {
  const folder = project();
  await using network = await startNetwork({ stateDir: join(folder.path, ".icx/network/state") });
  expect(network.subnets).toHaveLength(2);
  return folder;
}
const start = async (folder: { readonly path: string }, ...argv: readonly string[]): Promise<{ readonly code: string; readonly message: string; readonly hint: string }> => {
  const ran = await icx(folder.path, ["start", ...argv, "--json"]);
  expect(ran.code).toBe(1);
  return (ran.json as { readonly error: { readonly code: string; readonly message: string; readonly hint: string } }).error;
};

describe("icx start says what is the matter with the state's folder, and what to do", () => {
  test("another process holds it", async () => {
    using folder = await lived();
    const other: ChildProcess = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(state(folder.path, "root", "lock"), JSON.stringify({ pid: other.pid, started: "" }));
    expect(await start(folder)).toMatchObject({ code: "ICX2007", message: expect.stringContaining(`pid ${other.pid}`) as unknown });
    other.kill("SIGKILL");
    await once(other, "exit");
  });
  test("a newer icx wrote it", async () => {
    using folder = await lived();
    writeFileSync(state(folder.path, "root", "format.json"), JSON.stringify({ format: 99, icx: "9.0.0" }));
    expect(await start(folder)).toMatchObject({ code: "ICX2013", message: expect.stringContaining("format 99") as unknown, hint: expect.stringContaining("Update icx") as unknown });
  });
  test.each([["journal", /\.log$/], ["checkpoints and journal", /\.(log|pack)$/]])("both copies of the %s are damaged", async (_what, files) => {
    using folder = await lived();
    const root = state(folder.path, "root");
    for (const name of readdirSync(root).filter((file) => files.test(file))) truncateSync(join(root, name), 100);
    expect(await start(folder)).toMatchObject({ code: "ICX2014", message: expect.stringContaining(root) as unknown, hint: expect.stringContaining("--clean") as unknown });
  });
  test("the disk is full", async () => {
    using folder = project();
    mkdirSync(state(folder.path, "root"), { recursive: true });
    symlinkSync("/dev/full", state(folder.path, "root", "format.json.new"));
    expect(await start(folder)).toMatchObject({ code: "ICX2015", message: expect.stringContaining("ENOSPC") as unknown, hint: expect.stringContaining("Make space") as unknown });
  });
  test("it cannot be written: a file is in its place, whatever the place", async () => {
    using folder = project();
    mkdirSync(join(folder.path, ".icx/network/state"), { recursive: true });
    writeFileSync(state(folder.path), "");
    expect(await start(folder)).toMatchObject({ code: "ICX2016", hint: expect.stringContaining("permission") as unknown });
    rmSync(join(folder.path, ".icx"), { recursive: true });
    writeFileSync(join(folder.path, ".icx"), "");
    expect(await start(folder)).toMatchObject({ code: "ICX2016", message: expect.stringContaining(".icx/network") as unknown });
    expect(await start(folder, "--background")).toMatchObject({ code: "ICX2016" });
  });
  test("in the background too, in the words of the process that could not start", async () => {
    using folder = await lived();
    writeFileSync(state(folder.path, "root", "format.json"), JSON.stringify({ format: 99, icx: "9.0.0" }));
    expect(await start(folder, "--background")).toMatchObject({ code: "ICX2013", hint: expect.stringContaining("Update icx") as unknown });
  });
});

test("a network that could not start holds nothing: mended, the same process starts it", async () => {
  using folder = await lived();
  const stateDir = join(folder.path, ".icx/network/state"), others = readdirSync(state(folder.path)).filter((name) => name !== "root"), format = state(folder.path, others[0]!, "format.json"), sound = readFileSync(format);
  writeFileSync(format, JSON.stringify({ format: 99, icx: "9.0.0" }));
  await expect(startNetwork({ stateDir })).rejects.toMatchObject({ name: "StoreFailure", code: "newerFormat", directory: state(folder.path, others[0]!) });
  writeFileSync(format, sound);
  const pack = readdirSync(state(folder.path, "root")).filter((name) => name.endsWith(".pack"));
  expect(pack.length).toBeGreaterThan(0);
  await using network = await startNetwork({ stateDir });
  expect(network.subnets).toHaveLength(2);
});
