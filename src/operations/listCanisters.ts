import type { CommandContext, Shown } from "../context/context.ts";
import { readDescriptor } from "../network/descriptor.ts";
import { networkFolder } from "../network/networkFolder.ts";
import { canisterIds, type CanisterIds } from "../project/canisterIds.ts";
import { chooseEnvironment, type Place, type PlaceChoice } from "../project/chooseEnvironment.ts";
import { loadProject } from "../project/loadProject.ts";
import { table } from "../ui/table.ts";
import { remoteId } from "./deploy/projectIds.ts";
import { keeping, locate, type ConnectOptions } from "./locate.ts";
import { resolveCanister } from "./resolveCanister.ts";

/** `icx canister list`: the canisters of an environment and their ids on the project's network, whether it runs or not; with `--quiet` names alone. @throws IcxError ICX1001, ICX1012 */
export async function listCanisters(context: CommandContext, choice: PlaceChoice = {}): Promise<Shown> {
  const project = loadProject(context, choice), place = chooseEnvironment(project, choice, context.io.env), { ids } = place.network === "local" ? { ids: ownIds(project.root, place) } : await locate(context, { network: choice.network, environment: choice.environment, rootKey: undefined, identity: undefined });
  const known = ids.all(), canisters = project.canisters.map(({ name }) => name), found = Object.fromEntries(project.canisters.map(({ name, remoteIds }) => [name, remoteId({ remoteIds }, place.network) ?? known[name] ?? null]));
  return { text: context.options.quiet ? canisters.join("\n") : table(canisters.map((name) => [name, found[name] ?? "-"])), data: { canisters, ids: found } };
}

/** Ids on the project's own network: of the one that runs, else of the one that ran last. */
function ownIds(root: string, place: Place): CanisterIds {
  const folder = networkFolder(root), running = readDescriptor(folder.descriptor);
  const file = running !== undefined && running.stateDir === undefined ? folder.ephemeralIds : folder.ids;
  return canisterIds(file, running === undefined ? undefined : Buffer.from(running.rootKey, "hex"), keeping(undefined, place, new Uint8Array()));
}

/** `icx canister id`. */
export async function canisterId(context: CommandContext, input: ConnectOptions & { readonly canister: string }): Promise<Shown> {
  const id = resolveCanister(await locate(context, input), input.canister);
  return { text: id, data: { canister: input.canister, id } };
}
