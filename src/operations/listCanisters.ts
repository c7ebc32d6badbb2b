import type { CommandContext, Shown } from "../context/context.ts";
import { canisterIds } from "../project/canisterIds.ts";
import { loadProject } from "../project/loadProject.ts";
import { readDescriptor } from "../network/descriptor.ts";
import { locate, type ConnectOptions } from "./locate.ts";
import { resolveCanister } from "./resolveCanister.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** `icx canister list`: the project's canisters and their ids on the local network, whether it runs or not. */
export async function listCanisters(context: CommandContext): Promise<Shown> {
  const project = loadProject(context), { place } = networkHome(context), rootKey = readDescriptor(place.descriptor)?.rootKey;
  const ids = canisterIds(place.ids, rootKey === undefined ? undefined : Buffer.from(rootKey, "hex")).all();
  const rows = project.canisters.map(({ name, recipe }) => ({ name, kind: recipe.kind, id: ids[name] ?? null }));
  const width = Math.max(0, ...rows.map(({ name }) => name.length)) + 2;
  return { text: rows.map(({ name, id }) => `${name.padEnd(width)}${id ?? "-"}`).join("\n"), data: { canisters: rows } };
}

/** `icx canister id`. */
export async function canisterId(context: CommandContext, input: ConnectOptions & { readonly canister: string }): Promise<Shown> {
  const id = resolveCanister(await locate(context, input), input.canister);
  return { text: id, data: { canister: input.canister, id } };
}
