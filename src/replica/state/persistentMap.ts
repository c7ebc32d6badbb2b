/**
 * A sorted map that shares everything untouched with its older versions: a crit-bit tree over the key's characters. Its shape follows
 * from the keys alone, so equal maps have equal shapes, a change costs one path, and two versions are compared in the size of their
 * difference. Keys are ASCII without NUL (ids in hex); they iterate in byte order.
 */
type Node<V> = Leaf<V> | Branch<V>;
interface Leaf<V> { readonly key: string; readonly value: V }
interface Branch<V> { readonly bit: number; readonly left: Node<V>; readonly right: Node<V>; readonly size: number }

const isLeaf = <V>(node: Node<V>): node is Leaf<V> => "key" in node;
const sizeOf = <V>(node: Node<V>): number => (isLeaf(node) ? 1 : node.size);
const bitAt = (key: string, bit: number): number => {
  const index = bit >>> 3;
  return index < key.length ? (key.charCodeAt(index) >>> (7 - (bit & 7))) & 1 : 0;
};
const branch = <V>(bit: number, left: Node<V>, right: Node<V>): Branch<V> => ({ bit, left, right, size: sizeOf(left) + sizeOf(right) });

/** The first bit in which the keys differ, or -1. */
function criticalBit(a: string, b: string): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (i < a.length ? a.charCodeAt(i) : 0) ^ (i < b.length ? b.charCodeAt(i) : 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return -1;
}

function nearest<V>(node: Node<V>, key: string): Leaf<V> {
  while (!isLeaf(node)) node = bitAt(key, node.bit) === 0 ? node.left : node.right;
  return node;
}

function insert<V>(node: Node<V>, leaf: Leaf<V>, critical: number): Node<V> {
  if (isLeaf(node) || node.bit > critical) {
    if (critical < 0) return leaf;
    return bitAt(leaf.key, critical) === 0 ? branch(critical, leaf, node) : branch(critical, node, leaf);
  }
  return bitAt(leaf.key, node.bit) === 0
    ? branch(node.bit, insert(node.left, leaf, critical), node.right)
    : branch(node.bit, node.left, insert(node.right, leaf, critical));
}

function replace<V>(node: Node<V>, leaf: Leaf<V>): Node<V> {
  if (isLeaf(node)) return leaf;
  return bitAt(leaf.key, node.bit) === 0
    ? { ...node, left: replace(node.left, leaf) }
    : { ...node, right: replace(node.right, leaf) };
}

function remove<V>(node: Node<V>, key: string): Node<V> | undefined {
  if (isLeaf(node)) return node.key === key ? undefined : node;
  const goLeft = bitAt(key, node.bit) === 0;
  const child = goLeft ? node.left : node.right;
  const rest = remove(child, key);
  if (rest === child) return node;
  if (rest === undefined) return goLeft ? node.right : node.left;
  return goLeft ? branch(node.bit, rest, node.right) : branch(node.bit, node.left, rest);
}

function* iterate<V>(node: Node<V>): Generator<readonly [string, V]> {
  if (isLeaf(node)) yield [node.key, node.value];
  else { yield* iterate(node.left); yield* iterate(node.right); }
}

/** Leaves from the first key that is not below `from`. Whole subtrees below it are skipped. */
function* iterateFrom<V>(node: Node<V>, from: string): Generator<readonly [string, V]> {
  if (isLeaf(node)) { if (node.key >= from) yield [node.key, node.value]; return; }
  if (nearest(node.left, "\u00ff".repeat(64)).key >= from) yield* iterateFrom(node.left, from);
  yield* iterateFrom(node.right, from);
}

export interface Change<V> { readonly key: string; readonly before: V | undefined; readonly after: V | undefined }

const samePrefix = (a: string, b: string, bits: number): boolean => {
  const critical = criticalBit(a, b);
  return critical < 0 || critical >= bits;
};

function* differences<V>(a: Node<V> | undefined, b: Node<V> | undefined): Generator<Change<V>> {
  if (a === b) return;
  if (a === undefined) { for (const [key, after] of iterate(b!)) yield { key, before: undefined, after }; return; }
  if (b === undefined) { for (const [key, before] of iterate(a)) yield { key, before, after: undefined }; return; }
  if (!isLeaf(a) && !isLeaf(b) && a.bit === b.bit && samePrefix(nearest(a, "").key, nearest(b, "").key, a.bit)) {
    yield* differences(a.left, b.left);
    yield* differences(a.right, b.right);
    return;
  }
  const left = iterate(a), right = iterate(b);
  let l = left.next(), r = right.next();
  while (!l.done || !r.done) {
    if (r.done || (!l.done && l.value[0] < r.value[0])) { yield { key: l.value![0], before: l.value![1], after: undefined }; l = left.next(); }
    else if (l.done || r.value[0] < l.value[0]) { yield { key: r.value[0], before: undefined, after: r.value[1] }; r = right.next(); }
    else {
      if (l.value[1] !== r.value[1]) yield { key: l.value[0], before: l.value[1], after: r.value[1] };
      l = left.next(); r = right.next();
    }
  }
}

export class PersistentMap<K extends string, V> {
  private readonly root: Node<V> | undefined;
  private constructor(root: Node<V> | undefined) { this.root = root; }

  static empty<K extends string, V>(): PersistentMap<K, V> { return new PersistentMap<K, V>(undefined); }
  static from<K extends string, V>(entries: Iterable<readonly [K, V]>): PersistentMap<K, V> {
    let map = PersistentMap.empty<K, V>();
    for (const [key, value] of entries) map = map.set(key, value);
    return map;
  }

  get size(): number { return this.root === undefined ? 0 : sizeOf(this.root); }

  get(key: K): V | undefined {
    if (this.root === undefined) return undefined;
    const leaf = nearest(this.root, key);
    return leaf.key === key ? leaf.value : undefined;
  }
  has(key: K): boolean { return this.root !== undefined && nearest(this.root, key).key === key; }

  set(key: K, value: V): PersistentMap<K, V> {
    const leaf = { key, value };
    if (this.root === undefined) return new PersistentMap<K, V>(leaf);
    const found = nearest(this.root, key);
    if (found.key === key) return found.value === value ? this : new PersistentMap<K, V>(replace(this.root, leaf));
    return new PersistentMap<K, V>(insert(this.root, leaf, criticalBit(found.key, key)));
  }

  delete(key: K): PersistentMap<K, V> {
    if (this.root === undefined) return this;
    const rest = remove(this.root, key);
    return rest === this.root ? this : new PersistentMap<K, V>(rest);
  }

  /** In byte order of the keys. */
  *[Symbol.iterator](): Generator<readonly [K, V]> { if (this.root !== undefined) yield* iterate(this.root) as Generator<readonly [K, V]>; }
  *keys(): Generator<K> { for (const [key] of this) yield key; }
  *values(): Generator<V> { for (const [, value] of this) yield value; }
  /** Entries whose key is not below `from`, in byte order. */
  *from(from: K): Generator<readonly [K, V]> { if (this.root !== undefined) yield* iterateFrom(this.root, from) as Generator<readonly [K, V]>; }

  /** What must change in `older` to become this map, in key order; shared subtrees are skipped. */
  *changesSince(older: PersistentMap<K, V>): Generator<Change<V> & { readonly key: K }> {
    yield* differences(older.root, this.root) as Generator<Change<V> & { readonly key: K }>;
  }
}
