import { gunzipSync } from "node:zlib";
import { customSections } from "./customSection.ts";

const MODULE_BYTES_MAX = 100 * 1024 * 1024; // interface spec, "Canister module format": a module is at most 100 MiB when decompressed

/** What a module says of itself in its metadata sections, whoever built it; compressed ones are opened. A damaged module says nothing. */
export function moduleMetadata(module: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const wasm = module[0] === 0x1f && module[1] === 0x8b ? opened(module) : module;
  return new Map(customSections(wasm).flatMap(({ name, content }) => {
    const key = /^icp:(?:public|private) (.+)$/s.exec(name)?.[1];
    return key === undefined ? [] : [[key, content] as const];
  }));
}

function opened(module: Uint8Array): Uint8Array {
  try { return gunzipSync(module, { maxOutputLength: MODULE_BYTES_MAX }); } catch { return new Uint8Array(); }
}
