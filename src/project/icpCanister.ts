import type { BuildRecipe, Finishing, InitArgs, ProjectCanister, SyncStep } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { EffectiveCanister } from "./effective.ts";
import { readArgs, readSettings, type Read } from "./icpSettings.ts";
import { readBuildSteps, readSyncSteps } from "./icpSteps.ts";
import type { ManifestNode } from "./manifestNode.ts";
import { officialRecipe, resolveOfficial } from "./officialRecipes.ts";
import { nearestMops, type MopsFile } from "./readMops.ts";
import { renderRecipe } from "./renderRecipe.ts";

/** What surrounds the canisters of one manifest. */
export interface Surroundings { readonly root: string; readonly mops: MopsFile; readonly notes: string[] }
/** How a canister comes to be and what follows, as read. */
interface Instructions { readonly recipe: BuildRecipe; readonly finishing: Finishing; readonly sync: readonly SyncStep[]; readonly build: readonly unknown[]; readonly syncShown: readonly unknown[]; readonly registry: string | null }

const PLAIN: Finishing = { metadata: [], shrink: false, gzip: false };

/** A canister of icp.yaml or of a canister.yaml; a key that icp-cli refuses is refused. @throws IcxError ICX1003, ICX1010, ICX1017, ICX1018 */
export function readIcpCanister(node: ManifestNode, folder: string, { root, mops: ofRoot, notes }: Surroundings): Read<ProjectCanister, EffectiveCanister> {
  node.only(["name", "settings", "init_args", "upgrade_args", "recipe", "build", "sync"]);
  const name = node.get("name").text();
  if (!/^[\w-]+$/.test(name)) throw node.get("name").fail("must hold ASCII letters, digits, `-` and `_`");
  const { mops, own } = nearestMops(folder, root, ofRoot), { recipe, finishing, sync, build, syncShown, registry } = readInstructions(name, node, folder, { root, mops, notes });
  const settings = readSettings(node.get("settings"), folder, notes), init = readArgs(node.get("init_args"), folder), upgrade = readArgs(node.get("upgrade_args"), folder);
  const ofMops = recipe.kind === "motoko" && init === undefined ? mops.canisters[name]?.initArg : undefined, initArgs: InitArgs | undefined = init?.value ?? (ofMops === undefined ? undefined : { format: "candid", text: ofMops });
  return {
    value: {
      name, folder, recipe, finishing, sync, hooks: { preInstall: [], postInstall: [] }, settings: settings.value, dependencies: [], remoteIds: {},
      ...(initArgs !== undefined && { initArgs }), ...(upgrade !== undefined && { upgradeArgs: upgrade.value }), ...(own && { motoko: mops.setup }),
    },
    shown: { name, settings: settings.shown, build: { steps: build }, sync: { steps: syncShown }, init_args: init?.shown ?? null, upgrade_args: upgrade?.shown ?? null, registry_recipe: registry },
  };
}

const given = (node: ManifestNode): boolean => node.value !== undefined && node.value !== null;

function readInstructions(name: string, node: ManifestNode, folder: string, surroundings: Surroundings): Instructions {
  const recipe = node.get("recipe"), build = node.get("build");
  if (!given(recipe)) {
    if (!given(build)) throw node.fail("needs a `recipe` or `build` steps");
    return fromSteps(node, folder, surroundings.notes, null);
  }
  if (given(build)) throw build.fail("cannot stand beside a `recipe`");
  if (given(node.get("sync"))) throw node.get("sync").fail("cannot stand beside a `recipe`");
  recipe.only(["type", "configuration", "sha256"], surroundings.notes);
  const type = recipe.get("type").text();
  if (/^https?:\/\//.test(type)) throw new IcxError(ERRORS.project.remoteRecipe, { ...recipe.get("type").place(), type });
  if (officialRecipe(type) === undefined) {
    if (type.startsWith("@")) throw recipe.get("type").fail("must be like `@dfinity/motoko@v4.1.0`, or a path such as `./recipes/own.hb.yaml`");
    return fromSteps(renderRecipe({ type, recipe, canister: name, folder, root: surroundings.root }), folder, surroundings.notes, null);
  }
  const { recipe: resolved, finishing, shown } = resolveOfficial(type, { name, configuration: recipe.get("configuration"), folder, mops: surroundings.mops, notes: surroundings.notes });
  return { recipe: resolved, finishing, sync: [], build: shown, syncShown: [], registry: type };
}

function fromSteps(node: ManifestNode, folder: string, notes: string[], registry: string | null): Instructions {
  const build = readBuildSteps(node.get("build"), folder, notes), sync = readSyncSteps(node.get("sync"), notes);
  return { recipe: { kind: "steps", steps: build.value }, finishing: PLAIN, sync: sync.value, build: build.shown, syncShown: sync.shown, registry };
}
