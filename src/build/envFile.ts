import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { dfxVariables } from "./dfxVariables.ts";
import { writeWhole } from "./writeWhole.ts";

const BEGIN = "# DFX CANISTER ENVIRONMENT VARIABLES", END = "# END DFX CANISTER ENVIRONMENT VARIABLES";

/**
 * Rewrites dfx's block of variables in the project's `output_env_file`; what else the file holds is kept. Nothing happens in a project that names
 * no such file. Gives the file's path when it was written. @throws IcxError ICX1011
 */
export function writeEnvFile(project: Pick<Project, "root" | "outputEnvFile" | "canisters">, ids: Readonly<Record<string, string>>, network: string, candidPaths: Readonly<Record<string, string>>): string | undefined {
  if (project.outputEnvFile === undefined) return undefined;
  const file = resolve(project.root, project.outputEnvFile), current = project.canisters.map(({ name }) => name).filter((name) => ids[name] !== undefined).at(-1);
  const lines = dfxVariables({ ids, network, candidPaths, current }).map(([name, value]) => `${name}='${value.replaceAll("'", "\\'")}'`);
  try {
    const before = existsSync(file) ? readFileSync(file, "utf8") : "", after = withBlock(before, [BEGIN, ...lines, END]);
    if (after === before) return file;
    writeWhole(file, after);
  } catch (cause) {
    throw new IcxError(ERRORS.project.unwritable, { path: file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
  return file;
}

/** The text with the block in the place of the old one, or at its end; the file's own line ends are kept. */
function withBlock(text: string, block: readonly string[]): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n", lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const from = lines.findIndex((line) => line.trim() === BEGIN), to = lines.findIndex((line, at) => at > from && line.trim() === END);
  const rest = from < 0 || to < 0 ? { above: [...lines, ...(lines.length === 0 ? [] : [""])], below: [] } : { above: lines.slice(0, from), below: lines.slice(to + 1) };
  return [...rest.above, ...block, ...rest.below, ""].join(newline);
}
