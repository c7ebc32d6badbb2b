import type { Height } from "../types/index.ts";
import type { ArtifactId, ArtifactKind, ArtifactOf, ConsensusArtifact } from "../interfaces/consensus.ts";

type ByHeight = Map<Height, Map<ArtifactId, ConsensusArtifact>>;

/** One half of a pool: artifacts by kind and height, in order of arrival. */
export interface Section {
  add(artifact: ConsensusArtifact): boolean;
  remove(artifact: ConsensusArtifact): boolean;
  has(artifact: ConsensusArtifact): boolean;
  at<Kind extends ArtifactKind>(kind: Kind, height: Height): readonly ArtifactOf<Kind>[];
  /** How many there are, without making a list of them. */
  count(kind: ArtifactKind, height: Height): number;
  /** All of a kind, by ascending height. */
  all<Kind extends ArtifactKind>(kind: Kind): readonly ArtifactOf<Kind>[];
  /** What it removed. */
  purge(kind: ArtifactKind, below: Height): readonly ConsensusArtifact[];
  readonly size: number;
}

const NOTHING: readonly never[] = [];

export function createSection(): Section {
  const kinds = new Map<ArtifactKind, ByHeight>();
  /** No artifact of the kind is below: most purges find nothing, and say so at once. */
  const lowest = new Map<ArtifactKind, Height>();
  let size = 0;
  const listed = new WeakMap<Map<ArtifactId, ConsensusArtifact>, readonly ConsensusArtifact[]>();
  const list = (entries: Map<ArtifactId, ConsensusArtifact>): readonly ConsensusArtifact[] => {
    const known = listed.get(entries);
    if (known !== undefined) return known;
    const made = [...entries.values()];
    listed.set(entries, made);
    return made;
  };
  return {
    add(artifact) {
      const byHeight: ByHeight = kinds.get(artifact.kind) ?? new Map();
      kinds.set(artifact.kind, byHeight);
      const entries = byHeight.get(artifact.height) ?? new Map<ArtifactId, ConsensusArtifact>();
      byHeight.set(artifact.height, entries);
      if (entries.has(artifact.id)) return false;
      entries.set(artifact.id, artifact);
      listed.delete(entries);
      if (artifact.height < (lowest.get(artifact.kind) ?? Number.MAX_SAFE_INTEGER)) lowest.set(artifact.kind, artifact.height);
      size++;
      return true;
    },
    remove(artifact) {
      const byHeight = kinds.get(artifact.kind), entries = byHeight?.get(artifact.height);
      if (byHeight === undefined || entries === undefined || !entries.delete(artifact.id)) return false;
      listed.delete(entries);
      if (entries.size === 0) byHeight.delete(artifact.height);
      size--;
      return true;
    },
    has: (artifact) => kinds.get(artifact.kind)?.get(artifact.height)?.has(artifact.id) ?? false,
    at<Kind extends ArtifactKind>(kind: Kind, at: Height) {
      const entries = kinds.get(kind)?.get(at);
      return entries === undefined ? NOTHING : list(entries) as readonly ArtifactOf<Kind>[];
    },
    count: (kind, at) => kinds.get(kind)?.get(at)?.size ?? 0,
    all<Kind extends ArtifactKind>(kind: Kind) {
      const byHeight = kinds.get(kind);
      if (byHeight === undefined || byHeight.size === 0) return NOTHING;
      if (byHeight.size === 1) for (const entries of byHeight.values()) return list(entries) as readonly ArtifactOf<Kind>[];
      return [...byHeight.keys()].sort((a, b) => a - b).flatMap((at) => list(byHeight.get(at)!) as readonly ArtifactOf<Kind>[]);
    },
    purge(kind, below) {
      const byHeight = kinds.get(kind);
      if (byHeight === undefined || (lowest.get(kind) ?? below) >= below) return [];
      const removed: ConsensusArtifact[] = [];
      for (const [at, entries] of byHeight) {
        if (at >= below) continue;
        removed.push(...entries.values());
        byHeight.delete(at);
      }
      lowest.set(kind, below);
      size -= removed.length;
      return removed;
    },
    get size() { return size; },
  };
}
