import { hash } from "node:crypto";
import { type Hash, type Result, err, ok } from "../../types/index.ts";
import { separated } from "../../crypto/domain.ts";

/**
 * The manifest of a checkpoint (protocol digest §3.3, version 3): a table of files, a table of their chunks, and a root that names every
 * byte. Integers are big-endian, what varies in size has its length in front.
 */
export interface Manifest { /** Sorted by path. */ readonly files: readonly FileEntry[]; /** File by file, by offset. */ readonly chunks: readonly ChunkEntry[] }
/** `size` in bytes; `hash` over the hashes of its chunks. */
export interface FileEntry { readonly path: string; readonly size: number; readonly hash: Uint8Array }
export interface ChunkEntry { readonly file: number; readonly size: number; readonly offset: number; readonly hash: Uint8Array }
/** What a node fetches first: the hashes of the pieces that the encoded manifest is cut into. Its own hash is the root. */
export interface MetaManifest { readonly version: number; readonly pieces: readonly Uint8Array[] }

export const MANIFEST_VERSION = 3;
/** A chunk of a file and a piece of an encoded manifest: 1 MiB. */
export const CHUNK_BYTES = 1 << 20;
const HASH_BYTES = 32;
const NO_BYTES = new Uint8Array(0);

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash("sha256", bytes, "buffer"));
/** A buffer behind a domain separator: the part behind `start` is written anew for each hash. */
const scratchFor = (domain: string, bytes: number): { readonly buffer: Buffer; readonly start: number } => {
  const head = separated(domain, NO_BYTES), buffer = Buffer.alloc(head.length + bytes);
  buffer.set(head);
  return { buffer, start: head.length };
};
const chunkScratch = scratchFor("ic-state-chunk", CHUNK_BYTES);

/** Hash of a chunk that `write` puts into a buffer: at most `CHUNK_BYTES`, nothing is copied twice. */
export function chunkHashOf(size: number, write: (target: Uint8Array) => void): Uint8Array {
  const { buffer, start } = chunkScratch;
  write(buffer.subarray(start, start + size));
  return sha256(buffer.subarray(0, start + size));
}
export const chunkHash = (bytes: Uint8Array): Uint8Array => chunkHashOf(bytes.length, (target) => target.set(bytes));
/** `chunks`: sizes, offsets and hashes in order. The same content has the same hash wherever it lies. */
export function fileHash(chunks: readonly Omit<ChunkEntry, "file">[]): Uint8Array {
  const { buffer, start } = scratchFor("ic-state-file", 4 + chunks.length * (12 + HASH_BYTES));
  let at = buffer.writeUInt32BE(chunks.length, start);
  for (const { size, offset, hash: digest } of chunks) {
    at = buffer.writeUInt32BE(size, at);
    at = buffer.writeBigUInt64BE(BigInt(offset), at);
    buffer.set(digest, at);
    at += HASH_BYTES;
  }
  return sha256(buffer);
}
/** Sizes of the chunks that a file of this size is cut into. */
export const chunkSizes = (size: number): readonly number[] => Array.from({ length: Math.ceil(size / CHUNK_BYTES) }, (_, i) => Math.min(CHUNK_BYTES, size - i * CHUNK_BYTES));

export function encodeManifest({ files, chunks }: Manifest): Uint8Array {
  const paths = files.map(({ path }) => Buffer.from(path));
  const out = Buffer.alloc(12 + paths.reduce((sum, path) => sum + 2 + path.length + 8 + HASH_BYTES, 0) + chunks.length * (16 + HASH_BYTES));
  let at = out.writeUInt32BE(MANIFEST_VERSION, 0);
  at = out.writeUInt32BE(files.length, at);
  for (const [i, { size, hash: digest }] of files.entries()) {
    at = out.writeUInt16BE(paths[i]!.length, at);
    at += paths[i]!.copy(out, at);
    at = out.writeBigUInt64BE(BigInt(size), at);
    out.set(digest, at);
    at += HASH_BYTES;
  }
  at = out.writeUInt32BE(chunks.length, at);
  for (const { file, size, offset, hash: digest } of chunks) {
    at = out.writeUInt32BE(file, at);
    at = out.writeUInt32BE(size, at);
    at = out.writeBigUInt64BE(BigInt(offset), at);
    out.set(digest, at);
    at += HASH_BYTES;
  }
  return new Uint8Array(out);
}

