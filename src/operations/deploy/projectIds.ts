import type { Project, ProjectCanister } from "../../context/project.ts";
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
export const remoteId = ({ remoteIds }: Pick<ProjectCanister, "remoteIds">, network: string): string | undefined => (Object.hasOwn(remoteIds, network) ? remoteIds[network] : undefined);

/** dfinity/ic, limits of `environment_variables`: how many, and bytes of a name. */
const VARIABLES_MAX = 20, NAME_BYTES_MAX = 128;

/**
 * Environment variables that tell a canister the ids of all, as icp-cli names them, beside its own of the manifest. Of a project with more canisters than a canister can be told, it learns those that it depends on
 * and its own first; `leftOut` names the rest.
 */
export function canisterVariables({ name, dependencies, settings: { environmentVariables: own = {} } }: Pick<ProjectCanister, "name" | "dependencies" | "settings">, ids: Readonly<Record<string, string>>): { readonly variables: Readonly<Record<string, string>>; readonly leftOut: readonly string[] } {
  const variable = (canister: string): string => `PUBLIC_CANISTER_ID:${canister}`;
  const wanted = [...new Set([...dependencies, name, ...Object.keys(ids)])].filter((canister) => Object.hasOwn(ids, canister) && Buffer.byteLength(variable(canister)) <= NAME_BYTES_MAX);
  const others = Object.entries(own).filter(([key]) => !wanted.some((canister) => variable(canister) === key)), told = wanted.slice(0, Math.max(0, VARIABLES_MAX - others.length));
  return { variables: { ...Object.fromEntries(others), ...Object.fromEntries(told.map((canister) => [variable(canister), ids[canister]!])) }, leftOut: Object.keys(ids).filter((canister) => !told.includes(canister)) };
}
