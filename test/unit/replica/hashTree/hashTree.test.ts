import { lookup_path as agentLookup, reconstruct as agentReconstruct, type HashTree as AgentTree } from "@dfinity/agent";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HashTree } from "../../../../src/replica/hashTree/hashTree.ts";
import { checkHashTree, decodeHashTree, encodeHashTree } from "../../../../src/replica/hashTree/hashTreeCodec.ts";
import { EMPTY_FOREST, type Forest, type LabeledTree, deleteLabel, digest, forestOf, getLabel, lazyTree, setLabel } from "../../../../src/replica/hashTree/labeledTree.ts";
import { lookup, lookupSubtree, reconstruct, shownLabels } from "../../../../src/replica/hashTree/lookup.ts";
import { whole, witness } from "../../../../src/replica/hashTree/witness.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** The naive tree: nested maps keyed by hex, which knows nothing of shapes. */
type Naive = Uint8Array | Map<string, Naive>;
const LABELS = ["", "a", "aa", "a\0", "a\0\0", "b", "ab", "ba", "\u00ff", "time", "status"].map(utf8);
const label = fc.oneof(fc.constantFrom(...LABELS), fc.uint8Array({ maxLength: 3 }));
const naive = fc.letrec<{ tree: Naive; forest: Map<string, Naive> }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3, depthSize: "small" }, fc.uint8Array({ maxLength: 5 }), tie("forest")),
  forest: fc.array(fc.tuple(label, tie("tree")), { maxLength: 8 }).map((entries) => new Map(entries.map(([name, tree]) => [hex(name), tree]))),
})).forest;
const build = (tree: Naive, lazy = false): LabeledTree => {
  if (tree instanceof Uint8Array) return tree;
  const made = (): Forest => forestOf([...tree].map(([name, child]) => [fromHex(name), build(child, lazy)]));
  return lazy ? lazyTree(made) : made();
};
const naiveAt = (tree: Naive, path: readonly Uint8Array[]): Naive | undefined =>
  path.reduce<Naive | undefined>((at, name) => (at instanceof Map ? at.get(hex(name)) : undefined), tree);
function expectSame(pruned: HashTree, at: Naive, path: readonly Uint8Array[]): void {
  if (at instanceof Uint8Array) { expect(lookup(path, pruned)).toEqual({ kind: "found", value: at }); return; }
  expect(shownLabels(path, pruned).map(hex)).toEqual([...at.keys()].sort());
  for (const [name, child] of at) expectSame(pruned, child, [...path, fromHex(name)]);
}

