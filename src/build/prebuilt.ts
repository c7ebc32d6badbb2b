import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { CanisterBuilder } from "./builder.ts";

type Prebuilt = Extract<BuildRecipe, { readonly kind: "prebuilt" }>;

/** A module that exists already; its SHA-256 is checked when the manifest gives one. */
export const buildPrebuilt: CanisterBuilder<Prebuilt> = async ({ project, canister: { name }, recipe }) => {
  const wasm = Uint8Array.from(readSource(recipe.wasm, name, project.manifest)), actual = createHash("sha256").update(wasm).digest("hex");
  if (recipe.sha256 !== undefined && recipe.sha256 !== actual) throw new IcxError(ERRORS.build.hashMismatch, { name, actual, expected: recipe.sha256 });
  return { wasm, cached: true, ...(recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") }) };
};

/** A file that the manifest names. @throws IcxError ICX4002 */
export function readSource(file: string, name: string, manifest: string): Buffer {
  if (!existsSync(file)) throw new IcxError(ERRORS.build.missingSource, { file, name, manifest });
  return readFileSync(file);
}
