import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { ManifestNode } from "./manifestNode.ts";
import { parseManifest } from "./manifestNode.ts";
import { readHash } from "./icpSteps.ts";
import { readBytes } from "./readText.ts";

const require = createRequire(import.meta.url);

/** A recipe that is a file of the project: a Handlebars template of `build` and `sync`. It is looked for beside the canister, then in the project's folder. */
export interface RecipeFile { readonly type: string; readonly recipe: ManifestNode; readonly canister: string; readonly folder: string; readonly root: string }

/**
 * Renders a recipe as icp-cli does: what is not defined is an error, nothing is escaped, `{{ replace "from" "to" value }}` replaces, `_.canister.name` is
 * the canister. @throws IcxError ICX1003, ICX1010, ICX1018
 */
export function renderRecipe({ type, recipe, canister, folder, root }: RecipeFile): ManifestNode {
  const path = type.replace(/^file:\/\//, ""), file = [resolve(folder, path), resolve(root, path)].find((candidate) => existsSync(candidate)) ?? resolve(folder, path);
  const failed = (reason: string, cause?: unknown): IcxError => new IcxError(ERRORS.project.recipe, { ...recipe.get("type").place(), type, reason, recipe: path }, { cause });
  if (!existsSync(file)) throw failed("there is no such file.");
  const bytes = readBytes(file), actual = createHash("sha256").update(bytes).digest("hex"), expected = readHash(recipe.get("sha256"))?.toLowerCase();
  if (expected !== undefined && expected !== actual) throw failed(`its SHA-256 is ${actual}, not ${expected}.`);
  const handlebars = (require("handlebars") as typeof import("handlebars")).create(); // few projects have a recipe of their own
  handlebars.registerHelper("replace", (from: unknown, to: unknown, value: unknown) => String(value).replaceAll(String(from), () => String(to)));
  let rendered: string;
  try {
    rendered = handlebars.compile(bytes.toString("utf8").replace(/^\uFEFF/, ""), { noEscape: true, strict: true })({ ...valuesOf(recipe.get("configuration")), _: { canister: { name: canister } } });
  } catch (cause) {
    throw failed((cause instanceof Error ? cause.message : String(cause)).split("\n").map((line) => line.trim()).join(" "), cause);
  }
  return parseManifest(`${file} (rendered for ${canister})`, rendered);
}

const valuesOf = (configuration: ManifestNode): Record<string, unknown> => Object.fromEntries(configuration.entries().map(([key, { value }]) => [key, value]));
