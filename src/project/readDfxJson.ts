import { dirname, resolve } from "node:path";
import type { BuildRecipe, Project, ProjectCanister } from "../context/project.ts";
import { parseManifest, type ManifestNode } from "./manifestNode.ts";
import type { MopsFile } from "./readMops.ts";
import { readText } from "./readText.ts";

/** Reads dfx's project file (https://github.com/dfinity/sdk, docs/dfx-json-schema.json). @throws IcxError ICX1003 */
export function readDfxJson(file: string, mops: MopsFile): Project {
  const root = dirname(file), manifest = parseManifest(file, readText(file));
  const defaults = words(manifest.get("defaults").get("build").get("args").optionalText());
  return {
    root, manifest: file, format: "dfx.json", motoko: mops.setup, environments: [], notes: [],
    canisters: manifest.get("canisters").entries().map(([name, node]) => readCanister(name, node, root, defaults)),
    networks: manifest.get("networks").entries().map(([name, node]) => {
      const [url] = node.get("providers").texts(), bind = node.get("bind").optionalText();
      const port = bind === undefined ? undefined : /:(\d+)$/.exec(bind)?.[1];
      return url === undefined ? { name, managed: true, ...(port === undefined ? {} : { port: Number(port) }) } : { name, managed: false, url };
    }),
  };
}

const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

function readCanister(name: string, node: ManifestNode, root: string, defaults: readonly string[]): ProjectCanister {
  const init = node.get("init_arg").optionalText(), initFile = node.get("init_arg_file").optionalText();
  const initArgs = init ?? (initFile === undefined ? undefined : readText(resolve(root, initFile)));
  return {
    name, folder: root, recipe: readRecipe(node, root, defaults), finishing: { metadata: [], shrink: false, gzip: false }, sync: [], hooks: { preInstall: [], postInstall: [] }, remoteIds: {}, settings: {},
    dependencies: node.get("dependencies").texts(), ...(initArgs === undefined ? {} : { initArgs: { format: "candid", text: initArgs } }),
  };
}

function readRecipe(node: ManifestNode, root: string, defaults: readonly string[]): BuildRecipe {
  const type = node.get("type").optionalText() ?? "motoko"; // an absent type means motoko
  if (type === "motoko") {
    const args = node.get("args").optionalText();
    return { kind: "motoko", main: resolve(root, node.get("main").text()), args: args === undefined ? defaults : words(args) };
  }
  if (type !== "custom") return { kind: "unsupported", what: `the type \`${type}\` of dfx.json is not supported` };
  const wasm = resolve(root, node.get("wasm").text()), candid = node.get("candid").optionalText(), commands = node.get("build").texts();
  const interfaceFile = candid === undefined ? {} : { candid: resolve(root, candid) };
  return { kind: "steps", steps: commands.length === 0 ? [{ kind: "pre-built", source: { kind: "file", path: wasm } }] : [{ kind: "script", commands }], wasm, ...interfaceFile };
}
