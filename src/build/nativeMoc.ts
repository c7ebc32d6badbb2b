import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join, relative, resolve } from "node:path";
import type { Report } from "../context/events.ts";
import { systemCacheFolder } from "../context/userFolders.ts";
import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildOutput } from "./builder.ts";

/** A Motoko compiler of this machine: several times faster than the one that comes with icx. */
export interface NativeMoc { readonly path: string; /** What it says of itself. */ readonly version: string }
type Env = Readonly<Record<string, string | undefined>>;

const FILE = process.platform === "win32" ? "moc.exe" : "moc";

/**
 * The compiler that the user names (`ICX_MOC`, or dfx's `DFX_MOC_PATH`), else the one that mops.toml pins and mops has installed, else `moc`
 * on the PATH; undefined when there is none. @throws IcxError ICX4010 when one is named that is none
 */
export async function findNativeMoc({ root, motoko: { compiler: motokoCompiler } }: Pick<Project, "root" | "motoko">, env: Env): Promise<NativeMoc | undefined> {
  for (const variable of ["ICX_MOC", "DFX_MOC_PATH"]) {
    const named = env[variable];
    if (named === undefined || named === "") continue;
    const path = /[/\\]/.test(named) ? resolve(root, named) : onPath(named, env), version = path === undefined ? undefined : await versionOf(path, env);
    if (version === undefined) throw new IcxError(ERRORS.build.notACompiler, { path: named, source: variable });
    return { path: path!, version };
  }
  if (motokoCompiler !== undefined) {
    const path = pinnedMoc(root, motokoCompiler, env), version = await versionOf(path, env);
    if (version !== undefined) return { path, version };
  }
  const path = onPath(FILE, env), version = path === undefined ? undefined : await versionOf(path, env);
  return version === undefined ? undefined : { path: path!, version };
}

/** Where the compiler that mops.toml pins is, if it is installed. */
const pinnedMoc = (root: string, compiler: string, env: Env): string => (/^\.{0,2}\//.test(compiler) ? resolve(root, compiler) : join(mopsCache(env), "moc", compiler, FILE));

/** Whether a compiler of this machine is named or in sight: a look at files, nothing is run. */
export const mayHaveNativeMoc = ({ root, motoko: { compiler } }: Pick<Project, "root" | "motoko">, env: Env): boolean =>
  [env["ICX_MOC"], env["DFX_MOC_PATH"]].some((named) => named !== undefined && named !== "") || (compiler !== undefined && existsSync(pinnedMoc(root, compiler, env))) || onPath(FILE, env) !== undefined;

/** Where mops keeps what it downloads (https://docs.mops.one, "Toolchain management"). */
function mopsCache(env: Env): string {
  const { XDG_CACHE_HOME = "" } = env; // on every system
  return XDG_CACHE_HOME === "" && process.platform === "win32" ? join(systemCacheFolder(env), "mops", "cache") : join(XDG_CACHE_HOME === "" ? systemCacheFolder(env) : XDG_CACHE_HOME, "mops");
}

function onPath(name: string, { PATH = "" }: Env): string | undefined {
  return PATH.split(delimiter).filter(isAbsolute).map((folder) => join(folder, name)).find((file) => {
    try { accessSync(file, constants.X_OK); return statSync(file).isFile(); } catch { return false; }
  });
}

const asked = new Map<string, Promise<string | undefined>>();

/** What a program says of itself, asked once a run. Another program of that name says something else, or nothing. */
async function versionOf(path: string, env: Env): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const { mtimeMs, size } = statSync(path), key = `${path} ${mtimeMs} ${size}`, answer = asked.get(key) ?? askVersion(path, env);
  asked.set(key, answer);
  return answer;
}

async function askVersion(path: string, env: Env): Promise<string | undefined> {
  const { execa } = await import("execa"), { stdout, failed } = await execa(path, ["--version"], { env: { ...env }, extendEnv: false, stdin: "ignore", reject: false, timeout: 10_000 });
  return !failed && /^Motoko /.test(stdout) ? stdout.trim() : undefined;
}

export interface NativeJob { readonly name: string; readonly root: string; readonly main: string; readonly packages: Readonly<Record<string, string>>; readonly flags: readonly string[]; readonly env: Env; readonly report: Report }

/** Compiles one program. @throws IcxError ICX4001, ICX4008, both with the compiler's name */
export async function compileNative({ path }: NativeMoc, { name, root, main, packages, flags, env, report }: NativeJob): Promise<BuildOutput> {
  const { execa } = await import("execa"), folder = mkdtempSync(join(tmpdir(), "icx-moc-")), wasm = join(folder, "module.wasm");
  const known = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  const argv = [
    relative(root, main), "-o", wasm, "-c", "--idl", "--stable-types", "--public-metadata", "candid:service", "--public-metadata", "candid:args",
    ...known.flatMap(([name, at]) => ["--package", name, relative(root, at) || "."]), ...flags,
  ];
  try {
    const ran = await execa(path, argv, { cwd: root, env: { ...env }, extendEnv: false, stdin: "ignore", reject: false });
    const told = ran.stderr.trim();
    if (ran.failed && ran.exitCode !== undefined && /: [\w ]*error/.test(told)) throw new IcxError(ERRORS.build.motoko, { name, diagnostics: `${told}\n(${path})` }, { details: { canister: name, compiler: path } });
    if (ran.failed || !existsSync(wasm)) throw new IcxError(ERRORS.build.compilerCrashed, { name, reason: `${path}: ${told === "" ? ran.shortMessage ?? "it wrote no module" : told}` }, { cause: ran.cause });
    if (told !== "") report({ kind: "warning", text: told });
    const text = (file: string): string | undefined => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : undefined);
    const candid = text("module.did"), stableTypes = text("module.most");
    return { wasm: Uint8Array.from(readFileSync(wasm)), cached: false, ...(candid === undefined ? {} : { candid }), ...(stableTypes === undefined ? {} : { stableTypes }) };
  } finally { rmSync(folder, { recursive: true, force: true }); }
}
