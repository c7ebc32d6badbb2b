import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Height, err, ok } from "../types/index.ts";
import { ICX_VERSION } from "../params/version.ts";
import { DamagedState } from "../codec/stateCodec.ts";
import type { Store } from "../interfaces/stateManager.ts";
import { CheckpointFiles } from "./checkpointFiles.ts";
import { ChunkFile } from "./chunkFile.ts";
import { copyDirectory } from "./copyDirectory.ts";
import { lockDirectorySoon } from "./directoryLock.ts";
import { JournalIndex, type JournalRecord, decodeJournalRecord, encodeJournalRecord } from "./journalIndex.ts";
import { type LogRecord, MirroredLog } from "./mirroredLog.ts";
import { syncDirectory } from "./recordFile.ts";
import { StoreFailure, storeFailure } from "./storeFailure.ts";

/**
 * A subnet's data on disk (design D10). What it must survive: death at any instruction, a newest file that is torn or zeroed in its last
 * 64 KiB, a full disk, a second process, a directory of a newer icx. How:
 *
 * - Everything acknowledged is in the journal twice, in two files (`mirroredLog.ts`); each record carries its sums and its number.
 * - A checkpoint is one new file; the one before it stays whole, with the journal from there on (`checkpointFiles.ts`).
 * - So each file may be lost in part or whole, and the others hold what it held. Opening repairs the copies.
 *
 * Why not LMDB, which the design first named: cut by 64 KiB, a data file ends the process with a bus error when it is read (it is mapped
 * into memory); zeroed, it gives wrong values without a word (8 of 400); so it would need the same second copy, and checks from outside
 * before it may be opened. Measured on two cores, 6 kB a block: LMDB until flushed 0.50 ms, both journal files written and synced 0.24 to
 * 0.60 ms.
 */
export interface StoreOptions { /** The version of icx that is written with each height. */ readonly icx?: string }

/** Number of the directory's format: raised when an older icx could not read what a newer one writes. */
const FORMAT = 1;
const FORMAT_FILE = "format.json";
const DIRECTORY_MODE = 0o700;
/** There while the checkpoints were dropped on purpose and no new one is there yet. */
const DROPPED_RECORD = "dropped";

function checkFormat(directory: string, repaired: (file: string) => void): void {
  const path = join(directory, FORMAT_FILE);
  let text: string | undefined;
  try { text = readFileSync(path, "utf8"); } catch (error) { if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; }
  if (text !== undefined) {
    try {
      const format = (JSON.parse(text) as { readonly format?: unknown } | null)?.format;
      if (typeof format === "number") return assertReadable(directory, format);
    } catch (error) { if (!(error instanceof SyntaxError)) throw error; }
    repaired(FORMAT_FILE);
  }
  const file = openSync(`${path}.new`, "w");
  try { writeSync(file, JSON.stringify({ format: FORMAT, icx: ICX_VERSION })); fsyncSync(file); } finally { closeSync(file); }
  renameSync(`${path}.new`, path);
  syncDirectory(directory);
}

function assertReadable(directory: string, format: number): void {
  if (format > FORMAT) throw new StoreFailure({ code: "newerFormat", directory, detail: `format ${format}; this icx reads up to ${FORMAT}` });
}

/** Opens or makes a subnet's directory. Rejects with `StoreFailure`. */
export async function openStore(path: string, options: StoreOptions = {}): Promise<Store> {
  const directory = resolve(path), repairs: string[] = [];
  const repaired = (file: string): void => { repairs.push(`Restored ${file} in ${directory} from its second copy or from the checkpoint before.`); };
  let unlock: (() => void) | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    unlock = await lockDirectorySoon(directory);
    checkFormat(directory, repaired);
    const store = new DiskStore(directory, options.icx ?? ICX_VERSION, repairs, repaired, unlock);
    await store.begin();
    return store;
  } catch (error) {
    unlock?.();
    throw storeFailure(directory, error);
  }
}

class DiskStore implements Store {
  readonly repairs: readonly string[];
  private readonly directory: string;
  private readonly icx: string;
  private readonly repaired: (file: string) => void;
  private readonly unlock: () => void;
  private readonly index = new JournalIndex();
  private readonly own = new Map<string, Uint8Array>();
  private readonly log: MirroredLog;
  private readonly checkpoints: CheckpointFiles;
  private readonly staged: ChunkFile;
  private neededFrom: Height = 0 as Height;
  private trimmed = false;
  private checkpointing: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(directory: string, icx: string, repairs: readonly string[], repaired: (file: string) => void, unlock: () => void) {
    this.directory = directory;
    this.icx = icx;
    this.repairs = repairs;
    this.repaired = repaired;
    this.unlock = unlock;
    this.log = MirroredLog.open(directory, (record) => this.replay(record), repaired);
    this.checkpoints = CheckpointFiles.open(directory, repaired);
    this.staged = new ChunkFile(directory);
  }

