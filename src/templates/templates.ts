import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of a new project. */
export interface TemplateFile { readonly path: string; readonly content: string | Uint8Array }
/** What a project can begin with. */
export interface Template { readonly name: string; readonly summary: string; /** What is done in the new folder before its first deployment. */ readonly before: readonly string[] }

/** The templates, in the order in which they are offered. */
export const TEMPLATES: readonly Template[] = [
  { name: "motoko", summary: "a counter in Motoko", before: [] },
  { name: "motoko-multi", summary: "two canisters in Motoko that call each other", before: [] },
  { name: "rust", summary: "a counter in Rust (needs cargo)", before: [] },
  { name: "azle", summary: "a canister in TypeScript (needs npm)", before: ["npm install"] },
  { name: "prebuilt", summary: "a module that exists already", before: [] },
];

/** The folder of templates: beside this file in sources, beside the bundle when published. */
const folder = (): string => { const here = dirname(fileURLToPath(import.meta.url)); return existsSync(join(here, "motoko")) ? here : join(here, "templates"); };

/** The files of a template, with the project's name filled in. npm never publishes a `.gitignore`, so it is kept as `gitignore`. */
export function templateFiles({ name: template }: Template, name: string): readonly TemplateFile[] {
  const root = join(folder(), template);
  return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => {
    const path = join(entry.parentPath, entry.name), bytes = readFileSync(path), text = bytes.includes(0) ? undefined : bytes.toString("utf8");
    return { path: path.slice(root.length + 1).replace(/(^|[/\\])gitignore$/, "$1.gitignore"), content: text?.replaceAll("{{name}}", name) ?? Uint8Array.from(bytes) };
  }).sort((a, b) => (a.path < b.path ? -1 : 1));
}
