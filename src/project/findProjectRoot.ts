import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CommandContext } from "../context/context.ts";

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
