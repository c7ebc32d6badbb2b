import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { configFolder } from "./configFolder.ts";

/** Variables of the environment. */
export type Env = Readonly<Record<string, string | undefined>>;
/** Set by icx itself: a folder of the project that takes the keys when the user's own cannot be written, as in a sandbox. */
export const PROJECT_HOME = "ICX_PROJECT_HOME";
/** That folder of a project. */
export const projectHome = (root: string): string => join(root, ".icx", "home");
const PRIVATE = 0o600, PRIVATE_FOLDER = 0o700, CHOICE = "identity.json";

/** Where the user's keys are: in the user's folder, else in the project's. A folder that was asked for by `ICX_HOME` has no substitute. */
function folders(env: Env): readonly string[] {
  const project = env[PROJECT_HOME];
  return [configFolder(env), ...(project === undefined || (env["ICX_HOME"] ?? "") !== "" ? [] : [project])].map((folder) => join(folder, "identity"));
}

/** A file among the user's keys: where it is, or where it would be. */
export function identityFile(env: Env, name: string): string {
  const paths = folders(env).map((folder) => join(folder, name));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

/** Names of the files among the user's keys. */
export const identityFiles = (env: Env): readonly string[] => [...new Set(folders(env).flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])))].sort();

/** Writes a new file that only its owner can read. False when there is one already. @throws IcxError ICX3005 */
export function writePrivately(env: Env, name: string, content: string): boolean {
  if (existsSync(identityFile(env, name))) return false;
  return writeFirst(env, name, (path) => {
    try { writeFileSync(path, content, { mode: PRIVATE, flag: "wx" }); } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false; // another run was first
      throw error;
    }
    return true;
  });
}

/** The name of the identity that the user has chosen; undefined for none. */
export function readChoice(env: Env): string | undefined {
  try {
    const { default: name } = JSON.parse(readFileSync(identityFile(env, CHOICE), "utf8")) as { readonly default?: unknown };
    return typeof name === "string" ? name : undefined;
  } catch { return undefined; }
}

/** Remembers the chosen identity, in dfx's `identity.json`. @throws IcxError ICX3005 */
export function writeChoice(env: Env, name: string): void {
  writeFirst(env, CHOICE, (path) => {
    writeFileSync(`${path}.new`, `${JSON.stringify({ default: name }, undefined, 2)}\n`);
    renameSync(`${path}.new`, path);
  });
}

/** Writes in the first folder that can be written. */
function writeFirst<T>(env: Env, name: string, write: (path: string) => T): T {
  const all = folders(env);
  for (const [index, folder] of all.entries()) {
    try {
      mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
      return write(join(folder, name));
    } catch (cause) {
      if (index === all.length - 1) throw unwritable(join(all[0]!, name), cause);
    }
  }
  throw unwritable(name, "no folder");
}

/** A folder that cannot be written. */
export const unwritable = (path: string, cause: unknown): IcxError => new IcxError(ERRORS.identity.unwritable, { path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
