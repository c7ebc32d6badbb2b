import { existsSync, globSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Project, ProjectEnvironment } from "../context/project.ts";
import { nearest } from "../errors/nearest.ts";
import { effectiveProject } from "./effective.ts";
import { readIcpCanister } from "./icpCanister.ts";
import { readIcpEnvironment } from "./icpEnvironment.ts";
import { readIcpNetwork } from "./icpNetwork.ts";
import type { Read } from "./icpSettings.ts";
import { parseManifest, type ManifestNode } from "./manifestNode.ts";
import type { MopsFile } from "./readMops.ts";
import { readText } from "./readText.ts";

/** A project, and the document that `icx project show` prints of it. */
export interface ReadProject { readonly project: Project; readonly effective: () => Readonly<Record<string, unknown>> }
interface Item { readonly node: ManifestNode; readonly folder: string }

/** Reads icp-cli's project file (https://github.com/dfinity/icp-cli, docs/reference/configuration.md). @throws IcxError ICX1003, ICX1010, ICX1017, ICX1018 */
export function readIcpYaml(file: string, mops: MopsFile): ReadProject {
  const root = dirname(file), manifest = parseManifest(file, readText(file)), notes: string[] = [];
  manifest.only(["canisters", "dependencies", "networks", "environments"]);
  if (manifest.get("dependencies").items().length > 0) throw manifest.get("dependencies").fail("names other projects, which icx does not deploy along yet: deploy each in its folder");
  const items = manifest.get("canisters").items().flatMap((item) => (typeof item.value === "string" ? included(root, item, notes) : [{ node: item, folder: root }]));
  const canisters = unique(items, ({ node, folder }) => readIcpCanister(node, folder, { root, mops, notes }));
  items.forEach(({ node }) => { checkControllers(node.get("settings").get("controllers"), canisters.map(({ value }) => value.name)); });
  const networks = unique(manifest.get("networks").items().map((item) => fromFile(root, item)), ({ node }) => readIcpNetwork(node, notes));
  const known = { networks: [...networks.map(({ value }) => value.name), "local", "ic"], folders: new Map(canisters.map(({ value }) => [value.name, value.folder])), notes };
  const environments = unique(manifest.get("environments").items().map((item) => fromFile(root, item)), ({ node }) => readIcpEnvironment(node, known));
  return {
    project: {
      root, manifest: file, format: "icp.yaml", motoko: mops.setup, canisters: canisters.map(({ value }) => value), networks: networks.map(({ value }) => value),
      environments: withImplicit(environments.map(({ value }) => value)), notes,
    },
    effective: () => effectiveProject({
      root, canisters: canisters.map(({ value, shown }) => ({ folder: value.folder, canister: shown })), networks: networks.map(({ shown }) => shown), environments: environments.map(({ shown }) => shown),
    }),
  };
}

/** A controller is a principal or a canister of the project: a slip is told before anything is created. @throws IcxError ICX1003 */
function checkControllers(node: ManifestNode, names: readonly string[]): void {
  for (const item of node.items()) {
    const text = item.text(), meant = nearest(text, names);
    if (!names.includes(text) && !/^([a-z2-7]{5}-)+[a-z2-7]{1,5}$/.test(text)) throw item.fail(`names ${text}, which is neither a principal nor a canister of the project${meant === undefined ? "" : `; did you mean ${meant}?`}`);
  }
}

/** `local` and `ic` exist in every project. */
export const withImplicit = (environments: readonly ProjectEnvironment[]): readonly ProjectEnvironment[] =>
  [...environments, ...["local", "ic"].filter((name) => !environments.some((known) => known.name === name)).map((name) => ({ name, network: name, settings: {}, initArgs: {} }))];

function unique<T extends { readonly name: string }, S>(items: readonly Item[], read: (item: Item) => Read<T, S>): Read<T, S>[] {
  const seen = new Set<string>();
  return items.map((item) => {
    const found = read(item);
    if (seen.has(found.value.name)) throw item.node.get("name").fail("is the name of another one too");
    seen.add(found.value.name);
    return found;
  });
}

/** A text in the list of canisters names a folder with a canister.yaml, or is a pattern of such folders, which may match none. */
function included(root: string, item: ManifestNode, notes: string[]): Item[] {
  const pattern = item.text(), manifestIn = (path: string): string => (path.endsWith(".yaml") ? path : join(path, "canister.yaml"));
  const found = !/[*?[{]/.test(pattern) ? [manifestIn(resolve(root, pattern))] : globSync(pattern, { cwd: root }).sort().map((path) => manifestIn(resolve(root, path))).filter((path) => existsSync(path) && statSync(path).isFile());
  if (found.length === 0) notes.push(`${item.place().file}:${item.place().line}: ${pattern} matches no folder with a canister.yaml.`);
  return [...new Set(found)].map((path) => {
    if (!existsSync(path)) throw item.fail(`(${pattern}) is no folder with a canister.yaml`);
    return { node: parseManifest(path, readText(path)), folder: dirname(path) };
  });
}

/** A network or an environment may stand in a file of its own. */
function fromFile(root: string, item: ManifestNode): Item {
  if (typeof item.value !== "string") return { node: item, folder: root };
  const path = resolve(root, item.value);
  if (!existsSync(path)) throw item.fail(`(${item.value}) is no file`);
  return { node: parseManifest(path, readText(path)), folder: root };
}
