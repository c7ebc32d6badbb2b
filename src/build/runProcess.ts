import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";

export interface ProcessJob {
  readonly file: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Each line of what it says on stdout and stderr, as it comes. */
  readonly onLine?: (line: string, from: "stdout" | "stderr") => void;
  /** Ends the program and everything that it started. */
  readonly interrupted?: AbortSignal | undefined;
}
/** How a program ended. `failure`: it could not be started, or its working directory is gone. */
export interface ProcessEnd { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null; readonly failure?: NodeJS.ErrnoException }

const STDIO_GRACE_MS = 500; // a background process of a script may keep the pipes open for ever
const LINE_MAX = 64 * 1024; // a line longer than this is told in pieces

/** Runs a program without a terminal and waits for its end. It never outlives this process. */
export function runProcess({ file, argv, cwd, env, onLine, interrupted }: ProcessJob): Promise<ProcessEnd> {
  const posix = process.platform !== "win32";
  return new Promise((resolve) => {
    const child = spawn(file, [...argv], { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"], detached: posix, windowsHide: true }); // detached: a process group of its own
    const end = (): void => {
      if (child.pid === undefined) return;
      try { if (posix) process.kill(-child.pid, "SIGTERM"); else child.kill(); } catch { /* it has ended by itself */ }
    };
    const done = (result: ProcessEnd): void => {
      process.off("exit", end);
      interrupted?.removeEventListener("abort", end);
      resolve(result);
    };
    process.once("exit", end);
    interrupted?.addEventListener("abort", end);
    if (interrupted?.aborted === true) end();
    for (const name of ["stdout", "stderr"] as const) readLines(child[name], (line) => onLine?.(line, name));
    child.once("error", (failure) => done({ exitCode: null, signal: null, failure }));
    child.once("exit", (exitCode, signal) => {
      const grace = setTimeout(() => { child.stdout.destroy(); child.stderr.destroy(); done({ exitCode, signal }); }, STDIO_GRACE_MS);
      child.once("close", () => { clearTimeout(grace); done({ exitCode, signal }); });
    });
  });
}

function readLines(stream: NodeJS.ReadableStream, tell: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const parts = (rest + decoder.write(chunk)).split(/\r?\n|\r/);
    rest = parts.pop()!;
    parts.forEach(tell);
    if (rest.length > LINE_MAX) { tell(rest); rest = ""; }
  });
  stream.on("end", () => { const last = rest + decoder.end(); if (last !== "") tell(last); });
}
