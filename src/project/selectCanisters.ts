import type { Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";

/** The named canisters (all, for no name) and what they depend on, dependencies first. @throws IcxError ICX1002, ICX1008, ICX1016 */
export function selectCanisters(project: Project, names: readonly string[]): readonly ProjectCanister[] {
  if (project.canisters.length === 0) throw new IcxError(ERRORS.project.noCanisters, { file: project.manifest });
  const chosen = new Map<string, ProjectCanister>(), onPath = new Set<string>();
  const visit = (name: string): void => {
    if (chosen.has(name) || onPath.has(name)) return;
    const canister = project.canisters.find((candidate) => candidate.name === name);
    if (canister === undefined) throw missing(project, name);
    onPath.add(name);
    canister.dependencies.forEach(visit);
    chosen.set(name, canister);
  };
  (names.length === 0 ? project.canisters.map((canister) => canister.name) : names).forEach(visit);
  return [...chosen.values()];
}

function missing({ canisters, environment, leftOut = [] }: Project, name: string): IcxError {
  const names = canisters.map((known) => known.name), known = names.join(", "), meant = nearest(name, names);
  if (environment !== undefined && leftOut.includes(name)) return new IcxError(ERRORS.project.notInEnvironment, { name, environment, known: known === "" ? "none" : known });
  return new IcxError(ERRORS.project.unknownCanister, { name, known: meant === undefined ? `${known}.` : `${known}. Did you mean \`${meant}\`?` });
}
