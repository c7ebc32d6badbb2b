import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bundledVersions } from "./bundledVersions.ts";
import type { BundledPackage } from "./motokoSources.ts";

const require = createRequire(import.meta.url);
interface PackageFiles { readonly version: string; readonly files: Readonly<Record<string, { readonly content: string }>> }

/** The sources of a package that comes with icx: path → content. About a megabyte is read. */
export const bundledFiles = (name: BundledPackage): PackageFiles => (name === "core" ? require("motoko/packages/latest/core.json") : require("motoko-base/packages/latest/base.json")) as PackageFiles;

/** Such a package as a folder: a native compiler reads no other. */
export function bundledFolder(name: BundledPackage, cacheFolder: string): string {
  const { compiler, base } = bundledVersions(), folder = join(cacheFolder, `motoko-${name}`, name === "core" ? compiler : base), complete = join(folder, ".complete");
  if (existsSync(complete)) return folder;
  for (const [path, { content }] of Object.entries(bundledFiles(name).files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(complete, "");
  return folder;
}
