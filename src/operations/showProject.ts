import type { CommandContext, Shown } from "../context/context.ts";
import { untagged } from "../project/effective.ts";
import { readProject } from "../project/loadProject.ts";
import { printYaml } from "../project/printYaml.ts";

/** `icx project show`: the effective project as icp-cli prints it, with implicit networks and environments and rendered recipes. @throws IcxError 1xxx */
export function showProject(context: CommandContext): Shown {
  const { effective } = readProject(context), document = effective();
  return { text: printYaml(document), data: untagged(document) };
}
