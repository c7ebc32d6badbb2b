import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences } from "../../../../../src/replica/stateManager/manifest/differences.ts";
import { zeroChunkHash } from "../../../../../src/replica/stateManager/manifest/fileContent.ts";
import { loadState } from "../../../../../src/replica/stateManager/manifest/loadState.ts";
import { CHUNK_BYTES, type Manifest, chunkHash, decodeManifest, decodeMetaManifest, encodeManifest, encodeMetaManifest, fileHash, metaManifestOf, rootOf } from "../../../../../src/replica/stateManager/manifest/manifest.ts";
import { type Checkpoint, StateFiles } from "../../../../../src/replica/stateManager/manifest/stateFiles.ts";
import { chunkOf } from "../../../../../src/replica/stateManager/sync/chunkServer.ts";
import { FIRST_CHUNK_ID } from "../../../../../src/replica/stateManager/sync/chunkIds.ts";
import { StateObjects } from "../../../../../src/replica/stateManager/stateObjects.ts";
import type { ReplicatedState } from "../../../../../src/replica/state/replicatedState.ts";
import { nextState, seeded } from "../randomRounds.ts";
import { largeState, randomState, whole, withHeap } from "./wholeState.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fresh = (state: ReplicatedState): Checkpoint => new StateFiles().checkpoint(state);
/** Every chunk as a peer would send it, by its hash. */
function chunksOf(checkpoint: Checkpoint): ReadonlyMap<string, Uint8Array> {
  return new Map(checkpoint.manifest.chunks.flatMap(({ hash, size }, i) => {
    if (Buffer.compare(hash, zeroChunkHash(size)) === 0) return [];
    const bytes = new Uint8Array(size);
    chunkOf(checkpoint, FIRST_CHUNK_ID + i)!.write(bytes);
    return [[hex(hash), bytes] as const];
  }));
}
const back = (checkpoint: Checkpoint): Checkpoint => {
  const chunks = chunksOf(checkpoint), loaded = loadState(checkpoint.manifest, (hash) => chunks.get(hex(hash))!, new StateFiles());
  return loaded.ok ? loaded.value : expect.fail(loaded.error);
};

describe("hashes of version 3", () => {
  const sha256 = (domain: string, ...parts: (Uint8Array | number[])[]): Buffer =>
    parts.reduce((sum, part) => sum.update(Uint8Array.from(part)), createHash("sha256").update(Uint8Array.of(domain.length)).update(domain)).digest();
  test("chunk, file, piece and root follow the rules, written out by hand", () => {
    const chunk = Uint8Array.of(1, 2, 3), ofChunk = sha256("ic-state-chunk", chunk);
    const ofFile = sha256("ic-state-file", [0, 0, 0, 1], [0, 0, 0, 3], [0, 0, 0, 0, 0, 0, 0, 0], ofChunk);
    const manifest: Manifest = { files: [{ path: "a", size: 3, hash: ofFile }], chunks: [{ file: 0, size: 3, offset: 0, hash: ofChunk }] };
    expect([hex(chunkHash(chunk)), hex(fileHash(manifest.chunks))]).toEqual([hex(ofChunk), hex(ofFile)]);
    const encoded = encodeManifest(manifest);
    expect(hex(encoded)).toBe([[0, 0, 0, 3], [0, 0, 0, 1], [0, 1], [0x61], [0, 0, 0, 0, 0, 0, 0, 3], ofFile, [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 3], [0, 0, 0, 0, 0, 0, 0, 0], ofChunk].map((part) => hex(Uint8Array.from(part))).join(""));
    expect(hex(rootOf(encodeMetaManifest(metaManifestOf(encoded))))).toBe(hex(sha256("ic-state-meta-manifest", [0, 0, 0, 3], [0, 0, 0, 1], sha256("ic-state-sub-manifest", encoded))));
  });
});

