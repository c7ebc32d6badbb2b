import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { systemCacheFolder } from "../context/userFolders.ts";
import type { BuildOutput } from "./builder.ts";
import { writeWhole } from "./writeWhole.ts";

/**
 * Compiled modules of all projects of a user, by the content of everything that they are made of: a template in another folder, a second clone or
 * the next run of a build server needs no compiler. It is a convenience only: what cannot be read, written or trusted is as if it were not there.
 */
const HEADER = "icx compiled module 1", SUFFIX = ".module", BYTES_MAX = 256 * 1024 * 1024, KEPT = 0.75, PRIVATE_FOLDER = 0o700, UNFINISHED_MS = 86_400_000;

/** A module with the warnings that compiling it gave: they are told again. */
export interface SharedModule { readonly output: BuildOutput; readonly warnings: readonly string[] }

/** Where it is: `ICX_CACHE`, `cache` below `ICX_HOME`, or the system's folder for such things. Undefined when `ICX_CACHE` is `off`. */
export function sharedCacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { ICX_CACHE = "", ICX_HOME = "" } = env;
  if (ICX_CACHE !== "") return ICX_CACHE === "off" ? undefined : ICX_CACHE;
  if (ICX_HOME !== "") return join(ICX_HOME, "cache");
  return process.platform === "win32" ? join(systemCacheFolder(env), "icx", "cache") : join(systemCacheFolder(env), "icx");
}

const modulesOf = (folder: string): string => join(folder, "modules");
const fileOf = (folder: string, key: string): string => join(modulesOf(folder), `${key}${SUFFIX}`);
const digest = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Whether there seems to be a module under a key. */
export const hasShared = (folder: string, key: string): boolean => existsSync(fileOf(folder, key));

/** The module under a key. One that is not whole is removed. */
export function readShared(folder: string, key: string): SharedModule | undefined {
  const file = fileOf(folder, key);
  let bytes: Buffer;
  try { bytes = readFileSync(file); } catch { return undefined; }
  const found = parse(bytes);
  try {
    if (found === undefined) rmSync(file, { force: true });
    else utimesSync(file, new Date(), new Date()); // what is used stays longest
  } catch { /* somebody else's folder */ }
  return found;
}

/** Keeps a module, whole or not at all; what was not used for longest goes when there is too much. */
export function writeShared(folder: string, key: string, { output: { wasm, candid, stableTypes }, warnings }: SharedModule, bytesMax: number = BYTES_MAX): void {
  const told = Buffer.from(`${JSON.stringify({ candid, stableTypes, warnings })}\n`), content = Buffer.concat([told, wasm]);
  try {
    mkdirSync(modulesOf(folder), { recursive: true, mode: PRIVATE_FOLDER });
    writeWhole(fileOf(folder, key), Buffer.concat([Buffer.from(`${HEADER} ${digest(content)}\n`), content]));
    trim(modulesOf(folder), bytesMax);
  } catch { /* no room or no right to write: the next build compiles again */ }
}

/** How many modules there are, and their bytes. */
export function sharedCacheSize(folder: string): { readonly modules: number; readonly bytes: number } {
  const files = filesIn(modulesOf(folder)).filter(({ name }) => name.endsWith(SUFFIX));
  return { modules: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function parse(bytes: Buffer): SharedModule | undefined {
  const headerEnd = bytes.indexOf("\n"), content = bytes.subarray(headerEnd + 1);
  if (headerEnd < 0 || bytes.subarray(0, headerEnd).toString() !== `${HEADER} ${digest(content)}`) return undefined;
  const toldEnd = content.indexOf("\n"), { candid, stableTypes, warnings } = JSON.parse(content.subarray(0, toldEnd).toString()) as { readonly candid?: string; readonly stableTypes?: string; readonly warnings: readonly string[] };
  return { output: { wasm: Uint8Array.from(content.subarray(toldEnd + 1)), cached: true, ...(candid === undefined ? {} : { candid }), ...(stableTypes === undefined ? {} : { stableTypes }) }, warnings };
}

interface Entry { readonly name: string; readonly path: string; readonly size: number; readonly usedAt: number }
function filesIn(folder: string): readonly Entry[] {
  let names: readonly string[];
  try { names = readdirSync(folder); } catch { return []; }
  return names.flatMap((name): Entry[] => {
    const path = join(folder, name);
    try { const stat = statSync(path); return stat.isFile() ? [{ name, path, size: stat.size, usedAt: stat.mtimeMs }] : []; } catch { return []; } // removed by another run
  });
}

function trim(folder: string, bytesMax: number): void {
  const files = filesIn(folder), left = files.filter(({ name, usedAt }) => !name.endsWith(SUFFIX) && usedAt < Date.now() - UNFINISHED_MS); // by a run that was killed
  for (const { path } of left) rmSync(path, { force: true });
  const modules = files.filter(({ name }) => name.endsWith(SUFFIX)).sort((a, b) => a.usedAt - b.usedAt || (a.name < b.name ? -1 : 1));
  let bytes = modules.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= bytesMax) return;
  for (const { path, size } of modules) {
    if (bytes <= bytesMax * KEPT) break;
    rmSync(path, { force: true });
    bytes -= size;
  }
}
