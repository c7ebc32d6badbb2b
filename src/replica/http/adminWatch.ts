import type { Timers } from "../interfaces/runtime.ts";
import { type Time, NANOSECONDS_PER_MS, time } from "../types/index.ts";
import type { AdminRow } from "./adminDoor.ts";
import type { NodeStatus } from "./adminNodes.ts";
import { jsonAnswer } from "./answer.ts";

/** A finalized block of a subnet: who made it, and with which rank among the makers of its height. Ids are texts. */
export interface BlockFacts { readonly subnet: string; readonly height: number; readonly rank: number; readonly maker: string; readonly messages: number; readonly timeNanos: string }
/** The last blocks of all subnets, numbered as they came. */
export interface RecentBlocks {
  /** False for a block that is known. */
  add(block: Omit<BlockFacts, "timeNanos"> & { readonly timeNanos: bigint }): boolean;
  since(number: number): { readonly next: number; readonly blocks: readonly BlockFacts[] };
  /** Calls back once at the next block; returns what cancels that. */
  onNext(wake: () => void): () => void;
}

const BLOCKS_KEPT = 2_000;
/** Nobody waits longer for a block: what nodes do besides is told then too. */
const WAIT_MAX: Time = time(250n * NANOSECONDS_PER_MS);

export function recentBlocks(): RecentBlocks {
  const blocks: BlockFacts[] = [], waiting = new Set<() => void>(), tips = new Map<string, number>();
  let next = 0;
  return {
    add({ subnet, height, rank, maker, messages, timeNanos }) {
      if (height <= (tips.get(subnet) ?? 0)) return false;
      tips.set(subnet, height);
      blocks.push({ subnet, height, rank, maker, messages, timeNanos: String(timeNanos) });
      next++;
      if (blocks.length > BLOCKS_KEPT) blocks.shift();
      const wakes = [...waiting];
      waiting.clear();
      for (const wake of wakes) wake();
      return true;
    },
    since: (number) => ({ next, blocks: number >= next ? [] : blocks.slice(Math.max(0, blocks.length - (next - number))) }),
    onNext(wake) { waiting.add(wake); return () => { waiting.delete(wake); }; },
  };
}

/**
 * `GET /_icx/watch?since=<number>`: the blocks after that number, with every node as it is now; waits a moment when there is none. Without
 * `since` it begins with the next block.
 */
export const adminWatch = (recent: RecentBlocks, nodes: () => readonly NodeStatus[], timers: Timers): AdminRow => ({
  method: "GET", path: "watch", summary: "What has been finalized since: `?since=<number>`, and every node",
  async respond(_network, _body, url) {
    const asked = url.searchParams.get("since"), since = asked === null ? recent.since(0).next : Math.max(0, Math.trunc(Number(asked)) || 0);
    if (asked !== null && recent.since(since).blocks.length === 0) {
      await new Promise<void>((resolve) => {
        const cancels: (() => void)[] = [], settle = (): void => { for (const cancel of cancels) cancel(); resolve(); };
        cancels.push(recent.onNext(settle), timers.after(WAIT_MAX, "watch", settle));
      });
    }
    return jsonAnswer(200, { ...recent.since(since), nodes: nodes() });
  },
});
