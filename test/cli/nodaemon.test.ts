import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isAlive } from "../../src/network/processes.ts";
import { lockHolder, tryLock } from "../../src/network/lock.ts";
import { networkFolder } from "../../src/network/networkFolder.ts";
import { openState } from "../../src/network/openState.ts";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { environment } from "./surrounding.ts";

type Answer = { readonly reply: { readonly values: readonly string[] } };
const value = (ran: Ran): string | undefined => { expect(ran.code, ran.stdout).toBe(0); return (ran.json as Answer).reply.values[0]; };
const USED = /The network is not running: its state is used directly\./g;

async function ground(): Promise<{ readonly path: string; run(...argv: readonly string[]): Promise<Ran>; [Symbol.dispose](): void }> {
  const folder = temporaryFolder();
  await counterProject(folder.path);
  return { path: folder.path, run: (...argv) => icx(folder.path, [...argv, "--json"]), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe("with no network running", () => {
  test("deploy, call, call, start, call, kill -9, call: the counter is right each time; what other tools keep may be deleted", { timeout: 120_000 }, async () => {
    using folder = await ground();
    const { run, path } = folder, call = async (): Promise<string | undefined> => value(await run("call", "counter", "increment", "(1)"));
    const deployed = await run("deploy");
    expect(deployed, deployed.stdout).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", action: "installed" }] } });
    expect(deployed.stderr.match(USED)).toHaveLength(1);
    expect(await call()).toBe("1");
    for (const name of [".icp", ".dfx"]) rmSync(join(path, name), { recursive: true, force: true });
    expect(await call()).toBe("2");
    const started = await run("start", "--background"), { pid, root_key: key } = started.json as { readonly pid: number; readonly root_key: string };
    expect(started.code, started.stdout).toBe(0);
    const called = await run("call", "counter", "increment", "(1)");
    expect([value(called), called.stderr]).toEqual(["3", ""]);
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await call()).toBe("4");
    expect(existsSync(networkFolder(path).descriptor)).toBe(false);
    const [first, second] = await Promise.all([run("call", "counter", "increment", "(1)"), run("call", "counter", "increment", "(1)")]);
    expect([value(first), value(second)].sort()).toEqual(["5", "6"]);
    for (const name of [".icp", ".dfx"]) rmSync(join(path, name), { recursive: true, force: true });
    expect(await run("deploy")).toMatchObject({ code: 0, json: { canisters: [{ action: "unchanged", created: false }] } });
    const last = await run("call", "counter", "get", "--update");
    expect([value(last), (last.json as { readonly rootKey: string }).rootKey]).toEqual(["6", key]);
  });

  test("what a canister's id is, is known without opening anything", async () => {
    using folder = await ground();
    expect(await folder.run("canister", "id", "counter")).toMatchObject({ code: 1, json: { error: { code: "ICX1007" } } });
    expect(existsSync(networkFolder(folder.path).state)).toBe(false);
    await folder.run("deploy");
    const lock = tryLock(networkFolder(folder.path).lock);
    expect(lock).not.toHaveProperty("pid");
    expect(await folder.run("canister", "id", "counter")).toMatchObject({ code: 0 });
    (lock as Disposable)[Symbol.dispose]();
  });
  test("a network waits for a command that uses its state, and a command that waits for a network then asks that", async () => {
    using folder = await ground();
    expect(await folder.run("deploy")).toMatchObject({ code: 0 });
    const opened = await openState(folder.path, { interrupted: new AbortController().signal, note: () => undefined, warn: () => undefined });
    const starting = icx(folder.path, ["start", "--background"]);
    expect(await folder.run("stop")).toMatchObject({ json: { stopped: false } }); // what holds the state is a command: it ends by itself
    await opened.close();
    expect(await starting).toMatchObject({ code: 0 });
    expect(await openState(folder.path, { interrupted: new AbortController().signal, note: () => undefined, warn: () => undefined })).toMatchObject({ here: false, target: { managed: true, effectiveCanisterId: expect.any(String) as unknown } });
    expect(await folder.run("stop")).toMatchObject({ json: { stopped: true } });
  });
  test("the wait is told, ends with an interrupt, and is not for ever", async () => {
    using folder = await ground();
    using _ = tryLock(networkFolder(folder.path).lock) as Disposable;
    const interrupt = new AbortController(), told: string[] = [];
    const stderr = { write: (text: string) => { told.push(text); interrupt.abort(); } };
    expect(await icx(folder.path, ["call", "counter", "get"], { stderr, interrupted: interrupt.signal })).toMatchObject({ code: 130, stdout: "" });
    expect(told).toEqual([expect.stringContaining(`(pid ${process.pid})`)]);
    expect(await icx(folder.path, ["call", "counter", "get", "--json"], { env: environment(folder.path, { ICX_LOCK_TIMEOUT: "0" }) })).toMatchObject({ code: 1, json: { error: { code: "ICX2007" } } });
  });
  test("an interrupt in the middle of a command saves and gives the state back", async () => {
    using folder = await ground();
    await folder.run("deploy");
    const interrupt = new AbortController(), stderr = { write: (text: string) => { if (text.includes("is used directly")) interrupt.abort(); } };
    expect(await icx(folder.path, ["call", "counter", "increment", "(1)"], { stderr, interrupted: interrupt.signal })).toMatchObject({ code: 130, stdout: "" });
    expect(lockHolder(networkFolder(folder.path).lock)).toBeUndefined();
    expect(["0", "1"]).toContain(value(await folder.run("call", "counter", "get")));
  });
  test("a command that fails gives the state back too, and its error stands alone on stdout", async () => {
    using folder = await ground();
    await folder.run("deploy");
    expect(await folder.run("call", "counter", "nonsense")).toMatchObject({ code: 2, json: { error: { code: "ICX5005" } } });
    expect(lockHolder(networkFolder(folder.path).lock)).toBeUndefined();
  });
  test("a state that cannot be read is the same error as at a start", async () => {
    using folder = await ground();
    await folder.run("deploy");
    writeFileSync(join(networkFolder(folder.path).state, "subnets", "root", "format.json"), JSON.stringify({ format: 99, icx: "9.0.0" }));
    expect(await folder.run("call", "counter", "get")).toMatchObject({ code: 1, json: { error: { code: "ICX2013" } } });
    expect(lockHolder(networkFolder(folder.path).lock)).toBeUndefined();
  });
  test("names of a network that keeps nothing do not replace those of the one that does", async () => {
    using folder = await ground();
    await folder.run("deploy");
    const before = readFileSync(networkFolder(folder.path).ids, "utf8"), interrupt = new AbortController();
    let started = (): void => undefined;
    const running = new Promise<void>((done) => { started = done; });
    const ended = icx(folder.path, ["start", "--ephemeral", "--json"], { stdout: { write: (text: string) => { if (text.includes("started")) started(); } }, interrupted: interrupt.signal }, false);
    await running;
    expect(await folder.run("deploy")).toMatchObject({ code: 0, json: { canisters: [{ action: "installed" }] } });
    interrupt.abort();
    await ended;
    expect(readFileSync(networkFolder(folder.path).ids, "utf8")).toBe(before);
    expect(await folder.run("deploy")).toMatchObject({ json: { canisters: [{ action: "unchanged" }] } });
  });
});
