import { describe, expect, test } from "vitest";
import { loadState } from "../../../../../src/replica/stateManager/manifest/loadState.ts";
import { type Checkpoint, StateFiles } from "../../../../../src/replica/stateManager/manifest/stateFiles.ts";
import { bytesContent } from "../../../../../src/replica/stateManager/manifest/fileContent.ts";
import { CHUNK_BYTES, encodeManifest, encodeMetaManifest, metaManifestOf, rootOf } from "../../../../../src/replica/stateManager/manifest/manifest.ts";
import { chunkOf } from "../../../../../src/replica/stateManager/sync/chunkServer.ts";
import { type StateSync, createStateSync } from "../../../../../src/replica/stateManager/sync/stateSync.ts";
import type { ReplicatedState } from "../../../../../src/replica/state/replicatedState.ts";
import { type Hash, type NodeId, type Time, height, hexFromBytes, time } from "../../../../../src/replica/types/index.ts";
import { largeState, randomState, withHeap } from "../manifest/wholeState.ts";

/** How a peer answers: undefined bytes when it does not have the state; nothing at all when it is silent. */
type Peer = (checkpoint: Checkpoint, id: number) => Uint8Array | "silent" | undefined;
const honest: Peer = (checkpoint, id) => {
  const part = chunkOf(checkpoint, id);
  if (part === undefined) return undefined;
  const bytes = new Uint8Array(part.size);
  part.write(bytes);
  return bytes;
};
const lying: Peer = (checkpoint, id) => { const bytes = honest(checkpoint, id) as Uint8Array | undefined; if (bytes !== undefined) bytes[bytes.length >> 1]! ^= 1; return bytes; };
const silent: Peer = () => "silent", lacking: Peer = () => undefined;

/** A node that fetches a state from peers, one answer at a time, in a time that stands still until nothing is under way. */
function fetching(served: Checkpoint, peers: readonly Peer[], options: { readonly local?: ReplicatedState; readonly staged?: Uint8Array[]; readonly stopAfter?: number } = {}) {
  const staged = options.staged ?? [], asked: { readonly to: number; readonly id: number }[] = [], queue: { readonly to: number; readonly id: number; readonly root: Hash<"State"> }[] = [], liars: string[] = [];
  let now = 1_000_000_000n, answers = 0, loaded: Checkpoint | undefined, failure: string | undefined;
  const names = peers.map((_, i) => `0${i}` as NodeId), files = new StateFiles();
  const sync: StateSync = createStateSync({
    clock: { now: () => time(now) }, peers: () => names, local: () => files.checkpoint(options.local ?? largeState(16)),
    request(to, root, id) { asked.push({ to: names.indexOf(to), id }); queue.push({ to: names.indexOf(to), id, root }); },
    staged: { chunks: () => staged, putChunk: (bytes) => { staged.push(bytes); } },
    load: (manifest, chunk, base) => loadState(manifest, chunk, files, base), onLyingPeer: (node) => liars.push(node), onManifest: () => undefined,
  });
  sync.seek({ height: height(served.state.height), root: served.root });
  for (let turns = 0; turns < 10_000 && loaded === undefined && failure === undefined; turns++) {
    const outcome = sync.advance();
    if (outcome?.ok === true) loaded = outcome.value;
    if (outcome?.ok === false) failure = outcome.error;
    const next = queue.shift();
    if (next === undefined) { now = (sync.nextDeadline ?? now + 1n) as Time; continue; }
    if (answers++ === options.stopAfter) break;
    const bytes = peers[next.to]!(served, next.id);
    if (bytes !== "silent") sync.receive(names[next.to]!, next.root, next.id, bytes);
  }
  return { loaded, failure, asked, staged, liars, counters: { ...sync.counters }, seconds: Number((now - 1_000_000_000n) / 1_000_000_000n) };
}

const checkpointOf = (state: ReplicatedState): Checkpoint => new StateFiles().checkpoint(state);
const sizeOf = ({ manifest }: Checkpoint): number => manifest.files.reduce((sum, { size }) => sum + size, 0);
const large = checkpointOf(largeState(4096));

