import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildCanister } from "../build/buildCanister.ts";
import { buildIds } from "../build/buildIds.ts";
import { buildOrder, declaredInterface } from "../build/buildOrder.ts";
import type { BuildScope, BuiltCanister } from "../build/builder.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { Project, ProjectCanister } from "../context/project.ts";
import { chooseEnvironment, type PlaceChoice } from "../project/chooseEnvironment.ts";
import { idMirror } from "../project/idMirror.ts";
import { loadProject } from "../project/loadProject.ts";
import { selectCanisters } from "../project/selectCanisters.ts";

/** What is built for: the environment's name and the ids of the canisters that exist there. */
export interface BuildTarget { readonly network?: string; readonly ids?: Readonly<Record<string, string>> }

/**
 * Builds canisters and tells about each; what they import is built before, once, even when it was not asked for. The result is in the order asked for.
 * Without ids (or for a canister without one) a placeholder is compiled in where Motoko imports `canister:name`. @throws IcxError 4xxx
 */
export async function buildCanisters({ io, ui }: Pick<CommandContext, "io" | "ui">, project: Project, canisters: readonly ProjectCanister[], { network = "local", ids = {} }: BuildTarget = {}): Promise<readonly BuiltCanister[]> {
  const built = new Map<string, BuiltCanister>();
  let scope: BuildScope = { report: ui.report, env: io.env, network, ids: buildIds(project, ids, network), interfaces: declaredInterfaces(project), interrupted: io.interrupted };
  for (const canister of buildOrder(project, canisters)) {
    const { name } = canister, began = performance.now();
    ui.report({ kind: "started", step: "Building", subject: name });
    const result = await buildCanister(project, canister, scope);
    ui.report({ kind: "finished", step: "Built", subject: name, durationMs: performance.now() - began, ...(result.cached ? { outcome: "unchanged" } : {}) });
    built.set(name, result);
    if (result.candid !== undefined && result.candidPath !== undefined) {
      scope = { ...scope, interfaces: { ...scope.interfaces, [name]: { text: result.candid, path: declaredInterface(canister) ?? result.candidPath } } };
    }
  }
  return canisters.flatMap(({ name }) => built.get(name) ?? []);
}

function declaredInterfaces(project: Project): BuildScope["interfaces"] {
  return Object.fromEntries(project.canisters.flatMap((canister) => {
    const path = declaredInterface(canister);
    return path !== undefined && existsSync(path) ? [[canister.name, { text: readFileSync(path, "utf8"), path }]] : [];
  }));
}

/** `icx build`: for an environment, with the ids that its canisters are known to have. No network is asked. */
export async function buildProject(context: CommandContext, { names, ...choice }: PlaceChoice & { readonly names: readonly string[] }): Promise<Shown> {
  const project = loadProject(context, choice), { environment, network } = chooseEnvironment(project, choice, context.io.env), selected = selectCanisters(project, names);
  const ids = idMirror(project, { environment, network, rootKey: new Uint8Array() }).read(), built = await buildCanisters(context, project, selected, { network: environment, ids });
  const known = project.canisters.every(({ name }) => ids[name] !== undefined);
  if (known && project.outputEnvFile !== undefined) (await import("../build/envFile.ts")).writeEnvFile(project, ids, network, interfaceFiles(project, built));
  return {
    text: built.map(({ name, wasm, wasmPath }) => `${name}: ${relative(context.io.cwd, wasmPath)} (${wasm.length} bytes)`).join("\n"),
    data: { canisters: built.map(({ name, wasm, wasmPath, candidPath, moduleHash, cached }) => ({ name, wasm: wasmPath, candid: candidPath ?? null, bytes: wasm.length, moduleHash, cached })) },
  };
}

/** Canister → file of its interface: the one that was built now or before, else the manifest's. */
function interfaceFiles(project: Project, built: readonly BuiltCanister[]): Readonly<Record<string, string>> {
  return Object.fromEntries(project.canisters.flatMap((canister) => {
    const before = join(project.root, ".icx", "build", canister.name, `${canister.name}.did`);
    const file = built.find(({ name }) => name === canister.name)?.candidPath ?? (existsSync(before) ? before : declaredInterface(canister));
    return file === undefined ? [] : [[canister.name, file]];
  }));
}
