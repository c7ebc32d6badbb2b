import { createQueryStatsSection } from "./consensus/payload/queryStatsSection.ts";
import { type QueryStatsCollector, createQueryStatsCollector, epochOf } from "./execution/queryStatsCollector.ts";
import type { PayloadSection } from "./interfaces/consensus.ts";
import { queryStatsEpoch } from "./params/subnetParams.ts";
import type { ReplicatedState } from "./state/replicatedState.ts";
import type { Height, NodeId } from "./types/index.ts";

/** How a node counts the queries that it answers, and how its blocks tell the others. */
export interface NodeQueryStats { readonly collector: QueryStatsCollector; readonly section: PayloadSection<"queryStats"> }

/** `stateAt`: the state of a certified height while it is at hand. */
export function createNodeQueryStats(node: NodeId, stateAt: (height: Height) => ReplicatedState | undefined, epochLength: number = queryStatsEpoch("local")): NodeQueryStats {
  const collector = createQueryStatsCollector(epochLength);
  return {
    collector,
    section: createQueryStatsSection({
      node, ended: (at) => collector.ended(at), epochOf: (at) => epochOf(at, epochLength),
      recorded(of, epoch, at) {
        const state = stateAt(at);
        if (state === undefined) return undefined;
        const { aggregated = -1, nodes = [] } = state.queryStats ?? {}, last = nodes.find((known) => known.node === of)?.epochs.at(-1);
        if (epoch <= aggregated || (last !== undefined && last.epoch > epoch)) return "closed";
        return last?.epoch === epoch ? new Set(last.stats.map(({ canister }) => canister)) : "none";
      },
    }),
  };
}
