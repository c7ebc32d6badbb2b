import type { StableMap } from "../../interfaces/nativeProgram.ts";
import { PAGE_BYTES, PagedMemory, WASM_PAGE_BYTES } from "../../state/pagedMemory.ts";
import { hexFromBytes, bytesFromHex } from "../../types/index.ts";

/*
 * Layout: a log-structured heap. Page 0: magic, end of the log (u64). Then records `keyLength u16, valueLength u32 (0xffffffff: deleted), key,
 * value`, appended; the last record of a key counts. When more than half of the log is dead, it is written anew. Decoded entries are a cache
 * by version of the memory.
 */
const HEADER_BYTES = 16, RECORD_BYTES = 6, DELETED = 0xffff_ffff, MAGIC = 0x6963_786d;
interface Decoded { readonly entries: Map<string, Uint8Array>; readonly end: number; readonly live: number; sorted?: readonly string[] }
const decodedVersions = new WeakMap<PagedMemory, Decoded>();
const recordBytes = (key: string, value: Uint8Array): number => RECORD_BYTES + key.length / 2 + value.length;

function decode(memory: PagedMemory): Decoded {
  const known = decodedVersions.get(memory);
  if (known !== undefined) return known;
  const entries = new Map<string, Uint8Array>();
  const header = Buffer.alloc(HEADER_BYTES);
  if (memory.wasmPages > 0) memory.read(0, header);
  const end = header.readUInt32LE(0) === MAGIC ? Number(header.readBigUInt64LE(8)) : HEADER_BYTES;
  const log = Buffer.alloc(end - HEADER_BYTES);
  if (log.length > 0) memory.read(HEADER_BYTES, log);
  let live = 0;
  for (let at = 0; at < log.length;) {
    const keyLength = log.readUInt16LE(at), valueLength = log.readUInt32LE(at + 2);
    const key = log.toString("hex", at + RECORD_BYTES, at + RECORD_BYTES + keyLength);
    at += RECORD_BYTES + keyLength;
    const before = entries.get(key);
    if (before !== undefined) live -= recordBytes(key, before);
    if (valueLength === DELETED) { entries.delete(key); continue; }
    const value = new Uint8Array(log.subarray(at, at + valueLength));
    entries.set(key, value);
    live += recordBytes(key, value);
    at += valueLength;
  }
  const decoded = { entries, end, live };
  decodedVersions.set(memory, decoded);
  return decoded;
}

/** Writes bytes over a version of the memory, growing it as needed. */
function write(memory: PagedMemory, offset: number, bytes: Uint8Array): PagedMemory {
  const pages: [number, Uint8Array][] = [];
  for (let at = 0; at < bytes.length;) {
    const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES, length = Math.min(PAGE_BYTES - start, bytes.length - at);
    const last = pages.at(-1);
    const page = last !== undefined && last[0] === index ? last[1] : memory.page(index)?.slice() ?? new Uint8Array(PAGE_BYTES);
    page.set(bytes.subarray(at, at + length), start);
    pages.push([index, page]);
    at += length;
  }
  return memory.with(pages, Math.max(memory.wasmPages, Math.ceil((offset + bytes.length) / WASM_PAGE_BYTES)));
}
function record(key: string, value: Uint8Array | undefined): Uint8Array {
  const keyBytes = bytesFromHex(key), head = Buffer.alloc(RECORD_BYTES);
  head.writeUInt16LE(keyBytes.length, 0);
  head.writeUInt32LE(value === undefined ? DELETED : value.length, 2);
  return Buffer.concat([head, keyBytes, value ?? new Uint8Array(0)]);
}

/** Opens the map of a memory version; `commit` gives the version with its changes. The map never changes the version it was opened on. */
export function openStableMap(memory: PagedMemory): StableMap & { commit(): PagedMemory } {
  const base = decode(memory);
  const changes = new Map<string, Uint8Array | undefined>();
  const sortedKeys = (): readonly string[] => base.sorted ??= [...base.entries.keys()].sort();
  const get = (key: string): Uint8Array | undefined => (changes.has(key) ? changes.get(key) : base.entries.get(key));
  return {
    get,
    set(key, value) { changes.set(key, value); },
    delete(key) { if (get(key) !== undefined) changes.set(key, undefined); },
    *entries(prefix) {
      const added = [...changes.keys()].filter((key) => key.startsWith(prefix) && !base.entries.has(key));
      const keys = [...sortedKeys().filter((key) => key.startsWith(prefix)), ...added];
      if (added.length > 0) keys.sort();
      for (const key of keys) { const value = get(key); if (value !== undefined) yield [key, value]; }
    },
    commit() {
      if (changes.size === 0) return memory;
      const entries = new Map(base.entries), records: Uint8Array[] = [];
      let live = base.live;
      for (const [key, value] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const before = entries.get(key);
        if (before !== undefined) live -= recordBytes(key, before);
        if (value === undefined) entries.delete(key); else { entries.set(key, value); live += recordBytes(key, value); }
        records.push(record(key, value));
      }
      let log: Uint8Array = Buffer.concat(records), start = base.end;
      if (start + log.length - HEADER_BYTES > 2 * live + PAGE_BYTES) {
        log = Buffer.concat([...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => record(key, value)));
        start = HEADER_BYTES;
      }
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32LE(MAGIC, 0);
      header.writeBigUInt64LE(BigInt(start + log.length), 8);
      const next = write(write(memory, start, log), 0, header);
      decodedVersions.set(next, { entries, end: start + log.length, live });
      return next;
    },
  };
}

/** A text as a key of the map. */
export const keyFromText = (text: string): string => hexFromBytes(new TextEncoder().encode(text));
