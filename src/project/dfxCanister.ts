import { isAbsolute, resolve } from "node:path";
import type { BuildRecipe, CanisterSettings, Declarations, InitArgs, ModuleMetadata, ProjectCanister } from "../context/project.ts";
import { dfxBytes, dfxDuration } from "./amounts.ts";
import { percentage, readVisibility } from "./icpSettings.ts";
import type { ManifestNode } from "./manifestNode.ts";
import { readText } from "./readText.ts";
import { shellWords } from "./shellWords.ts";

/** What holds for every canister of a dfx.json. */
export interface DfxDefaults { readonly root: string; readonly args: readonly string[]; readonly packtool: string | undefined; readonly release: boolean; readonly notes: string[] }

const KEYS = ["type", "main", "args", "package", "crate", "candid", "wasm", "build", "source", "workspace", "id", "dependencies", "declarations", "frontend", "gzip", "init_arg", "init_arg_file", "initialization_values", "metadata", "optimize", "post_install", "pre_install", "pullable", "remote", "shrink", "specified_id", "tech_stack", "skip_cargo_audit"];

/** A canister of dfx.json (https://github.com/dfinity/sdk, docs/dfx-json-schema.json). @throws IcxError ICX1003, ICX1010 */
export function readDfxCanister(name: string, node: ManifestNode, defaults: DfxDefaults): ProjectCanister {
  const { root, notes } = defaults, type = node.get("type").optionalText() ?? "motoko", specifiedId = node.get("specified_id").optionalText(); // an absent type means motoko
  if (!/^[\w-]+$/.test(name)) throw node.fail("is no name of a canister: letters, digits, `-` and `_` are");
  if (["motoko", "rust", "custom", "assets", "pull"].includes(type)) node.only(KEYS, notes, true); // dfx passes over what it does not know: only a slip is told
  const { value: optimize } = node.get("optimize"), initArgs = readInitArgs(node, root), recipe = readRecipe(type, name, node, defaults), declarations = readDeclarations(node.get("declarations"));
  if (optimize !== undefined && optimize !== null) notes.push(`The canister ${name} asks for \`optimize\`, which icx does not do: its module is larger, and does the same.`);
  return {
    name, folder: root, recipe, sync: [], remoteIds: Object.fromEntries(node.get("remote").get("id").entries().map(([network, id]) => [network, id.text()])),
    finishing: { metadata: [...readMetadata(node.get("metadata"), root), ...dfxSection(node)], shrink: node.get("shrink").optionalFlag() ?? (type === "motoko" || type === "rust"), gzip: node.get("gzip").optionalFlag() ?? type === "azle" },
    hooks: { preInstall: readHook(node.get("pre_install")), postInstall: readHook(node.get("post_install")) }, settings: readValues(node.get("initialization_values"), notes), dependencies: node.get("dependencies").texts(),
    ...(initArgs !== undefined && { initArgs }), ...(specifiedId !== undefined && { specifiedId }), ...(declarations !== undefined && { declarations }),
  };
}

const isUrl = (text: string): boolean => /^https?:\/\//.test(text);
/** The source of an interface; one behind an address is left to the module's own metadata. */
function candidFile(node: ManifestNode, root: string, name: string, notes: string[]): string | undefined {
  const text = node.optionalText();
  if (text === undefined || !isUrl(text)) return text === undefined ? undefined : resolve(root, text);
  notes.push(`The interface of ${name} is behind ${text}, which icx does not download: what the module itself says is used.`);
  return undefined;
}

function readRecipe(type: string, name: string, node: ManifestNode, { root, args: ofAll, packtool, release, notes }: DfxDefaults): BuildRecipe {
  if (type === "motoko") {
    const own = shellWords(node.get("args").optionalText() ?? ""), args = own.length === 0 ? ofAll : own;
    return { kind: "motoko", main: resolve(root, node.get("main").text()), args: release && !args.includes("--release") ? ["--release", ...args] : args, ...(packtool !== undefined && { packtool }) };
  }
  if (type === "rust") {
    const crate = node.get("crate").optionalText(), candid = candidFile(node.get("candid"), root, name, notes);
    return { kind: "rust", package: node.get("package").text(), folder: root, locked: true, ...(crate !== undefined && { crate }), ...(candid !== undefined && { candid }) };
  }
  if (type === "azle") { // as azle's extension of dfx has it (dfx_extension/extension.json)
    const made = (ending: string): string => resolve(root, ".azle", name, `${name}.${ending}`), own = candidFile(node.get("candid"), root, name, notes);
    return { kind: "steps", steps: [{ kind: "script", commands: [`npx --no-install azle build ${name}`] }], wasm: made("wasm"), candid: own ?? made("did") };
  }
  if (type !== "custom") return { kind: "unsupported", what: UNSUPPORTED[type] ?? `its type ${type} of dfx.json is made by an extension of dfx` };
  const wasm = node.get("wasm").text(), candid = candidFile(node.get("candid"), root, name, notes), build = node.get("build"), commands = (Array.isArray(build.value) ? build.texts() : [build.optionalText() ?? ""]).filter((command) => command.trim() !== "");
  const module = resolve(root, wasm), steps = commands.length > 0 ? [{ kind: "script" as const, commands }] : [{ kind: "pre-built" as const, source: isUrl(wasm) ? { kind: "url" as const, url: wasm } : { kind: "file" as const, path: module } }];
  return { kind: "steps", steps, ...(isUrl(wasm) ? {} : { wasm: module }), ...(candid !== undefined && { candid }) };
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  assets: "it is an asset canister (type `assets`)", pull: "it is pulled from mainnet (type `pull`)", kybra: "its type `kybra` is made by an extension of dfx",
};

