import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Report } from "../context/events.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { runProcess } from "./runProcess.ts";

type Env = Readonly<Record<string, string | undefined>>;
export interface ShellJob {
  /** For a POSIX shell, on every system. */
  readonly command: string;
  readonly cwd: string;
  /** The whole environment, this process's own included. */
  readonly env: Env;
  /** The canister that it is run for. */
  readonly name: string;
  readonly report: Report;
  readonly interrupted?: AbortSignal | undefined;
  /** What it prints on stdout is wanted, not shown. */
  readonly silent?: boolean;
}

const TAIL_LINES = 40;
const STDOUT_MAX = 16 * 1024 * 1024;

/**
 * Runs a command of the manifest (a build step, a sync step, a hook) and gives what it wrote on stdout. Its lines are told as they come; the last
 * ones are part of the error. @throws IcxError ICX4004, ICX4011 without a shell, ICX9003 when interrupted
 */
export async function runShell({ command, cwd, env, name, report, interrupted, silent = false }: ShellJob): Promise<string> {
  const tail: string[] = [], stdout: string[] = [];
  let size = 0;
  const { exitCode, signal, failure } = await runProcess({
    file: posixShell(env), argv: ["-c", command], cwd, env, interrupted,
    onLine: (line, from) => {
      if (from === "stdout" && (size += line.length + 1) <= STDOUT_MAX) stdout.push(line);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      if (!silent || from === "stderr") report({ kind: "output", subject: name, line });
    },
  });
  if (interrupted?.aborted === true) throw new IcxError(ERRORS.internal.interrupted);
  if (exitCode === 0) return stdout.join("\n");
  const ended = failure?.code === "ENOENT" && !existsSync(cwd) ? `no folder ${cwd}` : exitCode ?? signal ?? failure?.code ?? "unknown";
  throw new IcxError(ERRORS.build.scriptFailed, { name, command, exitCode: ended, output: tail.join("\n") }, { cause: failure, details: { canister: name, command } });
}

/** Where Git for Windows and MSYS2 put bash, as icp-cli looks for it. `System32\bash.exe` is another system's. */
const windowsShells = ({ ProgramFiles = "C:\\Program Files", LOCALAPPDATA = "", PATH = "" }: Env): readonly string[] => [
  join(ProgramFiles, "Git", "bin", "bash.exe"), join(LOCALAPPDATA, "Programs", "Git", "bin", "bash.exe"), join("C:\\", "msys64", "usr", "bin", "bash.exe"),
  ...PATH.split(delimiter).filter((folder) => folder !== "" && !/[\\/]system32[\\/]?$/i.test(folder)).map((folder) => join(folder, "bash.exe")),
];

/** The shell for commands of manifests: `/bin/sh`; on Windows the bash that `ICP_CLI_BASH_PATH` names, else one that is found. @throws IcxError ICX4011 */
export function posixShell(env: Env, platform: NodeJS.Platform = process.platform): string {
  if (platform !== "win32") return "/bin/sh";
  const { ICP_CLI_BASH_PATH: named } = env;
  const found = named !== undefined && named !== "" ? named : windowsShells(env).find((file) => existsSync(file));
  if (found === undefined || !existsSync(found)) throw new IcxError(ERRORS.build.noShell, { looked: named ?? "Git for Windows, MSYS2, the PATH" });
  return found;
}
