import { CHUNK_BYTES, type ChunkEntry, type Manifest } from "../manifest/manifest.ts";

/** What may be asked for by number (protocol digest §3.3): 0 the meta manifest, then chunks, groups of small chunks, pieces of the manifest. */
export const META_ID = 0, FIRST_CHUNK_ID = 1, FIRST_GROUP_ID = 2 ** 30, FIRST_PIECE_ID = 2 ** 31;
/** Chunks up to this size travel together, up to a mebibyte. */
const SMALL_BYTES = 8192;

/** Places in the manifest of the chunks that travel under one number: a function of the manifest alone. */
export function groupsOf({ chunks }: Pick<Manifest, "chunks">): readonly (readonly number[])[] {
  const groups: number[][] = [];
  let bytes = CHUNK_BYTES;
  for (const [i, { size }] of chunks.entries()) {
    if (size > SMALL_BYTES) continue;
    if (bytes + size > CHUNK_BYTES) { groups.push([]); bytes = 0; }
    groups.at(-1)!.push(i);
    bytes += size;
  }
  return groups;
}
export const isGrouped = ({ size }: ChunkEntry): boolean => size <= SMALL_BYTES;
