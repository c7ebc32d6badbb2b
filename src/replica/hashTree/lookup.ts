import { type Digest, EMPTY_DIGEST, digestBytes, digestFromBytes, forkDigest, labeledDigest, leafDigest } from "./digest.ts";
import type { HashTree } from "./hashTree.ts";

/** Interface spec, "Lookup". */
export type Lookup = { readonly kind: "found"; readonly value: Uint8Array } | { readonly kind: "absent" | "unknown" | "error" };

function reconstructed(tree: HashTree): Digest {
  switch (tree[0]) {
    case 0: return EMPTY_DIGEST;
    case 1: return forkDigest(reconstructed(tree[1]), reconstructed(tree[2]));
    case 2: return labeledDigest(digestFromBytes(tree[1]), reconstructed(tree[2]));
    case 3: return leafDigest(tree[1]);
    case 4: return digestFromBytes(tree[1]);
  }
}

/** The root hash that a (pruned) tree stands for: the spec's `reconstruct`. */
export const reconstruct = (tree: HashTree): Uint8Array => digestBytes(reconstructed(tree));

type Part = Exclude<HashTree, readonly [0] | readonly [1, HashTree, HashTree]>;
/** The labeled, pruned and leaf nodes of a forest from left to right. */
function* flattened(tree: HashTree): Generator<Part> {
  if (tree[0] === 0) return;
  if (tree[0] === 1) { yield* flattened(tree[1]); yield* flattened(tree[2]); } else yield tree;
}

function findLabel(label: Uint8Array, tree: HashTree): HashTree | "absent" | "unknown" {
  let previous: Part | undefined;
  for (const part of flattened(tree)) {
    if (part[0] === 2) {
      const order = Buffer.compare(label, part[1]);
      if (order === 0) return part[2];
      if (order < 0) return previous === undefined || previous[0] === 2 ? "absent" : "unknown";
    }
    previous = part;
  }
  // Behind the last label, or in a single leaf or an empty tree, nothing can be; a pruned node may hide anything.
  return previous === undefined || previous[0] === 2 || previous[0] === 3 ? "absent" : "unknown";
}

/** What hangs at the path: the spec's `lookup_path` before its last step; for subtrees such as `/subnet/<id>/node`. */
export function lookupSubtree(path: readonly Uint8Array[], tree: HashTree): HashTree | "absent" | "unknown" {
  let at = tree;
  for (const label of path) {
    const found = findLabel(label, at);
    if (typeof found === "string") return found;
    at = found;
  }
  return at;
}

/** The spec's `lookup_path` on a well-formed tree. */
export function lookup(path: readonly Uint8Array[], tree: HashTree): Lookup {
  const at = lookupSubtree(path, tree);
  if (typeof at === "string") return { kind: at };
  return at[0] === 3 ? { kind: "found", value: at[1] } : { kind: at[0] === 0 ? "absent" : at[0] === 4 ? "unknown" : "error" };
}

/** The labels directly below the path that the tree shows, in order, each with what hangs there. */
export function shownEntries(path: readonly Uint8Array[], tree: HashTree): readonly (readonly [label: Uint8Array, below: HashTree])[] {
  const at = lookupSubtree(path, tree);
  return typeof at === "string" ? [] : [...flattened(at)].flatMap((part) => (part[0] === 2 ? [[part[1], part[2]] as const] : []));
}

/** The labels alone. */
export const shownLabels = (path: readonly Uint8Array[], tree: HashTree): Uint8Array[] => shownEntries(path, tree).map(([label]) => label);
