import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { CanisterBuilder } from "./builder.ts";
import { readSource } from "./prebuilt.ts";

type Script = Extract<BuildRecipe, { readonly kind: "script" }>;
const OUTPUT_LINES_MAX = 40;

/** Runs the manifest's shell commands in the project's folder, as icp-cli does; the module is expected at `$ICP_WASM_OUTPUT_PATH` (or where dfx.json says). */
export const buildScript: CanisterBuilder<Script> = async ({ project, canister: { name }, recipe, env, outputFolder }) => {
  const { execa } = await import("execa");
  const wasmPath = recipe.wasm ?? join(outputFolder, "script-output.wasm");
  if (recipe.wasm === undefined) rmSync(wasmPath, { force: true });
  for (const command of recipe.commands) {
    const shell = process.platform === "win32" ? "bash" : "/bin/sh"; // the steps are written for a POSIX shell
    const result = await execa(shell, ["-c", command], { cwd: project.root, env: { ...env, ICP_WASM_OUTPUT_PATH: wasmPath, ICP_CLI_ENVIRONMENT: "local" }, extendEnv: false, stdin: "ignore", all: true, reject: false });
    if (result.failed) {
      const output = (result.all ?? "").split("\n").slice(-OUTPUT_LINES_MAX).join("\n");
      throw new IcxError(ERRORS.build.scriptFailed, { name, command, exitCode: result.exitCode ?? result.signal ?? result.shortMessage ?? "unknown", output }, { cause: result.cause });
    }
  }
  if (!existsSync(wasmPath)) throw new IcxError(ERRORS.build.noOutput, { name });
  return { wasm: Uint8Array.from(readFileSync(wasmPath)), cached: false, ...(recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") }) };
};
