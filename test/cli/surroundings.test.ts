import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Io } from "../../src/context/io.ts";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { ownEnvironment } from "./surrounding.ts";

const ESCAPE = "\u001b[", PATH = process.env["PATH"];
const own = (env: Env): Env => ownEnvironment("it makes a surrounding of its own", env);
type Env = Readonly<Record<string, string | undefined>>;

/** What a person does on the first day, with no network running: each step works, and nothing is left where it does not belong. */
async function firstDay(folder: string, env: Env, more: Partial<Io> = {}): Promise<{ readonly ran: readonly Ran[]; readonly principal: string }> {
  const ran: Ran[] = [], run = async (cwd: string, ...argv: readonly string[]): Promise<Ran> => {
    const one = await icx(cwd, argv, { ...more, env }, false);
    expect(one, `icx ${argv.join(" ")}\n${one.stderr}`).toMatchObject({ code: 0 });
    ran.push(one);
    return one;
  };
  await run(folder, "new", "hello", "--template", "motoko");
  const project = join(folder, "hello");
  await counterProject(project); // so that nothing has to be compiled
  await run(project, "deploy");
  expect(await run(project, "canister", "call", "counter", "increment", "(2)")).toMatchObject({ stdout: "(2 : nat)\n" });
  expect(await run(project, "call", "counter", "get")).toMatchObject({ stdout: "(2 : nat)\n" });
  const principal = (await run(project, "identity", "principal")).stdout.trim(), status = JSON.parse((await run(project, "canister", "status", "counter", "--json")).stdout) as { readonly settings: { readonly controllers: readonly string[] } };
  expect(status.settings.controllers).toContain(principal);
  await run(project, "identity", "new", "alice");
  expect((await run(project, "identity", "list", "--quiet")).stdout.split("\n")).toEqual(expect.arrayContaining(["alice", "anonymous", "default"]));
  expect((await run(project, "canister", "list", "--quiet")).stdout).toBe("counter\n");
  await run(project, "canister", "settings", "update", "counter", "--add-environment-variable", "GREETING=grüß dich");
  expect((await run(project, "canister", "settings", "show", "counter")).stdout).toContain("GREETING: grüß dich");
  expect((await run(project, "canister", "logs", "counter")).stdout).toMatch(/^(\[\d+\. .+\]: .*\n)*$/);
  await run(project, "network", "list");
  await run(project, "canister", "delete", "counter", "-y");
  expect((await run(project, "canister", "list", "--json")).stdout).toContain("\"counter\":null");
  return { ran, principal };
}

