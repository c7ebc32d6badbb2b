import { hash } from "node:crypto";

/** The unit of journaling and sharing. */
export const PAGE_BYTES = 4096;
/** 64 KiB, a page of WebAssembly. */
export const WASM_PAGE_BYTES = 65536;

const FANOUT_BITS = 6;
const FANOUT = 1 << FANOUT_BITS;

/** Children are sparse: an absent one is all zeros. */
interface TrieNode { readonly children: readonly (TrieNode | Uint8Array | undefined)[]; digest?: Uint8Array }

const sha256 = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(hash("sha256", Buffer.concat(parts), "buffer"));
const ZERO_DIGEST = new Uint8Array(32);
const ZERO_PAGE = new Uint8Array(PAGE_BYTES);
const EMPTY: TrieNode = { children: [] };

function digestOf(node: TrieNode | Uint8Array | undefined): Uint8Array {
  if (node === undefined) return ZERO_DIGEST;
  // What was written with zeros reads as what was never written, and so has the same digest.
  if (node instanceof Uint8Array) return Buffer.compare(node, ZERO_PAGE) === 0 ? ZERO_DIGEST : new Uint8Array(hash("sha256", node, "buffer"));
  if (node.digest !== undefined) return node.digest;
  const digests = Array.from({ length: FANOUT }, (_, i) => digestOf(node.children[i]));
  return node.digest = digests.every((digest) => digest === ZERO_DIGEST) ? ZERO_DIGEST : sha256(digests);
}

/** Computes digests below a node that are not known yet, one node of pages at a time. */
function* digestParts(node: TrieNode, level: number): Generator<void> {
  if (node.digest !== undefined) return;
  if (level === 0) { digestOf(node); yield; return; }
  for (const child of node.children) if (child !== undefined) yield* digestParts(child as TrieNode, level - 1);
}

function setIn(node: TrieNode | undefined, level: number, page: number, bytes: Uint8Array | undefined): TrieNode {
  const children = node === undefined ? [] : node.children.slice();
  const index = level === 0 ? page % FANOUT : Math.floor(page / FANOUT ** level) % FANOUT;
  while (children.length <= index) children.push(undefined);
  children[index] = level === 0 ? bytes : setIn(children[index] as TrieNode | undefined, level - 1, page, bytes);
  return { children };
}

function* pagesOf(node: TrieNode | Uint8Array | undefined, level: number, base: number): Generator<readonly [number, Uint8Array]> {
  if (node === undefined) return;
  if (node instanceof Uint8Array) { yield [base, node]; return; }
  for (const [i, child] of node.children.entries()) yield* pagesOf(child, level - 1, base + i * FANOUT ** level);
}

function visitPages(node: TrieNode, level: number, base: number, visit: (index: number, bytes: Uint8Array) => void): void {
  const { children } = node;
  for (let i = 0; i < children.length; i++) {
    const child = children[i];
    if (child === undefined) continue;
    if (level === 0) visit(base + i, child as Uint8Array); else visitPages(child as TrieNode, level - 1, base + i * FANOUT ** level, visit);
  }
}

function* changed(a: TrieNode | Uint8Array | undefined, b: TrieNode | Uint8Array | undefined, level: number, base: number): Generator<readonly [number, Uint8Array | undefined]> {
  if (a === b) return;
  if (level < 0) { yield [base, b as Uint8Array | undefined]; return; }
  const [from, to] = [(a as TrieNode | undefined)?.children ?? [], (b as TrieNode | undefined)?.children ?? []];
  for (let i = 0; i < Math.max(from.length, to.length); i++) yield* changed(from[i], to[i], level - 1, base + i * FANOUT ** level);
}

/**
 * One version of a canister's heap or stable memory: 4 KiB pages, sparse, immutable. Versions share the pages that did not change; what
 * is absent reads as zeros. Pages given to `with` must not be written to afterwards.
 */
export class PagedMemory {
  /** Size in WebAssembly pages of 64 KiB. */
  readonly wasmPages: number;
  private readonly root: TrieNode;
  private readonly level: number;
  private constructor(wasmPages: number, root: TrieNode, level: number) { this.wasmPages = wasmPages; this.root = root; this.level = level; }

  static empty(wasmPages = 0): PagedMemory { return new PagedMemory(wasmPages, EMPTY, 0); }

  /** The 4 KiB page, or undefined when it was never written (zeros). */
  page(index: number): Uint8Array | undefined {
    if (index >= FANOUT ** (this.level + 1)) return undefined;
    let node: TrieNode | Uint8Array | undefined = this.root;
    for (let level = this.level; level >= 0 && node !== undefined; level--) node = (node as TrieNode).children[Math.floor(index / FANOUT ** level) % FANOUT];
    return node as Uint8Array | undefined;
  }

  /** A version with these pages replaced and this size; pages are 4096 bytes each. */
  with(pages: Iterable<readonly [number, Uint8Array]>, wasmPages: number = this.wasmPages): PagedMemory {
    let { root, level } = this;
    for (const [index, bytes] of pages) {
      while (index >= FANOUT ** (level + 1)) { root = { children: [root] }; level++; }
      root = setIn(root, level, index, bytes);
    }
    return new PagedMemory(wasmPages, root, level);
  }

  /** Calls `visit` for every page that was written, in order: what `pages` yields, many times faster for a large heap. */
  forEachPage(visit: (index: number, bytes: Uint8Array) => void): void { visitPages(this.root, this.level, 0, visit); }

  /** Written pages in ascending order. */
  pages(): Generator<readonly [number, Uint8Array]> { return pagesOf(this.root, this.level, 0); }

  /** The pages that differ from an older version, in ascending order; undefined where the page is absent here. */
  *changesSince(older: PagedMemory): Generator<readonly [number, Uint8Array | undefined]> {
    const level = Math.max(this.level, older.level);
    const lifted = (memory: PagedMemory): TrieNode => { let node = memory.root; for (let l = memory.level; l < level; l++) node = { children: [node] }; return node; };
    yield* changed(lifted(older), lifted(this), level, 0);
  }

  /** Copies `target.length` bytes from `offset`; what was never written is zero. The caller has checked the bounds. */
  read(offset: number, target: Uint8Array): void {
    for (let at = 0; at < target.length;) {
      const index = Math.floor((offset + at) / PAGE_BYTES), start = (offset + at) % PAGE_BYTES;
      const length = Math.min(PAGE_BYTES - start, target.length - at);
      const page = this.page(index);
      if (page === undefined) target.fill(0, at, at + length); else target.set(page.subarray(start, start + length), at);
      at += length;
    }
  }

  /** The work of `digest` in pieces of 256 KiB: afterwards it costs little. */
  digestInParts(): Generator<void> { return digestParts(this.root, this.level); }

  /** Hash of size and content, cached on shared parts, so that it costs what changed. */
  digest(): Uint8Array {
    const size = Buffer.alloc(16);
    let { root, level } = this;
    for (; level > 0 && root.children.every((child, i) => i === 0 || digestOf(child) === ZERO_DIGEST); level--) root = (root.children[0] as TrieNode | undefined) ?? EMPTY;
    size.writeBigUInt64BE(BigInt(this.wasmPages), 0);
    size.writeBigUInt64BE(BigInt(level), 8);
    return sha256([size, digestOf(root)]);
  }
}
