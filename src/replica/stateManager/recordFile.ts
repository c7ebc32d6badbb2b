import { type PathLike, closeSync, fstatSync, fsyncSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

/**
 * Append-only files of checked records. Head, 24 bytes big-endian: magic, length of the body, sequence number (u64), CRC-32 of the two
 * before, CRC-32 of the body. A file ends at its first record that does not check: what follows a torn or zeroed place is not there.
 */
export interface DiskRecord { readonly sequence: number; readonly body: Uint8Array; /** Offset of the body in the file. */ readonly offset: number }

const MAGIC = 0x69637831; // "icx1"
export const HEAD_BYTES = 24;
/** No record is larger; a larger length is damage. */
const BODY_BYTES_MAX = 1 << 30;
const WINDOW_BYTES = 4 << 20;

/** Head and body, to be written one after the other. */
export function recordParts(sequence: number, body: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt32BE(body.length, 4);
  head.writeBigUInt64BE(BigInt(sequence), 8);
  head.writeUInt32BE(crc32(head.subarray(4, 16)), 16);
  head.writeUInt32BE(crc32(body), 20);
  return [head, body];
}

/** Reads `length` bytes at `offset`, fewer at the end of the file. */
export function readAt(file: number, offset: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, buffer, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

/** The records of an open file up to the first that does not check; returns the length of the good part. */
export function* readRecords(file: number): Generator<DiskRecord, number> {
  const size = fstatSync(file).size;
  let window: Buffer = Buffer.alloc(0), windowStart = 0, at = 0;
  const bytes = (offset: number, length: number): Buffer | undefined => {
    if (offset < windowStart || offset + length > windowStart + window.length) {
      window = readAt(file, offset, Math.max(0, Math.min(size - offset, Math.max(length, WINDOW_BYTES))));
      windowStart = offset;
    }
    const start = offset - windowStart;
    return start + length <= window.length ? window.subarray(start, start + length) : undefined;
  };
  for (;;) {
    const head = bytes(at, HEAD_BYTES);
    if (head === undefined || head.readUInt32BE(0) !== MAGIC || crc32(head.subarray(4, 16)) !== head.readUInt32BE(16)) return at;
    const length = head.readUInt32BE(4), sequence = Number(head.readBigUInt64BE(8)), sum = head.readUInt32BE(20);
    if (length > BODY_BYTES_MAX) return at;
    const body = bytes(at + HEAD_BYTES, length);
    if (body === undefined || crc32(body) !== sum) return at;
    yield { sequence, body: new Uint8Array(body), offset: at + HEAD_BYTES };
    at += HEAD_BYTES + length;
  }
}

/** Makes the names in a directory durable: a new file is not there after a power cut until its directory was synced. */
export function syncDirectory(path: PathLike): void {
  // Windows opens no directories; its file systems journal names on their own.
  if (process.platform === "win32") return;
  const handle = openSync(path, "r");
  try { fsyncSync(handle); } finally { closeSync(handle); }
}
