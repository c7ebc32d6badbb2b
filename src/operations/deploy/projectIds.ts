import type { Project } from "../../context/project.ts";
import type { Connection } from "../connect.ts";

/** Ids of the project's canisters on a network: those that were created and those that are there already (dfx's `remote`). By name, in order. */
export function projectIds({ ids, target }: Pick<Connection, "ids" | "target">, project: Project): Readonly<Record<string, string>> {
  const created = ids.all();
  return Object.fromEntries(project.canisters.map(({ name }) => name).sort().flatMap((name) => {
    const id = remoteId(project.canisters.find((canister) => canister.name === name)!, target.name) ?? (Object.hasOwn(created, name) ? created[name] : undefined);
    return id === undefined ? [] : [[name, id]];
  }));
}

/** The id that a canister has on a network where others deploy it. */
export const remoteId = ({ remoteIds }: Pick<Project["canisters"][number], "remoteIds">, network: string): string | undefined => (Object.hasOwn(remoteIds, network) ? remoteIds[network] : undefined);

/** Environment variables that tell each canister the ids of all, as icp-cli names them, beside its own of the manifest. */
export const canisterVariables = (own: Readonly<Record<string, string>> | undefined, ids: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  ({ ...own, ...Object.fromEntries(Object.entries(ids).map(([name, id]) => [`PUBLIC_CANISTER_ID:${name}`, id])) });
