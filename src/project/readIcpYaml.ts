import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { BuildRecipe, CanisterSettings, Project, ProjectCanister, ProjectNetwork } from "../context/project.ts";
import { parseManifest, type ManifestNode } from "./manifestNode.ts";
import type { MopsFile } from "./readMops.ts";
import { readText } from "./readText.ts";

/** Reads icp-cli's project file (https://github.com/dfinity/icp-cli, docs/reference/configuration.md). @throws IcxError ICX1003 */
export function readIcpYaml(file: string, mops: MopsFile): Project {
  const root = dirname(file), manifest = parseManifest(file, readText(file));
  const canisters = manifest.get("canisters").items().flatMap((item) => (typeof item.value === "string" ? included(root, item) : [{ node: item, folder: root }]));
  const seen = new Set<string>();
  return {
    root, manifest: file, format: "icp.yaml", motoko: mops.setup, environments: [], notes: [],
    canisters: canisters.map(({ node, folder }) => {
      const canister = readCanister(node, folder, mops);
      if (seen.has(canister.name)) throw node.get("name").fail("is the name of another canister too");
      seen.add(canister.name);
      return canister;
    }),
    networks: manifest.get("networks").items().map(readNetwork),
  };
}

/** A text in the list of canisters names folders (or a pattern of folders) that hold a canister.yaml each. */
function included(root: string, item: ManifestNode): { readonly node: ManifestNode; readonly folder: string }[] {
  const pattern = item.text();
  const found = globSync(pattern, { cwd: root }).sort().map((path) => resolve(root, path))
    .map((path) => (statSync(path).isDirectory() ? join(path, "canister.yaml") : path)).filter((path) => existsSync(path));
  if (found.length === 0) throw item.fail(`(${pattern}) matches no folder with a canister.yaml`);
  return found.map((path) => ({ node: parseManifest(path, readFileSync(path, "utf8")), folder: dirname(path) }));
}

const PLAIN = { finishing: { metadata: [], shrink: false, gzip: false }, sync: [], hooks: { preInstall: [], postInstall: [] }, remoteIds: {} } as const;

function readCanister(node: ManifestNode, folder: string, mops: MopsFile): ProjectCanister {
  const name = node.get("name").text(), init = node.get("init_args");
  if (!/^[A-Za-z][\w.-]*$/.test(name)) throw node.get("name").fail("must begin with a letter and hold letters, digits, `-` and `_`");
  const initArgs = typeof init.value === "object" && init.value !== null
    ? init.get("value").optionalText() ?? readText(resolve(folder, init.get("path").text())) : init.optionalText();
  return { name, folder, recipe: readRecipe(name, node, folder, mops), ...PLAIN, settings: readSettings(node.get("settings")), dependencies: [], ...(initArgs === undefined ? {} : { initArgs: { format: "candid", text: initArgs } }) };
}

function readRecipe(name: string, node: ManifestNode, folder: string, mops: MopsFile): BuildRecipe {
  const recipe = node.get("recipe");
  if (recipe.value !== undefined && recipe.value !== null) return namedRecipe(name, recipe, folder, mops);
  const steps = node.get("build").get("steps").items();
  if (steps.length === 0) throw node.fail("needs a `recipe` or `build` steps");
  const prebuilt = steps.find((step) => step.get("type").optionalText() === "pre-built");
  if (prebuilt !== undefined && steps.length === 1) return prebuiltRecipe(prebuilt, folder);
  const commands = steps.flatMap((step) => {
    const type = step.get("type").text();
    if (type !== "script") throw step.get("type").fail("must be `script`, or a single `pre-built`");
    return [...step.get("command").texts(), ...step.get("commands").texts()];
  });
  return { kind: "steps", steps: [{ kind: "script", commands }] };
}

function namedRecipe(name: string, recipe: ManifestNode, folder: string, mops: MopsFile): BuildRecipe {
  const type = recipe.get("type").text(), configuration = recipe.get("configuration");
  const official = /^@dfinity\/([\w-]+)(?:@(.+))?$/.exec(type)?.[1];
  if (official === "motoko") {
    const ofMops = mops.canisters[name];
    const main = configuration.get("main").optionalText() ?? configuration.get("entry").optionalText() ?? ofMops?.main;
    if (main === undefined) throw configuration.fail("needs `main`: the Motoko file with the actor, here or in mops.toml under [canisters]");
    const args = (configuration.get("args").optionalText() ?? "").split(/\s+/).filter((word) => word !== "");
    const candid = configuration.get("candid").optionalText() ?? ofMops?.candid;
    return { kind: "motoko", main: resolve(folder, main), args: [...args, ...(ofMops?.args ?? [])], ...(candid === undefined ? {} : { candid: resolve(folder, candid) }) };
  }
  if (official === "prebuilt") return prebuiltRecipe(configuration, folder);
  return { kind: "unsupported", what: `the recipe ${type} is not known` };
}

function prebuiltRecipe(node: ManifestNode, folder: string): BuildRecipe {
  const path = node.get("path").optionalText(), sha256 = node.get("sha256").optionalText();
  if (path === undefined) return { kind: "unsupported", what: "a pre-built module is read from a `path`; modules behind a `url` must be downloaded first" };
  return { kind: "steps", steps: [{ kind: "pre-built", source: { kind: "file", path: resolve(folder, path) }, ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }) }] };
}

function readSettings(node: ManifestNode): CanisterSettings {
  const names = { computeAllocation: "compute_allocation", memoryAllocation: "memory_allocation", freezingThreshold: "freezing_threshold", reservedCyclesLimit: "reserved_cycles_limit", wasmMemoryLimit: "wasm_memory_limit" } as const;
  return Object.fromEntries(Object.entries(names).flatMap(([key, name]) => { const value = amount(node.get(name)); return value === undefined ? [] : [[key, value]]; }));
}

const UNITS: Readonly<Record<string, bigint>> = { kib: 1n << 10n, mib: 1n << 20n, gib: 1n << 30n, kb: 1_000n, mb: 1_000_000n, gb: 1_000_000_000n, k: 1_000n, m: 1_000_000n, b: 1_000_000_000n, t: 1_000_000_000_000n, s: 1n, h: 3_600n, d: 86_400n, w: 604_800n };

/** A whole number with an optional unit (`2gib`, `30d`, `1_000`, `5t`); minutes are written as seconds, because `m` is a million. */
function amount(node: ManifestNode): bigint | undefined {
  const text = node.optionalText();
  if (text === undefined) return undefined;
  const match = /^([\d_]+)\s*([a-z]*)$/i.exec(text.trim()), unit = match === null ? undefined : match[2] === "" ? 1n : UNITS[match[2]!.toLowerCase()];
  if (match === null || unit === undefined) throw node.fail("must be a whole number, with a unit such as `gib` or `d` if you like");
  return BigInt(match[1]!.replaceAll("_", "")) * unit;
}

function readNetwork(node: ManifestNode): ProjectNetwork {
  const name = node.get("name").text(), mode = node.get("mode").optionalText() ?? "managed";
  if (mode === "connected") {
    const rootKey = node.get("root-key").optionalText();
    return { name, managed: false, url: node.get("url").text(), ...(rootKey === undefined ? {} : { rootKey }) };
  }
  if (mode !== "managed") throw node.get("mode").fail("must be `managed` or `connected`");
  const port = node.get("gateway").get("port").optionalInteger();
  if (port !== undefined && port > 65_535n) throw node.get("gateway").get("port").fail("must be a port");
  return { name, managed: true, ...(port === undefined ? {} : { port: Number(port) }) };
}