  /** Writes the format into a new journal, so that it is known from two files. */
  async begin(): Promise<void> {
    if (this.log.nextSequence === 0) this.log.append(encodeJournalRecord({ kind: "format", format: FORMAT, trimmed: false }));
    await this.log.flush();
  }

  private replay({ body, place }: LogRecord): void {
    let record: JournalRecord;
    try { record = decodeJournalRecord(body); } catch (error) {
      if (error instanceof DamagedState) throw new StoreFailure({ code: "damaged", directory: this.directory, detail: `segment ${place.segment}` }, error);
      throw error;
    }
    if (record.kind === "format") {
      assertReadable(this.directory, record.format);
      this.trimmed = record.trimmed;
    } else if (record.kind === "artifact") this.index.add(record.height, record.id, { icx: record.icx, bytes: undefined, place });
    else if (record.value === undefined) this.own.delete(record.key);
    else this.own.set(record.key, record.value);
  }

  private assertOpen(): void {
    if (this.closing !== undefined) throw new StoreFailure({ code: "closed", directory: this.directory, detail: "the store was closed" });
  }

  putHeight(at: Height, entries: Parameters<Store["putHeight"]>[1]): void {
    this.assertOpen();
    for (const { id, bytes } of entries) {
      const held = { icx: this.icx, bytes: bytes as Uint8Array | undefined, place: undefined as Parameters<JournalIndex["add"]>[2]["place"] };
      if (!this.index.add(at, id, held)) continue;
      this.log.append(encodeJournalRecord({ kind: "artifact", height: at, id, icx: this.icx, bytes }), (place) => { held.place = place; held.bytes = undefined; });
    }
  }

  heights(from: Height): ReturnType<Store["heights"]> {
    return this.index.from(from, (place) => {
      const record = decodeJournalRecord(this.log.read(place));
      return record.kind === "artifact" ? record.bytes : new Uint8Array(0);
    });
  }

  putRecord(key: string, value: Uint8Array | undefined): void {
    this.assertOpen();
    if (value === undefined) this.own.delete(key); else this.own.set(key, value.slice());
    this.log.append(encodeJournalRecord({ kind: "record", key, value }));
  }

  getRecord(key: string): Uint8Array | undefined { return this.own.get(key)?.slice(); }

  records(prefix: string): ReturnType<Store["records"]> {
    return [...this.own].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value.slice()] as const);
  }

  flushed(): Promise<void> { return this.log.flush(); }

  forgetBelow(at: Height): void { if (at > this.neededFrom) this.neededFrom = at; }

  checkpoint(state: Parameters<Store["checkpoint"]>[0], certification: Parameters<Store["checkpoint"]>[1]): Promise<void> {
    this.assertOpen();
    const written = this.checkpointing.then(async () => {
      await this.log.flush();
      await this.checkpoints.write(state, certification, this.icx);
      if (this.own.has(DROPPED_RECORD)) this.putRecord(DROPPED_RECORD, undefined);
      await this.trimJournal();
    });
    this.checkpointing = written.catch(() => undefined);
    return written;
  }

  /** A new segment that begins with all own records makes those before it unnecessary, but for the heights that are still needed. */
  private async trimJournal(): Promise<void> {
    const fallback = this.checkpoints.fallbackHeight;
    this.trimmed ||= fallback !== undefined;
    await this.log.rotate(() => [
      encodeJournalRecord({ kind: "format", format: FORMAT, trimmed: this.trimmed }),
      ...[...this.own].map(([key, value]) => encodeJournalRecord({ kind: "record", key, value })),
    ]);
    if (fallback === undefined) return;
    const lowest = Math.min(fallback, this.neededFrom) as Height, first = Math.min(this.index.firstSegmentFrom(lowest) ?? this.log.currentSegment, this.log.currentSegment);
    this.index.dropBelow(first);
    this.log.dropBelow(first);
  }

  dropCheckpoints(): void {
    this.putRecord(DROPPED_RECORD, new Uint8Array(0));
    this.checkpoints.drop();
  }
  loadAt(height: Height): ReturnType<Store["loadAt"]> { return this.checkpoints.loadAt(height); }
  putChunk(bytes: Uint8Array): void { this.staged.put(bytes); }
  chunks(): Iterable<Uint8Array> { return this.staged.chunks(); }
  dropChunks(): void { this.staged.drop(); }

  keepCopy(name: string): string { return copyDirectory(this.directory, `${this.directory}-${name}`); }

  load(): ReturnType<Store["load"]> {
    try {
      const state = this.checkpoints.load(this.repaired);
      if (state === undefined && this.trimmed && !this.own.has(DROPPED_RECORD)) return err({ code: "damaged", directory: this.directory, detail: "no checkpoint is whole, and the journal begins after the first block" });
      return ok(state);
    } catch (error) { return err(storeFailure(this.directory, error).error); }
  }

  close(): Promise<void> {
    return this.closing ??= (async () => {
      try {
        await this.checkpointing;
        await this.log.flush();
      } finally {
        this.staged.close();
        await this.log.close();
        this.unlock();
      }
    })();
  }
}
