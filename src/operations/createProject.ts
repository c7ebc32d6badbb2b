import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { templateFiles, templateNames } from "../templates/templates.ts";

/** Writes a template into a new folder. @throws IcxError ICX1004, ICX1005, ICX1006, ICX1011 */
export async function createProject({ io }: Pick<CommandContext, "io">, { name, template }: { readonly name: string; readonly template: string }): Promise<Shown> {
  const folder = resolve(io.cwd, name), project = basename(folder);
  if (!/^[A-Za-z][\w-]*$/.test(project)) throw new IcxError(ERRORS.project.invalidName, { name });
  const known = templateNames();
  if (!known.includes(template)) throw new IcxError(ERRORS.project.unknownTemplate, { name: template, known: known.join(", ") });
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new IcxError(ERRORS.project.folderNotEmpty, { folder });
  const files = templateFiles(template, project);
  try {
    for (const { path, content } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content, { flag: "wx" });
    }
  } catch (cause) {
    throw new IcxError(ERRORS.project.unwritable, { path: folder, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
  return {
    text: `Created ${name}: ${files.map((file) => file.path).join(", ")}\n\nNext:\n  cd ${name} && icx start --background && icx deploy`,
    data: { project, folder, template, files: files.map((file) => file.path), next: [`cd ${name}`, "icx start --background", "icx deploy"] },
  };
}
