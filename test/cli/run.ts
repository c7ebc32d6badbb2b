import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { main } from "../../src/cli.ts";
import type { Io } from "../../src/context/io.ts";
import { asOnWindows, atHome, checkEnvironment, environment, isWithin, placeIn, streams } from "./surrounding.ts";

/** What one run of the command line did. */
export interface Ran { readonly code: number; readonly stdout: string; readonly stderr: string; readonly json: unknown }

const open = new Set<string>();
/** A folder of its own that is gone when the scope ends. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), "icx-test-")), path = placeIn(folder);
  open.add(path);
  return { path, [Symbol.dispose]: () => { open.delete(path); rmSync(folder, { recursive: true, force: true }); } };
}

/** Runs `icx` in this process: no terminal, 80 columns, an environment of its own. */
export async function icx(cwd: string, argv: readonly string[], given: Partial<Io> = {}, parse = argv.includes("--json")): Promise<Ran> {
  const out: string[] = [], err: string[] = [];
  const io: Io = {
    ...streams({ stdin: Readable.from([]), stdout: { columns: 80, write: (text) => out.push(text) }, stderr: { columns: 80, write: (text) => err.push(text) } }),
    env: environment(cwd), cwd, interrupted: new AbortController().signal, ...given,
  };
  checkEnvironment(io.env);
  asOnWindows([...open].find((folder) => isWithin(cwd, folder)) ?? cwd);
  // Compiled modules are shared by all tests of a run, unless a test says otherwise.
  const code = await atHome(cwd, () => main(argv, { ...io, env: { ICX_CACHE: process.env["ICX_TEST_CACHE"], ...io.env } })), stdout = out.join("");
  let json: unknown;
  if (parse) json = JSON.parse(stdout);
  return { code, stdout, stderr: err.join(""), json };
}
