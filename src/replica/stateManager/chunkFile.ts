import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readRecords, recordParts } from "./recordFile.ts";

const NAME = "sync.pack";
const FILE_MODE = 0o600;

/**
 * Chunks of a state that is on its way here: one append-only file, so that a node which dies in the middle asks for the rest only. Nothing
 * depends on it: it is never synced, what is torn is not there, and who reads a chunk hashes it again.
 */
export class ChunkFile {
  private readonly path: string;
  private file: number | undefined;
  private sequence = 0;
  /** Of the good part of the file, once it was read. */
  private length = 0;
  constructor(directory: string) { this.path = join(directory, NAME); }

  /** The chunks of the good part of the file; what is put there comes behind it. */
  *chunks(): Generator<Uint8Array> {
    let file: number;
    try { file = openSync(this.path, "r"); } catch (error) { if ((error as NodeJS.ErrnoException).code === "ENOENT") return; throw error; }
    try {
      const records = readRecords(file);
      let next = records.next();
      for (; !next.done; next = records.next()) yield next.value.body;
      this.length = next.value;
    } finally { closeSync(file); }
  }

  put(bytes: Uint8Array): void {
    if (this.file === undefined) {
      this.file = openSync(this.path, "a", FILE_MODE);
      ftruncateSync(this.file, this.length);
    }
    for (const part of recordParts(this.sequence++, bytes)) for (let at = 0; at < part.length;) at += writeSync(this.file, part, at);
  }

  drop(): void {
    this.close();
    this.length = 0;
    rmSync(this.path, { force: true });
  }
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}
