import { hash } from "node:crypto";
import type { PersistentMap } from "../state/persistentMap.ts";

/**
 * A Merkle tree beside a `PersistentMap`: buckets of entries under the hash of the key. Its shape follows from the entries alone, it
 * shares what did not change with the mirror of an older version, and digests are cached, so that hashing or storing a map costs what
 * changed in it.
 */
export type MirrorNode = MirrorBucket | MirrorFork;
export interface MirrorEntry { readonly key: string; readonly keyHash: string; readonly value: unknown; digest: string | undefined }
/** Sorted by key. */
export interface MirrorBucket { readonly entries: readonly MirrorEntry[]; digest: string | undefined }
/** One child per hex digit of the key's hash at this depth. */
export interface MirrorFork { readonly children: readonly (MirrorNode | undefined)[]; readonly size: number; digest: string | undefined }

/** A bucket that grows beyond this becomes a fork: small enough to be rewritten for one entry, large enough to be few. */
const BUCKET_ENTRIES = 16;
const FANOUT = 16;

export const isBucket = (node: MirrorNode): node is MirrorBucket => "entries" in node;
export const EMPTY_MIRROR: MirrorBucket = { entries: [], digest: undefined };

const sizeOf = (node: MirrorNode | undefined): number => (node === undefined ? 0 : isBucket(node) ? node.entries.length : node.size);
const digitAt = (entry: { readonly keyHash: string }, depth: number): number => Number.parseInt(entry.keyHash[depth]!, 16);
const bucketOf = (entries: MirrorEntry[]): MirrorBucket => ({ entries: entries.sort((a, b) => (a.key < b.key ? -1 : 1)), digest: undefined });

function* entriesOf(node: MirrorNode): Generator<MirrorEntry> {
  if (isBucket(node)) yield* node.entries;
  else for (const child of node.children) if (child !== undefined) yield* entriesOf(child);
}

function forkOf(entries: readonly MirrorEntry[], depth: number): MirrorNode {
  if (entries.length <= BUCKET_ENTRIES) return bucketOf([...entries]);
  const groups: MirrorEntry[][] = Array.from({ length: FANOUT }, () => []);
  for (const entry of entries) groups[digitAt(entry, depth)]!.push(entry);
  return { children: groups.map((group) => (group.length === 0 ? undefined : forkOf(group, depth + 1))), size: entries.length, digest: undefined };
}

function put(node: MirrorNode | undefined, entry: MirrorEntry, depth: number): MirrorNode {
  if (node === undefined) return bucketOf([entry]);
  if (isBucket(node)) return forkOf([...node.entries.filter(({ key }) => key !== entry.key), entry], depth);
  const digit = digitAt(entry, depth), child = put(node.children[digit], entry, depth + 1);
  return { children: node.children.with(digit, child), size: node.size - sizeOf(node.children[digit]) + sizeOf(child), digest: undefined };
}

function drop(node: MirrorNode | undefined, entry: { readonly key: string; readonly keyHash: string }, depth: number): MirrorNode | undefined {
  if (node === undefined) return undefined;
  if (isBucket(node)) {
    const entries = node.entries.filter(({ key }) => key !== entry.key);
    return entries.length === 0 ? undefined : { entries, digest: undefined };
  }
  const digit = digitAt(entry, depth), child = drop(node.children[digit], entry, depth + 1);
  const fork: MirrorFork = { children: node.children.with(digit, child), size: node.size - sizeOf(node.children[digit]) + sizeOf(child), digest: undefined };
  return fork.size <= BUCKET_ENTRIES ? bucketOf([...entriesOf(fork)]) : fork;
}

const keyHashOf = (key: string): string => hash("sha256", key, "hex");

/** Entries between two pauses of a mirror that is made in parts. */
const PART_ENTRIES = 64;

/** The mirror of a map, made from that of an older version when there is one. */
export function mirrorMap(map: PersistentMap<string, unknown>, older?: OlderMirror): MirrorNode {
  const work = mirrorInParts(map, older);
  for (;;) { const { done, value } = work.next(); if (done === true) return value; }
}
export interface OlderMirror { readonly map: PersistentMap<string, unknown>; readonly mirror: MirrorNode }
/** The same in pieces that are short. */
export function* mirrorInParts(map: PersistentMap<string, unknown>, older?: OlderMirror): Generator<void, MirrorNode> {
  let done = 0;
  if (older === undefined) {
    const entries: MirrorEntry[] = [];
    for (const [key, value] of map) {
      entries.push({ key, keyHash: keyHashOf(key), value, digest: undefined });
      if (++done % PART_ENTRIES === 0) yield;
    }
    return forkOf(entries, 0);
  }
  let node: MirrorNode | undefined = older.mirror;
  for (const { key, after } of map.changesSince(older.map)) {
    const keyHash = keyHashOf(key);
    node = after === undefined ? drop(node, { key, keyHash }, 0) : put(node, { key, keyHash, value: after, digest: undefined }, 0);
    if (++done % PART_ENTRIES === 0) yield;
  }
  return node ?? EMPTY_MIRROR;
}

/** The work of `mirrorDigest` in pieces of one value: afterwards it costs nothing. */
export function* digestInParts(node: MirrorNode, digestOfValue: (value: unknown) => string): Generator<void> {
  if (node.digest !== undefined) return;
  if (isBucket(node)) for (const entry of node.entries) { if (entry.digest === undefined) { entry.digest = digestOfValue(entry.value); yield; } }
  else for (const child of node.children) if (child !== undefined) yield* digestInParts(child, digestOfValue);
  mirrorDigest(node, digestOfValue);
}

/** The digest of a node, 32 characters of one byte; `digestOfValue` gives the same for values. */
export function mirrorDigest(node: MirrorNode, digestOfValue: (value: unknown) => string): string {
  if (node.digest !== undefined) return node.digest;
  const text = isBucket(node)
    ? `b${node.entries.map((entry) => `${String.fromCharCode(entry.key.length & 255, entry.key.length >>> 8)}${entry.key}${(entry.digest ??= digestOfValue(entry.value))}`).join("")}`
    : `f${node.children.map((child) => (child === undefined ? "\0" : `\x01${mirrorDigest(child, digestOfValue)}`)).join("")}`;
  return (node.digest = hash("sha256", Buffer.from(text, "latin1"), "latin1"));
}
