import { AsyncLocalStorage } from "node:async_hooks";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os, { tmpdir } from "node:os";
import { extname, join, relative } from "node:path";
import { expect } from "vitest";
import type { Io } from "../../src/context/io.ts";

/**
 * Where the command line runs: `ICX_TEST_SURROUNDING` puts every test that goes through `icx()` and `temporaryFolder()` of run.ts somewhere else.
 * `npm run nightly -- surroundings` runs the whole of test/cli in each.
 */
export const SURROUNDINGS = ["no-home", "readonly-home", "odd-path", "crlf", "dumb-terminal"] as const;
export type Surrounding = (typeof SURROUNDINGS)[number];
type Env = Readonly<Record<string, string | undefined>>;

const asked = process.env["ICX_TEST_SURROUNDING"];
/** The one that was asked for; undefined as usual. */
export const surrounding: Surrounding | undefined = SURROUNDINGS.find((name) => name === asked);
if (asked !== undefined && asked !== "" && surrounding === undefined) expect.unreachable(`ICX_TEST_SURROUNDING is one of ${SURROUNDINGS.join(", ")}, not ${asked}`);

/** Without HOME the system says where the user's home is, and it must not say whose this machine is. */
const systemSays = new AsyncLocalStorage<string>(), SYSTEM_HOME = "ICX_TEST_SYSTEM_HOME";
const systemHome = (cwd: string): string => join(cwd, ".system-home");
if (surrounding === "no-home") {
  os.homedir = () => systemSays.getStore() ?? process.env["HOME"] ?? expect.unreachable("nobody may ask for the real home");
  syncBuiltinESMExports();
}
/** Runs what asks for the user's home in the folder of its project. */
export const atHome = <T>(cwd: string, run: () => T): T => (surrounding === "no-home" ? systemSays.run(systemHome(cwd), run) : run());

const made = new WeakSet<Env>();
/** The environment of a user whose home is this folder, in the surrounding that was asked for. */
export function environment(folder: string, more: Env = {}): Env {
  const env = { PATH: process.env["PATH"], ICX_CACHE: process.env["ICX_TEST_CACHE"], ...(surrounding === "dumb-terminal" && { TERM: "dumb" }), ...homeVariables(folder), ...more };
  made.add(env);
  return env;
}
function homeVariables(folder: string): Env {
  switch (surrounding) {
    // What icx starts as another process asks the system too: there it is answered by systemHome.mjs.
    case "no-home": return { [SYSTEM_HOME]: systemHome(folder), NODE_OPTIONS: `--import=${new URL("./systemHome.mjs", import.meta.url).href}` };
    case "readonly-home": { const home = unwritable(); return { HOME: home, USERPROFILE: home, APPDATA: home, LOCALAPPDATA: home }; }
    default: return { HOME: folder, ICX_HOME: keysOf(folder) };
  }
}
/** Where icx keeps the keys of that user: in the project itself when the home cannot be written. */
export function keysOf(folder: string): string {
  if (surrounding === "readonly-home") return join(folder, ".icx", "home");
  if (surrounding !== "no-home") return join(folder, ".icx-home");
  const home = systemHome(folder);
  return process.platform === "win32" ? join(home, "AppData", "Roaming", "icx") : process.platform === "darwin" ? join(home, "Library", "Application Support", "icx") : join(home, ".config", "icx");
}

/** Makes the folder a project where keys need one, because the home cannot be written. */
export function roomForKeys(folder: string): void {
  if (surrounding === "readonly-home") writeFileSync(join(folder, "icp.yaml"), "canisters: []\n");
}

let blocked: string | undefined;
/** A home that cannot be written: for root, whom no mode stops, it is a file. */
function unwritable(): string {
  if (blocked !== undefined) return blocked;
  const folder = mkdtempSync(join(tmpdir(), "icx-blocked-")), home = join(folder, "home");
  if (process.platform === "win32" || process.getuid?.() === 0) writeFileSync(home, ""); else { mkdirSync(home); chmodSync(home, 0o555); }
  process.once("exit", () => { if (surrounding !== undefined) rmSync(folder, { recursive: true, force: true }); });
  return blocked = home;
}

/** An environment of a test's own, because its subject is the home, the terminal or the environment itself: the surrounding stays outside, and the output says why. */
export function ownEnvironment(why: string, env: Env): Env {
  made.add(env);
  if (surrounding !== undefined) process.stderr.write(`own environment: ${expect.getState().currentTestName ?? "before the tests"}: ${why}\n`);
  return env;
}
/** No test slips out of the surrounding unseen. */
export const checkEnvironment = (env: Env): void => { if (surrounding !== undefined && !made.has(env)) expect.unreachable("an environment is made by environment() or, with a reason, by ownEnvironment()"); };

/** A terminal that can only write lines, where a test does not bring streams of its own. */
export const streams = (io: Pick<Io, "stdin" | "stdout" | "stderr">): Pick<Io, "stdin" | "stdout" | "stderr"> =>
  (surrounding !== "dumb-terminal" ? io : { stdin: Object.assign(io.stdin, { isTTY: true }), stdout: { ...io.stdout, isTTY: true }, stderr: { ...io.stderr, isTTY: true } });

/** The folder that a test works in, below its temporary one. */
export const placeIn = (folder: string): string => {
  if (surrounding !== "odd-path") return folder;
  const odd = join(folder, "mein projekt ü");
  mkdirSync(odd);
  return odd;
};

const NOT_TEXT = [".bin", ".gz", ".sh", ".wasm"], NOT_IN_GIT = [".dfx", ".icx", ".icx-home", ".system-home", ".git", "node_modules", "target"];
/** As git checks out text on Windows: every text file of the project with CRLF. */
export function asOnWindows(folder: string): void {
  if (surrounding === "crlf") for (const file of textFiles(folder)) {
    const text = readFileSync(file, "latin1"); // any bytes come back as they were
    if (!text.slice(0, 8_000).includes("\u0000") && /(?<!\r)\n/.test(text)) writeFileSync(file, text.replace(/\r?\n/g, "\r\n"), "latin1");
  }
}
function textFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_IN_GIT.includes(entry.name) ? [] : textFiles(path);
    return entry.isFile() && !NOT_TEXT.includes(extname(entry.name)) ? [path] : [];
  });
}
/** Whether `path` is in `folder`, or is it. */
export const isWithin = (path: string, folder: string): boolean => !relative(folder, path).startsWith("..");
