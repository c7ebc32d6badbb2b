import { type Hash, type Height, NANOSECONDS_PER_SECOND, type NodeId, type Result, type Time, hexFromBytes, time } from "../../types/index.ts";
import type { Clock } from "../../interfaces/runtime.ts";
import { zeroChunkHash } from "../manifest/fileContent.ts";
import { type Manifest, type MetaManifest, chunkHash, decodeManifest, decodeMetaManifest, isPiece, rootOf } from "../manifest/manifest.ts";
import type { Checkpoint } from "../manifest/stateFiles.ts";
import { FIRST_CHUNK_ID, FIRST_GROUP_ID, FIRST_PIECE_ID, META_ID, groupsOf, isGrouped } from "./chunkIds.ts";

/** A state to be fetched: what a catch-up package says of it. */
export interface SyncTarget { readonly height: Height; readonly root: Hash<"State"> }
/** Bytes that answers brought, that were at hand here, and answers that did not fit their hash. */
export interface SyncCounters { readonly bytesMoved: number; readonly bytesReused: number; readonly refused: number }

export interface StateSyncParts {
  readonly clock: Clock;
  /** The other nodes of the subnet. */
  peers(): readonly NodeId[];
  /** Asks a node for a numbered part of the state with this root. */
  request(to: NodeId, root: Hash<"State">, id: number): void;
  /** A state of this node whose chunks may be used again; costs a manifest. */
  local(): Checkpoint | undefined;
  /** Chunks that an earlier life received; a chunk is put there as it comes. */
  readonly staged: { chunks(): Iterable<Uint8Array>; putChunk(bytes: Uint8Array): void };
  load(manifest: Manifest, chunk: (hash: Uint8Array) => Uint8Array, base: Checkpoint | undefined): Result<Checkpoint, string>;
  onLyingPeer(node: NodeId, id: number): void;
  /** The manifest of the target is here, checked. */
  onManifest(manifest: Manifest): void;
}

/** Fetches a state from several nodes at once (protocol digest §3.4): every part is checked against the root before it counts. */
export interface StateSync {
  readonly target: SyncTarget | undefined;
  readonly counters: SyncCounters;
  /** Begins with this target, or goes over to it: chunks that are here already stay. */
  seek(target: SyncTarget): void;
  stop(): void;
  /** An answer; undefined bytes: the node does not have that state. False when nobody waited for it. */
  receive(from: NodeId, root: Uint8Array, id: number, bytes: Uint8Array | undefined): boolean;
  /** Sends what may be asked now. @returns the state once it is whole, or why it is none: then everything begins again */
  advance(): Result<Checkpoint, string> | undefined;
  /** When to call `advance` though nothing arrived. */
  readonly nextDeadline: Time | undefined;
}

/** Requests under way to one node. */
const WINDOW = 4;
/** A node that does not answer for this long is asked for nothing else for as long. */
const TIMEOUT = 10n * NANOSECONDS_PER_SECOND;
/** A node that does not have the state is asked again after this. */
const LACKING = NANOSECONDS_PER_SECOND;
/** A node that lied is asked again after this: when all seem to lie, it is this node that errs. */
const LIED = 60n * NANOSECONDS_PER_SECOND;

