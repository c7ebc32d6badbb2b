import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** The program and every file that it imports, as the compiler will see them. */
export interface MotokoSources {
  /** Path in the compiler's file system → content, sorted by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly main: string;
  /** Package name → folder in the compiler's file system. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages that are imported and found nowhere. */
  readonly missingPackages: readonly string[];
}

/** `core` comes with the compiler; the others are the compiler's own. */
const BUILT_IN = ["core", "prim", "⛔", "⛔prim"];
const IMPORT = /\bimport\b[^"]*"([^"\n]+)"/g;

/** Follows the imports of a Motoko program. Files keep their path relative to the project, so that the compiler's messages name them as the user does. */
export function motokoSources(root: string, main: string, packages: Readonly<Record<string, string>>): MotokoSources {
  const files = new Map<string, string>(), missing = new Set<string>(), queue = [main];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const path = virtualPath(root, file);
    if (files.has(path) || !existsSync(file)) continue;
    const content = readFileSync(file, "utf8");
    files.set(path, content);
    for (const [, url] of content.matchAll(IMPORT)) queue.push(...target(url!, file, packages, missing));
  }
  return {
    files: Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))), main: virtualPath(root, main), missingPackages: [...missing].sort(),
    packages: Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, folder]) => [name, virtualPath(root, folder)])),
  };
}

function target(url: string, from: string, packages: Readonly<Record<string, string>>, missing: Set<string>): string[] {
  const ofPackage = /^mo:([^/]+)(?:\/(.*))?$/.exec(url);
  if (ofPackage !== null) {
    const name = ofPackage[1]!, folder = packages[name];
    if (folder !== undefined && existsSync(folder)) return moduleFile(join(folder, ofPackage[2] ?? "lib"));
    if (!BUILT_IN.includes(name)) missing.add(name);
    return [];
  }
  return /^[\w-]+:/.test(url) ? [] : moduleFile(resolve(dirname(from), url));
}

const moduleFile = (path: string): string[] => [existsSync(path) && statSync(path).isDirectory() ? join(path, "lib.mo") : path.endsWith(".mo") ? path : `${path}.mo`];

/** Where a file stands in the compiler's file system: relative to the project, or its absolute path without the root. */
function virtualPath(root: string, file: string): string {
  const inside = relative(root, file);
  return (inside.startsWith("..") || isAbsolute(inside) ? file.replace(/^([A-Za-z]:)?[/\\]/, "") : inside).split(sep).join("/");
}
