import { closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readdirSync, renameSync, rmSync, write, writeSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure, storeFailure } from "./storeFailure.ts";
import { HEAD_BYTES, readAt, readRecords, recordParts, syncDirectory } from "./recordFile.ts";

/**
 * A journal in segments, each written twice, `journal-<n>-a.log` and `-b.log`. A record is acknowledged when both are on disk, so one
 * file may be torn, zeroed or lost and nothing acknowledged is gone; opening makes the two equal again.
 */
export interface LogPlace { readonly segment: number; readonly offset: number; readonly length: number }
export interface LogRecord { readonly body: Uint8Array; readonly place: LogPlace }

interface Segment { readonly number: number; readonly files: readonly number[]; length: number }
const MIRRORS = ["a", "b"] as const;
const fileName = (segment: number, mirror: string): string => `journal-${String(segment).padStart(8, "0")}-${mirror}.log`;
const NAME = /^journal-(\d{8})-[ab]\.log$/;
const FILE_MODE = 0o600;

export class MirroredLog {
  private readonly directory: string;
  private readonly segments = new Map<number, Segment>();
  private current!: Segment;
  /** Number of the next record; 0 in a new journal. */
  nextSequence = 0;
  /** Bodies that are not on disk yet, with whom to tell where they went. */
  private pending: { readonly body: Uint8Array; readonly written: ((place: LogPlace) => void) | undefined }[] = [];
  /** Gives what a new segment begins with; set while one is asked for. */
  private rotation: (() => readonly Uint8Array[]) | undefined;
  private flushing: Promise<void> | undefined;
  private waiting: Promise<void> | undefined;
  private constructor(directory: string) { this.directory = directory; }