/** Reads numbers and hashes from foreign bytes. @throws RangeError at their end */
class Fields {
  private at = 0;
  private readonly bytes: Buffer;
  constructor(bytes: Uint8Array) { this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length); }
  u16(): number { return this.take(2).readUInt16BE(); }
  u32(): number { return this.take(4).readUInt32BE(); }
  u64(): number {
    const value = this.take(8).readBigUInt64BE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("a size is too large");
    return Number(value);
  }
  take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new RangeError("cut short");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  hash(): Uint8Array { return new Uint8Array(this.take(HASH_BYTES)); }
  get left(): number { return this.bytes.length - this.at; }
}
function guarded<Value>(read: () => Value): Result<Value, string> {
  try { return ok(read()); } catch (error) {
    if (error instanceof RangeError) return err(error.message);
    throw error;
  }
}

/** The manifest again, if it is whole and consistent: sorted paths, chunks that cover every file, file hashes that follow from them. */
export const decodeManifest = (bytes: Uint8Array): Result<Manifest, string> => guarded(() => {
  const fields = new Fields(bytes);
  if (fields.u32() !== MANIFEST_VERSION) throw new RangeError("unknown version");
  const files: FileEntry[] = [], chunks: ChunkEntry[] = [];
  for (let left = fields.u32(); left > 0; left--) files.push({ path: fields.take(fields.u16()).toString(), size: fields.u64(), hash: fields.hash() });
  for (let left = fields.u32(); left > 0; left--) chunks.push({ file: fields.u32(), size: fields.u32(), offset: fields.u64(), hash: fields.hash() });
  if (fields.left > 0) throw new RangeError("trailing bytes");
  let next = 0;
  for (const [i, { path, size, hash: digest }] of files.entries()) {
    if (i > 0 && files[i - 1]!.path >= path) throw new RangeError("files are not sorted");
    const first = next;
    for (let offset = 0; offset < size; offset += CHUNK_BYTES, next++) {
      const chunk = chunks[next];
      if (chunk?.file !== i || chunk.offset !== offset || chunk.size !== Math.min(CHUNK_BYTES, size - offset)) throw new RangeError(`chunks do not cover ${path}`);
    }
    if (Buffer.compare(fileHash(chunks.slice(first, next)), digest) !== 0) throw new RangeError(`the hash of ${path} does not follow from its chunks`);
  }
  if (next !== chunks.length) throw new RangeError("chunks of no file");
  return { files, chunks };
});

const pieceHash = (piece: Uint8Array): Uint8Array => sha256(separated("ic-state-sub-manifest", piece));
export const isPiece = (piece: Uint8Array, expected: Uint8Array): boolean => Buffer.compare(pieceHash(piece), expected) === 0;
/** Piece `i` of an encoded manifest. */
export const pieceOf = (encoded: Uint8Array, i: number): Uint8Array => encoded.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
export const metaManifestOf = (encoded: Uint8Array): MetaManifest =>
  ({ version: MANIFEST_VERSION, pieces: Array.from({ length: Math.ceil(encoded.length / CHUNK_BYTES) }, (_, i) => pieceHash(pieceOf(encoded, i))) });

export function encodeMetaManifest({ version, pieces }: MetaManifest): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(pieces.length, head.writeUInt32BE(version, 0));
  return new Uint8Array(Buffer.concat([head, ...pieces]));
}
export const decodeMetaManifest = (bytes: Uint8Array): Result<MetaManifest, string> => guarded(() => {
  const fields = new Fields(bytes), version = fields.u32(), pieces: Uint8Array[] = [];
  if (version !== MANIFEST_VERSION) throw new RangeError("unknown version");
  for (let left = fields.u32(); left > 0; left--) pieces.push(fields.hash());
  if (fields.left > 0) throw new RangeError("trailing bytes");
  return { version, pieces };
});
/** The root: what a catch-up package says of the state. */
export const rootOf = (encodedMeta: Uint8Array): Hash<"State"> => sha256(separated("ic-state-meta-manifest", encodedMeta)) as Hash<"State">;
