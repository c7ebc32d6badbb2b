import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of a new project. */
export interface TemplateFile { readonly path: string; readonly content: string }

/** The folder of templates: beside this file in sources, beside the bundle when published. */
const folder = (): string => { const here = dirname(fileURLToPath(import.meta.url)); return existsSync(join(here, "motoko")) ? here : join(here, "templates"); };

/** Names that `--template` takes. */
export const templateNames = (): readonly string[] => readdirSync(folder(), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();

/** The files of a template, with the project's name filled in. npm never publishes a `.gitignore`, so it is kept as `gitignore`. */
export function templateFiles(template: string, name: string): readonly TemplateFile[] {
  const root = join(folder(), template);
  return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path: path.slice(root.length + 1).replace(/(^|[/\\])gitignore$/, "$1.gitignore"), content: readFileSync(path, "utf8").replaceAll("{{name}}", name) };
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}