describe("the first day", () => {
  const home = process.env["HOME"];
  afterEach(() => { if (home === undefined) delete process.env["HOME"]; else process.env["HOME"] = home; });

  test("as usual", async () => {
    using folder = temporaryFolder();
    await firstDay(folder.path, own({ PATH, ICX_HOME: join(folder.path, "home") }));
    expect(readdirSync(join(folder.path, "home", "identity")).sort()).toEqual(["alice.pem", "default.pem"]);
  }, 120_000);
  test("with HOME unset: the system says where the user's home is", async () => {
    using folder = temporaryFolder();
    process.env["HOME"] = folder.path; // what the system would say
    const systemSays = homedir() === folder.path;
    await firstDay(folder.path, own(systemSays ? { PATH } : { PATH, XDG_CONFIG_HOME: folder.path }));
    expect(readdirSync(folder.path, { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(join("identity", "alice.pem")))).toBe(true);
  }, 120_000);
  test("with a HOME that cannot be written: the project keeps the keys", async () => {
    using folder = temporaryFolder();
    const blocked = join(folder.path, "blocked");
    writeFileSync(blocked, ""); // nothing can be made below a file, whoever asks
    const env = own({ PATH, HOME: blocked, USERPROFILE: blocked, APPDATA: blocked }), { principal } = await firstDay(folder.path, env);
    const project = join(folder.path, "hello");
    expect(existsSync(join(project, ".icx", "home", "identity", "default.pem"))).toBe(true);
    expect((await icx(project, ["identity", "principal"], { env })).stdout.trim()).toBe(principal);
    expect(await icx(folder.path, ["identity", "principal", "--json"], { env })).toMatchObject({ code: 1, json: { error: { code: "ICX3005", hint: expect.stringContaining("ICX_HOME") as unknown } } }); // outside of a project there is no such place
    expect(await icx(folder.path, ["stop"], { env })).toMatchObject({ code: 0, stdout: "The network was not running.\n" });
  }, 120_000);
  test("in a folder with a space and an ü", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "mein schönes projekt ü");
    mkdirSync(path);
    await firstDay(path, own({ PATH, ICX_HOME: join(path, "zu hause") }));
  }, 120_000);
  test("on a dumb terminal: no colour, no redraw", async () => {
    using folder = temporaryFolder();
    const out: string[] = [], stream = { isTTY: true, columns: 80, write: (text: string) => out.push(text) }, env = own({ PATH, ICX_HOME: folder.path, TERM: "dumb" });
    const { code } = await icx(folder.path, ["new", "hello"], { env, stdout: stream, stderr: stream });
    expect(code).toBe(0);
    await counterProject(join(folder.path, "hello"));
    for (const argv of [["deploy"], ["call", "counter", "get"], ["canister", "status"], ["identity", "list"], ["deploy", "nothing"]]) await icx(join(folder.path, "hello"), argv, { env, stdout: stream, stderr: stream });
    expect(out.join("")).toContain("(0 : nat)");
    expect(out.join("")).not.toContain(ESCAPE);
    expect(out.join("")).not.toMatch(/\r(?!\n)/);
  }, 120_000);
  test("with files of Windows: CRLF in manifest, sources and arguments", async () => {
    using folder = temporaryFolder();
    const env = own({ PATH, ICX_HOME: join(folder.path, "home") }), project = join(folder.path, "hello");
    expect(await icx(folder.path, ["new", "hello", "--template", "motoko"], { env })).toMatchObject({ code: 0 });
    for (const file of readdirSync(project, { recursive: true, encoding: "utf8", withFileTypes: true }).filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name);
      writeFileSync(path, readFileSync(path, "utf8").replace(/\r?\n/g, "\r\n"));
    }
    writeFileSync(join(project, "args.txt"), "(\r\n  5\r\n)\r\n");
    const deployed = await icx(project, ["deploy", "--json"], { env });
    expect(deployed, JSON.stringify(deployed.json)).toMatchObject({ code: 0 });
    const [name] = (JSON.parse((await icx(project, ["canister", "list", "--json"], { env })).stdout) as { readonly canisters: readonly string[] }).canisters;
    expect(await icx(project, ["call", name!, "increment", "--args-file", "args.txt"], { env })).toMatchObject({ code: 0, stdout: "(5 : nat)\n" });
    writeFileSync(join(folder.path, "key.pem"), (await icx(project, ["identity", "export", "default"], { env })).stdout.replace(/\n/g, "\r\n"));
    expect(await icx(project, ["identity", "import", "again", join(folder.path, "key.pem")], { env })).toMatchObject({ code: 0 });
  }, 180_000);
});

describe("through the real process", () => {
  /** icx as it is started from a shell, with an environment of its own and nothing on stdin. */
  const run = (cwd: string, argv: readonly string[], env: Env): { readonly code: number | null; readonly stdout: string; readonly stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("bin/icx.js"), ...argv], { cwd, env: { ...env } as NodeJS.ProcessEnv, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
    return { code: status, stdout, stderr };
  };
  test("an empty environment but for a place to keep keys, in a folder with a space and an ü", async () => {
    using folder = temporaryFolder();
    const project = join(folder.path, "über uns"), env = { ICX_HOME: join(folder.path, "home"), TERM: "dumb" };
    mkdirSync(project);
    await counterProject(project);
    expect(run(project, ["deploy", "--json"], env)).toMatchObject({ code: 0 });
    expect(run(project, ["call", "counter", "increment", "(3)"], env)).toMatchObject({ code: 0, stdout: "(3 : nat)\n" });
    expect(run(project, ["canister", "delete", "counter"], env)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("ICX5009") as unknown });
    expect(run(project, ["call", "counter", "get"], env)).toMatchObject({ code: 0, stdout: "(3 : nat)\n" });
  }, 180_000);
  test("a reader that goes away early is no failure", () => {
    using folder = temporaryFolder();
    const script = `"$1" "$2" completion bash | head -n 1`, { status, stdout, stderr } = spawnSync("bash", ["--norc", "-o", "pipefail", "-c", script, "bash", process.execPath, resolve("bin/icx.js")], { cwd: folder.path, encoding: "utf8", env: { PATH: PATH ?? "", HOME: folder.path } });
    if (status === null) return; // no bash on this machine
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("# bash completion for icx");
  }, 120_000);
});
