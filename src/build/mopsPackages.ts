import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const require = createRequire(import.meta.url);

interface MopsToml { readonly dependencies: readonly (readonly [name: string, source: string])[]; readonly sources: string }
interface Chosen { readonly folder: string; readonly sources: string; readonly version: string | undefined; readonly byRoot: boolean }

/**
 * Every Motoko package of a mops project, those that packages depend on included: name → folder of its sources, as `mops sources` lists them
 * (https://docs.mops.one). The project's own choice wins, then the highest version. Packages that are not installed are left out.
 */
export function mopsPackages(root: string, given: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const chosen = new Map<string, Chosen>(), read = new Set<string>();
  const visit = (folder: string, byRoot: boolean): void => {
    if (read.has(folder)) return;
    read.add(folder);
    for (const [name, source] of readToml(folder).dependencies) {
      const at = packageFolder(root, folder, name, source), known = chosen.get(name), version = /(\d+\.\d+\.\d+)/.exec(source)?.[1];
      if (!existsSync(at) || known?.byRoot === true || (known !== undefined && !byRoot && !newer(version, known.version))) continue;
      chosen.set(name, { folder: at, sources: join(at, readToml(at).sources), version, byRoot });
    }
    for (const { folder: next } of [...chosen.values()]) visit(next, false);
  };
  for (const [name, folder] of Object.entries(given)) if (existsSync(folder)) chosen.set(name, { folder: dirname(folder), sources: folder, version: undefined, byRoot: true });
  visit(root, true);
  return Object.fromEntries([...chosen].filter(([, { sources }]) => existsSync(sources)).map(([name, { sources }]) => [name, sources]));
}

/** Where `mops install` puts a package: a version, a GitHub address with branch and commit, or a path. */
function packageFolder(root: string, from: string, name: string, source: string): string {
  if (/^\.{0,2}[/\\]/.test(source)) return resolve(from, source);
  const github = /^(?:https?:\/\/|git@|github:)[^#]*(?:#([^@]+)(?:@([0-9a-f]+))?)?$/.exec(source);
  if (github === null) return join(root, ".mops", `${name.replace(/@.*$/, "")}@${source}`);
  const [, branch = "master", commit] = github;
  return join(root, ".mops", "_github", `${name}#${branch}${commit === undefined ? "" : `@${commit}`}`);
}

const parts = (version: string): number[] => version.split(".").map(Number);
function newer(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined) return false;
  const [a, b] = [parts(version), parts(than)], at = a.findIndex((part, index) => part !== b[index]);
  return at >= 0 && a[at]! > (b[at] ?? 0);
}

const NOTHING: MopsToml = { dependencies: [], sources: "src" };
const table = (value: unknown): Readonly<Record<string, unknown>> => (value !== null && typeof value === "object" && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : {});

/** The mops.toml of a package; one that is absent or broken says nothing (the project's own was checked when the project was read). */
function readToml(folder: string): MopsToml {
  const file = join(folder, "mops.toml");
  if (!existsSync(file)) return NOTHING;
  const { parse } = require("smol-toml") as typeof import("smol-toml");
  try {
    const content = table(parse(readFileSync(file, "utf8"))), { baseDir } = table(content["package"]);
    const dependencies = Object.entries(table(content["dependencies"])).flatMap(([name, source]) => (typeof source === "string" ? [[name, source] as const] : []));
    return { dependencies, sources: typeof baseDir === "string" ? baseDir : "src" };
  } catch { return NOTHING; }
}