  /** Opens and repairs; `replay` gets every record in order. @throws StoreFailure `damaged` when both copies lack a record, or what the disk said */
  static open(directory: string, replay: (record: LogRecord) => void, repaired: (file: string) => void): MirroredLog {
    const log = new MirroredLog(directory);
    const numbers = [...new Set(readdirSync(directory).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number))].sort((a, b) => a - b);
    for (const [i, number] of numbers.entries()) log.openSegment(number, i === 0, i === numbers.length - 1, replay, repaired);
    log.current = log.segments.get(numbers.at(-1) ?? 0) ?? log.createSegment(numbers.at(-1) ?? 1);
    return log;
  }

  private path(segment: number, mirror: string): string { return join(this.directory, fileName(segment, mirror)); }

  private openSegment(number: number, first: boolean, last: boolean, replay: (record: LogRecord) => void, repaired: (file: string) => void): void {
    const lengths = new Map<string, { readonly good: number; readonly whole: boolean }>(), bodies: { readonly sequence: number; readonly body: Uint8Array }[] = [];
    for (const mirror of MIRRORS) {
      let file: number;
      try { file = openSync(this.path(number, mirror), "r"); } catch (error) { if ((error as NodeJS.ErrnoException).code === "ENOENT") { lengths.set(mirror, { good: -1, whole: false }); continue; } throw error; }
      try {
        const records = readRecords(file);
        let count = 0, next = records.next();
        for (; !next.done; next = records.next()) { if (count >= bodies.length) bodies.push({ sequence: next.value.sequence, body: next.value.body }); count++; }
        lengths.set(mirror, { good: next.value, whole: readAt(file, next.value, 1).length === 0 });
      } finally { closeSync(file); }
    }
    const length = Math.max(...[...lengths.values()].map(({ good }) => good), 0);
    for (const [mirror, { good, whole }] of lengths) {
      if (good === length && whole) continue;
      this.rewrite(number, mirror, bodies);
      if (!last || good < length) repaired(fileName(number, mirror));
    }
    let offset = 0;
    for (const { sequence, body } of bodies) {
      // A first segment begins where older ones were dropped; from there on no number may be missing.
      if (this.nextSequence !== sequence && !(first && offset === 0)) throw this.damaged(number);
      replay({ body, place: { segment: number, offset: offset + HEAD_BYTES, length: body.length } });
      this.nextSequence = sequence + 1;
      offset += HEAD_BYTES + body.length;
    }
    this.segments.set(number, { number, files: MIRRORS.map((mirror) => openSync(this.path(number, mirror), "r+")), length });
  }

  private damaged(segment: number): StoreFailure {
    return new StoreFailure({ code: "damaged", directory: this.directory, detail: `${fileName(segment, "a")} and ${fileName(segment, "b")}` });
  }

  /** The good records of both copies in place of a copy that lacks some. */
  private rewrite(number: number, mirror: string, bodies: readonly { readonly sequence: number; readonly body: Uint8Array }[]): void {
    const path = this.path(number, mirror), file = openSync(`${path}.new`, "w", FILE_MODE);
    try {
      for (const { sequence, body } of bodies) for (const part of recordParts(sequence, body)) writeAll(file, part);
      fsyncSync(file);
    } finally { closeSync(file); }
    renameSync(`${path}.new`, path);
    syncDirectory(this.directory);
  }

  private createSegment(number: number): Segment {
    const files = MIRRORS.map((mirror) => openSync(this.path(number, mirror), "w+", FILE_MODE));
    const segment = { number, files, length: 0 };
    this.segments.set(number, segment);
    syncDirectory(this.directory);
    return segment;
  }

  get currentSegment(): number { return this.current.number; }

  append(body: Uint8Array, written?: (place: LogPlace) => void): void { this.pending.push({ body, written }); }

  /** Resolves when everything appended before the call is on disk twice; all who call during one flush share the next. */
  flush(): Promise<void> {
    if (this.flushing === undefined) return this.flushing = this.flushNow().finally(() => { this.flushing = undefined; });
    return this.waiting ??= this.flushing.catch(() => undefined).then(() => { this.waiting = undefined; return this.flush(); });
  }

  private async flushNow(): Promise<void> {
    // A copy: what is appended while this batch is on its way belongs to the next one.
    const batch = [...this.pending], rotation = this.rotation, first = rotation?.(), begun = (first ?? []).map((body) => ({ body, written: undefined }));
    if (batch.length === 0 && first === undefined) return;
    const records = [...begun, ...batch], bytes = Buffer.concat(records.flatMap(({ body }, i) => recordParts(this.nextSequence + i, body)));
    let segment = this.current;
    try {
      if (first !== undefined) segment = this.createSegment(this.current.number + 1);
      await Promise.all(segment.files.map((file) => writeAndSync(file, bytes, segment.length)));
    } catch (error) {
      // What did not get to disk whole is cut off again; it stays pending and may be tried once more.
      if (segment !== this.current) this.remove(segment);
      else for (const file of segment.files) { try { ftruncateSync(file, segment.length); } catch { /* opening cuts it off */ } }
      throw storeFailure(this.directory, error);
    }
    this.current = segment;
    if (this.rotation === rotation) this.rotation = undefined;
    this.pending = this.pending.slice(batch.length);
    this.nextSequence += records.length;
    for (const { body, written } of records) {
      written?.({ segment: segment.number, offset: segment.length + HEAD_BYTES, length: body.length });
      segment.length += HEAD_BYTES + body.length;
    }
  }

  /** Bytes of a record that was written. */
  read({ segment, offset, length }: LogPlace): Uint8Array {
    const bytes = readAt(this.segments.get(segment)!.files[0]!, offset, length);
    if (bytes.length !== length) throw this.damaged(segment);
    return new Uint8Array(bytes);
  }

  /** Begins a new segment with these records, taken when nothing is on its way into the old one; resolves when they are on disk. */
  rotate(first: () => readonly Uint8Array[]): Promise<void> {
    this.rotation = first;
    return this.flush();
  }

  /** Removes segments below this number. */
  dropBelow(number: number): void {
    for (const segment of [...this.segments.values()]) if (segment.number < number) this.remove(segment);
  }

  private remove(segment: Segment): void {
    for (const file of segment.files) closeSync(file);
    for (const mirror of MIRRORS) rmSync(this.path(segment.number, mirror), { force: true });
    this.segments.delete(segment.number);
  }

  /** Settles what is being flushed and closes the files. */
  async close(): Promise<void> {
    await this.flushing?.catch(() => undefined);
    for (const { files } of this.segments.values()) for (const file of files) { fdatasyncSync(file); closeSync(file); }
    this.segments.clear();
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
}

function writeAndSync(file: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (at: number): void => {
      if (at === bytes.length) { fdatasync(file, (error) => (error ? reject(error) : resolve())); return; }
      write(file, bytes, at, bytes.length - at, position + at, (error, count) => (error ? reject(error) : next(at + count)));
    };
    next(0);
  });
}
