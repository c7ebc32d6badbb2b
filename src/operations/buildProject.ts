import { relative } from "node:path";
import { buildCanister } from "../build/buildCanister.ts";
import type { BuiltCanister } from "../build/builder.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { Project, ProjectCanister } from "../context/project.ts";
import { loadProject } from "../project/loadProject.ts";
import { selectCanisters } from "../project/selectCanisters.ts";

/** Builds canisters in order and tells about each. */
export async function buildCanisters({ io, ui }: Pick<CommandContext, "io" | "ui">, project: Project, canisters: readonly ProjectCanister[]): Promise<readonly BuiltCanister[]> {
  const built: BuiltCanister[] = [];
  for (const canister of canisters) {
    const began = performance.now();
    ui.report({ kind: "started", step: "Building", subject: canister.name });
    const result = await buildCanister(project, canister, ui.report, io.env);
    ui.report({ kind: "finished", step: "Built", subject: canister.name, durationMs: performance.now() - began, ...(result.cached ? { outcome: "unchanged" } : {}) });
    built.push(result);
  }
  return built;
}

/** `icx build`. */
export async function buildProject(context: CommandContext, { names }: { readonly names: readonly string[] }): Promise<Shown> {
  const project = loadProject(context), built = await buildCanisters(context, project, selectCanisters(project, names));
  return {
    text: built.map(({ name, wasm, wasmPath }) => `${name}: ${relative(context.io.cwd, wasmPath)} (${wasm.length} bytes)`).join("\n"),
    data: { canisters: built.map(({ name, wasm, wasmPath, moduleHash, cached }) => ({ name, wasm: wasmPath, bytes: wasm.length, moduleHash, cached })) },
  };
}
