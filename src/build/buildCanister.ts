import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRecipe, Project, ProjectCanister } from "../context/project.ts";
import type { Report } from "../context/events.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildOutput, BuildRequest, BuiltCanister } from "./builder.ts";
import { customSections, withCustomSection } from "./customSection.ts";

const CANDID_SECTION = "icp:public candid:service"; // interface spec, "Canister module format": public metadata

/** Builds one canister by its recipe and writes `<name>.wasm`, `.did` and `.most` under `.icx/build/`. @throws IcxError 4xxx */
export async function buildCanister(project: Project, canister: ProjectCanister, report: Report, env: Readonly<Record<string, string | undefined>>): Promise<BuiltCanister> {
  const home = join(project.root, ".icx"), outputFolder = join(home, "build", canister.name);
  mkdirSync(outputFolder, { recursive: true });
  const output = await run({ project, canister, recipe: canister.recipe, report, env, cacheFolder: join(home, "cache"), outputFolder });
  const wasm = finish(canister.name, output), candid = output.candid ?? publishedInterface(wasm), wasmPath = join(outputFolder, `${canister.name}.wasm`);
  writeFileSync(wasmPath, wasm);
  if (candid !== undefined) writeFileSync(join(outputFolder, `${canister.name}.did`), candid);
  if (output.stableTypes !== undefined) writeFileSync(join(outputFolder, `${canister.name}.most`), output.stableTypes);
  return { name: canister.name, wasm, wasmPath, moduleHash: createHash("sha256").update(wasm).digest("hex"), cached: output.cached, ...(candid === undefined ? {} : { candid }) };
}

async function run(request: BuildRequest): Promise<BuildOutput> {
  const { recipe } = request, narrowed = <R extends BuildRecipe>(found: R): BuildRequest<R> => ({ ...request, recipe: found });
  switch (recipe.kind) {
    case "motoko": return (await import("./motoko.ts")).buildMotoko(narrowed(recipe));
    case "rust": throw new IcxError(ERRORS.build.unsupportedKind, { name: request.canister.name, kind: "Rust is not built yet" });
    case "steps": return (await import("./steps.ts")).buildSteps(narrowed(recipe));
    case "unsupported": throw new IcxError(ERRORS.build.unsupportedKind, { name: request.canister.name, kind: recipe.what });
  }
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isWasm = (bytes: Uint8Array): boolean => bytes.length >= 8 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;

/** The module with its interface as public metadata; a compressed module is left as it is. */
function finish(name: string, { wasm, candid }: BuildOutput): Uint8Array {
  if (isGzip(wasm)) return wasm;
  if (!isWasm(wasm)) throw new IcxError(ERRORS.build.invalidModule, { name, reason: wasm.length === 0 ? "it is empty" : `it begins with ${Buffer.from(wasm.subarray(0, 4)).toString("hex")}` });
  return candid === undefined || publishedInterface(wasm) !== undefined ? wasm : withCustomSection(wasm, CANDID_SECTION, Buffer.from(candid));
}

function publishedInterface(wasm: Uint8Array): string | undefined {
  const section = isWasm(wasm) ? customSections(wasm).find(({ name }) => name === CANDID_SECTION) : undefined;
  return section === undefined ? undefined : Buffer.from(section.content).toString("utf8");
}
