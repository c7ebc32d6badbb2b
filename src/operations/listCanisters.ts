import type { CommandContext, Shown } from "../context/context.ts";
import { loadProject } from "../project/loadProject.ts";
import { table } from "../ui/table.ts";
import { locate, type ConnectOptions } from "./locate.ts";
import { resolveCanister } from "./resolveCanister.ts";

/** `icx canister list`: the project's canisters and their ids, whether the network runs or not; with `--quiet` names alone. @throws IcxError ICX1001 */
export async function listCanisters(context: CommandContext, input: ConnectOptions): Promise<Shown> {
  const canisters = loadProject(context).canisters.map(({ name }) => name), { ids } = await locate(context, input);
  const text = context.options.quiet ? canisters.join("\n") : table(canisters.map((name) => [name, ids.get(name) ?? "-"]));
  return { text, data: { canisters, ids: Object.fromEntries(canisters.map((name) => [name, ids.get(name) ?? null])) } };
}

/** `icx canister id`. @throws IcxError ICX1007, ICX5008 */
export async function canisterId(context: CommandContext, input: ConnectOptions & { readonly canister: string }): Promise<Shown> {
  const id = resolveCanister(await locate(context, input), input.canister);
  return { text: id, data: { canister: input.canister, id } };
}
