import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

/** The program and every file that it imports, as the compiler will see them. */
export interface MotokoSources {
  /** Path in the compiler's file system → content, sorted by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly main: string;
  /** Package name → folder in the compiler's file system. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages that come with icx and are used, sorted. */
  readonly bundled: readonly BundledPackage[];
  /** Packages that are imported and found nowhere, sorted. */
  readonly missingPackages: readonly string[];
  /** Files that are imported as `blob:file:` and are no text, sorted: the compiler that comes with icx cannot take them. Here they stand in base64. */
  readonly binaries: readonly string[];
  /** What is imported as `canister:name`, sorted. */
  readonly canisters: readonly string[];
  /** `ic:aaaaa-aa` is imported. */
  readonly usesManagement: boolean;
}

/** Packages that come with icx; a project's own version wins. */
export type BundledPackage = "base" | "core";
const BUNDLED: readonly string[] = ["base", "core"] satisfies readonly BundledPackage[];
const COMPILERS_OWN = ["prim", "⛔", "⛔prim"];
const IMPORT = /\bimport\b[^"]*"([^"\n]+)"/g;
/** Texts and characters are kept, comments go: an example in a comment imports nothing. */
const COMMENT = /"(?:\\.|[^"\\])*"|'(?:\\.[^']*|[^'\\])'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const withoutComments = (source: string): string => source.replace(COMMENT, (found) => (found.startsWith("/") ? " " : found));

/** Follows the imports of a Motoko program. Files keep their path relative to the project, so that the compiler's messages name them as the user does. */
export function motokoSources(root: string, main: string, packages: Readonly<Record<string, string>>): MotokoSources {
  const files = new Map<string, string>(), found: Found = { missing: new Set(), bundled: new Set(), canisters: new Set(), blobs: new Set(), usesManagement: false }, queue = [main];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const path = virtualPath(root, file);
    if (files.has(path) || !existsSync(file)) continue;
    const content = readFileSync(file, "utf8");
    files.set(path, content);
    for (const [, url] of withoutComments(content).matchAll(IMPORT)) queue.push(...target(url!, file, packages, found));
  }
  const blobs = [...found.blobs].filter((file) => existsSync(file)).map((file) => { const raw = readFileSync(file), text = raw.toString("utf8"); return { path: virtualPath(root, file), raw, text, isText: Buffer.from(text).equals(raw) }; });
  for (const { path, raw, text, isText } of blobs) files.set(path, isText ? text : raw.toString("base64"));
  const own = Object.entries(packages).filter(([name, folder]) => existsSync(folder) || !BUNDLED.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    files: Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))), main: virtualPath(root, main),
    missingPackages: [...found.missing].sort(), bundled: [...found.bundled].sort(), canisters: [...found.canisters].sort(), usesManagement: found.usesManagement,
    binaries: blobs.filter(({ isText }) => !isText).map(({ path }) => path).sort(),
    packages: Object.fromEntries(own.map(([name, folder]) => [name, virtualPath(root, folder)])),
  };
}

interface Found { readonly missing: Set<string>; readonly bundled: Set<BundledPackage>; readonly canisters: Set<string>; readonly blobs: Set<string>; usesManagement: boolean }

function target(url: string, from: string, packages: Readonly<Record<string, string>>, found: Found): string[] {
  const ofPackage = /^mo:([^/]+)(?:\/(.*))?$/.exec(url);
  if (ofPackage !== null) {
    const name = ofPackage[1]!, folder = packages[name];
    if (folder !== undefined && existsSync(folder)) return moduleFile(join(folder, ofPackage[2] ?? "lib"));
    if (BUNDLED.includes(name)) found.bundled.add(name as BundledPackage);
    else if (!COMPILERS_OWN.includes(name)) found.missing.add(name);
    return [];
  }
  if (url === "ic:aaaaa-aa") found.usesManagement = true;
  const blob = /^blob:file:(.+)$/.exec(url)?.[1];
  if (blob !== undefined) found.blobs.add(resolve(dirname(from), blob));
  const canister = /^canister:(.+)$/.exec(url)?.[1];
  if (canister !== undefined) found.canisters.add(canister);
  return /^[\w-]+:/.test(url) ? [] : moduleFile(resolve(dirname(from), url));
}

const moduleFile = (path: string): string[] => [existsSync(path) && statSync(path).isDirectory() ? join(path, "lib.mo") : path.endsWith(".mo") ? path : `${path}.mo`];

/** Where a file stands in the compiler's file system: relative to the project, or its absolute path without the root. */
function virtualPath(root: string, file: string): string {
  const inside = relative(root, file);
  return (inside.startsWith("..") || isAbsolute(inside) ? file.replace(/^([A-Za-z]:)?[/\\]/, "") : inside).split(sep).join("/");
}
