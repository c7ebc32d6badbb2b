import { readFileSync } from "node:fs";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { CanisterBuilder } from "./builder.ts";
import { cachedCandid } from "./extractCandid.ts";
import { readSource } from "./readSource.ts";
import { runProcess } from "./runProcess.ts";

type Rust = Extract<BuildRecipe, { readonly kind: "rust" }>;
export const WASM_TARGET = "wasm32-unknown-unknown";
const TAIL_LINES = 60;

/** A message of `cargo build --message-format json` (cargo's reference, "JSON messages"). */
interface Artifact { readonly reason?: string; readonly target?: { readonly name?: string; readonly kind?: readonly string[] }; readonly filenames?: readonly string[]; readonly fresh?: boolean }

/** Builds a Rust package with the user's cargo, which knows by itself what has changed. @throws IcxError ICX4002, ICX4004, ICX4005, ICX4013, ICX4014 */
export const buildRust: CanisterBuilder<Rust> = async ({ project, canister: { name }, recipe, scope: { env, report, interrupted }, cacheFolder }) => {
  const argv = ["build", "--target", WASM_TARGET, "--release", "--package", recipe.package, "--message-format", "json-render-diagnostics", ...(recipe.locked ? ["--locked"] : [])];
  const artifacts: Artifact[] = [], told: string[] = [];
  const { exitCode, signal, failure } = await runProcess({
    file: "cargo", argv, cwd: recipe.folder, env, interrupted,
    onLine: (line, from) => {
      if (from === "stdout") { const artifact = artifactOf(line); if (artifact !== undefined) artifacts.push(artifact); return; }
      told.push(line);
      if (told.length > TAIL_LINES) told.shift();
      report({ kind: "output", subject: name, line });
    },
  });
  if (interrupted?.aborted === true) throw new IcxError(ERRORS.internal.interrupted);
  const output = told.join("\n"), command = ["cargo", ...argv].join(" ");
  if (failure !== undefined && failure.code === "ENOENT") throw new IcxError(ERRORS.build.noCargo, { name }, { cause: failure });
  if (exitCode !== 0) {
    if (targetIsMissing(output)) throw new IcxError(ERRORS.build.noWasmTarget, { name, target: WASM_TARGET }, { details: { canister: name, output } });
    throw new IcxError(ERRORS.build.scriptFailed, { name, command, exitCode: exitCode ?? signal ?? failure?.code ?? "unknown", output }, { cause: failure, details: { canister: name, command } });
  }
  const made = artifacts.flatMap(({ target, filenames = [], fresh }) => filenames.filter((file) => file.endsWith(".wasm")).map((file) => ({ file, fresh: fresh === true, library: target?.kind?.includes("cdylib") === true, crate: target?.name?.replaceAll("-", "_") })));
  const wanted = (recipe.crate ?? recipe.package).replaceAll("-", "_"), module = made.find(({ crate, library }) => crate === wanted && library) ?? made.find(({ crate }) => crate === wanted) ?? made.find(({ library }) => library) ?? made.at(-1);
  if (module === undefined) throw new IcxError(ERRORS.build.noModule, { name, package: recipe.package });
  const wasm = Uint8Array.from(readFileSync(module.file));
  const candid = recipe.candid === undefined ? await cachedCandid(wasm, { name, cacheFolder, report }) : readSource(recipe.candid, name, project.manifest).toString("utf8");
  return { wasm, cached: module.fresh, ...(candid === undefined ? {} : { candid }) };
};

function artifactOf(line: string): Artifact | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const message = JSON.parse(line) as Artifact;
    return message.reason === "compiler-artifact" ? message : undefined;
  } catch { return undefined; }
}

/** rustc says so of the first crate that it compiles (error E0463). */
const targetIsMissing = (output: string): boolean => output.includes(`the \`${WASM_TARGET}\` target may not be installed`) || (/can't find crate for `(core|std)`/.test(output) && output.includes(WASM_TARGET));