function readInitArgs(node: ManifestNode, root: string): InitArgs | undefined {
  const text = node.get("init_arg").optionalText(), file = node.get("init_arg_file").optionalText();
  if (text !== undefined && file !== undefined) throw node.get("init_arg_file").fail("stands beside `init_arg`; one of the two is enough");
  const found = text ?? (file === undefined ? undefined : readText(resolve(root, file)));
  return found === undefined ? undefined : { format: "candid", text: found.trim() };
}

function readValues(node: ManifestNode, notes: string[]): CanisterSettings {
  node.only(["compute_allocation", "freezing_threshold", "memory_allocation", "reserved_cycles_limit", "wasm_memory_limit", "wasm_memory_threshold", "log_visibility"], notes);
  const found = {
    computeAllocation: percentage(node.get("compute_allocation")), freezingThreshold: dfxDuration(node.get("freezing_threshold")), memoryAllocation: dfxBytes(node.get("memory_allocation")), reservedCyclesLimit: node.get("reserved_cycles_limit").optionalInteger(),
    wasmMemoryLimit: dfxBytes(node.get("wasm_memory_limit")), wasmMemoryThreshold: dfxBytes(node.get("wasm_memory_threshold")), logVisibility: readVisibility(node.get("log_visibility")),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function readMetadata(node: ManifestNode, root: string): readonly ModuleMetadata[] {
  return node.items().flatMap((item): ModuleMetadata[] => {
    const name = item.get("name").text(), text = item.get("content").optionalText(), path = item.get("path").optionalText(), visibility = item.get("visibility").optionalText() ?? "public", { value: networks } = item.get("networks");
    if (visibility !== "public" && visibility !== "private") throw item.get("visibility").fail("must be `public` or `private`");
    if (text !== undefined && path !== undefined) throw item.fail("has both `content` and `path`; one of the two is enough");
    if (text === undefined && path === undefined) { if (name.startsWith("candid:")) return []; throw item.fail("needs `content` or `path`"); }
    const limited = networks === undefined || networks === null ? {} : { networks: item.get("networks").texts() };
    return [{ name, content: text === undefined ? { path: isAbsolute(path!) ? path! : resolve(root, path!) } : { text }, visibility, ...limited }];
  });
}

/** `pullable` and `tech_stack` are published in a section of their own (https://github.com/dfinity/sdk, docs/dfx-metadata-schema.json). */
function dfxSection(node: ManifestNode): readonly ModuleMetadata[] {
  const content = Object.fromEntries(["pullable", "tech_stack"].flatMap((key) => { const { value } = node.get(key); return value === undefined || value === null ? [] : [[key, value]]; }));
  return Object.keys(content).length === 0 ? [] : [{ name: "dfx", content: { text: JSON.stringify(content, (_, item: unknown) => (typeof item === "bigint" ? Number(item) : item)) }, visibility: "public" }];
}

/** A command, a list of commands, or `{ cmd: … }`. */
function readHook(node: ManifestNode): readonly string[] {
  const { value } = node;
  if (Array.isArray(value)) return node.items().flatMap(readHook);
  return typeof value === "object" && value !== null ? readHook(node.get("cmd")) : node.texts();
}

const BINDINGS = ["js", "ts", "did", "mo"] as const;

function readDeclarations(node: ManifestNode): Declarations | undefined {
  if (node.value === undefined || node.value === null) return undefined;
  const { value } = node.get("bindings"), output = node.get("output").optionalText(), words = value === undefined || value === null ? ["js", "ts", "did"] : node.get("bindings").texts();
  const bindings = words.map((word) => { const known = BINDINGS.find((candidate) => candidate === word); if (known === undefined) throw node.get("bindings").fail(`must be of ${BINDINGS.join(", ")}`); return known; });
  return { bindings, ...(output !== undefined && { output }), nodeCompatibility: node.get("node_compatibility").optionalFlag() ?? false };
}
