import { createCache } from "../../types/index.ts";
import { PAGE_BYTES, type PagedMemory, WASM_PAGE_BYTES } from "../../state/pagedMemory.ts";
import { CHUNK_BYTES, chunkHash, chunkHashOf, chunkSizes, fileHash } from "./manifest.ts";

/** What a file of a checkpoint says, without a copy of it: hashes, and how to read a chunk. */
export interface FileContent {
  readonly size: number;
  readonly hash: Uint8Array;
  /** Hashes of its chunks. */
  readonly chunks: readonly Uint8Array[];
  /** Writes a chunk into a buffer of its size. */
  read(chunk: number, target: Uint8Array): void;
  /** The memory that the file is of. */
  readonly memory?: PagedMemory;
}

const CHUNK_PAGES = CHUNK_BYTES / PAGE_BYTES;
const zeroHashes = new Map<number, Uint8Array>();
/** Hash of a chunk of zeros: what it names need not be sent. */
export function zeroChunkHash(size: number): Uint8Array {
  const known = zeroHashes.get(size) ?? chunkHashOf(size, (target) => target.fill(0));
  zeroHashes.set(size, known);
  return known;
}

const contentOf = (size: number, chunks: readonly Uint8Array[], read: FileContent["read"]): FileContent =>
  ({ size, chunks, read, hash: fileHash(chunkSizes(size).map((length, i) => ({ size: length, offset: i * CHUNK_BYTES, hash: chunks[i]! }))) });

/** Bytes that stay at hand. */
export function bytesContent(bytes: Uint8Array): FileContent {
  const part = (i: number): Uint8Array => bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
  return contentOf(bytes.length, chunkSizes(bytes.length).map((_, i) => chunkHash(part(i))), (i, target) => target.set(part(i)));
}
/** Bytes that are made again when they are read. */
export function madeContent(make: () => Uint8Array): FileContent {
  const { size, chunks } = bytesContent(make());
  return contentOf(size, chunks, (i, target) => target.set(make().subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)));
}

function readMemory(memory: PagedMemory, chunk: number, target: Uint8Array): void {
  for (let i = 0; i * PAGE_BYTES < target.length; i++) {
    const page = memory.page(chunk * CHUNK_PAGES + i);
    if (page === undefined) target.fill(0, i * PAGE_BYTES, (i + 1) * PAGE_BYTES); else target.set(page, i * PAGE_BYTES);
  }
}
/** The chunks with a page that was ever written; cheaper than to look for each page of a large memory that is sparse. */
function presentChunks(memory: PagedMemory): ReadonlySet<number> {
  const present = new Set<number>();
  memory.forEachPage((page) => { present.add(Math.floor(page / CHUNK_PAGES)); });
  return present;
}
const hasPages = (memory: PagedMemory, chunk: number): boolean => {
  for (let i = 0; i < CHUNK_PAGES; i++) if (memory.page(chunk * CHUNK_PAGES + i) !== undefined) return true;
  return false;
};

/** Pages of a chunk up to which it may well be another canister's too; names of more would cost memory for nothing. */
const FEW_PAGES = 64;
const FEW_KEPT = 4096;
const sameChunks = createCache<Uint8Array>(FEW_KEPT), pageNames = new WeakMap<Uint8Array, number>();
let named = 0;
/** A name for what a chunk holds: equal for canisters of one module that share their pages. Undefined when it holds many. */
function chunkName(memory: PagedMemory, chunk: number, length: number): string | undefined {
  let name = `${length}`, pages = 0;
  for (let i = 0; i * PAGE_BYTES < length; i++) {
    const page = memory.page(chunk * CHUNK_PAGES + i);
    if (page === undefined) continue;
    if (++pages > FEW_PAGES) return undefined;
    let known = pageNames.get(page);
    if (known === undefined) pageNames.set(page, known = ++named);
    name += ` ${i} ${known}`;
  }
  return name;
}

/** What it costs to find that a chunk was hashed for another canister, in bytes that take as long to hash. */
const LOOK_BYTES = 8192;

/** An older version of a memory, and what was hashed of it. */
export interface OlderMemory { readonly memory: PagedMemory; readonly content: FileContent }

/** A canister's memory as a file. With an older version and its content it costs the chunks that changed. Yields bytes after it has hashed so many, or done as much else. */
export function* hashMemory(memory: PagedMemory, older?: OlderMemory): Generator<number, FileContent> {
  const size = memory.wasmPages * WASM_PAGE_BYTES, chunks: (Uint8Array | undefined)[] = [...(older?.content.chunks ?? [])];
  // The last chunk of another size is another chunk.
  if (older !== undefined && older.content.size !== size) chunks.length = Math.floor(Math.min(older.content.size, size) / CHUNK_BYTES);
  if (older !== undefined) for (const [page] of memory.changesSince(older.memory)) if (page < chunks.length * CHUNK_PAGES) chunks[Math.floor(page / CHUNK_PAGES)] = undefined;
  const present = older === undefined ? presentChunks(memory) : undefined, isPresent = (i: number): boolean => present?.has(i) ?? hasPages(memory, i);
  const hashes: Uint8Array[] = [];
  for (const [i, length] of chunkSizes(size).entries()) {
    const known = chunks[i] ?? (isPresent(i) ? undefined : zeroChunkHash(length));
    if (known !== undefined) { hashes.push(known); continue; }
    const name = chunkName(memory, i, length), same = name === undefined ? undefined : sameChunks.peek(name), digest = same ?? chunkHashOf(length, (target) => readMemory(memory, i, target));
    if (name !== undefined && same === undefined) sameChunks.set(name, digest);
    hashes.push(digest);
    yield same === undefined ? length : LOOK_BYTES;
  }
  return { ...contentOf(size, hashes, (i, target) => readMemory(memory, i, target)), memory };
}
/** The content of a memory whose chunks were checked on their way here. */
export const knownMemoryContent = (memory: PagedMemory, chunks: readonly Uint8Array[]): FileContent =>
  ({ ...contentOf(memory.wasmPages * WASM_PAGE_BYTES, chunks, (i, target) => readMemory(memory, i, target)), memory });
