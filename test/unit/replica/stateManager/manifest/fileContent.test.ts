import { expect, test } from "vitest";
import { createSeededRng, drawBelow } from "../../../../../src/replica/runtime/seededRng.ts";
import { PAGE_BYTES, PagedMemory, WASM_PAGE_BYTES } from "../../../../../src/replica/state/pagedMemory.ts";
import { hashMemory } from "../../../../../src/replica/stateManager/manifest/fileContent.ts";
import { CHUNK_BYTES, chunkHash } from "../../../../../src/replica/stateManager/manifest/manifest.ts";
import { hexFromBytes } from "../../../../../src/replica/types/index.ts";

/** All of it at once, and what was reported on the way. */
function hashed(memory: PagedMemory): { readonly chunks: readonly string[]; readonly work: number } {
  const hashing = hashMemory(memory);
  let work = 0, step = hashing.next();
  for (; step.done !== true; step = hashing.next()) work += step.value;
  return { chunks: step.value.chunks.map(hexFromBytes), work };
}
/** From the bytes themselves. */
function expected(memory: PagedMemory): readonly string[] {
  const bytes = new Uint8Array(memory.wasmPages * WASM_PAGE_BYTES);
  memory.read(0, bytes);
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) => hexFromBytes(chunkHash(bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES))));
}
const page = (fill: number): Uint8Array => new Uint8Array(PAGE_BYTES).fill(fill);

test("chunks of memories that share their pages have the hashes of their bytes, wherever the pages lie and however long the memory is", () => {
  const rng = createSeededRng(Buffer.from("shared pages")), pool = Array.from({ length: 5 }, (_, i) => page(i));
  for (let round = 0; round < 60; round++) {
    const wasmPages = 1 + drawBelow(rng, 40), memory = PagedMemory.empty(wasmPages).with(Array.from({ length: drawBelow(rng, 5) }, () => [drawBelow(rng, wasmPages * 16), pool[drawBelow(rng, pool.length)]!] as const));
    expect(hashed(memory).chunks, `round ${round}`).toEqual(expected(memory));
  }
});

test("what another memory holds too is not hashed again, nor what was never written; a page with other bytes is", () => {
  const shared = [[3, page(1)], [300, page(2)]] as const, first = PagedMemory.empty(64).with(shared), second = PagedMemory.empty(64).with(shared), third = second.with([[300, page(3)]]);
  expect(hashed(first).work).toBe(2 * CHUNK_BYTES);
  expect(hashed(second).work).toBeLessThan(CHUNK_BYTES / 16);
  expect(hashed(third)).toMatchObject({ chunks: expected(third) });
  expect(hashed(third).chunks[1]).not.toBe(hashed(second).chunks[1]);
  expect(hashed(PagedMemory.empty(64)).work).toBe(0);
});

test("a dense chunk is hashed, its pages are not remembered", () => {
  const pages = Array.from({ length: 256 }, (_, i) => [i, page(i)] as const), memory = PagedMemory.empty(16).with(pages);
  expect([hashed(memory), hashed(PagedMemory.empty(16).with(pages)).work]).toEqual([{ chunks: expected(memory), work: CHUNK_BYTES }, CHUNK_BYTES]);
});
