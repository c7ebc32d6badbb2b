import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Project } from "../../../src/context/project.ts";
import { loadProject } from "../../../src/project/loadProject.ts";
import { temporaryFolder } from "../../cli/run.ts";

/** Path → content of a project's files. */
export type Files = Readonly<Record<string, string>>;

/** What a command in a folder is given. */
export const contextAt = (cwd: string, env: Readonly<Record<string, string>> = {}): Parameters<typeof loadProject>[0] => ({
  io: { cwd, env, stdin: Readable.from([]), stdout: { write: () => true }, stderr: { write: () => true }, interrupted: new AbortController().signal },
  options: { json: false, yes: false, quiet: false, logLevel: "info", projectRoot: undefined },
});

/** Writes a project and reads it, while it is there. */
export function load(files: Files, check: (project: Project, root: string) => void, env: Readonly<Record<string, string>> = {}): void {
  using folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) { mkdirSync(join(folder.path, path, ".."), { recursive: true }); writeFileSync(join(folder.path, path), content); }
  check(loadProject(contextAt(folder.path, env)), folder.path);
}

/** Why a project cannot be read; undefined when it can. */
export const problem = (files: Files): unknown => { let found: unknown; try { load(files, () => undefined); } catch (error) { found = error; } return found; };