describe("a state that is fetched", () => {
  test("comes whole, from all peers, moves what it is large plus 5 %, and no chunk twice", () => {
    const { loaded, asked, counters } = fetching(large, [honest, honest, honest]);
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(large.root));
    expect(counters.bytesMoved).toBeLessThan(1.05 * sizeOf(large));
    expect(new Set(asked.map(({ to }) => to))).toEqual(new Set([0, 1, 2]));
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
  });
  test("with many small canisters, whose files travel in groups", () => {
    const served = checkpointOf(randomState("many", 15)), { loaded, asked } = fetching(served, [honest]);
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(served.root));
    expect(asked.length).toBeLessThan(served.manifest.files.length);
  });
  test("is asked of others where a peer lies, which is asked nothing more", () => {
    const { loaded, asked, counters, liars } = fetching(large, [honest, lying, honest]);
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(large.root));
    expect([new Set(liars), counters.refused]).toEqual([new Set(["01"]), liars.length]);
    // What was asked before the first lie came in is all that it was ever asked.
    expect(asked.filter(({ to }) => to === 1).length).toBeLessThanOrEqual(4);
  });
  test("does not come while all lie, and comes when one stops", () => {
    let lies = 0;
    const converted: Peer = (checkpoint, id) => (lies++ < 3 ? lying : honest)(checkpoint, id);
    const { loaded, seconds } = fetching(large, [lying, converted]);
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(large.root));
    expect(seconds).toBeGreaterThanOrEqual(60);
  });
  test("does not wait for the silent, nor for those who do not have it", () => {
    const { loaded, seconds } = fetching(large, [silent, honest, lacking]);
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(large.root));
    expect(seconds).toBeLessThanOrEqual(10);
  });
  test("goes on after a crash with what came before it", () => {
    const first = fetching(large, [honest, honest], { stopAfter: 10 });
    expect(first.loaded).toBe(undefined);
    expect(first.staged.length).toBeGreaterThan(4);
    const second = fetching(large, [honest, honest], { staged: first.staged });
    expect(hexFromBytes(second.loaded!.root)).toBe(hexFromBytes(large.root));
    expect(first.counters.bytesMoved + second.counters.bytesMoved).toBeLessThan(1.05 * sizeOf(large));
  });
  test("is not misled by chunks that were damaged on disk", () => {
    const first = fetching(large, [honest], { stopAfter: 10 });
    for (const bytes of first.staged) bytes[0]! ^= 255;
    expect(hexFromBytes(fetching(large, [honest], { staged: first.staged }).loaded!.root)).toBe(hexFromBytes(large.root));
  });
  test("takes from the node's own state what did not change: the changed chunks move, and pages stay shared", () => {
    const older = largeState(4096), served = checkpointOf({ ...withHeap(older, (heap) => heap.with([[5, new Uint8Array(4096).fill(1)], [3000, new Uint8Array(4096)]])), height: height(77) });
    const { loaded, counters } = fetching(served, [honest, lying], { local: older });
    expect(hexFromBytes(loaded!.root)).toBe(hexFromBytes(served.root));
    expect(counters.bytesMoved).toBeLessThan(4.2 * CHUNK_BYTES);
    const page = (state: ReplicatedState): Uint8Array | undefined => [...state.canisters.values()][0]!.execution!.heap.page(2000);
    expect(page(loaded!.state)).toBe(page(older));
  });
  test("that no node can read ends with the reason, though all of it came", () => {
    expect(fetching({ state: large.state, ...notAState() }, [honest, honest]).failure).toContain("system_metadata.bin");
  });
});

/** A manifest of one file that is no part of a state. */
function notAState(): Omit<Checkpoint, "state"> {
  const content = bytesContent(Uint8Array.of(1, 2, 3)), manifest = { files: [{ path: "nothing", size: 3, hash: content.hash }], chunks: [{ file: 0, size: 3, offset: 0, hash: content.chunks[0]! }] };
  const encodedManifest = encodeManifest(manifest), encodedMeta = encodeMetaManifest(metaManifestOf(encodedManifest));
  return { manifest, encodedManifest, encodedMeta, root: rootOf(encodedMeta), contents: [content] };
}
