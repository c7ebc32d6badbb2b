import { hash } from "node:crypto";
import { type Hash, type SubnetId, assert, hexFromBytes } from "../../types/index.ts";
import { type Outliner, encodeState } from "../../codec/stateCodec.ts";
import type { CanisterState } from "../../state/canisterState.ts";
import { PagedMemory } from "../../state/pagedMemory.ts";
import { PersistentMap } from "../../state/persistentMap.ts";
import type { ReplicatedState } from "../../state/replicatedState.ts";
import { type FileContent, type OlderMemory, bytesContent, hashMemory, madeContent } from "./fileContent.ts";
import { CHUNK_BYTES, type ChunkEntry, type FileEntry, type Manifest, chunkSizes, encodeManifest, encodeMetaManifest, metaManifestOf, rootOf } from "./manifest.ts";

/** A checkpoint as other nodes see it: its files, their manifest, and the root that a catch-up package names. */
export interface Checkpoint {
  readonly state: ReplicatedState;
  readonly manifest: Manifest;
  readonly encodedManifest: Uint8Array;
  readonly encodedMeta: Uint8Array;
  readonly root: Hash<"State">;
  /** By the place of the file in the manifest. */
  readonly contents: readonly FileContent[];
}
type Files = readonly (readonly [path: string, content: FileContent])[];
type AnyMap = PersistentMap<string, unknown>;

/** Byte arrays from this size on are files of their own, named by their content: modules, chunks, large answers. */
const BLOB_FILE_BYTES = 8192;
export const CANISTERS = "canister_states/", BLOBS = "blobs/", MAPS = "maps/", METADATA = "system_metadata.bin", CANISTER = "canister.bin";
export const canisterFolder = (id: string): string => `${CANISTERS}${id}/`;
/** What names a memory without pages, and one in a file. */
export const NO_MEMORY: Uint8Array = new Uint8Array(32);
export const pathDigest = (path: string): Uint8Array => new Uint8Array(hash("sha256", path, "buffer"));
export const mapPath = (field: string): string => `${MAPS}${field}.bin`;

/** The memories of a canister and of its snapshots by the file that holds them; empty ones have none. */
export function memoriesOf({ id, execution, snapshots = [] }: CanisterState): readonly (readonly [path: string, memory: PagedMemory])[] {
  const folder = canisterFolder(id), both = (at: string, { heap, stable }: { readonly heap: PagedMemory; readonly stable: PagedMemory }) => [[`${at}heap.bin`, heap], [`${at}stable.bin`, stable]] as const;
  return [...(execution === undefined ? [] : both(folder, execution)), ...snapshots.flatMap((snapshot) => both(`${folder}snapshots/${snapshot.id}/`, snapshot))].filter(([, { wasmPages }]) => wasmPages > 0);
}

/**
 * States as files (protocol digest §3.3): a file a canister and a file for each of its memories, one for each map of the state, one for the
 * rest. Which files there are and what they say follows from the state alone, so that equal states have one root on every node. Hashes are
 * cached by identity: a manifest costs what changed since the last one. One object serves the versions of one subnet.
 */
export class StateFiles {
  private readonly memories = new WeakMap<PagedMemory, FileContent>();
  private readonly blobs = new WeakMap<Uint8Array, FileContent>();
  private readonly canisters = new WeakMap<CanisterState, Files>();
  private readonly maps = new WeakMap<AnyMap, Files>();
  private readonly checkpoints = new WeakMap<ReplicatedState, Checkpoint>();
  private last: WeakRef<ReplicatedState> | undefined;
  /** Work that was begun on a state's memories, whichever node goes on with it. */
  private readonly begun = new WeakMap<ReplicatedState, Generator<number>>();

  /** Hashes some more of what changed in a state's memories, about so many bytes; true when `checkpoint` has little left to do. */
  prepare(state: ReplicatedState, bytes: number): boolean {
    if (this.checkpoints.has(state)) return true;
    const work = this.begun.get(state) ?? this.hashMemories(state);
    this.begun.set(state, work);
    for (let left = bytes; left > 0;) {
      const next = work.next();
      if (next.done === true) return true;
      left -= next.value;
    }
    return false;
  }

  checkpoint(state: ReplicatedState): Checkpoint {
    const known = this.checkpoints.get(state);
    if (known !== undefined) return known;
    while (!this.prepare(state, Infinity));
    const made = checkpointOf(state, this.filesOf(state));
    this.checkpoints.set(state, made);
    this.last = new WeakRef(state);
    return made;
  }

  /** Takes over hashes that were checked chunk by chunk. */
  learn(memory: PagedMemory, content: FileContent): void { this.memories.set(memory, content); }

