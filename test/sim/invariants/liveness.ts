import type { Course, Invariant } from "./invariant.ts";

/**
 * Rounds of a calm network take no longer than this, in virtual milliseconds, with some that a liar makes wait. A node accepts no block from
 * its own future (dfinity/ic, rs/consensus/src/consensus/validator.rs): where every node is needed, the clock that is furthest behind may keep each round waiting for its maker's.
 */
const ROUND_MS = 1_500;
/** Virtual milliseconds that so many heights may take. */
export const allowedMs = (heights: number, { clockSpreadMs }: Course): number => (ROUND_MS + clockSpreadMs) * heights + 20_000;

export const L1: Invariant = {
  name: "L1", says: "when the faults stop, notarization goes on",
  watch(cluster, say, course) {
    return { end() {
      const highest = Math.max(...cluster.honest.map(({ consensus }) => consensus.heights.notarized)), healed = course.stages[0]?.from ?? 0;
      if (highest <= healed + 3) say(`nothing is notarized above ${healed}`);
    } };
  },
};

export const L2: Invariant = {
  name: "L2", says: "when the faults stop, finalization goes on, and an honest maker of rank 0 on a fast network gets its block",
  watch(cluster, say, course) {
    const seen = new Set<number>();
    return {
      step({ consensus: { pool } }) {
        const at = pool.finalizedHeight, block = pool.finalized(at);
        if (course.phase !== "rest" || !course.fair || seen.has(at) || block === undefined || at < (course.stages.at(-1)?.to ?? 0) + 6) return;
        seen.add(at);
        if (block.block.rank !== 0) say(`rank ${block.block.rank} at ${at} though everybody keeps the rules`);
      },
      end() {
        for (const { name, from, to, wanted, tookMs } of course.stages) {
          if (wanted > 0 && tookMs === undefined) say(`${name}: ${to - from} of ${wanted} heights`);
          else if (wanted > 0 && tookMs! > allowedMs(wanted, course)) say(`${name}: ${tookMs} ms for ${wanted} heights`);
        }
      },
    };
  },
};

export const L3: Invariant = {
  name: "L3", says: "every user's message comes into a block and is answered",
  watch(_, say, course) {
    return { end() {
      for (const { messageId } of course.traffic?.unknown() ?? []) say(`nobody knows message ${messageId.slice(0, 8)}`);
      for (const { newest } of course.network?.subnets ?? []) for (const [id, { kind }] of newest.ingressHistory) if (kind === "received" || kind === "processing") say(`message ${id.slice(0, 8)} is ${kind}`);
    } };
  },
};

export const L4: Invariant = {
  name: "L4", says: "every interval gets its catch-up package, and calm ones deal new keys",
  watch(cluster, say, course) {
    const dealt = new Set<string>();
    return { step(_, sent) {
      for (const artifact of sent) if (artifact.kind === "blockProposal" && artifact.block.payload.kind === "summary") for (const { id } of artifact.block.payload.dkg.nextTranscripts) dealt.add(id);
    }, end() {
      if (course.stages.length > 0 && dealt.size === 0) say("no new keys were dealt");
      const { dkgIntervalLength } = cluster.params;
      for (const { place, consensus: { heights, pool } } of cluster.honest) {
        const tip = pool.finalized(heights.finalized), start = tip === undefined ? 0 : tip.block.payload.kind === "summary" ? tip.height : tip.block.intervalStart;
        const last = heights.finalized - start > 5 ? start : start - dkgIntervalLength - 1;
        if (heights.catchUp < last && course.stages.length > 0) say(`node ${place} has a package of ${heights.catchUp}, the last interval began at ${last}`);
      }
    } };
  },
};

export const L5: Invariant = {
  name: "L5", says: "a node that was away for intervals catches up, and executes nothing below the package that it starts from",
  watch(cluster, say, course) {
    const bases = new Map<number, number>();
    return {
      began(node, how) { if (how === "sync") bases.set(node.place, node.state.height); },
      step({ place, state }) {
        const base = bases.get(place), last = state.deliveries.at(-1)?.batch.height;
        if (base !== undefined && last !== undefined && state.height >= base && last <= base && last > state.base) say(`node ${place} executed ${last} below the state of ${base} that it fetched`);
      },
      end() {
        const top = Math.max(...cluster.honest.map(({ consensus }) => consensus.heights.finalized));
        for (const { place, state, consensus: { heights } } of cluster.honest) if (state.height < top - 3 || heights.finalized < top - 3) say(`node ${place} is at ${state.height} of ${top}${course.exiled === place ? ", and was away" : ""}`);
      },
    };
  },
};

export const L6: Invariant = {
  name: "L6", says: "what is notarized becomes final again",
  watch(cluster, say, course) {
    return { end() {
      if (course.stages.length === 0) return;
      for (const { place, consensus: { heights } } of cluster.honest) if (heights.notarized - heights.finalized > 1) say(`node ${place} has notarized ${heights.notarized} and finalized ${heights.finalized}`);
    } };
  },
};

export const L7: Invariant = {
  name: "L7", says: "nobody's share is needed: without any f nodes the others go on",
  watch(_, say, course) {
    return { end() { for (const { name, tookMs } of course.stages) if (name.startsWith("without") && tookMs === undefined) say(`nothing goes on ${name}`); } };
  },
};
