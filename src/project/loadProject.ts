import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CommandContext } from "../context/context.ts";
import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDfxJson } from "./readDfxJson.ts";
import { readIcpYaml } from "./readIcpYaml.ts";
import { readMops } from "./readMops.ts";

const MANIFESTS = ["icp.yaml", "dfx.json"] as const; // icp.yaml wins when a folder holds both

/** The nearest folder, from the working directory upwards, that holds a manifest; undefined outside a project. */
export function findProjectRoot({ io, options }: Pick<CommandContext, "io" | "options">): string | undefined {
  const given = options.projectRoot ?? io.env["ICP_PROJECT_ROOT"];
  let folder = resolve(io.cwd, given ?? ".");
  for (;;) {
    if (MANIFESTS.some((name) => existsSync(join(folder, name)))) return folder;
    if (given !== undefined || dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
}

/** Reads the project around the working directory. @throws IcxError ICX1001 outside a project, ICX1003 for a wrong manifest. */
export function loadProject(context: Pick<CommandContext, "io" | "options">): Project {
  const root = findProjectRoot(context);
  if (root === undefined) throw new IcxError(ERRORS.project.notFound, { directory: resolve(context.io.cwd, context.options.projectRoot ?? ".") });
  const file = join(root, "icp.yaml"), mops = readMops(root);
  return existsSync(file) ? readIcpYaml(file, mops) : readDfxJson(join(root, "dfx.json"), mops);
}
