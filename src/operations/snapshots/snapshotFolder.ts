import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { parseMetadata, printMetadata, type SnapshotMetadata } from "./snapshotMetadata.ts";

/** The three long parts of a snapshot, in the order in which they are moved, and how people call them. */
export const PARTS = [["wasm_module", "Module"], ["wasm_memory", "Main memory"], ["stable_memory", "Stable memory"]] as const;
/** One of them. */
export type Part = (typeof PARTS)[number][0];
/** Bytes of one message, as dfx and icp-cli cut them: their progress files count in these. */
export const CHUNK_BYTES = 2_000_000;
/** Chunks that are under way together. */
export const CHUNKS_AT_ONCE = 4;

/** How far an interrupted upload or download came; the files are icp-cli's, so that either program finishes what the other began. */
export const PROGRESS = { download: ".download_progress.json", upload: ".upload_progress.json" } as const;

/** A snapshot's folder: `metadata.json`, one file a part, `wasm_chunk_store/<hash>.bin`. */
export interface SnapshotFolder {
  readonly path: string;
  /** Undefined in a folder without one. @throws IcxError ICX1010, ICX5019 */
  readMetadata(): SnapshotMetadata | undefined;
  writeMetadata(metadata: SnapshotMetadata): void;
  /** What an interrupted run left; undefined when it left nothing. @throws IcxError ICX5019 */
  readProgress(kind: keyof typeof PROGRESS): Readonly<Record<string, unknown>> | undefined;
  writeProgress(kind: keyof typeof PROGRESS, progress: object): void;
  removeProgress(kind: keyof typeof PROGRESS): void;
  /** Opens a part for writing at any place; it has its full size at once. */
  create(part: Part, bytes: number): PartFile;
  /** Opens a part for reading. @throws IcxError ICX1010, ICX5019 when its size is another one than the metadata says */
  open(part: Part, bytes: number): PartFile;
  chunkFile(hash: Uint8Array): string;
}
/** A part's file. */
export interface PartFile extends Disposable { read(at: number, bytes: number): Uint8Array; write(at: number, content: Uint8Array): void }

/** Whether there is nothing in the folder, or no folder. */
export const isEmpty = (path: string): boolean => !existsSync(path) || readdirSync(path).length === 0;

/** A snapshot's folder on disk; nothing is written yet. */
export function snapshotFolder(path: string): SnapshotFolder {
  const at = (name: string): string => join(path, name), invalid = (file: string, problem: string): IcxError => new IcxError(ERRORS.arguments.invalidSnapshot, { file, problem });
  return {
    path,
    readMetadata() {
      const file = at("metadata.json");
      if (!existsSync(file)) return undefined;
      const found = parseMetadata(reading(file, () => readFileSync(file, "utf8")));
      if ("problem" in found) throw invalid(file, found.problem);
      return found;
    },
    writeMetadata: (metadata) => replace(at("metadata.json"), printMetadata(metadata)),
    readProgress(kind) {
      const file = at(PROGRESS[kind]);
      if (!existsSync(file)) return undefined;
      const found = reading(file, () => { try { return JSON.parse(readFileSync(file, "utf8")) as unknown; } catch (error) { if (error instanceof SyntaxError) return undefined; throw error; } });
      if (typeof found !== "object" || found === null) throw invalid(file, "it is no JSON object");
      return found as Readonly<Record<string, unknown>>;
    },
    writeProgress: (kind, progress) => replace(at(PROGRESS[kind]), JSON.stringify(progress, undefined, 2)),
    removeProgress: (kind) => rmSync(at(PROGRESS[kind]), { force: true }),
    create(part, bytes) {
      const file = at(`${part}.bin`);
      return writing(file, () => { const handle = openSync(file, existsSync(file) ? "r+" : "w+"); ftruncateSync(handle, bytes); return partFile(handle, file); });
    },
    open(part, bytes) {
      const file = at(`${part}.bin`), handle = reading(file, () => openSync(file, "r")), { size } = fstatSync(handle);
      if (size !== bytes) { closeSync(handle); throw invalid(file, `it has ${size} bytes, and metadata.json says ${bytes}`); }
      return partFile(handle, file);
    },
    chunkFile: (hash) => join(path, "wasm_chunk_store", `${Buffer.from(hash).toString("hex")}.bin`),
  };
}

function partFile(handle: number, file: string): PartFile {
  return {
    read(at, bytes) {
      const content = new Uint8Array(bytes);
      for (let done = 0; done < bytes;) {
        const count = reading(file, () => readSync(handle, content, done, bytes - done, at + done));
        if (count === 0) throw new IcxError(ERRORS.arguments.invalidSnapshot, { file, problem: "it became shorter while it was read" });
        done += count;
      }
      return content;
    },
    write(at, content) { for (let done = 0; done < content.length;) done += writing(file, () => writeSync(handle, content, done, content.length - done, at + done)); },
    [Symbol.dispose]: () => closeSync(handle),
  };
}

function replace(file: string, text: string): void {
  writing(file, () => { mkdirSync(dirname(file), { recursive: true }); writeFileSync(`${file}.new`, text); renameSync(`${file}.new`, file); });
}
/** @throws IcxError ICX1010 */
export function reading<T>(file: string, work: () => T): T {
  try { return work(); } catch (cause) { throw new IcxError(ERRORS.project.unreadableFile, { file, reason: reasonOf(cause) }, { cause }); }
}
/** @throws IcxError ICX1011 */
export function writing<T>(path: string, work: () => T): T {
  try { return work(); } catch (cause) { throw new IcxError(ERRORS.project.unwritable, { path, reason: reasonOf(cause) }, { cause }); }
}
const reasonOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);
