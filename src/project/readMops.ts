import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { MotokoSetup } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readText } from "./readText.ts";

const require = createRequire(import.meta.url);

/** What mops.toml (https://docs.mops.one/mops.toml) says that a build needs. */
export interface MopsFile {
  /** `core` may be absent among the packages, icx brings it. */
  readonly setup: MotokoSetup;
  readonly canisters: Readonly<Record<string, { readonly main: string; readonly args: readonly string[]; readonly candid?: string }>>;
}

const table = (value: unknown): Readonly<Record<string, unknown>> => (value !== null && typeof value === "object" && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : {});

/** Reads mops.toml of a project; an absent file says nothing. Dependencies are looked up where `mops install` puts them. @throws IcxError ICX1003 */
export function readMops(root: string): MopsFile {
  const file = join(root, "mops.toml");
  if (!existsSync(file)) return { setup: { packages: {} }, canisters: {} };
  const { TomlError, parse } = require("smol-toml") as typeof import("smol-toml"); // few projects have the file
  let content: Readonly<Record<string, unknown>>;
  try {
    content = table(parse(readText(file)));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new IcxError(ERRORS.project.invalidManifest, { file, line: error.line, problem: error.message.split("\n")[0] ?? "not TOML" }, { cause: error });
  }
  const { moc } = table(content["toolchain"]);
  return { setup: { packages: readPackages(root, table(content["dependencies"])), ...(typeof moc === "string" && { compiler: moc }) }, canisters: readCanisters(table(content["canisters"])) };
}

function readPackages(root: string, dependencies: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(dependencies).flatMap(([name, source]) => {
    if (typeof source !== "string") return [];
    const local = /^\.{0,2}\//.test(source);
    const folder = local ? resolve(root, source, "src") : join(root, ".mops", source.startsWith("http") ? name : `${name}@${source}`, "src");
    return name === "core" && !existsSync(folder) ? [] : [[name, folder]];
  }));
}

function readCanisters(canisters: Readonly<Record<string, unknown>>): MopsFile["canisters"] {
  return Object.fromEntries(Object.entries(canisters).flatMap(([name, value]) => {
    const { main, args, candid } = typeof value === "string" ? { main: value, args: undefined, candid: undefined } : table(value);
    if (typeof main !== "string") return [];
    const list = Array.isArray(args) ? args.filter((arg): arg is string => typeof arg === "string") : [];
    return [[name, { main, args: list, ...(typeof candid === "string" ? { candid } : {}) }]];
  }));
}
