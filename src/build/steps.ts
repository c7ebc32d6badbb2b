import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildRequest, CanisterBuilder } from "./builder.ts";
import { download } from "./download.ts";
import { readSource } from "./readSource.ts";
import { runShell } from "./runShell.ts";
import { stepEnvironment } from "./stepEnvironment.ts";

type Steps = Extract<BuildRecipe, { readonly kind: "steps" }>;
type Step = Steps["steps"][number];

/** Runs build steps in order in the canister's folder, as icp-cli does; each may write the module to `$ICP_WASM_OUTPUT_PATH` (or where dfx.json says). */
export const buildSteps: CanisterBuilder<Steps> = async (request) => {
  const { project, canister: { name, folder }, recipe, outputFolder, scope } = request, wasmPath = recipe.wasm ?? join(outputFolder, `step-output-${process.pid}.wasm`); // two builds at once do not meet
  if (recipe.wasm === undefined) rmSync(wasmPath, { force: true });
  const env = stepEnvironment({ project, name, wasmPath, candidPath: recipe.candid, scope });
  let given: Uint8Array | undefined; // the module of the last step that is no script
  for (const step of recipe.steps) {
    if (step.kind === "pre-built") { given = await takeModule(request, step); if (recipe.steps.length > 1) writeFileSync(wasmPath, given); continue; }
    given = undefined;
    for (const command of step.commands) await runShell({ command, cwd: folder, env, name, report: scope.report, interrupted: scope.interrupted });
  }
  if (given === undefined && !existsSync(wasmPath)) throw new IcxError(ERRORS.build.noOutput, { name, where: recipe.wasm ?? "$ICP_WASM_OUTPUT_PATH" });
  const wasm = given ?? Uint8Array.from(readFileSync(wasmPath));
  if (recipe.wasm === undefined) rmSync(wasmPath, { force: true });
  const cached = recipe.steps.every(({ kind }) => kind === "pre-built");
  return { wasm, cached, ...(recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") }) };
};

/** A module that exists already; its SHA-256 is checked when the manifest gives one. @throws IcxError ICX4002, ICX4007, ICX4012 */
async function takeModule({ project, canister: { name }, cacheFolder, scope }: BuildRequest<Steps>, { source, sha256 }: Extract<Step, { readonly kind: "pre-built" }>): Promise<Uint8Array> {
  if (source.kind === "url") return download({ url: source.url, sha256, name, cacheFolder, report: scope.report, interrupted: scope.interrupted });
  const module = Uint8Array.from(readSource(source.path, name, project.manifest)), actual = createHash("sha256").update(module).digest("hex");
  if (sha256 !== undefined && sha256.toLowerCase() !== actual) throw new IcxError(ERRORS.build.hashMismatch, { name, actual, expected: sha256 });
  return module;
}
