import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import type { BuildRecipe, MotokoSetup, Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildScope } from "./builder.ts";
import { mopsPackages } from "./mopsPackages.ts";
import { motokoFlags, type MotokoFlags } from "./motokoFlags.ts";
import { motokoSources, type MotokoSources } from "./motokoSources.ts";
import { runShell } from "./runShell.ts";

/** Where Motoko's own settings lie: the folder of mops.toml (relative paths of flags and packages begin there), or the project's. */
export interface MotokoPlace { readonly root: string; readonly motoko: MotokoSetup }
type Motoko = Extract<BuildRecipe, { readonly kind: "motoko" }>;
/** A program with everything that it imports. */
export interface MotokoProgram extends MotokoSources {
  readonly place: MotokoPlace;
  /** Package name → its folder on disk. */
  readonly packageFolders: Readonly<Record<string, string>>;
  readonly flags: MotokoFlags;
}

/** `mops sources`, however it is started: icx reads what mops has installed by itself, which is faster. */
const MOPS_SOURCES = /^(?:npx\s+(?:--\S+\s+)*)?(?:ic-)?mops\s+sources$/;

function motokoPlace({ root, motoko }: Pick<Project, "root" | "motoko">, canister: Pick<ProjectCanister, "folder" | "motoko">): MotokoPlace {
  for (let at = canister.folder; at !== root && dirname(at) !== at; at = dirname(at)) if (existsSync(join(at, "mops.toml"))) return { root: at, motoko: canister.motoko ?? motoko };
  return { root, motoko: canister.motoko ?? motoko };
}

/** The program as far as it can be read without running anything. */
export function readMotokoProgram(project: Pick<Project, "root" | "motoko">, canister: Pick<ProjectCanister, "folder" | "motoko">, recipe: Motoko, listed: Readonly<Record<string, string>> = {}): MotokoProgram {
  const place = motokoPlace(project, canister), flags = motokoFlags(recipe.args, place.root);
  const packageFolders = { ...mopsPackages(place.root, place.motoko.packages), ...listed, ...flags.packages };
  return { ...motokoSources(project.root, recipe.main, packageFolders), place, packageFolders, flags };
}

/**
 * The program, with the packages that the manifest's `packtool` lists, or `mops` when something is missing and it is installed.
 * @throws IcxError ICX4004 when a packtool fails, ICX4009 for a package that nobody has, ICX4019
 */
export async function motokoProgram(project: Project, canister: ProjectCanister, recipe: Motoko, scope: BuildScope): Promise<MotokoProgram> {
  const packtool = recipe.packtool?.trim() ?? "", isMops = MOPS_SOURCES.test(packtool), { name } = canister;
  const list = async (command: string, root: string): Promise<MotokoProgram> => readMotokoProgram(project, canister, recipe, await listPackages(root, name, command, scope));
  const program = packtool === "" || isMops ? readMotokoProgram(project, canister, recipe) : await list(packtool, project.root);
  if (program.missingPackages.length === 0) return program;
  const { root } = program.place, usesMops = isMops || (packtool === "" && existsSync(join(root, "mops.toml")));
  const complete = usesMops && isOnPath("mops", scope.env) ? await list("mops sources", root).catch(() => program) : program;
  const [missing] = complete.missingPackages;
  if (missing !== undefined) throw new IcxError(ERRORS.build.unknownPackage, { package: missing, name }, { details: { canister: name, packages: complete.missingPackages } });
  return complete;
}

async function listPackages(root: string, name: string, command: string, { env, report, interrupted }: BuildScope): Promise<Readonly<Record<string, string>>> {
  const text = await runShell({ command, cwd: root, env, name, report, interrupted, silent: true }), listed = parsePackages(text, root);
  if (text.trim() !== "" && Object.keys(listed).length === 0) throw new IcxError(ERRORS.build.noPackages, { command, name, reason: text.trim().split("\n")[0]!.slice(0, 200), folder: root });
  return listed;
}

/** `--package name folder`, on lines of their own or all on one; folders are relative to `root`. */
export function parsePackages(text: string, root: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/--package\s+(\S+)\s+(\S.*?)(?=\s+--package\s|\s*$)/gm)].map(([, name, folder]) => [name!, resolve(root, folder!.replace(/^(["'])(.*)\1$/, "$2"))]));
}

const isOnPath = (name: string, { PATH = "" }: BuildScope["env"]): boolean =>
  PATH.split(delimiter).some((folder) => folder !== "" && [name, `${name}.cmd`, `${name}.exe`].some((file) => existsSync(join(folder, file))));
