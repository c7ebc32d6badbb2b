import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRecipe, Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildOutput, BuildRequest, BuildScope, BuiltCanister } from "./builder.ts";
import { finishModule, isGzip } from "./finishModule.ts";
import { writeWhole } from "./writeWhole.ts";

/** Builds one canister by its recipe and writes `<name>.wasm` (`.wasm.gz` when compressed), `.did` and `.most` under `.icx/build/`. @throws IcxError 4xxx */
export async function buildCanister(project: Project, canister: ProjectCanister, scope: BuildScope): Promise<BuiltCanister> {
  const home = join(project.root, ".icx"), { name } = canister, outputFolder = join(home, "build", name), cacheFolder = join(home, "cache");
  mkdirSync(outputFolder, { recursive: true });
  const output = await run({ project, canister, recipe: canister.recipe, scope, cacheFolder, outputFolder });
  const { wasm, candid } = finishModule({ project, canister, output, network: scope.network, cacheFolder });
  const wasmPath = join(outputFolder, `${name}.wasm${isGzip(wasm) ? ".gz" : ""}`), candidPath = join(outputFolder, `${name}.did`);
  keep(wasmPath, wasm);
  if (candid !== undefined) keep(candidPath, Buffer.from(candid));
  if (output.stableTypes !== undefined) keep(join(outputFolder, `${name}.most`), Buffer.from(output.stableTypes));
  return {
    name, wasm, wasmPath, moduleHash: createHash("sha256").update(wasm).digest("hex"), cached: output.cached,
    ...(candid === undefined ? {} : { candid, candidPath }), ...(output.stableTypes === undefined ? {} : { stableTypes: output.stableTypes }),
  };
}

async function run(request: BuildRequest): Promise<BuildOutput> {
  const { recipe } = request, narrowed = <R extends BuildRecipe>(found: R): BuildRequest<R> => ({ ...request, recipe: found });
  switch (recipe.kind) {
    case "motoko": return (await import("./motoko.ts")).buildMotoko(narrowed(recipe));
    case "rust": return (await import("./rust.ts")).buildRust(narrowed(recipe));
    case "steps": return (await import("./steps.ts")).buildSteps(narrowed(recipe));
    case "unsupported": throw new IcxError(ERRORS.build.unsupportedKind, { name: request.canister.name, kind: recipe.what });
  }
}

/** Writes what has changed: watchers of the file need not run for the same content. */
function keep(file: string, content: Uint8Array): void {
  if (!existsSync(file) || !readFileSync(file).equals(content)) writeWhole(file, content);
}