describe("manifest of a state", () => {
  test("following the changes gives the root of a state seen for the first time; what is read back has it too, and the full hash", () => {
    fc.assert(fc.property(fc.string(), (seed) => {
      const files = new StateFiles();
      for (let i = 0, state = randomState(seed, 8); i < 3; i++, state = whole(nextState(state, seeded(seed + i)))) {
        const followed = files.checkpoint(state), read = back(followed);
        expect([hex(fresh(state).root), hex(read.root)]).toEqual([hex(followed.root), hex(followed.root)]);
        expect(hex(new StateObjects().hash(read.state))).toBe(hex(new StateObjects().hash(state)));
      }
    }), { numRuns: 2 });
  });
  test("one changed page of a large memory has one chunk hashed again", () => {
    const files = new StateFiles(), state = largeState(4096), before = files.checkpoint(state), after = files.checkpoint(withHeap(state, (heap) => heap.with([[700, new Uint8Array(4096)]])));
    const known = new Set(before.contents.flatMap(({ chunks }) => chunks)), heap = after.manifest.files.findIndex(({ path }) => path.endsWith("heap.bin"));
    expect(after.contents[heap]!.chunks.map((chunk, i) => (known.has(chunk) ? -1 : i)).filter((i) => i >= 0)).toEqual([2]);
    expect(hex(after.root)).toBe(hex(fresh(after.state).root));
  });
  test("a large memory is hashed in parts, by whoever goes on with it", () => {
    const files = new StateFiles(), state = largeState(4096), turns: boolean[] = [];
    do turns.push(files.prepare(state, 4 * CHUNK_BYTES)); while (turns.at(-1) === false);
    expect(turns.length).toBeGreaterThan(4);
    expect([hex(files.checkpoint(state).root), files.prepare(state, 1)]).toEqual([hex(fresh(state).root), true]);
  });
  test("memories that shrink, grow, and have pages of zeros", () => {
    const files = new StateFiles();
    let state = largeState(512);
    for (const pages of [33, 32, 16, 17, 1, 40]) {
      state = withHeap(state, (heap) => heap.with(pages < heap.wasmPages ? [] : [[pages * 16 - 1, new Uint8Array(4096)]], pages));
      const cut = withHeap(state, (heap) => heap.with([], pages)), followed = files.checkpoint(cut);
      expect(hex(followed.root)).toBe(hex(fresh(cut).root));
    }
  });
  test("one flipped bit gives another root, and is named with canister, file and chunk", () => {
    const state = largeState(1024), flipped = withHeap(state, (heap) => { const page = heap.page(300)!.slice(); page[9]! ^= 4; return heap.with([[300, page]]); });
    const a = fresh(state), b = fresh(flipped);
    expect(hex(a.root)).not.toBe(hex(b.root));
    expect(differences(b.manifest, a.manifest)).toEqual([expect.stringMatching(/^canister [a-z0-9-]+ heap\.bin chunk 1$/)]);
    expect(differences(a.manifest, a.manifest)).toEqual([]);
  });
  test("whether equal memories are one object makes no difference", () => {
    const state = largeState(64), [[id, one]] = [...state.canisters] as [[never, NonNullable<ReturnType<ReplicatedState["canisters"]["get"]>>]], copy = withHeap(state, (heap) => heap.with([[0, heap.page(0)!.slice()]]));
    const two = (other: ReplicatedState): ReplicatedState => ({ ...state, canisters: state.canisters.set(id, { ...one, execution: { ...one.execution!, stable: other.canisters.get(id)!.execution!.heap } }) });
    expect(hex(fresh(two(state)).root)).toBe(hex(fresh(two(copy)).root));
    expect(hex(back(fresh(two(copy))).root)).toBe(hex(fresh(two(state)).root));
  });
});

describe("hostile manifests", () => {
  const { encodedManifest, encodedMeta, manifest, root } = fresh(largeState(512));
  test("a changed byte is no manifest, or is another one", () => {
    fc.assert(fc.property(fc.nat(encodedManifest.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = encodedManifest.slice();
      bytes[at]! ^= change;
      const decoded = decodeManifest(bytes);
      expect(decoded.ok ? hex(rootOf(encodeMetaManifest(metaManifestOf(bytes)))) : "").not.toBe(hex(root));
    }), { numRuns: 300 });
  });
  test("what is cut short, too long, unsorted, uncovered or of another version is refused with a reason", () => {
    const { files, chunks } = manifest, swapped = [files[1]!, files[0]!, ...files.slice(2)];
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [encodedManifest.slice(0, -1), /cut short/], [Buffer.concat([encodedManifest, Uint8Array.of(0)]), /trailing/], [Uint8Array.of(0, 0, 0, 9), /version/], [new Uint8Array(), /cut short/],
      [Uint8Array.of(0, 0, 0, 3, 255, 255, 255, 255), /cut short/], [encodeManifest({ files: swapped, chunks }), /sorted|cover/], [encodeManifest({ files, chunks: chunks.slice(1) }), /cover/],
      [encodeManifest({ files, chunks: [...chunks, chunks[0]!] }), /no file/], [encodeManifest({ files: [{ ...files[0]!, size: 2 ** 40 }], chunks: [] }), /cover/],
      [encodeManifest({ files: [{ ...files[0]!, hash: new Uint8Array(32) }, ...files.slice(1)], chunks }), /follow/],
    ];
    for (const [bytes, reason] of cases) expect(decodeManifest(bytes)).toEqual({ ok: false, error: expect.stringMatching(reason) as string });
    for (let length = 0; length < encodedMeta.length; length++) expect(decodeMetaManifest(encodedMeta.slice(0, length)).ok).toBe(false);
  });
  test("numbers that name nothing have no part", () => {
    const checkpoint = fresh(largeState(512));
    for (const id of [FIRST_CHUNK_ID + checkpoint.manifest.chunks.length, 2 ** 30 + 99, 2 ** 31 + 1, 2 ** 32 - 1]) expect(chunkOf(checkpoint, id)).toBe(undefined);
    expect(chunkOf(checkpoint, 2 ** 31)?.size).toBeLessThanOrEqual(CHUNK_BYTES);
  });
});
