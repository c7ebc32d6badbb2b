import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildOutput } from "./builder.ts";

/** A result kept under its content's key; undefined when there is none. */
export function readCache(folder: string): Omit<BuildOutput, "cached"> | undefined {
  if (!existsSync(join(folder, "module.wasm"))) return undefined;
  const text = (name: string): string | undefined => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined);
  const candid = text("service.did"), stableTypes = text("stable.most");
  return { wasm: Uint8Array.from(readFileSync(join(folder, "module.wasm"))), ...(candid === undefined ? {} : { candid }), ...(stableTypes === undefined ? {} : { stableTypes }) };
}

/** Keeps a result: whole or not at all, whatever else runs at the same time. */
export function writeCache(folder: string, { wasm, candid, stableTypes }: BuildOutput): void {
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}-`);
  writeFileSync(join(unfinished, "module.wasm"), wasm);
  if (candid !== undefined) writeFileSync(join(unfinished, "service.did"), candid);
  if (stableTypes !== undefined) writeFileSync(join(unfinished, "stable.most"), stableTypes);
  try { renameSync(unfinished, folder); } catch { rmSync(unfinished, { recursive: true, force: true }); } // somebody else was first, with the same content
}
