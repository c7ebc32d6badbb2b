import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

let count = 0;

/** Writes a file whole or not at all, whoever else writes it at the same time: the last one wins. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const unfinished = `${file}.${process.pid}-${count++}.new`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}
