import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CommandContext } from "../context/context.ts";
import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { findProjectRoot } from "./findProjectRoot.ts";
import { chooseEnvironment, type PlaceChoice } from "./chooseEnvironment.ts";
import { inEnvironment } from "./inEnvironment.ts";
import { readDfxJson } from "./readDfxJson.ts";
import { readIcpYaml, type ReadProject } from "./readIcpYaml.ts";
import { readMops } from "./readMops.ts";

export { findProjectRoot };

/** What finding a project takes; with a `ui` the project's notes are told on it, once a run. */
export type ProjectContext = Pick<CommandContext, "io" | "options"> & Partial<Pick<CommandContext, "ui">>;

/** Reads the project around the working directory, as the chosen environment has it if a choice is given. @throws IcxError ICX1001 outside a project, ICX1003 for a wrong manifest, ICX1012 */
export function loadProject(context: ProjectContext, choice?: PlaceChoice): Project {
  const { project } = readProject(context);
  if (choice === undefined) return project;
  const place = chooseEnvironment(project, choice, context.io.env);
  return place.defined ? inEnvironment(project, place.environment) : { ...project, environment: place.environment };
}

const told = new WeakSet<object>();

/** The same, with the document that `icx project show` prints. @throws IcxError as `loadProject` */
export function readProject(context: ProjectContext): ReadProject {
  const { io, options, ui } = context, root = findProjectRoot(context);
  if (root === undefined) throw new IcxError(ERRORS.project.notFound, { directory: resolve(io.cwd, options.projectRoot ?? ".") });
  const icp = join(root, "icp.yaml"), dfx = join(root, "dfx.json"), mops = readMops(root), both = existsSync(icp) && existsSync(dfx);
  const found = existsSync(icp) ? readIcpYaml(icp, mops) : readDfxJson(dfx, mops, io.env);
  const notes = [...(both ? ["This folder holds icp.yaml and dfx.json: icp.yaml is used."] : []), ...found.project.notes];
  if (ui !== undefined && !told.has(ui)) {
    told.add(ui); // a command may read the project more than once
    notes.forEach((text) => ui.report({ kind: "note", text }));
  }
  return { ...found, project: { ...found.project, notes } };
}
