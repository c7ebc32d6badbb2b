import { resolve } from "node:path";
import type { BuildRecipe, Finishing } from "../context/project.ts";
import { nearest } from "../errors/nearest.ts";
import { readHash, readSource } from "./icpSteps.ts";
import type { ManifestNode } from "./manifestNode.ts";
import type { MopsFile } from "./readMops.ts";
import { shellWords } from "./shellWords.ts";

/** What a recipe of dfinity (https://github.com/dfinity/icp-cli-recipes) becomes, and the steps that are shown for it. */
export interface ResolvedRecipe { readonly recipe: BuildRecipe; readonly finishing: Finishing; readonly shown: readonly unknown[] }
interface Given { readonly name: string; readonly configuration: ManifestNode; readonly folder: string; readonly mops: MopsFile; readonly notes: string[] }

const FINISHING = ["shrink", "compress", "compressed", "metadata"];
const UNSUPPORTED = ["asset-canister", "assets", "static-site"];
const RECIPES: Readonly<Record<string, (given: Given) => Omit<ResolvedRecipe, "finishing">>> = { motoko: motokoRecipe, rust: rustRecipe, prebuilt: prebuiltRecipe, "pre-built": prebuiltRecipe };

/** `@dfinity/motoko`, with a version in any spelling (`@v4.1.0`, `@4`, `@motoko-v4.1.0`) or none; undefined for another kind of recipe. */
export const officialRecipe = (type: string): string | undefined => /^@[\w.-]+\/([\w.-]+)(?:@\S*)?$/.exec(type)?.[1];

/** The built-in counterpart of a recipe of dfinity, whichever version is asked for. @throws IcxError ICX1003 */
export function resolveOfficial(type: string, given: Given): ResolvedRecipe {
  const name = officialRecipe(type)!, build = type.startsWith("@dfinity/") && Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
  if (build !== undefined) return { ...build(given), finishing: readFinishing(given.configuration) };
  const meant = nearest(name, Object.keys(RECIPES)), what = UNSUPPORTED.includes(name) ? `the recipe ${type} makes an asset canister` : `icx has no recipe ${type}${meant === undefined ? "" : ` (there is @dfinity/${meant})`}`;
  return { recipe: { kind: "unsupported", what }, finishing: { metadata: [], shrink: false, gzip: false }, shown: [{ type: "recipe", recipe: type }] };
}

function motokoRecipe({ name, configuration, folder, mops, notes }: Given): Omit<ResolvedRecipe, "finishing"> {
  configuration.only(["main", "entry", "args", "candid", "name", ...FINISHING], notes);
  const ofMops = mops.canisters[configuration.get("name").optionalText() ?? name], own = configuration.get("main").optionalText() ?? configuration.get("entry").optionalText();
  const main = own === undefined ? ofMops?.main : resolve(folder, own), candidOwn = configuration.get("candid").optionalText();
  if (main === undefined) throw configuration.fail(`needs \`main\`: the Motoko file with the actor, here or in mops.toml under [canisters.${name}]`);
  const candid = candidOwn === undefined ? ofMops?.candid : resolve(folder, candidOwn), args = [...mops.args, ...(ofMops?.args ?? []), ...shellWords(configuration.get("args").optionalText() ?? "")];
  return { recipe: { kind: "motoko", main, args, ...(candid !== undefined && { candid }) }, shown: [{ type: "motoko", main, args, candid: candid ?? null }] };
}

function rustRecipe({ configuration, folder, notes }: Given): Omit<ResolvedRecipe, "finishing"> {
  configuration.only(["package", "crate", "candid", "locked", ...FINISHING], notes);
  const crate = configuration.get("crate").optionalText(), candid = configuration.get("candid").optionalText(), found = { package: configuration.get("package").text(), folder, locked: configuration.get("locked").optionalFlag() ?? false };
  const recipe: BuildRecipe = { kind: "rust", ...found, ...(crate !== undefined && { crate }), ...(candid !== undefined && { candid: resolve(folder, candid) }) };
  return { recipe, shown: [{ type: "rust", package: found.package, locked: found.locked, candid: candid ?? null }] };
}

function prebuiltRecipe({ configuration, folder, notes }: Given): Omit<ResolvedRecipe, "finishing"> {
  configuration.only(["path", "url", "sha256", "candid", ...FINISHING], notes);
  const { source, shown } = readSource(configuration, folder), sha256 = readHash(configuration.get("sha256")), candid = configuration.get("candid").optionalText();
  return {
    recipe: { kind: "steps", steps: [{ kind: "pre-built", source, ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }) }], ...(candid !== undefined && { candid: resolve(folder, candid) }) },
    shown: [{ type: "pre-built", ...shown, sha256: sha256 ?? null }],
  };
}

/** `metadata`, `shrink` and `compress`; the recipes write their sections as private ones, which is what `ic-wasm metadata` does when it is not told. */
function readFinishing(configuration: ManifestNode): Finishing {
  const metadata = configuration.get("metadata").items().map((item) => ({ name: item.get("name").text(), content: { text: item.get("value").text() }, visibility: "private" as const }));
  return { metadata, shrink: configuration.get("shrink").optionalFlag() ?? false, gzip: configuration.get("compress").optionalFlag() ?? configuration.get("compressed").optionalFlag() ?? false };
}
