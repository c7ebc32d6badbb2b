import { runProcess } from "../../build/runProcess.ts";
import type { CommandContext } from "../../context/context.ts";
import type { Project } from "../../context/project.ts";
import type { NetworkFolder } from "../../network/networkFolder.ts";

/** What a check found. `absent`: something optional is not there. A failure comes with what to do about it. */
export type Finding =
  | { readonly state: "ok" | "absent"; readonly detail: string }
  | { readonly state: "failed"; readonly detail: string; readonly remedy: string };

/** What checks look at. */
export interface Ground {
  readonly context: Pick<CommandContext, "io" | "options" | "installation">;
  /** Undefined outside of one, and when its manifest cannot be read. */
  readonly project: Project | undefined;
  readonly place: NetworkFolder;
}
/** One row of `icx doctor`. It changes nothing, and asks no machine but this one. */
export interface Check { readonly name: string; readonly run: (ground: Ground) => Promise<Finding> }

const PATIENCE_MS = 3_000;

/** The first line that a program prints; undefined when there is none of that name, or when it fails or takes too long. */
export async function askProgram({ context: { io } }: Ground, file: string, argv: readonly string[]): Promise<string | undefined> {
  const lines: string[] = [], { exitCode } = await runProcess({ file, argv, cwd: io.cwd, env: io.env, interrupted: AbortSignal.timeout(PATIENCE_MS), onLine: (line, from) => { if (from === "stdout") lines.push(line); } });
  return exitCode === 0 ? lines[0] ?? "" : undefined;
}
