import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ICX = resolve("bin/icx.js");

/** A project of the `motoko` template in a folder and with a user's settings of its own; both are gone at the end. */
export interface CliProject extends Disposable { readonly directory: string; icx(...args: readonly string[]): string; start(port: number): { stop(): Promise<void> } }

export function newProject(): CliProject {
  const home = mkdtempSync(join(tmpdir(), "icx-bench-")), directory = join(home, "hello");
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, "config"), XDG_CACHE_HOME: join(home, "cache"), NO_COLOR: "1", CI: "1" };
  const run = (cwd: string, args: readonly string[]): string => execFileSync(process.execPath, [ICX, ...args], { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run(home, ["new", "hello"]);
  return {
    directory,
    icx: (...args) => run(directory, args),
    start(port) {
      const child = spawn(process.execPath, [ICX, "start", "--port", String(port)], { cwd: directory, env, stdio: "ignore" });
      const ended = new Promise<void>((done) => { child.once("exit", () => done()); });
      return { stop() { child.kill("SIGTERM"); return ended; } };
    },
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
