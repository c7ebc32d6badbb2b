import { existsSync } from "node:fs";
import type { Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readMotokoProgram } from "./motokoProgram.ts";

/** The file that the manifest names for a canister's interface. */
export const declaredInterface = ({ recipe }: ProjectCanister): string | undefined => (recipe.kind === "unsupported" ? undefined : recipe.candid);

/** Canisters of the project whose ids and interfaces a canister's Motoko sources import (`import X "canister:name"`), sorted. */
export function importedCanisters(project: Project, canister: ProjectCanister): readonly ProjectCanister[] {
  const { recipe } = canister;
  if (recipe.kind !== "motoko" || !existsSync(recipe.main)) return [];
  const { canisters, flags } = readMotokoProgram(project, canister, recipe);
  const fromFlags = new Map(flags.aliases.map((alias) => [alias.alias, alias]));
  const names = new Set(canisters.flatMap((name) => {
    const alias = fromFlags.get(name);
    if (alias === undefined) return [name];
    return alias.did !== undefined && !existsSync(alias.did) ? [canisterOfVariable(alias.variable) ?? name] : []; // its interface is still to be made
  }));
  return project.canisters.filter(({ name }) => names.has(name));
}

/** The canister that `PUBLIC_CANISTER_ID:<name>` is about. */
export const canisterOfVariable = (variable: string | undefined): string | undefined => /^PUBLIC_CANISTER_ID:(.+)$/.exec(variable ?? "")?.[1];

/** The canisters and those that they import, each once, in the order given: what a deployment of them needs. */
export function withImportedCanisters(project: Project, canisters: readonly ProjectCanister[]): readonly ProjectCanister[] {
  const all = new Map<string, ProjectCanister>();
  const visit = (canister: ProjectCanister): void => {
    if (all.has(canister.name)) return;
    all.set(canister.name, canister);
    importedCanisters(project, canister).forEach(visit);
  };
  canisters.forEach(visit);
  return [...all.values()];
}

/**
 * The canisters in an order in which each can be compiled: those whose interface is imported and not known from a file come before, whether they were
 * asked for or not. @throws IcxError ICX4016 when they import each other
 */
export function buildOrder(project: Project, canisters: readonly ProjectCanister[]): readonly ProjectCanister[] {
  const ordered: ProjectCanister[] = [], path: string[] = [];
  const visit = (canister: ProjectCanister): void => {
    const { name } = canister, at = path.indexOf(name);
    if (at >= 0) throw new IcxError(ERRORS.build.importCycle, { path: [...path.slice(at), name].join(" → "), manifest: project.manifest });
    if (ordered.includes(canister)) return;
    path.push(name);
    for (const imported of importedCanisters(project, canister)) {
      const file = declaredInterface(imported);
      if (file === undefined || !existsSync(file)) visit(imported);
    }
    path.pop();
    ordered.push(canister);
  };
  canisters.forEach(visit);
  return ordered;
}
