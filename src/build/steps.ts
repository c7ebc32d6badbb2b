import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildRequest, CanisterBuilder } from "./builder.ts";
import { readSource } from "./readSource.ts";

type Steps = Extract<BuildRecipe, { readonly kind: "steps" }>;
type Step = Steps["steps"][number];
const OUTPUT_LINES_MAX = 40;

/** Runs build steps in order in the canister's folder, as icp-cli does; each may write the module to `$ICP_WASM_OUTPUT_PATH` (or where dfx.json says). */
export const buildSteps: CanisterBuilder<Steps> = async (request) => {
  const { project, canister: { name }, recipe, outputFolder } = request, wasmPath = recipe.wasm ?? join(outputFolder, "step-output.wasm");
  if (recipe.wasm === undefined) rmSync(wasmPath, { force: true });
  for (const step of recipe.steps) {
    if (step.kind === "script") for (const command of step.commands) await runCommand(request, command, wasmPath);
    else takeModule(request, step, wasmPath);
  }
  if (!existsSync(wasmPath)) throw new IcxError(ERRORS.build.noOutput, { name });
  const cached = recipe.steps.every(({ kind }) => kind === "pre-built");
  return { wasm: Uint8Array.from(readFileSync(wasmPath)), cached, ...(recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") }) };
};

/** A module that exists already; its SHA-256 is checked when the manifest gives one. @throws IcxError ICX4002, ICX4003, ICX4007 */
function takeModule({ project, canister: { name } }: BuildRequest<Steps>, { source, sha256 }: Extract<Step, { readonly kind: "pre-built" }>, wasmPath: string): void {
  if (source.kind === "url") throw new IcxError(ERRORS.build.unsupportedKind, { name, kind: "a pre-built module is read from a `path`; modules behind a `url` must be downloaded first" });
  const actual = createHash("sha256").update(readSource(source.path, name, project.manifest)).digest("hex");
  if (sha256 !== undefined && sha256 !== actual) throw new IcxError(ERRORS.build.hashMismatch, { name, actual, expected: sha256 });
  if (source.path !== wasmPath) copyFileSync(source.path, wasmPath);
}

/** @throws IcxError ICX4004 with the end of what the command said */
async function runCommand({ canister: { name, folder }, env }: BuildRequest<Steps>, command: string, wasmPath: string): Promise<void> {
  const { execa } = await import("execa");
  const shell = process.platform === "win32" ? "bash" : "/bin/sh"; // the steps are written for a POSIX shell
  const result = await execa(shell, ["-c", command], { cwd: folder, env: { ...env, ICP_WASM_OUTPUT_PATH: wasmPath, ICP_CLI_ENVIRONMENT: "local" }, extendEnv: false, stdin: "ignore", all: true, reject: false });
  if (!result.failed) return;
  const output = (result.all ?? "").split("\n").slice(-OUTPUT_LINES_MAX).join("\n");
  throw new IcxError(ERRORS.build.scriptFailed, { name, command, exitCode: result.exitCode ?? result.signal ?? result.shortMessage ?? "unknown", output }, { cause: result.cause });
}
