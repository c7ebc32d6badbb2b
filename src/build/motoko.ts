import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildOutput, CanisterBuilder } from "./builder.ts";
import { readCache, writeCache } from "./cache.ts";
import { compileNative, findNativeMoc } from "./nativeMoc.ts";
import { motokoSources } from "./motokoSources.ts";
import type { MotokoDiagnostic } from "./motokoWorker.ts";
import { readSource } from "./readSource.ts";

type Motoko = Extract<BuildRecipe, { readonly kind: "motoko" }>;
const SEVERITY_ERROR = 1; // as in the language server protocol
const CACHE_FORMAT = "1";

/**
 * Compiles Motoko, with a compiler of this machine if there is one, else with the one that comes with icx. The result is kept by the content of
 * all sources, the flags and the compiler's version.
 */
export const buildMotoko: CanisterBuilder<Motoko> = async ({ project, canister: { name }, recipe, report, env, cacheFolder }) => {
  readSource(recipe.main, name, project.manifest);
  const sources = motokoSources(project.root, recipe.main, project.motoko.packages);
  const [missing] = sources.missingPackages;
  if (missing !== undefined) throw new IcxError(ERRORS.build.unknownPackage, { package: missing, name });
  const candid = recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") };
  const job = { files: sources.files, main: sources.main, packages: sources.packages, flags: recipe.args };
  const native = await findNativeMoc(project, env);
  const key = createHash("sha256").update(JSON.stringify([CACHE_FORMAT, native?.version ?? compilerVersion(), job])).digest("hex"), folder = join(cacheFolder, "motoko", key);
  const known = readCache(folder);
  if (known !== undefined) return { ...known, ...candid, cached: true };
  if (native !== undefined) {
    const output = await compileNative(native, { name, root: project.root, main: recipe.main, packages: project.motoko.packages, flags: recipe.args, cacheFolder, env, report });
    writeCache(folder, output);
    return { ...output, ...candid };
  }
  const { compileMotoko } = await import("./motokoCompiler.ts");
  const answer = await compileMotoko(job);
  if (answer.kind === "crash") throw new IcxError(ERRORS.build.compilerCrashed, { name, reason: answer.reason });
  if (answer.code === null || answer.diagnostics.some(({ severity }) => severity === SEVERITY_ERROR)) {
    const errors = answer.diagnostics.filter(({ severity }) => severity === SEVERITY_ERROR);
    throw new IcxError(ERRORS.build.motoko, { name, diagnostics: errors.map(diagnosticText).join("\n") },
      { details: { canister: name, diagnostics: errors.map((found) => ({ file: found.source, line: found.range.start.line + 1, column: found.range.start.character + 1, code: found.code, message: found.message })) } });
  }
  for (const warning of answer.diagnostics) report({ kind: "warning", text: diagnosticText(warning) });
  const output: BuildOutput = { wasm: answer.code.wasm, candid: answer.code.candid, stableTypes: answer.code.stable, cached: false };
  writeCache(folder, output);
  return { ...output, ...candid };
};

/** As `moc` prints it: `main.mo:3.5-3.9: type error [M0096], …`. */
export function diagnosticText({ source, range: { start, end }, severity, code, category, message }: MotokoDiagnostic): string {
  const kind = severity === SEVERITY_ERROR ? `${category} error` : "warning";
  return `${source}:${start.line + 1}.${start.character + 1}-${end.line + 1}.${end.character + 1}: ${kind} [${code}], ${message}`;
}

const compilerVersion = (): string => (createRequire(import.meta.url)("motoko/package.json") as { readonly version: string }).version;
