import { join } from "node:path";
import type { BuildRecipe } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { actorImports, nativeActorFlags, type ActorImport } from "./actorImports.ts";
import type { BuildOutput, BuildRequest, BuildScope, CanisterBuilder } from "./builder.ts";
import { readCache, writeCache } from "./cache.ts";
import { bundledCompilerFlags } from "./motokoFlags.ts";
import { motokoKey } from "./motokoKey.ts";
import { motokoProgram, type MotokoProgram } from "./motokoProgram.ts";
import type { MotokoDiagnostic, MotokoJob } from "./motokoWorker.ts";
import { compileNative, findNativeMoc, type NativeMoc } from "./nativeMoc.ts";
import { readSource } from "./readSource.ts";
import { readShared, sharedCacheFolder, writeShared } from "./sharedCache.ts";

type Motoko = Extract<BuildRecipe, { readonly kind: "motoko" }>;
const SEVERITY_ERROR = 1; // as in the language server protocol
const IDL_FOLDER = ".icx-idl"; // in the compiler's file system

/**
 * Compiles Motoko, with a compiler of this machine if there is one, else with the one that comes with icx. The result is kept by the content of
 * all sources, the flags, the imported canisters and the compiler's version, in the project and for all projects of the user: what is unchanged
 * costs reading the sources.
 */
export const buildMotoko: CanisterBuilder<Motoko> = async (request) => {
  const { project, canister, recipe, scope, cacheFolder } = request, { name } = canister;
  readSource(recipe.main, name, project.manifest);
  const program = await motokoProgram(project, canister, recipe, scope), imports = actorImports(request, program);
  const candid = recipe.candid === undefined ? {} : { candid: readSource(recipe.candid, name, project.manifest).toString("utf8") };
  const native = await findNativeMoc(program.place, scope.env), key = motokoKey(program, recipe, imports, native), folder = join(cacheFolder, "motoko", key);
  const known = readCache(folder);
  if (known !== undefined) return { ...known, ...candid, cached: true };
  const sharedFolder = sharedCacheFolder(scope.env), shared = sharedFolder === undefined ? undefined : readShared(sharedFolder, key);
  if (shared !== undefined) {
    for (const text of shared.warnings) scope.report({ kind: "warning", text });
    writeCache(folder, shared.output);
    return { ...shared.output, ...candid };
  }
  const warnings: string[] = [], listening = { ...request, scope: { ...scope, report: (event) => { if (event.kind === "warning") warnings.push(event.text); scope.report(event); } } satisfies BuildScope };
  const output = native === undefined ? await compileBundled(listening, program, imports) : await compileOnMachine(listening, program, imports, native);
  // A compiler of this machine reads the files again: what was changed meanwhile is not what the key says.
  if (native !== undefined && motokoKey(await motokoProgram(project, canister, recipe, scope), recipe, imports, native) !== key) return { ...output, ...candid };
  writeCache(folder, output);
  if (sharedFolder !== undefined) writeShared(sharedFolder, key, { output, warnings });
  return { ...output, ...candid };
};

async function compileOnMachine({ canister: { name }, recipe, scope, cacheFolder, outputFolder }: BuildRequest<Motoko>, program: MotokoProgram, imports: readonly ActorImport[], moc: NativeMoc): Promise<BuildOutput> {
  const { bundledFolder } = await import("./bundledPackages.ts"); // a megabyte each: not for what is unchanged
  const own = Object.entries(program.packageFolders).filter(([package_]) => program.packages[package_] !== undefined && program.flags.packages[package_] === undefined);
  const brought = ["core" as const, ...program.bundled].filter((package_) => program.packages[package_] === undefined).map((package_) => [package_, bundledFolder(package_, cacheFolder)] as const);
  return compileNative(moc, { name, root: program.place.root, main: recipe.main, packages: Object.fromEntries([...own, ...brought]), flags: nativeActorFlags(imports, recipe.args, outputFolder), env: scope.env, report: scope.report });
}

async function compileBundled({ canister: { name }, scope }: BuildRequest<Motoko>, { files, main, packages, bundled, binaries, flags }: MotokoProgram, imports: readonly ActorImport[]): Promise<BuildOutput> {
  if (binaries.length > 0) throw new IcxError(ERRORS.build.unsupportedMotoko, { name, what: `the import of ${binaries[0]!}, which is no text` });
  const { compileMotoko } = await import("./motokoCompiler.ts");
  const interfaces = Object.fromEntries(imports.map(({ id, did }) => [`${IDL_FOLDER}/${id}.did`, did]));
  const job: MotokoJob = {
    files: { ...files, ...interfaces }, main, packages, bundled, flags: bundledCompilerFlags(flags.others), metadata: flags.metadata,
    actors: { folder: IDL_FOLDER, aliases: imports.map(({ alias, id }) => [alias, id]) },
  };
  const answer = await compileMotoko(job);
  if (answer.kind === "unknownFlag") throw new IcxError(ERRORS.build.unsupportedMotoko, { name, what: `the flag ${answer.flag}` });
  if (answer.kind === "crash") throw new IcxError(ERRORS.build.compilerCrashed, { name, reason: answer.reason });
  const errors = answer.diagnostics.filter(({ severity }) => severity === SEVERITY_ERROR);
  if (answer.code === null || errors.length > 0) {
    throw new IcxError(ERRORS.build.motoko, { name, diagnostics: errors.map(diagnosticText).join("\n") },
      { details: { canister: name, diagnostics: errors.map((found) => ({ file: found.source, line: found.range.start.line + 1, column: found.range.start.character + 1, code: found.code, message: found.message })) } });
  }
  for (const warning of answer.diagnostics) scope.report({ kind: "warning", text: diagnosticText(warning) });
  return { wasm: answer.code.wasm, candid: answer.code.candid, stableTypes: answer.code.stable, cached: false };
}

/** As `moc` prints it: `main.mo:3.5-3.9: type error [M0096], …`. */
export function diagnosticText({ source, range: { start, end }, severity, code, category, message }: MotokoDiagnostic): string {
  const kind = severity === SEVERITY_ERROR ? `${category} error` : "warning";
  return `${source}:${start.line + 1}.${start.character + 1}-${end.line + 1}.${end.character + 1}: ${kind} [${code}], ${message}`;
}