export function createStateSync(parts: StateSyncParts): StateSync {
  const have = new Map<string, Uint8Array>(), reusable = new Map<string, { readonly base: Checkpoint; readonly file: number; readonly chunk: number; readonly size: number }>();
  const restUntil = new Map<NodeId, Time>(), inFlight = new Map<number, { readonly to: NodeId; readonly since: Time }>();
  const counters = { bytesMoved: 0, bytesReused: 0, refused: 0 };
  let target: SyncTarget | undefined, meta: MetaManifest | undefined, pieces: (Uint8Array | undefined)[] = [], manifest: Manifest | undefined, groups: readonly (readonly number[])[] = [];
  let base: Checkpoint | undefined, prepared = false, failure: string | undefined, turn = 0;
  /** Numbers that are still to come, asked for or not. */
  const wanted = new Set<number>();

  const reset = (): void => {
    meta = manifest = undefined;
    pieces = [];
    inFlight.clear();
    wanted.clear();
    if (target !== undefined) wanted.add(META_ID);
  };
  /** What is here before anything is asked for: chunks of an earlier life, and of this node's own state. */
  const prepare = (): void => {
    if (prepared) return;
    prepared = true;
    for (const bytes of parts.staged.chunks()) have.set(hexFromBytes(chunkHash(bytes)), bytes);
    base = parts.local();
    if (base === undefined) return;
    let first = 0;
    for (const [i, { file, hash, size }] of base.manifest.chunks.entries()) {
      if (i > 0 && base.manifest.chunks[i - 1]!.file !== file) first = i;
      reusable.set(hexFromBytes(hash), { base, file, chunk: i - first, size });
    }
  };
  const bytesOf = (hash: Uint8Array): Uint8Array => {
    const name = hexFromBytes(hash), known = have.get(name);
    if (known !== undefined) return known;
    const { base: from, file, chunk, size } = reusable.get(name)!, bytes = new Uint8Array(size);
    from.contents[file]!.read(chunk, bytes);
    return bytes;
  };
  const isHere = (hash: Uint8Array, size: number): boolean => have.has(hexFromBytes(hash)) || reusable.has(hexFromBytes(hash)) || Buffer.compare(hash, zeroChunkHash(size)) === 0;

  const plan = (known: Manifest): void => {
    manifest = known;
    groups = groupsOf(known);
    parts.onManifest(known);
    prepare();
    counters.bytesReused = 0;
    const asked = new Set<string>();
    for (const [i, chunk] of known.chunks.entries()) {
      const name = hexFromBytes(chunk.hash);
      if (isHere(chunk.hash, chunk.size)) { if (reusable.has(name)) counters.bytesReused += chunk.size; continue; }
      if (isGrouped(chunk) || asked.has(name)) continue;
      asked.add(name);
      wanted.add(FIRST_CHUNK_ID + i);
    }
    for (const [i, places] of groups.entries()) if (places.some((place) => !isHere(known.chunks[place]!.hash, known.chunks[place]!.size))) wanted.add(FIRST_GROUP_ID + i);
  };
  const keep = (name: string, bytes: Uint8Array): void => {
    if (have.has(name)) return;
    have.set(name, bytes);
    parts.staged.putChunk(bytes);
  };
  const acceptPiece = (id: number, bytes: Uint8Array): boolean => {
    if (!isPiece(bytes, meta!.pieces[id - FIRST_PIECE_ID]!)) return false;
    pieces[id - FIRST_PIECE_ID] = bytes;
    if (meta!.pieces.some((_, i) => pieces[i] === undefined)) return true;
    const decoded = decodeManifest(Buffer.concat(pieces as Uint8Array[]));
    if (decoded.ok) plan(decoded.value); else failure = decoded.error;
    return true;
  };
  const acceptChunks = (places: readonly number[], bytes: Uint8Array): boolean => {
    const all = places.map((place) => manifest!.chunks[place]!);
    if (bytes.length !== all.reduce((sum, { size }) => sum + size, 0)) return false;
    let at = 0;
    const cut = all.map(({ size, hash }) => { at += size; return { hash, part: places.length === 1 ? bytes : bytes.slice(at - size, at) }; });
    // The good ones of a group count, whatever else is in it.
    const good = cut.filter(({ hash, part }) => Buffer.compare(chunkHash(part), hash) === 0);
    for (const { hash, part } of good) keep(hexFromBytes(hash), part);
    return good.length === cut.length;
  };
  const accept = (id: number, bytes: Uint8Array): boolean => {
    if (id >= FIRST_PIECE_ID) return acceptPiece(id, bytes);
    if (id >= FIRST_GROUP_ID) return acceptChunks(groups[id - FIRST_GROUP_ID]!, bytes);
    if (id >= FIRST_CHUNK_ID) return acceptChunks([id - FIRST_CHUNK_ID], bytes);
    if (Buffer.compare(rootOf(bytes), target!.root) !== 0) return false;
    const decoded = decodeMetaManifest(bytes);
    if (!decoded.ok) { failure = decoded.error; return true; }
    meta = decoded.value;
    for (const i of meta.pieces.keys()) wanted.add(FIRST_PIECE_ID + i);
    return true;
  };

  const rest = (node: NodeId, duration: bigint): void => {
    restUntil.set(node, time(parts.clock.now() + duration));
    for (const [id, { to }] of inFlight) if (to === node) inFlight.delete(id);
  };
  const ask = (): void => {
    const now = parts.clock.now(), open = new Map<NodeId, number>();
    for (const { to, since } of [...inFlight.values()]) if (since + TIMEOUT <= now) rest(to, TIMEOUT);
    for (const { to } of inFlight.values()) open.set(to, (open.get(to) ?? 0) + 1);
    const ready = parts.peers().filter((node) => (restUntil.get(node) ?? 0n) <= now);
    const free = (): NodeId | undefined => {
      for (let i = 0; i < ready.length; i++) {
        const node = ready[turn++ % ready.length]!;
        if ((open.get(node) ?? 0) < WINDOW) return node;
      }
      return undefined;
    };
    for (const id of wanted) {
      if (inFlight.has(id)) continue;
      const to = free();
      if (to === undefined) return;
      open.set(to, (open.get(to) ?? 0) + 1);
      inFlight.set(id, { to, since: now });
      parts.request(to, target!.root, id);
    }
  };

  return {
    get target() { return target; },
    counters,
    seek(next) {
      if (target?.height === next.height && Buffer.compare(target.root, next.root) === 0) return;
      target = next;
      reset();
    },
    stop() {
      target = undefined;
      reset();
      have.clear();
      reusable.clear();
      base = undefined;
      prepared = false;
      counters.bytesMoved = counters.bytesReused = counters.refused = 0;
    },
    receive(from, root, id, bytes) {
      if (target === undefined || Buffer.compare(root, target.root) !== 0) return false;
      if (bytes !== undefined) counters.bytesMoved += bytes.length;
      if (bytes === undefined) { if (inFlight.get(id)?.to !== from) return false; rest(from, LACKING); return true; }
      // An answer that came late is as good as another.
      if (!wanted.has(id)) return false;
      if (inFlight.get(id)?.to === from) inFlight.delete(id);
      if (accept(id, bytes)) { wanted.delete(id); inFlight.delete(id); return true; }
      counters.refused++;
      rest(from, LIED);
      parts.onLyingPeer(from, id);
      return true;
    },
    advance() {
      if (target === undefined) return undefined;
      const failed = failure;
      failure = undefined;
      if (failed !== undefined) { reset(); return { ok: false, error: failed }; }
      if (wanted.size > 0) { ask(); return undefined; }
      const loaded = parts.load(manifest!, bytesOf, base), whole = loaded.ok && Buffer.compare(loaded.value.root, target.root) === 0;
      if (whole) return loaded;
      reset();
      return loaded.ok ? { ok: false, error: "the state that was made of the files has another root" } : loaded;
    },
    get nextDeadline() {
      if (target === undefined || wanted.size === 0) return undefined;
      const now = parts.clock.now(), ends = [...inFlight.values()].map(({ since }) => since + TIMEOUT);
      const wakes = parts.peers().flatMap((node) => restUntil.get(node) ?? []).filter((at) => at > now);
      const first = [...ends, ...wakes].reduce<bigint | undefined>((least, at) => (least === undefined || at < least ? at : least), undefined);
      return first === undefined ? undefined : time(first);
    },
  };
}
