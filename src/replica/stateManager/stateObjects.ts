import { hash } from "node:crypto";
import type { Hash } from "../types/index.ts";
import { PagedMemory } from "../state/pagedMemory.ts";
import { PersistentMap } from "../state/persistentMap.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { BLOB_BYTES, DamagedState, type Outliner, type Reference, type ReferenceKind, decodeState, encodeState } from "../codec/stateCodec.ts";
import { type MemoryTable, memoryBlobs, memoryTable, readMemory, tableRecord, wholeTable } from "./memoryTable.ts";
import { type MirrorNode, digestInParts, isBucket, mirrorDigest, mirrorInParts, mirrorMap } from "./mapMirror.ts";

/** A part of a state that is stored under kind and digest. `make` gives its bytes when they are written. */
export interface StateObject { readonly name: string; readonly make: () => Uint8Array }

type AnyMap = PersistentMap<string, unknown>;
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const bytesOf = (digest: string): Uint8Array => new Uint8Array(Buffer.from(digest, "latin1"));
const sha256 = (bytes: Uint8Array): string => hash("sha256", bytes, "latin1");
/** The kind keeps equal digests of different things apart. */
const nameOf = (kind: ReferenceKind, digest: string): string => kind[0] + digest;

/**
 * A state as a graph of content-addressed objects (design D8): the digest of the root covers heaps, stable memories, globals, queues,
 * everything. Digests of parts are cached by identity, so that hashing or collecting a state costs what changed since the states that
 * this object saw before. One object serves the versions of one subnet.
 */
export class StateObjects {
  private readonly values = new WeakMap<object, string>();
  private readonly mirrors = new WeakMap<AnyMap, MirrorNode>();
  private readonly tables = new WeakMap<PagedMemory, MemoryTable>();
  /** The last version of each map of the state, by field. */
  private readonly lastMaps = new Map<string, WeakRef<AnyMap>>();
  private lastCollected: WeakRef<ReplicatedState> | undefined;
  private readonly hasher: Outliner = {
    reference: (value) => this.reference(value),
    outline: (value, encoded) => { const digest = sha256(encoded); this.values.set(value, digest); return bytesOf(digest); },
  };

  /** The hash of the full state. */
  hash(state: ReplicatedState): Hash<"State"> {
    this.follow(state);
    return bytesOf(sha256(encodeState(state, this.hasher))) as Hash<"State">;
  }

  /**
   * The objects that a checkpoint must add to those that `has` knows, parts before what names them; in the end the bytes of the root. Each
   * step is short and gives what it found, so that blocks are made while a large state is collected.
   */
  *collect(state: ReplicatedState, has: (name: string) => boolean): Generator<readonly StateObject[], Uint8Array> {
    const added = new Set<string>(), hasher = (item: unknown): string => this.digestOf(item);
    let found: StateObject[] = [];
    const taken = (): readonly StateObject[] => { const objects = found; found = []; return objects; };
    const known = (name: string): boolean => added.has(name) || has(name);
    const add = (name: string, make: () => Uint8Array): void => { if (!known(name)) { added.add(name); found.push({ name, make }); } };
    const collector: Outliner = {
      reference: (value) => {
        const reference = this.reference(value);
        if (reference === undefined) return undefined;
        const digest = latin1(reference.digest), name = nameOf(reference.kind, digest);
        if (known(name)) return reference;
        // A record that is not stored yet is encoded again, so that its parts are collected on the way to `outline`.
        if (reference.kind === "value") return undefined;
        if (reference.kind === "map") for (const _ of this.collectMap(this.mirrors.get(value as AnyMap)!, known, add, collector)); // nothing else waits for these
        else if (reference.kind === "memory") this.collectMemory(value as PagedMemory, name, known, add);
        else add(name, () => value as Uint8Array);
        return reference;
      },
      outline: (_, encoded) => { const digest = sha256(encoded); add(nameOf("value", digest), () => encoded); return bytesOf(digest); },
    };
    for (const _ of this.followInParts(state)) yield [];
    for (const _ of this.followMemories(state, known)) yield [];
    for (const map of Object.values(state) as unknown[]) {
      if (!(map instanceof PersistentMap)) continue;
      const mirror = this.mirrorOf(map as AnyMap);
      for (const _ of digestInParts(mirror, hasher)) yield [];
      for (const _ of this.collectMap(mirror, known, add, collector)) yield taken();
    }
    const root = encodeState(state, collector);
    this.lastCollected = new WeakRef(state);
    yield taken();
    return root;
  }

  private reference(value: object): Reference | undefined {
    if (value instanceof PersistentMap) return { kind: "map", digest: bytesOf(mirrorDigest(this.mirrorOf(value as AnyMap), (item) => this.digestOf(item))) };
    if (value instanceof PagedMemory) return { kind: "memory", digest: value.digest() };
    if (value instanceof Uint8Array && value.length < BLOB_BYTES) return undefined;
    let digest = this.values.get(value);
    if (value instanceof Uint8Array) {
      if (digest === undefined) this.values.set(value, digest = sha256(value));
      return { kind: "blob", digest: bytesOf(digest) };
    }
    return digest === undefined ? undefined : { kind: "value", digest: bytesOf(digest) };
  }

