/** What a node has to find again after a restart goes into its journal (design D10). */
import { height } from "./types/index.ts";
import type { Consensus } from "./interfaces/consensus.ts";
import type { Store } from "./interfaces/stateManager.ts";

/** Gives what puts everything that is new of the last heights into the journal; finished heights are not looked at again. */
export function createNodeJournal(store: Store, consensus: Consensus): () => void {
  const journaled = new Set<string>();
  let finished = height(0);
  return () => {
    const last = consensus.heights.finalized, top = Math.max(last, consensus.heights.notarized, consensus.heights.beacon);
    for (let at = finished; at <= top + 1; at++) {
      const entries = consensus.poolAt(height(at)).filter(({ id }) => !journaled.has(id)).map(({ id, bytes }) => ({ id, bytes }));
      for (const { id } of entries) journaled.add(id);
      if (entries.length > 0) store.putHeight(height(at), entries);
    }
    // A catch-up package is made long after its height.
    const packaged = consensus.poolAt(consensus.heights.catchUp).filter(({ id, kind }) => kind === "catchUpPackage" && !journaled.has(id));
    for (const { id } of packaged) journaled.add(id);
    if (packaged.length > 0) store.putHeight(consensus.heights.catchUp, packaged.map(({ id, bytes }) => ({ id, bytes })));
    const done = Math.max(0, Math.min(last, consensus.heights.certified) - 1);
    if (done <= finished) return;
    for (let at = finished; at < done; at++) for (const { id } of consensus.poolAt(height(at))) journaled.delete(id);
    finished = height(done);
  };
}
