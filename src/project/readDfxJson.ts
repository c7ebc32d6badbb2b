import { dirname, resolve } from "node:path";
import type { BuildRecipe, InitArgs, Project, ProjectCanister, ProjectNetwork, Visibility } from "../context/project.ts";
import { nearest } from "../errors/nearest.ts";
import { readDfxCanister } from "./dfxCanister.ts";
import { readDfxNetworks } from "./dfxNetworks.ts";
import { effectiveProject, type EffectiveCanister, type EffectiveNetwork, type Tagged } from "./effective.ts";
import { parseManifest } from "./manifestNode.ts";
import { withImplicit, type ReadProject } from "./readIcpYaml.ts";
import type { MopsFile } from "./readMops.ts";
import { readText } from "./readText.ts";
import { shellWords } from "./shellWords.ts";

/** Reads dfx's project file (https://github.com/dfinity/sdk, docs/dfx-json-schema.json). Its networks are environments as well. @throws IcxError ICX1003, ICX1010 */
export function readDfxJson(file: string, mops: MopsFile, env: Readonly<Record<string, string | undefined>>): ReadProject {
  const root = dirname(file), manifest = parseManifest(file, readText(file)), notes: string[] = [], build = manifest.get("defaults").get("build");
  const packtool = build.get("packtool").optionalText(), profile = manifest.get("profile").optionalText(), output = manifest.get("output_env_file").optionalText();
  if (profile !== undefined && profile !== "Debug" && profile !== "Release") throw manifest.get("profile").fail("must be `Debug` or `Release`");
  const defaults = { root, args: shellWords(build.get("args").optionalText() ?? ""), packtool: packtool === "" ? undefined : packtool, release: profile === "Release", notes };
  const canisters = manifest.get("canisters").entries().map(([name, node]) => readDfxCanister(name, node, defaults)), names = canisters.map(({ name }) => name);
  for (const [, node] of manifest.get("canisters").entries()) for (const item of node.get("dependencies").items()) {
    const meant = nearest(item.text(), names);
    if (!names.includes(item.text())) throw item.fail(`names the canister ${item.text()}, which is not there${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
  const networks = readDfxNetworks(manifest, env), environments = withImplicit(networks.map(({ name }) => ({ name, network: name, settings: {}, initArgs: {} })));
  return {
    project: { root, manifest: file, format: "dfx.json", motoko: mops.setup, canisters, networks, environments, notes, ...(output !== undefined && { outputEnvFile: resolve(root, output) }) },
    effective: () => effectiveProject({
      root, canisters: canisters.map((canister) => ({ folder: canister.folder, canister: shownCanister(canister) })), networks: networks.map(shownNetwork),
      environments: environments.map(({ name, network }) => ({ name, network, canisters: names, overrides: {} })),
    }),
  };
}

/** A dfx canister in the words of icp.yaml. */
function shownCanister({ name, recipe, settings, initArgs }: ProjectCanister): EffectiveCanister {
  const words: Readonly<Record<string, unknown>> = {
    log_visibility: shownVisibility(settings.logVisibility), compute_allocation: settings.computeAllocation, memory_allocation: settings.memoryAllocation, freezing_threshold: settings.freezingThreshold,
    reserved_cycles_limit: settings.reservedCyclesLimit, wasm_memory_limit: settings.wasmMemoryLimit, wasm_memory_threshold: settings.wasmMemoryThreshold,
  };
  return {
    name, settings: { ...Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined)), controllers: null }, build: { steps: shownSteps(recipe) }, sync: { steps: [] },
    init_args: initArgs === undefined ? null : shownArgs(initArgs), upgrade_args: null, registry_recipe: null,
  };
}

const shownVisibility = (visibility: Visibility | undefined): unknown => (typeof visibility === "object" ? { allowed_viewers: visibility.allowedViewers } : visibility);
const shownArgs = (args: InitArgs): Tagged => (args.format === "bin" ? { tag: "Binary", of: [...args.bytes] } : { tag: "Text", of: { content: args.text, format: args.format } });

function shownSteps(recipe: BuildRecipe): readonly unknown[] {
  if (recipe.kind === "motoko") return [{ type: "motoko", main: recipe.main, args: recipe.args, candid: recipe.candid ?? null }];
  if (recipe.kind === "rust") return [{ type: "rust", package: recipe.package, locked: recipe.locked, candid: recipe.candid ?? null }];
  if (recipe.kind === "unsupported") return [{ type: "unsupported", reason: recipe.what }];
  return recipe.steps.map((step) => (step.kind === "script" ? { type: "script", commands: step.commands } : { type: "pre-built", ...(step.source.kind === "file" ? { path: step.source.path } : { url: step.source.url }), sha256: step.sha256 ?? null }));
}

const shownNetwork = ({ name, managed, url, rootKey, host, port }: ProjectNetwork): EffectiveNetwork => ({
  name, configuration: managed
    ? { mode: "managed", gateway: { bind: host ?? "127.0.0.1", port: { tag: "Fixed", of: port ?? 8000 }, domains: [] } }
    : { mode: "connected", "api-url": url, "http-gateway-url": url, "root-key": name === "ic" ? "mainnet" : rootKey ?? "fetch" },
});
