import { join, resolve } from "node:path";
import type { Project } from "../context/project.ts";
import type { BuildScope } from "./builder.ts";
import { dfxVariables } from "./dfxVariables.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What a build step finds in its environment: icp-cli's variables, and in a project of dfx.json those of dfx as well. */
export function stepEnvironment({ project, name, wasmPath, candidPath, scope }: {
  readonly project: Project; readonly name: string; readonly wasmPath: string; readonly candidPath: string | undefined; readonly scope: BuildScope;
}): Env {
  const { env, network, ids, interfaces } = scope, plain: Env = { ...env, ICP_WASM_OUTPUT_PATH: resolve(wasmPath), ICP_CLI_ENVIRONMENT: network };
  if (project.format !== "dfx.json") return plain;
  const known = Object.fromEntries(Object.entries(interfaces).map(([canister, { path }]) => [canister, path]));
  const candidPaths = { ...known, [name]: candidPath ?? known[name] ?? join(project.root, ".icx", "build", name, `${name}.did`) };
  return { ...plain, ...Object.fromEntries(dfxVariables({ ids, network, candidPaths, current: name })) };
}
