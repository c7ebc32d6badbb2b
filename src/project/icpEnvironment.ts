import type { CanisterSettings, InitArgs, ProjectEnvironment } from "../context/project.ts";
import { nearest } from "../errors/nearest.ts";
import type { EffectiveOverrides, EffectiveParts, Tagged } from "./effective.ts";
import { readArgs, readSettings, type Read } from "./icpSettings.ts";
import type { ManifestNode } from "./manifestNode.ts";

type Shown = EffectiveParts["environments"][number];
/** What an environment may name: networks, and canisters with their folders. */
export interface Known { readonly networks: readonly string[]; readonly folders: ReadonlyMap<string, string>; readonly notes: string[] }

/** An environment of icp.yaml. What it says of a canister's settings replaces them whole, as icp-cli has it. @throws IcxError ICX1003, ICX1010 */
export function readIcpEnvironment(node: ManifestNode, { networks, folders, notes }: Known): Read<ProjectEnvironment, Shown> {
  node.only(["name", "network", "canisters", "settings", "init_args", "upgrade_args"], notes);
  const name = node.get("name").text(), network = node.get("network").optionalText() ?? "local", chosen = node.get("canisters"), all = [...folders.keys()];
  if (!networks.includes(network)) throw node.get("network").fail(`names the network ${network}, which is not there${hint(network, networks)}`);
  const names = chosen.value === undefined || chosen.value === null ? undefined : chosen.texts();
  chosen.items().forEach((item) => { if (!folders.has(item.text())) throw item.fail(`names the canister ${item.text()}, which is not there${hint(item.text(), all)}`); });
  const settings: Record<string, CanisterSettings> = {}, initArgs: Record<string, InitArgs> = {}, upgradeArgs: Record<string, InitArgs> = {}, overrides: Record<string, EffectiveOverrides> = {};
  const each = (key: string, read: (canister: string, item: ManifestNode, folder: string) => EffectiveOverrides): void => {
    for (const [canister, item] of node.get(key).entries()) {
      const folder = folders.get(canister);
      if (folder === undefined) { const { file, line } = item.place(); notes.push(`${file}:${line}: there is no canister ${canister}${hint(canister, all)}. What is said of it has no effect.`); continue; }
      overrides[canister] = { ...overrides[canister], ...read(canister, item, folder) };
    }
  };
  const args = (target: Record<string, InitArgs>, field: (shown: Tagged) => EffectiveOverrides) => (canister: string, item: ManifestNode, folder: string): EffectiveOverrides => {
    const found = readArgs(item, folder);
    if (found === undefined) return {};
    target[canister] = found.value;
    return field(found.shown);
  };
  each("settings", (canister, item, folder) => { const found = readSettings(item, folder, notes); settings[canister] = found.value; return { settings: found.shown }; });
  each("init_args", args(initArgs, (shown) => ({ init_args: shown })));
  each("upgrade_args", args(upgradeArgs, (shown) => ({ upgrade_args: shown })));
  return { value: { name, network, ...(names !== undefined && { canisters: names }), settings, initArgs, upgradeArgs }, shown: { name, network, canisters: names ?? all, overrides } };
}

const hint = (typed: string, known: readonly string[]): string => { const meant = nearest(typed, known); return meant === undefined ? "" : `; did you mean ${meant}?`; };
