import { principalToText } from "../../types/index.ts";
import type { Principal } from "../../types/index.ts";
import type { Manifest } from "./manifest.ts";
import { CANISTERS } from "./stateFiles.ts";

/** More than these are only counted. */
const NAMED_MAX = 5;
const named = (path: string): string => path.replace(new RegExp(`^${CANISTERS}([0-9a-f]+)/`), (_, id: string) => `canister ${principalToText(id as Principal)} `);

/** In what a manifest differs from another one: files by their names, with the chunks of a mebibyte that are not the same. */
export function differences(own: Manifest, other: Manifest): readonly string[] {
  const chunksOf = ({ files, chunks }: Manifest): ReadonlyMap<string, readonly Uint8Array[]> => {
    const byFile: Uint8Array[][] = files.map(() => []);
    for (const { file, hash } of chunks) byFile[file]!.push(hash);
    return new Map(files.map(({ path }, i) => [path, byFile[i]!]));
  };
  const ours = chunksOf(own), theirs = chunksOf(other), parts: string[] = [];
  for (const path of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const [a, b] = [ours.get(path), theirs.get(path)];
    if (a === undefined || b === undefined) { parts.push(`${named(path)} (${a === undefined ? "missing" : "too much"})`); continue; }
    const chunks = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).filter((i) => a[i] === undefined || b[i] === undefined || Buffer.compare(a[i], b[i]) !== 0);
    if (chunks.length > 0) parts.push(`${named(path)} chunk ${chunks.slice(0, NAMED_MAX).join(", ")}${chunks.length > NAMED_MAX ? ` and ${chunks.length - NAMED_MAX} more` : ""}`);
  }
  return parts.length > NAMED_MAX ? [...parts.slice(0, NAMED_MAX), `${parts.length - NAMED_MAX} more files`] : parts;
}
