import { type Result, err, hexFromBytes, ok } from "../../types/index.ts";
import { DamagedState, type Reference, decodeState } from "../../codec/stateCodec.ts";
import { PAGE_BYTES, PagedMemory, WASM_PAGE_BYTES } from "../../state/pagedMemory.ts";
import { PersistentMap } from "../../state/persistentMap.ts";
import type { ReplicatedState } from "../../state/replicatedState.ts";
import { type FileContent, knownMemoryContent, zeroChunkHash } from "./fileContent.ts";
import { CHUNK_BYTES, type Manifest } from "./manifest.ts";
import { CANISTER, CANISTERS, type Checkpoint, MAPS, METADATA, NO_MEMORY, type StateFiles, pathDigest } from "./stateFiles.ts";

const ZERO_PAGE = new Uint8Array(PAGE_BYTES);
const CHUNK_PAGES = CHUNK_BYTES / PAGE_BYTES;

/**
 * The state that a manifest describes, with the checkpoint that it makes again: whoever takes it over compares the roots.
 * @param chunk bytes of a chunk by its hash, whose hash was checked; chunks of zeros are not asked for
 * @param base another state: memories that are like its own in most chunks share their pages
 */
export function loadState(manifest: Manifest, chunk: (hash: Uint8Array) => Uint8Array, files: StateFiles, base?: Checkpoint): Result<Checkpoint, string> {
  const firstChunk: number[] = [], byHash = new Map<string, number>(), memoryFiles = new Map<string, number>(), shared = new Map<string, unknown>();
  for (const [i, { file }] of manifest.chunks.entries()) firstChunk[file] ??= i;
  for (const [i, { path, hash }] of manifest.files.entries()) {
    if (!byHash.has(hexFromBytes(hash))) byHash.set(hexFromBytes(hash), i);
    if (path.startsWith(CANISTERS) && !path.endsWith(`/${CANISTER}`)) memoryFiles.set(hexFromBytes(pathDigest(path)), i);
  }
  const chunksOf = (file: number): Manifest["chunks"] => {
    const first = firstChunk[file] ?? 0;
    return manifest.chunks.slice(first, first + Math.ceil(manifest.files[file]!.size / CHUNK_BYTES));
  };
  const bytesOf = (file: number): Uint8Array => Buffer.concat(chunksOf(file).map(({ hash, size }) => (Buffer.compare(hash, zeroChunkHash(size)) === 0 ? new Uint8Array(size) : chunk(hash))));

  const older = new Map((base?.manifest.files ?? []).map(({ path }, i) => [path, base!.contents[i]!]));
  /** The pages that are not those of the older memory. */
  function* pagesOf(file: number, before: FileContent | undefined): Generator<readonly [number, Uint8Array]> {
    for (const [i, { hash, size }] of chunksOf(file).entries()) {
      const same = before?.chunks[i];
      if (same === undefined ? Buffer.compare(hash, zeroChunkHash(size)) === 0 : Buffer.compare(hash, same) === 0) continue;
      const bytes = Buffer.compare(hash, zeroChunkHash(size)) === 0 ? new Uint8Array(size) : chunk(hash);
      for (let at = 0; at < size; at += PAGE_BYTES) {
        const page = bytes.subarray(at, at + PAGE_BYTES), index = i * CHUNK_PAGES + at / PAGE_BYTES;
        if (Buffer.compare(page, ZERO_PAGE) !== 0) yield [index, page];
        else if (before?.memory?.page(index) !== undefined) yield [index, ZERO_PAGE];
      }
    }
  }
  function memoryOf(file: number): PagedMemory {
    const { size } = manifest.files[file]!;
    if (size % WASM_PAGE_BYTES !== 0) throw new DamagedState("a memory ends within a page");
    const { path } = manifest.files[file]!, known = older.get(path), before = known?.memory !== undefined && known.size <= size ? known : undefined;
    const memory = (before?.memory ?? PagedMemory.empty()).with(pagesOf(file, before), size / WASM_PAGE_BYTES);
    files.learn(memory, knownMemoryContent(memory, chunksOf(file).map(({ hash }) => hash)));
    return memory;
  }
  const resolve = ({ kind, digest }: Reference): unknown => {
    if (kind === "memory" && Buffer.compare(digest, NO_MEMORY) === 0) return PagedMemory.empty();
    const name = hexFromBytes(digest), key = kind + name, file = (kind === "memory" ? memoryFiles : byHash).get(name);
    if (file === undefined) throw new DamagedState("a file is missing");
    if (!shared.has(key)) shared.set(key, kind === "memory" ? memoryOf(file) : kind === "blob" ? new Uint8Array(bytesOf(file)) : mapOf(file));
    return shared.get(key);
  };
  const mapOf = (file: number): unknown => PersistentMap.from(decodeState(bytesOf(file), resolve) as (readonly [string, unknown])[]);

  try {
    let rest: object | undefined;
    const canisters: [string, unknown][] = [];
    for (const [i, { path }] of manifest.files.entries()) {
      if (path === METADATA) rest = decodeState(bytesOf(i), resolve) as object;
      else if (path.startsWith(CANISTERS) && path.endsWith(`/${CANISTER}`)) canisters.push([path.slice(CANISTERS.length, -CANISTER.length - 1), decodeState(bytesOf(i), resolve)]);
    }
    if (rest === undefined) throw new DamagedState(`no ${METADATA} and no ${MAPS}`);
    return ok(files.checkpoint({ ...rest, canisters: PersistentMap.from(canisters) } as ReplicatedState));
  } catch (error) {
    if (error instanceof DamagedState || error instanceof TypeError || error instanceof RangeError) return err(error.message);
    throw error;
  }
}
