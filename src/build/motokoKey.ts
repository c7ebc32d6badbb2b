import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import type { ActorImport } from "./actorImports.ts";
import { bundledVersions } from "./bundledVersions.ts";
import type { MotokoProgram } from "./motokoProgram.ts";
import type { NativeMoc } from "./nativeMoc.ts";

type Motoko = Extract<BuildRecipe, { readonly kind: "motoko" }>;
const CACHE_FORMAT = "3";

/** The key of a program's result: a digest of everything that decides it. The same in every project. */
export function motokoKey({ files, main, packages, bundled, flags, place }: MotokoProgram, { args }: Motoko, imports: readonly ActorImport[], native: NativeMoc | undefined): string {
  const { compiler, base } = bundledVersions(), late = imports.map(({ id, ...rest }) => (native !== undefined && rest.variable !== undefined ? rest : { id, ...rest }));
  const brought = [...(bundled.includes("core") ? [compiler] : []), ...(bundled.includes("base") ? [base] : [])];
  const asked = [args, flags.others, flags.metadata, native === undefined ? [] : filesOfFlags(flags.others, place.root)];
  return createHash("sha256").update(JSON.stringify([CACHE_FORMAT, native?.version ?? compiler, brought, files, main, packages, asked, late])).digest("hex");
}

/** What flags name, if it exists: path and digest of each file, those of a folder included. */
function filesOfFlags(flags: readonly string[], root: string): readonly (readonly [string, string])[] {
  return flags.filter((flag) => flag !== "").flatMap((flag) => (existsSync(resolve(root, flag)) ? statSync(resolve(root, flag)).isDirectory() ? readdirSync(resolve(root, flag)).map((name) => join(flag, name)) : [flag] : []))
    .filter((file) => statSync(resolve(root, file)).isFile()).sort().map((file) => [file, createHash("sha256").update(readFileSync(resolve(root, file))).digest("hex")]);
}
