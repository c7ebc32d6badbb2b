import { type Digest, EMPTY_DIGEST, digestBytes, forkDigest, labeledDigest, leafDigest } from "./digest.ts";

/**
 * The tree that a certificate is cut from: leaves are bytes, forests map labels to trees. Immutable, sharing everything untouched with
 * older versions, digests cached. A forest is a crit-bit tree over its labels, so its shape, and with it the root hash, follows from
 * the labels alone, and an insertion re-hashes one path. Verifiers accept any shape (interface spec, "Certificate").
 */
export type LabeledTree = Uint8Array | Forest | LazyTree;
export interface Forest { readonly kind: "forest"; readonly root: ForestNode | undefined }
/** A tree that is made when it is looked into and of which only the digest is kept: `make` must always give the same tree. */
export interface LazyTree { readonly kind: "lazy"; readonly make: () => Uint8Array | Forest; digest: Digest | undefined }

export type ForestNode = Edge | Fork;
/** One label and what hangs below it; `label` has one character per byte. */
export interface Edge { readonly label: string; readonly child: LabeledTree; digest: Digest | undefined }
/** Labels whose bit is 0 are on the left; `bit` is the first bit in which the labels below differ. */
export interface Fork { readonly bit: number; readonly left: ForestNode; readonly right: ForestNode; digest: Digest | undefined }

export const EMPTY_FOREST: Forest = { kind: "forest", root: undefined };
export const isEdge = (node: ForestNode): node is Edge => "label" in node;

/** A label given as bytes, or as text to be taken as UTF-8. */
export type LabelInput = Uint8Array | string;
/** The inner form of a label: one character per byte, so that strings sort like bytes. */
export const labelFrom = (label: LabelInput): string => Buffer.from(label as Uint8Array).toString("latin1");

/** Nine bits per byte: a 1 that says "there is a byte", then the byte. So a label sorts before its extensions, whatever they are. */
const BITS = 9;
export function labelBit(label: string, bit: number): number {
  const index = Math.floor(bit / BITS), within = bit - index * BITS;
  if (index >= label.length) return 0;
  return within === 0 ? 1 : (label.charCodeAt(index) >>> (BITS - 1 - within)) & 1;
}

/** The first bit in which two labels differ, or -1. */
export function criticalBit(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a.charCodeAt(i) ^ b.charCodeAt(i);
    if (difference !== 0) return i * BITS + 1 + Math.clz32(difference) - 24;
  }
  return a.length === b.length ? -1 : length * BITS;
}

/** The edge that shares the longest prefix with the label. */
export function nearestEdge(node: ForestNode, label: string): Edge {
  while (!isEdge(node)) node = labelBit(label, node.bit) === 0 ? node.left : node.right;
  return node;
}

const fork = (bit: number, left: ForestNode, right: ForestNode): Fork => ({ bit, left, right, digest: undefined });

function insert(node: ForestNode, edge: Edge, critical: number): ForestNode {
  if (isEdge(node) || (critical >= 0 && node.bit > critical)) {
    if (critical < 0) return edge;
    return labelBit(edge.label, critical) === 0 ? fork(critical, edge, node) : fork(critical, node, edge);
  }
  return labelBit(edge.label, node.bit) === 0 ? fork(node.bit, insert(node.left, edge, critical), node.right) : fork(node.bit, node.left, insert(node.right, edge, critical));
}

function remove(node: ForestNode, label: string): ForestNode | undefined {
  if (isEdge(node)) return node.label === label ? undefined : node;
  const goLeft = labelBit(label, node.bit) === 0, child = goLeft ? node.left : node.right;
  const rest = remove(child, label);
  if (rest === child) return node;
  if (rest === undefined) return goLeft ? node.right : node.left;
  return goLeft ? fork(node.bit, rest, node.right) : fork(node.bit, node.left, rest);
}

/** The forest with this label added or replaced. */
export function setLabel(forest: Forest, label: LabelInput, child: LabeledTree): Forest {
  const edge: Edge = { label: labelFrom(label), child, digest: undefined };
  if (forest.root === undefined) return { kind: "forest", root: edge };
  return { kind: "forest", root: insert(forest.root, edge, criticalBit(nearestEdge(forest.root, edge.label).label, edge.label)) };
}

/** The forest without this label; the same forest when it has none. */
export function deleteLabel(forest: Forest, label: LabelInput): Forest {
  if (forest.root === undefined) return forest;
  const root = remove(forest.root, labelFrom(label));
  return root === forest.root ? forest : { kind: "forest", root };
}

export function getLabel(forest: Forest, label: LabelInput): LabeledTree | undefined {
  if (forest.root === undefined) return undefined;
  const name = labelFrom(label), edge = nearestEdge(forest.root, name);
  return edge.label === name ? edge.child : undefined;
}

/** A forest of these labels; entries without a tree are left out. */
export function forestOf(entries: Iterable<readonly [LabelInput, LabeledTree | undefined]>): Forest {
  let forest = EMPTY_FOREST;
  for (const [label, child] of entries) if (child !== undefined) forest = setLabel(forest, label, child);
  return forest;
}

/** A tree of which only the digest stays in memory; `make` must be a pure function. */
export const lazyTree = (make: () => Uint8Array | Forest): LazyTree => ({ kind: "lazy", make, digest: undefined });

const nodeDigest = (node: ForestNode): Digest =>
  node.digest ??= isEdge(node) ? labeledDigest(node.label, treeDigest(node.child)) : forkDigest(nodeDigest(node.left), nodeDigest(node.right));

/** The root hash in the inner form. */
export function treeDigest(tree: LabeledTree): Digest {
  if (tree instanceof Uint8Array) return leafDigest(tree);
  if (tree.kind === "lazy") return tree.digest ??= treeDigest(tree.make());
  return tree.root === undefined ? EMPTY_DIGEST : nodeDigest(tree.root);
}
export const forestNodeDigest = nodeDigest;

/** The root hash, 32 bytes (interface spec, "Certificate"). Costs what changed since the versions that were hashed before. */
export const digest = (tree: LabeledTree): Uint8Array => digestBytes(treeDigest(tree));
