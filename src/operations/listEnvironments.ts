import type { CommandContext, Shown } from "../context/context.ts";
import { inEnvironment } from "../project/inEnvironment.ts";
import { loadProject } from "../project/loadProject.ts";

/** `icx environment list`: a name a line, as icp-cli prints them. @throws IcxError 1xxx */
export function listEnvironments(context: CommandContext): Shown {
  const project = loadProject(context);
  const environments = project.environments.map(({ name, network }) => ({ name, network, canisters: inEnvironment(project, name).canisters.map((canister) => canister.name) }));
  return { text: environments.map(({ name }) => name).join("\n"), data: { environments } };
}
