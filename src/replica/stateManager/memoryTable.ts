import { hash } from "node:crypto";
import { PAGE_BYTES, PagedMemory } from "../state/pagedMemory.ts";
import { DamagedState } from "../codec/stateCodec.ts";

/**
 * A memory on disk: chunks of 16 pages (64 KiB, design D5), which groups of 256 name by digest, so that one changed page writes one
 * chunk, one group and one table. A chunk is a bit map of the pages that were ever written, and those pages.
 */
export interface MemoryTable { readonly groups: readonly (Group | undefined)[] }
interface Group { readonly chunks: readonly (string | undefined)[]; readonly bytes: Uint8Array; readonly digest: string }
/** Something to be stored under its digest (32 characters of one byte); made when it is written. */
export interface Blob { readonly digest: string; readonly make: () => Uint8Array }

const CHUNK_PAGES = 16;
const GROUP_CHUNKS = 256;
const GROUP_PAGES = CHUNK_PAGES * GROUP_CHUNKS;
const BITMAP_BYTES = 2;

const sha256 = (bytes: Uint8Array): string => hash("sha256", bytes, "latin1");

function chunkBytes(memory: PagedMemory, chunk: number): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let present = 0;
  for (let i = 0; i < CHUNK_PAGES; i++) {
    const page = memory.page(chunk * CHUNK_PAGES + i);
    if (page !== undefined) { present |= 1 << i; parts.push(page); }
  }
  return present === 0 ? undefined : Buffer.concat([Uint8Array.of(present & 255, present >>> 8), ...parts]);
}

/** A group's bytes: for each of its chunks one byte that says whether there is one, then its digest. */
function groupOf(chunks: readonly (string | undefined)[]): Group | undefined {
  if (chunks.every((chunk) => chunk === undefined)) return undefined;
  const bytes = Buffer.from(Array.from({ length: GROUP_CHUNKS }, (_, i) => (chunks[i] === undefined ? "\0" : `\x01${chunks[i]}`)).join(""), "latin1");
  return { chunks, bytes, digest: sha256(bytes) };
}

/** Chunks between two pauses of a table that is made in parts: 1 MiB. */
const PART_CHUNKS = 16;

/** The table of a memory, in pieces that are short; with that of an older version it costs the pages that changed. */
export function* memoryTable(memory: PagedMemory, older?: { readonly memory: PagedMemory; readonly table: MemoryTable }): Generator<void, MemoryTable> {
  const dirty = new Map<number, Set<number>>();
  for (const [page] of memory.changesSince(older?.memory ?? PagedMemory.empty())) {
    const group = Math.floor(page / GROUP_PAGES), chunks = dirty.get(group) ?? new Set();
    dirty.set(group, chunks.add(Math.floor(page / CHUNK_PAGES)));
  }
  const groups = [...(older?.table.groups ?? [])];
  let done = 0;
  for (const [group, chunks] of dirty) {
    const updated = [...(groups[group]?.chunks ?? [])];
    for (const chunk of chunks) {
      const bytes = chunkBytes(memory, chunk);
      updated[chunk - group * GROUP_CHUNKS] = bytes && sha256(bytes);
      if (++done % PART_CHUNKS === 0) yield;
    }
    while (groups.length < group) groups.push(undefined);
    groups[group] = groupOf(Array.from(updated));
  }
  return { groups };
}

/** The table of a memory of which no version before has one. */
export function wholeTable(memory: PagedMemory): MemoryTable {
  const work = memoryTable(memory);
  for (;;) { const { done, value } = work.next(); if (done === true) return value; }
}

/** What must be stored for a table, without what `has` knows already; a group that is there has its chunks. */
export function* memoryBlobs(memory: PagedMemory, table: MemoryTable, has: (digest: string) => boolean): Generator<Blob> {
  for (const [g, group] of table.groups.entries()) {
    if (group === undefined || has(group.digest)) continue;
    for (const [c, digest] of group.chunks.entries()) {
      if (digest !== undefined && !has(digest)) yield { digest, make: () => chunkBytes(memory, g * GROUP_CHUNKS + c)! };
    }
    yield { digest: group.digest, make: () => group.bytes };
  }
}

/** The plain form of a table, as it is stored under the memory's digest. */
export const tableRecord = (memory: PagedMemory, table: MemoryTable): { readonly wasmPages: number; readonly groups: readonly (Uint8Array | undefined)[] } =>
  ({ wasmPages: memory.wasmPages, groups: Array.from(table.groups, (group) => group && new Uint8Array(Buffer.from(group.digest, "latin1"))) });

function* chunkPages(bytes: Uint8Array, chunk: number): Generator<readonly [number, Uint8Array]> {
  const present = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  let at = BITMAP_BYTES;
  for (let i = 0; i < CHUNK_PAGES; i++) {
    if ((present & (1 << i)) === 0) continue;
    if (at + PAGE_BYTES > bytes.length) throw new DamagedState("a chunk is too short");
    yield [chunk * CHUNK_PAGES + i, bytes.slice(at, at + PAGE_BYTES)];
    at += PAGE_BYTES;
  }
}

/** The memory again. @throws DamagedState */
export function readMemory(record: { readonly wasmPages: number; readonly groups: readonly (Uint8Array | undefined)[] }, blob: (digest: string) => Uint8Array): PagedMemory {
  const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  function* pages(): Generator<readonly [number, Uint8Array]> {
    for (const [g, digest] of record.groups.entries()) {
      if (digest === undefined) continue;
      const names = latin1(blob(latin1(digest)));
      for (let c = 0, at = 0; c < GROUP_CHUNKS; c++) {
        if (names[at++] !== "\x01") continue;
        yield* chunkPages(blob(names.slice(at, at + 32)), g * GROUP_CHUNKS + c);
        at += 32;
      }
    }
  }
  return PagedMemory.empty(record.wasmPages).with(pages());
}