describe("interface spec, Certificate: hash trees", () => {
  const published = "8301830183024161830183018302417882034568656c6c6f810083024179820345776f726c6483024162820344676f6f648301830241638100830241648203476d6f726e696e67";

  test("published example: root, lookups, and the same bytes again", () => {
    const tree = decodeHashTree(fromHex(published));
    expect(tree.ok).toBe(true);
    if (!tree.ok) return;
    expect(hex(reconstruct(tree.value))).toBe("eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0");
    expect(hex(encodeHashTree(tree.value))).toBe(published);
    expect(lookup(["a", "y"].map(utf8), tree.value)).toEqual({ kind: "found", value: utf8("world") });
    expect(lookup(["a", "z"].map(utf8), tree.value)).toEqual({ kind: "absent" });
    expect(lookup(["aa"].map(utf8), tree.value)).toEqual({ kind: "absent" });
    expect(lookup(["a"].map(utf8), tree.value)).toEqual({ kind: "error" });
  });

  test("published pruned example: same root; what is pruned is unknown", () => {
    const pruned = decodeHashTree(fromHex("83018301830241618301820458201b4feff9bef8131788b0c9dc6dbad6e81e524249c879e9f10f71ce3749f5a63883024179820345776f726c6483024162820458207b32ac0c6ba8ce35ac82c255fc7906f7fc130dab2a090f80fe12f9c2cae83ba6830182045820ec8324b8a1f1ac16bd2e806edba78006479c9877fed4eb464a25485465af601d830241648203476d6f726e696e67"));
    expect(pruned.ok && hex(reconstruct(pruned.value))).toBe("eb5c5b2195e62d996b84c9bcc8259d19a83786a2f59e0878cec84c811f669aa0");
    expect(pruned.ok && lookup(["a", "a"].map(utf8), pruned.value)).toEqual({ kind: "unknown" });
    expect(pruned.ok && lookup(["a", "z"].map(utf8), pruned.value)).toEqual({ kind: "absent" });
  });

  test("every path has the answer of the naive tree, in the whole tree and in a witness of it", () => {
    fc.assert(fc.property(naive, fc.array(fc.array(label, { maxLength: 4 }), { maxLength: 6 }), (content, asked) => {
      const tree = build(content), paths = [...asked, ...[...content.keys()].slice(0, 2).map((name) => [fromHex(name), utf8("a")])];
      const pruned = witness(tree, paths);
      expect(hex(reconstruct(pruned))).toBe(hex(digest(tree)));
      expect(checkHashTree(pruned).ok).toBe(true);
      expect(decodeHashTree(encodeHashTree(pruned))).toEqual({ ok: true, value: pruned });
      for (const path of paths) {
        const expected = naiveAt(content, path);
        if (expected === undefined) expect(lookup(path, pruned)).toEqual({ kind: "absent" });
        else if (expected instanceof Map && expected.size === 0) expect(lookupSubtree(path, pruned)).toEqual([0]);
        else expectSame(pruned, expected, path);
      }
    }), { numRuns: 500 });
  });

  test("a witness shows nothing that was not asked for", () => {
    const tree = forestOf(["a", "b", "c", "d", "e"].map((name) => [name, utf8(`secret ${name}`)]));
    const bytes = Buffer.from(encodeHashTree(witness(tree, [[utf8("c")], [utf8("dd")]]))).toString("latin1");
    expect(bytes).toContain("secret c");
    for (const hidden of ["a", "b", "d", "e"]) expect(bytes).not.toContain(`secret ${hidden}`);
    expect(witness(tree, [])).toEqual([4, digest(tree)]);
  });

  test("agrees with @dfinity/agent on every root and on everything found", async () => {
    // Labels of one length, as ids are: the agent's comparison of labels (3.4.3) takes an extension for smaller, and some smaller for greater.
    const id = fc.uint8Array({ minLength: 2, maxLength: 2 });
    const content = fc.array(fc.tuple(id, fc.array(fc.tuple(id, fc.uint8Array()), { minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 8 });
    await fc.assert(fc.asyncProperty(content, fc.array(fc.tuple(id, id), { maxLength: 3 }), async (entries, missing) => {
      const tree = forestOf(entries.map(([name, leaves]) => [name, forestOf(leaves)]));
      const paths = [...missing, ...entries.flatMap(([name, leaves]) => leaves.slice(1).map(([leaf]) => [name, leaf]))];
      const pruned = witness(tree, paths);
      expect(hex(await agentReconstruct(pruned as unknown as AgentTree))).toBe(hex(digest(tree)));
      for (const path of paths) {
        const [ours, theirs] = [lookup(path, pruned), agentLookup(path, pruned as unknown as AgentTree)];
        if (ours.kind === "found") expect("value" in theirs && hex(theirs.value as Uint8Array)).toBe(hex(ours.value));
        else expect(theirs.status).not.toBe("Found");
      }
    }), { numRuns: 200 });
  });

  test("the root depends on the content alone, not on the order of insertions and deletions, nor on laziness", () => {
    fc.assert(fc.property(naive, fc.array(label, { maxLength: 5 }), (content, extra) => {
      const entries = [...content];
      let forest = EMPTY_FOREST;
      for (const name of extra) forest = setLabel(forest, name, utf8("gone"));
      for (const [name, child] of entries.toReversed()) forest = setLabel(forest, fromHex(name), build(child, true));
      digest(forest);
      for (const name of extra) if (!content.has(hex(name))) forest = deleteLabel(forest, name);
      expect(hex(digest(forest))).toBe(hex(digest(build(content))));
      expect(whole(forest)).toEqual(whole(build(content)));
      for (const name of extra) expect(getLabel(forest, name) === undefined).toBe(!content.has(hex(name)));
    }), { numRuns: 300 });
  });

  test("an insertion makes one path anew and leaves the old version as it was", () => {
    const ids = Array.from({ length: 1000 }, (_, i) => digest(utf8(String(i))));
    let forest = forestOf(ids.map((id) => [id, utf8("x")]));
    const before = hex(digest(forest)), old = forest;
    let nodes = 0;
    const visit = (node: Forest["root"]): void => {
      if (node === undefined || node.digest !== undefined) return;
      nodes++;
      if ("left" in node) { visit(node.left); visit(node.right); }
    };
    forest = setLabel(forest, utf8("new"), utf8("y"));
    visit(forest.root);
    expect(nodes).toBeLessThan(40);
    expect(hex(digest(old))).toBe(before);
    expect(hex(digest(forest))).not.toBe(before);
  });

  test("large labels and leaves", () => {
    const big = new Uint8Array(20_000).fill(7), tree = forestOf([[big, big], [utf8("a"), utf8("b")]]);
    const pruned = witness(tree, [[big]]);
    expect(lookup([big], pruned)).toEqual({ kind: "found", value: big });
    expect(hex(reconstruct(pruned))).toBe(hex(digest(tree)));
    expect(decodeHashTree(encodeHashTree(pruned))).toEqual({ ok: true, value: pruned });
  });

  test.each<[string, string, string]>([
    ["labels out of order", "8301 83024162 8203 4101 83024161 8203 4101", "labelsNotIncreasing"],
    ["a label twice", "8301 83024161 8203 4101 83024161 8203 4101", "labelsNotIncreasing"],
    ["a leaf in a forest", "8301 820341 01 83024161 82034101", "leafInForest"],
    ["short digest", "8204 4101", "malformed"],
    ["unknown node", "8105", "malformed"],
    ["wrong arity", "8300 8100 8100", "malformed"],
    ["truncated", "8301 8100", "malformed"],
    ["trailing bytes", "8100 00", "trailingBytes"],
    ["bytes of 2^63", "82035b7fffffffffffffff", "malformed"],
    ["nothing", "", "malformed"],
    ["200 levels", `${"83024161".repeat(200)}8100`, "tooDeep"],
  ])("%s is refused", (_, encoded, kind) => {
    expect(decodeHashTree(fromHex(encoded))).toMatchObject({ ok: false, error: { kind } });
  });

  test("bytes from outside give a tree or an error, never an exception", () => {
    const mutated = fc.tuple(naive, fc.nat(), fc.nat(255)).map(([content, at, byte]) => {
      const bytes = encodeHashTree(whole(build(content)));
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), mutated), (bytes) => {
      const decoded = decodeHashTree(bytes);
      if (decoded.ok) expect(reconstruct(decoded.value)).toHaveLength(32);
    }), { numRuns: 1000 });
  });
});
