import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { main } from "../../src/cli.ts";
import type { Io } from "../../src/context/io.ts";

/** What one run of the command line did. */
export interface Ran { readonly code: number; readonly stdout: string; readonly stderr: string; readonly json: unknown }

/** A folder of its own that is gone when the scope ends. */
export function temporaryFolder(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "icx-test-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs `icx` in this process: no terminal, 80 columns, an environment of its own. */
export async function icx(cwd: string, argv: readonly string[], given: Partial<Io> = {}, parse = argv.includes("--json")): Promise<Ran> {
  const out: string[] = [], err: string[] = [];
  const io: Io = {
    stdin: Readable.from([]), stdout: { columns: 80, write: (text) => out.push(text) }, stderr: { columns: 80, write: (text) => err.push(text) },
    env: { PATH: process.env["PATH"], HOME: cwd, ICX_HOME: join(cwd, ".icx-home") }, cwd, interrupted: new AbortController().signal, ...given,
  };
  const code = await main(argv, io), stdout = out.join("");
  let json: unknown;
  if (parse) json = JSON.parse(stdout);
  return { code, stdout, stderr: err.join(""), json };
}