  private digestOf(value: unknown): string { return sha256(encodeState(value, this.hasher)); }

  private mirrorOf(map: AnyMap): MirrorNode {
    let mirror = this.mirrors.get(map);
    if (mirror === undefined) this.mirrors.set(map, mirror = mirrorMap(map));
    return mirror;
  }

  /** Makes the mirrors of the state's maps from those of the versions before. */
  private follow(state: ReplicatedState): void { for (const _ of this.followInParts(state)); }
  private *followInParts(state: ReplicatedState): Generator<void> {
    for (const [field, value] of Object.entries(state) as [string, unknown][]) {
      if (!(value instanceof PersistentMap)) continue;
      const last = this.lastMaps.get(field)?.deref(), mirror = last && this.mirrors.get(last);
      if (!this.mirrors.has(value as AnyMap)) this.mirrors.set(value as AnyMap, yield* mirrorInParts(value as AnyMap, mirror && { map: last!, mirror }));
      this.lastMaps.set(field, new WeakRef(value as AnyMap));
    }
  }

  /** Makes digests of canisters' memories and of their snapshots, and tables of those that are not stored yet, from those of the state that was collected before. */
  private *followMemories(state: ReplicatedState, known: (name: string) => boolean): Generator<void> {
    const last = this.lastCollected?.deref(), tables = this.tables;
    function* follow(memory: PagedMemory | undefined, older: PagedMemory | undefined): Generator<void> {
      if (memory === undefined || tables.has(memory)) return;
      yield* memory.digestInParts();
      const table = older && tables.get(older);
      if (table === undefined && known(nameOf("memory", latin1(memory.digest())))) return;
      tables.set(memory, yield* memoryTable(memory, table && { memory: older!, table }));
      yield;
    }
    for (const { before, after } of state.canisters.changesSince(last?.canisters ?? PersistentMap.empty())) {
      for (const field of ["heap", "stable"] as const) {
        yield* follow(after?.execution?.[field], before?.execution?.[field]);
        for (const snapshot of after?.snapshots ?? []) yield* follow(snapshot[field], before?.snapshots?.find(({ id }) => id === snapshot.id)?.[field] ?? before?.execution?.[field]);
      }
    }
  }

  private *collectMap(node: MirrorNode, known: (name: string) => boolean, add: (name: string, make: () => Uint8Array) => void, collector: Outliner): Generator<void> {
    const name = nameOf("map", node.digest!);
    if (known(name)) return;
    if (isBucket(node)) {
      const entries: (readonly [string, Uint8Array])[] = [];
      for (const { key, value } of node.entries) {
        entries.push([key, encodeState(value, collector)]);
        yield;
      }
      const bytes = encodeState({ entries });
      add(name, () => bytes);
      return;
    }
    for (const child of node.children) if (child !== undefined) yield* this.collectMap(child, known, add, collector);
    const bytes = encodeState({ children: node.children.map((child) => child && bytesOf(child.digest!)) });
    add(name, () => bytes);
  }

  private collectMemory(memory: PagedMemory, name: string, known: (name: string) => boolean, add: (name: string, make: () => Uint8Array) => void): void {
    let table = this.tables.get(memory);
    if (table === undefined) this.tables.set(memory, table = wholeTable(memory));
    for (const { digest, make } of memoryBlobs(memory, table, (digest) => known(nameOf("blob", digest)))) add(nameOf("blob", digest), make);
    const bytes = encodeState(tableRecord(memory, table));
    add(name, () => bytes);
  }
}

function* mapEntries(digest: string, read: (name: string) => Uint8Array, resolve: (reference: Reference) => unknown): Generator<readonly [string, unknown]> {
  const node = decodeState(read(nameOf("map", digest))) as { readonly entries?: readonly (readonly [string, Uint8Array])[]; readonly children?: readonly (Uint8Array | undefined)[] };
  for (const [key, bytes] of node.entries ?? []) yield [key, decodeState(bytes, resolve)];
  for (const child of node.children ?? []) if (child !== undefined) yield* mapEntries(latin1(child), read, resolve);
}

/** The state of a root; `read` gives the bytes of an object. Parts that were one object are one again. @throws DamagedState */
export function readState(root: Uint8Array, read: (name: string) => Uint8Array): ReplicatedState {
  const shared = new Map<string, unknown>();
  const made = ({ kind, digest }: Reference): unknown => {
    const name = nameOf(kind, latin1(digest));
    if (kind === "map") return PersistentMap.from(mapEntries(latin1(digest), read, resolve));
    if (kind === "memory") return readMemory(decodeState(read(name)) as Parameters<typeof readMemory>[0], (blob) => read(nameOf("blob", blob)));
    return kind === "blob" ? read(name) : decodeState(read(name), resolve);
  };
  const resolve = (reference: Reference): unknown => {
    const name = nameOf(reference.kind, latin1(reference.digest));
    if (!shared.has(name)) shared.set(name, made(reference));
    return shared.get(name);
  };
  const state = decodeState(root, resolve) as ReplicatedState;
  if (!(state.canisters instanceof PersistentMap)) throw new DamagedState("no state");
  return state;
}
