import { type Height, ok } from "../types/index.ts";
import { ICX_VERSION } from "../params/version.ts";
import type { JournalEntry, LoadedState, Store } from "../interfaces/stateManager.ts";
import { fullHash } from "./fullHash.ts";

/** The same store for a network that does not stay: everything is durable as long as the process is. */
export function openMemoryStore(): Store {
  const heights = new Map<Height, Map<string, JournalEntry>>(), own = new Map<string, Uint8Array>();
  let latest: LoadedState | undefined, before: LoadedState | undefined, neededFrom = 0, staged: Uint8Array[] = [];
  return {
    putHeight(at, entries) {
      const known = heights.get(at) ?? new Map<string, JournalEntry>();
      for (const entry of entries) if (!known.has(entry.id)) known.set(entry.id, entry);
      if (known.size > 0) heights.set(at, known);
    },
    heights: (from) => [...heights].filter(([at]) => at >= from).sort(([a], [b]) => a - b).map(([at, entries]) => ({ height: at, icx: ICX_VERSION, entries: [...entries.values()] })),
    putRecord(key, value) { if (value === undefined) own.delete(key); else own.set(key, value.slice()); },
    getRecord: (key) => own.get(key)?.slice(),
    records: (prefix) => [...own].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value.slice()] as const),
    flushed: () => Promise.resolve(),
    forgetBelow(at) {
      neededFrom = Math.max(neededFrom, at);
      for (const known of heights.keys()) if (known < Math.min(neededFrom, latest?.state.height ?? 0)) heights.delete(known);
    },
    checkpoint(state, certification) {
      before = latest;
      latest = { state, certification, fullHash: fullHash(state) };
      return Promise.resolve();
    },
    keepCopy: () => undefined,
    dropCheckpoints() { latest = before = undefined; },
    loadAt: (at) => [latest, before].find((one) => one?.state.height === at)?.state,
    putChunk(bytes) { staged.push(bytes); },
    chunks: () => staged,
    dropChunks() { staged = []; },
    load: () => ok(latest),
    repairs: [],
    close: () => Promise.resolve(),
  };
}
