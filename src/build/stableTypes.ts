import { createRequire } from "node:module";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "../context/project.ts";
import { findNativeMoc, type NativeMoc } from "./nativeMoc.ts";

interface StableComparer { saveFile(path: string, content: string): void; stableCompatible(before: string, after: string): { readonly diagnostics: readonly { readonly severity: number; readonly message: string }[] } }

const SEVERITY_ERROR = 1;
const BEFORE = "before.most", AFTER = "after.most";

/** Motoko's own word on whether the stable variables of one program can become those of the next: undefined when they can, else why not. */
export async function stableTypesProblem(before: string, after: string, project: Pick<Project, "root" | "motoko">, env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  if (before === after) return undefined;
  const native = await findNativeMoc(project, env); // the compiler that built the program knows the newest form of these files
  return native === undefined ? bundled(before, after) : await asked(native, before, after, env);
}

function bundled(before: string, after: string): string | undefined {
  const { compiler } = createRequire(import.meta.url)("motoko") as { readonly compiler: StableComparer };
  compiler.saveFile(BEFORE, before);
  compiler.saveFile(AFTER, after);
  try {
    return told(compiler.stableCompatible(BEFORE, AFTER).diagnostics.filter(({ severity }) => severity === SEVERITY_ERROR).map(({ message }) => message));
  } catch (thrown) { // an OCaml exception is an array
    return `the compiler cannot compare them: ${Array.isArray(thrown) ? thrown.flat(9).filter((part) => typeof part === "string").join(": ") : String(thrown)}`;
  }
}
const told = (messages: readonly string[]): string | undefined => (messages.length === 0 ? undefined : messages.join("\n"));

async function asked({ path }: NativeMoc, before: string, after: string, env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const { execa } = await import("execa"), folder = mkdtempSync(join(tmpdir(), "icx-stable-"));
  try {
    writeFileSync(join(folder, BEFORE), before);
    writeFileSync(join(folder, AFTER), after);
    const ran = await execa(path, ["--stable-compatible", BEFORE, AFTER], { cwd: folder, env: { ...env }, extendEnv: false, stdin: "ignore", reject: false });
    return ran.failed ? told([ran.stderr.trim() === "" ? ran.shortMessage ?? "the compiler gave no reason" : ran.stderr.trim()]) : undefined;
  } finally { rmSync(folder, { recursive: true, force: true }); }
}
