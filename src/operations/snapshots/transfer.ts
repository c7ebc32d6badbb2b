import type { Report } from "../../context/events.ts";
import { CHUNK_BYTES, CHUNKS_AT_ONCE } from "./snapshotFolder.ts";
import { sizeText } from "./snapshotText.ts";

const TELL_MS = 1_000;

/** One part on its way. */
export interface Transfer {
  readonly report: Report;
  /** `Downloaded` or `Uploaded`, and what. */
  readonly step: string;
  readonly subject: string;
  readonly bytes: number;
  /** Bytes that are there already; a multiple of the chunk's size. */
  readonly from: number;
  /** Whether a chunk is there although it lies beyond `from`. */
  readonly has?: (at: number) => boolean;
  /** Moves one chunk. */
  readonly move: (at: number, bytes: number) => Promise<void>;
  /** Everything before `frontier` is there. */
  readonly reached: (frontier: number) => void;
  readonly interrupted: AbortSignal;
}

/** Moves a part in chunks, a few at a time, and tells once a second how far it is. What is not reached by an error or an interrupt can be resumed. */
export async function transfer({ report, step, subject, bytes, from, has, move, reached, interrupted }: Transfer): Promise<void> {
  const began = performance.now();
  let told = began;
  for (let at = from; at < bytes;) {
    interrupted.throwIfAborted();
    const next = Math.min(bytes, at + CHUNK_BYTES * CHUNKS_AT_ONCE), starts: number[] = [];
    for (let start = at; start < next; start += CHUNK_BYTES) if (has?.(start) !== true) starts.push(start);
    await Promise.all(starts.map((start) => move(start, Math.min(CHUNK_BYTES, bytes - start))));
    reached(at = next);
    if (performance.now() - told < TELL_MS || at === bytes) continue;
    told = performance.now();
    report({ kind: "note", text: `  ${subject}: ${sizeText(BigInt(at))} of ${sizeText(BigInt(bytes))}` });
  }
  if (bytes > from) report({ kind: "finished", step, subject, durationMs: performance.now() - began, outcome: sizeText(BigInt(bytes)) });
}