  private filesOf(state: ReplicatedState): Files {
    const files = new Map<string, FileContent>(), add = (added: Files): void => { for (const [path, content] of added) files.set(path, content); };
    const { canisters, ...rest } = state;
    for (const [, canister] of canisters) add(this.canisterFiles(canister));
    const maps = (Object.entries(rest) as [string, unknown][]).filter((entry): entry is [string, AnyMap] => entry[1] instanceof PersistentMap);
    for (const [field, map] of maps) add(this.mapFiles(field, map));
    const blobs = new Map<string, FileContent>(), outliner = this.outliner(blobs, { maps: new Map(maps.map(([field, map]) => [map, this.mapFiles(field, map)[0]![1]])) });
    add([[METADATA, bytesContent(encodeState(rest, outliner))], ...blobs]);
    return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  private canisterFiles(canister: CanisterState): Files {
    let files = this.canisters.get(canister);
    if (files === undefined) {
      const blobs = new Map<string, FileContent>(), memories = memoriesOf(canister).map(([path, memory]) => [path, this.memory(memory)] as const);
      /** The first path of a content: whether two memories are one object is no part of the state. */
      const paths = new Map([...memories].reverse().map(([path, { hash }]) => [hexFromBytes(hash), path]));
      const own = madeContent(() => encodeState(canister, this.outliner(blobs, { paths })));
      files = [[`${canisterFolder(canister.id)}${CANISTER}`, own], ...memories, ...blobs];
      this.canisters.set(canister, files);
    }
    return files;
  }

  private mapFiles(field: string, map: AnyMap): Files {
    let files = this.maps.get(map);
    if (files === undefined) {
      const blobs = new Map<string, FileContent>();
      files = [[mapPath(field), bytesContent(encodeState([...map], this.outliner(blobs)))], ...blobs];
      this.maps.set(map, files);
    }
    // Equal maps of two fields may be one object.
    return files[0]![0] === mapPath(field) ? files : [[mapPath(field), files[0]![1]], ...files.slice(1)];
  }

  /** Names what is in a file of its own: memories by their path, so that a canister's own file does not change with them, the rest by content. */
  private outliner(blobs: Map<string, FileContent>, known: { readonly paths?: ReadonlyMap<string, string>; readonly maps?: ReadonlyMap<AnyMap, FileContent> } = {}): Outliner {
    return {
      reference: (value) => {
        if (value instanceof PagedMemory) {
          const path = value.wasmPages === 0 ? undefined : known.paths?.get(hexFromBytes(this.memory(value).hash));
          assert(value.wasmPages === 0 || path !== undefined, "memories stand in canisters and their snapshots");
          return { kind: "memory", digest: path === undefined ? NO_MEMORY : pathDigest(path) };
        }
        if (value instanceof PersistentMap) {
          const content = known.maps?.get(value as AnyMap);
          assert(content !== undefined, "maps stand in the state itself, nowhere deeper");
          return { kind: "map", digest: content.hash };
        }
        if (!(value instanceof Uint8Array) || value.length < BLOB_FILE_BYTES) return undefined;
        const content = this.blobs.get(value) ?? bytesContent(value);
        this.blobs.set(value, content);
        blobs.set(`${BLOBS}${hexFromBytes(content.hash)}.bin`, content);
        return { kind: "blob", digest: content.hash };
      },
    };
  }

  private memory(memory: PagedMemory): FileContent {
    const content = this.memories.get(memory);
    assert(content !== undefined, "memories are hashed before the files that name them");
    return content;
  }

  /** Memories that changed since the last manifest are hashed from those that they were made of. */
  private *hashMemories(state: ReplicatedState): Generator<number> {
    const last = this.last?.deref();
    for (const { before, after } of state.canisters.changesSince(last?.canisters ?? PersistentMap.empty())) {
      if (after === undefined) continue;
      const older = new Map(before === undefined ? [] : memoriesOf(before));
      for (const [path, memory] of memoriesOf(after)) {
        if (this.memories.has(memory)) continue;
        const known = older.get(path) ?? older.get(path.replace(/snapshots\/[0-9a-f]+\//, "")), content = known && this.memories.get(known);
        const from: OlderMemory | undefined = content && { memory: known!, content };
        this.memories.set(memory, yield* hashMemory(memory, from));
      }
    }
  }
}

/** @param files sorted by path */
function checkpointOf(state: ReplicatedState, files: Files): Checkpoint {
  const entries: FileEntry[] = [], chunks: ChunkEntry[] = [];
  for (const [path, { size, hash: digest, chunks: hashes }] of files) {
    const file = entries.push({ path, size, hash: digest }) - 1;
    for (const [i, length] of chunkSizes(size).entries()) chunks.push({ file, size: length, offset: i * CHUNK_BYTES, hash: hashes[i]! });
  }
  const manifest: Manifest = { files: entries, chunks }, encodedManifest = encodeManifest(manifest), encodedMeta = encodeMetaManifest(metaManifestOf(encodedManifest));
  return { state, manifest, encodedManifest, encodedMeta, root: rootOf(encodedMeta), contents: files.map(([, content]) => content) };
}

const subnets = new Map<SubnetId, StateFiles>();
/** The object that remembers the hashes of a subnet's versions; it keeps no version alive. */
export function stateFilesOf(subnet: SubnetId): StateFiles {
  const known = subnets.get(subnet) ?? new StateFiles();
  subnets.set(subnet, known);
  return known;
}
