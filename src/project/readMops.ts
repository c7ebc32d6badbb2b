import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { MotokoSetup } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readText } from "./readText.ts";

const require = createRequire(import.meta.url);

/** What mops.toml (https://docs.mops.one/mops.toml) says that a build needs. */
export interface MopsFile {
  /** `core` may be absent among the packages, icx brings it. */
  readonly setup: MotokoSetup;
  /** Arguments for every compilation: `[moc]`, then `[build]`. */
  readonly args: readonly string[];
  /** Paths are absolute: mops reads them from its file's folder. */
  readonly canisters: Readonly<Record<string, { readonly main: string; readonly args: readonly string[]; readonly candid?: string; readonly initArg?: string }>>;
}

const NONE: MopsFile = { setup: { packages: {} }, args: [], canisters: {} };
const table = (value: unknown): Readonly<Record<string, unknown>> => (value !== null && typeof value === "object" && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : {});

/** Reads mops.toml of a folder; an absent file says nothing. Dependencies are looked up where `mops install` puts them. @throws IcxError ICX1003 */
export function readMops(root: string): MopsFile {
  const file = join(root, "mops.toml");
  if (!existsSync(file)) return NONE;
  const { TomlError, parse } = require("smol-toml") as typeof import("smol-toml"); // few projects have the file
  let content: Readonly<Record<string, unknown>>;
  try {
    content = table(parse(readText(file)));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new IcxError(ERRORS.project.invalidManifest, { file, line: error.line, problem: error.message.split("\n")[0] ?? "not TOML" }, { cause: error });
  }
  const wrong = (problem: string): IcxError => new IcxError(ERRORS.project.invalidManifest, { file, line: 1, problem }), texts = textsOf(wrong);
  const { moc } = table(content["toolchain"]), packages = readPackages(root, { ...table(content["dev-dependencies"]), ...table(content["dependencies"]) });
  return {
    setup: { packages, ...(typeof moc === "string" && { compiler: moc }) },
    args: [...texts(table(content["moc"])["args"], "[moc] args"), ...texts(table(content["build"])["args"], "[build] args")], canisters: readCanisters(root, table(content["canisters"]), wrong),
  };
}

/** The mops.toml of a folder or of the nearest one above it, up to the project's. */
export function nearestMops(folder: string, root: string, ofRoot: MopsFile): { readonly mops: MopsFile; readonly own: boolean } {
  for (let at = folder; at !== root && dirname(at) !== at; at = dirname(at)) if (existsSync(join(at, "mops.toml"))) return { mops: readMops(at), own: true };
  return { mops: ofRoot, own: false };
}

const textsOf = (wrong: (problem: string) => IcxError) => (value: unknown, what: string): readonly string[] => {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong(`${what} must be a list of texts.`);
  return value.map((item: unknown) => { if (typeof item !== "string") throw wrong(`${what} must be a list of texts.`); return item; });
};

/** Package → folder. A name may carry a pinned version (`base@0.11.0`); GitHub's packages lie below `_github`. */
function readPackages(root: string, dependencies: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(dependencies).flatMap(([name, source]) => {
    if (typeof source !== "string") return [];
    const folder = /^\.{0,2}\//.test(source) ? join(resolve(root, source), baseFolder(resolve(root, source))) : installed(root, name.split("@")[0]!, source);
    return name === "core" && !existsSync(folder) ? [] : [[name, folder]];
  }));
}

function installed(root: string, name: string, source: string): string {
  const [, branch, commit] = /^https?:\/\/[^#]+(?:#([^@]*)(?:@(.+))?)?$/.exec(source) ?? [];
  const folder = source.startsWith("http") ? join(root, ".mops", "_github", `${name}#${(branch || "master").replaceAll("/", "___")}${commit === undefined ? "" : `@${commit}`}`) : join(root, ".mops", `${name}@${source}`);
  return join(folder, baseFolder(folder));
}

/** Where a package's sources lie in it: `src`, unless its own mops.toml says another `baseDir`. */
function baseFolder(folder: string): string {
  const file = join(folder, "mops.toml");
  return existsSync(file) ? /^\s*baseDir\s*=\s*"([^"]+)"/m.exec(readText(file))?.[1] ?? "src" : "src";
}

function readCanisters(root: string, canisters: Readonly<Record<string, unknown>>, wrong: (problem: string) => IcxError): MopsFile["canisters"] {
  return Object.fromEntries(Object.entries(canisters).map(([name, value]) => {
    const { main, args, candid, initArg } = typeof value === "string" ? { main: value, args: undefined, candid: undefined, initArg: undefined } : table(value);
    if (typeof main !== "string") throw wrong(`[canisters.${name}] needs \`main\`, a Motoko file.`);
    return [name, {
      main: resolve(root, main), args: textsOf(wrong)(args, `[canisters.${name}] args`), ...(typeof candid === "string" && { candid: resolve(root, candid) }), ...(typeof initArg === "string" && { initArg }),
    }];
  }));
}
