import type { Project, ProjectEnvironment } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";

/** The environment of a name. @throws IcxError ICX1012 */
export function environmentOf(project: Project, name: string): ProjectEnvironment {
  const found = project.environments.find((environment) => environment.name === name);
  if (found !== undefined) return found;
  const known = project.environments.map((environment) => environment.name), meant = nearest(name, known);
  throw new IcxError(ERRORS.project.unknownEnvironment, { name, suggestion: `${meant === undefined ? "" : `Did you mean \`${meant}\`? `}Its environments are: ${known.join(", ")}.` });
}

/** A project as an environment has it: its canisters alone, in its order, with its settings and install arguments in place of the manifest's. @throws IcxError ICX1012 */
export function inEnvironment(project: Project, name: string): Project {
  const { canisters: names, settings, initArgs, upgradeArgs = {} } = environmentOf(project, name);
  const chosen = names === undefined ? project.canisters : names.flatMap((wanted) => project.canisters.filter((canister) => canister.name === wanted));
  return {
    ...project, environment: name, leftOut: project.canisters.filter((canister) => !chosen.includes(canister)).map((canister) => canister.name),
    canisters: chosen.map((canister) => ({
      ...canister, ...(Object.hasOwn(settings, canister.name) && { settings: settings[canister.name]! }), ...(Object.hasOwn(initArgs, canister.name) && { initArgs: initArgs[canister.name]! }),
      ...(Object.hasOwn(upgradeArgs, canister.name) && { upgradeArgs: upgradeArgs[canister.name]! }),
    })),
  };
}
