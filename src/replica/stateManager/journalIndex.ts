import type { Height } from "../types/index.ts";
import { decodeState, encodeState } from "../codec/stateCodec.ts";
import type { JournalHeight } from "../interfaces/stateManager.ts";
import type { LogPlace } from "./mirroredLog.ts";

/** What the journal's records say: artifacts of a height, a node's own records, and the format they are written in. */
export type JournalRecord =
  | { readonly kind: "artifact"; readonly height: Height; readonly id: string; readonly icx: string; readonly bytes: Uint8Array }
  | { readonly kind: "record"; readonly key: string; readonly value: Uint8Array | undefined }
  /** `trimmed`: older segments may be gone, so that the journal alone no longer makes the state. */
  | { readonly kind: "format"; readonly format: number; readonly trimmed: boolean };

export const encodeJournalRecord = (record: JournalRecord): Uint8Array => encodeState(record);
/** @throws DamagedState */
export const decodeJournalRecord = (bytes: Uint8Array): JournalRecord => decodeState(bytes) as JournalRecord;

/** An artifact that waits for its flush has its bytes here, one on disk its place. */
interface Held { readonly icx: string; bytes: Uint8Array | undefined; place: LogPlace | undefined }

/** Where the artifacts of each height are. */
export class JournalIndex {
  private readonly heights = new Map<Height, Map<string, Held>>();

  /** False when the id is there already. */
  add(at: Height, id: string, held: Held): boolean {
    const entries = this.heights.get(at) ?? new Map<string, Held>();
    if (entries.has(id)) return false;
    this.heights.set(at, entries.set(id, held));
    return true;
  }

  from(first: Height, read: (place: LogPlace) => Uint8Array): readonly JournalHeight[] {
    return [...this.heights].filter(([at]) => at >= first).sort(([a], [b]) => a - b).map(([at, entries]) => ({
      height: at, icx: [...entries.values()][0]!.icx, entries: [...entries].map(([id, { bytes, place }]) => ({ id, bytes: bytes ?? read(place!) })),
    }));
  }

  /** The first segment that holds something of a height at or above this one; undefined when none does. */
  firstSegmentFrom(lowest: Height): number | undefined {
    let first: number | undefined;
    for (const [at, entries] of this.heights) {
      if (at < lowest) continue;
      for (const { place } of entries.values()) if (place !== undefined && (first === undefined || place.segment < first)) first = place.segment;
    }
    return first;
  }

  /** Forgets what lies in segments below this one. */
  dropBelow(segment: number): void {
    for (const [at, entries] of this.heights) {
      for (const [id, { place }] of entries) if (place !== undefined && place.segment < segment) entries.delete(id);
      if (entries.size === 0) this.heights.delete(at);
    }
  }
}
