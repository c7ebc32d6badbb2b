import { digestBytes } from "./digest.ts";
import type { HashTree } from "./hashTree.ts";
import { type Edge, type Fork, type Forest, type ForestNode, type LabeledTree, criticalBit, forestNodeDigest, isEdge, labelBit, labelFrom, nearestEdge, treeDigest } from "./labeledTree.ts";

/** Labels of a path in the inner form. */
type Request = readonly string[];

const bytesOf = (label: string): Uint8Array => new Uint8Array(Buffer.from(label, "latin1"));
const pruned = (digest: string): HashTree => [4, digestBytes(digest)];

function opened(tree: LabeledTree): Uint8Array | Forest {
  return tree instanceof Uint8Array || tree.kind === "forest" ? tree : tree.make();
}

function wholeNode(node: ForestNode): HashTree {
  return isEdge(node) ? [2, bytesOf(node.label), whole(node.child)] : [1, wholeNode(node.left), wholeNode(node.right)];
}
/** The tree with nothing pruned. */
export function whole(tree: LabeledTree): HashTree {
  const open = opened(tree);
  if (open instanceof Uint8Array) return [3, open];
  return open.root === undefined ? [0] : wholeNode(open.root);
}

const outermost = (node: ForestNode, side: "left" | "right"): Edge => {
  while (!isEdge(node)) node = node[side];
  return node;
};

/** The labels next to an absent one: between two shown neighbours nothing can hide. */
function neighbours(root: ForestNode, label: string): Edge[] {
  const critical = criticalBit(nearestEdge(root, label).label, label);
  let node = root, below: ForestNode | undefined, above: ForestNode | undefined;
  while (!isEdge(node) && node.bit < critical) {
    if (labelBit(label, node.bit) === 0) { above = node.right; node = node.left; } else { below = node.left; node = node.right; }
  }
  if (labelBit(label, critical) === 0) above = node; else below = node;
  return [...(below === undefined ? [] : [outermost(below, "right")]), ...(above === undefined ? [] : [outermost(above, "left")])];
}

/** Which edges a witness shows, with what is asked below each, and the forks on the way to them. */
interface Shown { readonly edges: Map<Edge, Request[]>; readonly forks: Set<Fork> }

function show(shown: Shown, root: ForestNode, label: string, below: Request | undefined): void {
  let node = root;
  while (!isEdge(node)) { shown.forks.add(node); node = labelBit(label, node.bit) === 0 ? node.left : node.right; }
  const requests = shown.edges.get(node) ?? [];
  if (below !== undefined) requests.push(below);
  shown.edges.set(node, requests);
}

function cut(node: ForestNode, shown: Shown): HashTree {
  if (isEdge(node)) {
    const requests = shown.edges.get(node);
    if (requests === undefined) return pruned(forestNodeDigest(node));
    return [2, bytesOf(node.label), requests.length === 0 ? pruned(treeDigest(node.child)) : revealed(node.child, requests)];
  }
  return shown.forks.has(node) ? [1, cut(node.left, shown), cut(node.right, shown)] : pruned(forestNodeDigest(node));
}

function revealed(tree: LabeledTree, requests: readonly Request[]): HashTree {
  const open = opened(tree);
  if (open instanceof Uint8Array || open.root === undefined || requests.some((request) => request.length === 0)) return whole(open);
  const shown: Shown = { edges: new Map(), forks: new Set() };
  for (const [label, ...rest] of requests as readonly (readonly [string, ...string[]])[]) {
    const edge = nearestEdge(open.root, label);
    if (edge.label === label) show(shown, open.root, label, rest);
    else for (const neighbour of neighbours(open.root, label)) show(shown, open.root, neighbour.label, undefined);
  }
  return cut(open.root, shown);
}

/**
 * The tree pruned to these paths: what is below a path is shown whole, a path that does not exist is proven absent by its neighbours,
 * everything else is a digest. Same root hash (interface spec, "Certificate"). No paths give a pruned root.
 */
export function witness(tree: LabeledTree, paths: readonly (readonly Uint8Array[])[]): HashTree {
  return paths.length === 0 ? pruned(treeDigest(tree)) : revealed(tree, paths.map((path) => path.map(labelFrom)));
}
