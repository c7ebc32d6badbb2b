import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { TEMPLATES, templateFiles, type Template } from "../templates/templates.ts";

/** What `icx new` was told; what is absent is asked on a terminal. */
export interface NewProject { readonly name: string | undefined; readonly template: string | undefined }

/** Writes a template into a new folder, or into an empty one. @throws IcxError ICX1004, ICX1005, ICX1006, ICX1011, ICX5001 without a name where nobody can be asked */
export async function createProject({ io, options }: Pick<CommandContext, "io"> & Partial<Pick<CommandContext, "options">>, asked: NewProject): Promise<Shown> {
  const given = asked.template === undefined ? undefined : findTemplate(asked.template), folderOf = (name: string): string => resolve(io.cwd, name);
  if (asked.name !== undefined) checkFolder(folderOf(asked.name), asked.name);
  const watched = io.stdin.isTTY === true && io.stderr.isTTY === true && options?.json !== true && options?.yes !== true && io.env["CI"] === undefined && io.env["TERM"] !== "dumb";
  const { name, template } = watched && (asked.name === undefined || given === undefined) ? await ask(io, asked.name, given) : { name: asked.name, template: given ?? TEMPLATES[0]! };
  if (name === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "Missing required argument 'name'.", command: "icx new" });
  const folder = folderOf(name);
  checkFolder(folder, name);
  const project = basename(folder), files = templateFiles(template, project);
  try {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content, { flag: "wx" });
    }
  } catch (cause) {
    throw new IcxError(ERRORS.project.unwritable, { path: folder, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
  const way = relative(io.cwd, folder), next = [...(way === "" ? [] : [`cd ${quoted(way)}`]), ...template.before, "icx deploy"];
  return {
    text: `Created ${project}, ${template.summary}: ${files.map((file) => file.path).join(", ")}\n\nNext:\n  ${next.join(" && ")}`,
    data: { project, folder, template: template.name, files: files.map((file) => file.path), next },
  };
}

const quoted = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function findTemplate(name: string): Template {
  const found = TEMPLATES.find((template) => template.name === name), known = TEMPLATES.map((template) => template.name);
  if (found !== undefined) return found;
  const close = nearest(name, known);
  throw new IcxError(ERRORS.project.unknownTemplate, { name, suggestion: close === undefined ? `Templates: ${known.join(", ")}.` : `Did you mean \`--template ${close}\`?` });
}

/** What is wrong with a name or its folder. */
function problem(folder: string, name: string): IcxError | undefined {
  if (!/^[A-Za-z][\w-]*$/.test(basename(folder))) return new IcxError(ERRORS.project.invalidName, { name: name === "." ? basename(folder) : name });
  try {
    return existsSync(folder) && readdirSync(folder).length > 0 ? new IcxError(ERRORS.project.folderNotEmpty, { folder }) : undefined;
  } catch (cause) { return new IcxError(ERRORS.project.unwritable, { path: folder, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause }); }
}

function checkFolder(folder: string, name: string): void {
  const found = problem(folder, name);
  if (found !== undefined) throw found;
}

async function ask(io: CommandContext["io"], name: string | undefined, template: Template | undefined): Promise<{ readonly name: string; readonly template: Template }> {
  const { openForm } = await import("../ui/questionForm.ts"), form = openForm(io), width = Math.max(...TEMPLATES.map((one) => one.name.length));
  try {
    const chosenName = name ?? await form.text("Name of the project:", (typed) => problem(resolve(io.cwd, typed), typed)?.message);
    const chosen = template ?? TEMPLATES[await form.choose("Begin with:", TEMPLATES.map((one) => `${one.name.padEnd(width)}  ${one.summary}`))]!;
    return { name: chosenName, template: chosen };
  } finally { form.close(); }
}
