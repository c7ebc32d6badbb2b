import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { CandidInterface } from "./candidType.ts";
import { parseDid, type DidImports } from "./didParser.ts";

/** Reads a .did file and what it imports; paths in imports are relative to the file that has them. @throws IcxError ICX5006; the system's error when the file cannot be read */
export function readDid(path: string): CandidInterface {
  const file = resolve(path);
  return parseDid(readFileSync(file, "utf8"), fileImports, file);
}

const fileImports: DidImports = (path, from) => {
  const name = resolve(dirname(from), path);
  try { return { name, source: readFileSync(name, "utf8") }; } catch { return undefined; }
};
