import { CHUNK_BYTES, pieceOf } from "../manifest/manifest.ts";
import type { Checkpoint } from "../manifest/stateFiles.ts";
import { FIRST_CHUNK_ID, FIRST_GROUP_ID, FIRST_PIECE_ID, META_ID, groupsOf } from "./chunkIds.ts";

const groups = new WeakMap<Checkpoint, readonly (readonly number[])[]>();
const firstChunks = new WeakMap<Checkpoint, readonly number[]>();
function firstChunksOf(checkpoint: Checkpoint): readonly number[] {
  const known = firstChunks.get(checkpoint);
  if (known !== undefined) return known;
  const firsts: number[] = [];
  for (const [i, { file }] of checkpoint.manifest.chunks.entries()) firsts[file] ??= i;
  firstChunks.set(checkpoint, firsts);
  return firsts;
}

/** The size of what a number names, and how to write it; undefined for numbers that name nothing. */
export function chunkOf(checkpoint: Checkpoint, id: number): { readonly size: number; write(target: Uint8Array): void } | undefined {
  const { manifest: { chunks }, contents, encodedManifest, encodedMeta } = checkpoint;
  const bytes = (part: Uint8Array): ReturnType<typeof chunkOf> => ({ size: part.length, write: (target) => target.set(part) });
  const write = (place: number, target: Uint8Array): void => {
    const { file } = chunks[place]!;
    contents[file]!.read(place - firstChunksOf(checkpoint)[file]!, target);
  };
  if (id === META_ID) return bytes(encodedMeta);
  if (id >= FIRST_PIECE_ID) return (id - FIRST_PIECE_ID) * CHUNK_BYTES < encodedManifest.length ? bytes(pieceOf(encodedManifest, id - FIRST_PIECE_ID)) : undefined;
  if (id >= FIRST_GROUP_ID) {
    const known = groups.get(checkpoint) ?? groupsOf(checkpoint.manifest), places = known[id - FIRST_GROUP_ID];
    groups.set(checkpoint, known);
    return places && {
      size: places.reduce((sum, place) => sum + chunks[place]!.size, 0),
      write(target) {
        let at = 0;
        for (const place of places) { write(place, target.subarray(at, at + chunks[place]!.size)); at += chunks[place]!.size; }
      },
    };
  }
  const chunk = chunks[id - FIRST_CHUNK_ID];
  return chunk && { size: chunk.size, write: (target) => write(id - FIRST_CHUNK_ID, target) };
}
