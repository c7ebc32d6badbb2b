import type { MessageRouting, Scheduler } from "../interfaces/execution.ts";
import type { ReceiptRecorder } from "../interfaces/receipts.ts";
import type { Log } from "../interfaces/runtime.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { withBlock } from "../state/nodeMetrics.ts";
import { StateTip } from "../state/stateTip.ts";
import { assert } from "../types/index.ts";
import { inductIngress } from "./ingressInduction.ts";
import { deliverQueryStats } from "./queryStats.ts";
import { dropMoved, takeIds } from "./movedCanisters.ts";
import { payRefunds } from "./refunds.ts";
import { shedBestEffort } from "./shedding.ts";
import { type SliceReader, inductSlices } from "./sliceInduction.ts";
import { buildStreams } from "./streamBuilder.ts";
import { timeOut } from "./timeouts.ts";
import { createWalkLines } from "./walkLines.ts";

export interface MessageRoutingOptions {
  readonly scheduler: Scheduler;
  /** Prices of the state's subnet. */
  readonly paramsOf: (state: ReplicatedState) => SubnetParams;
  /** Reads the slices of other subnets' streams to this one that consensus has validated. */
  readonly readSlice: SliceReader;
  readonly log?: Log;
  readonly receipts?: ReceiptRecorder;
}

/**
 * Rooms 11–14 of the walk. One batch makes one height: the time and topology of the batch, what timed out, induction, the round of execution,
 * the streams, and what best-effort messages have too much (reference/protocol.md §2.1).
 */
export function createMessageRouting({ scheduler, paramsOf, readSlice, log, receipts }: MessageRoutingOptions): MessageRouting {
  const lines = log && createWalkLines(log);
  return {
    processBatch(state, batch, topology) {
      assert(batch.height === state.height + 1, "batches come in the order of heights");
      assert(batch.time >= state.time, "time never goes back");
      const base: ReplicatedState = { ...state, height: batch.height, time: batch.time, topology, registryVersion: batch.registryVersion,
        ...(batch.blockMaker !== undefined && { nodeMetrics: withBlock(state.nodeMetrics, batch.blockMaker, batch.time) }) };
      const known = base.replicaVersion === batch.replicaVersion ? base : madeBy(base, batch.replicaVersion), moves = topology.migrations !== undefined;
      const inducted = new StateTip(moves ? takeIds(known) : known);
      if (moves) dropMoved(inducted);
      inducted.pruneIngress(batch.time);
      if (batch.queryStats !== undefined) deliverQueryStats(inducted, batch.queryStats);
      timeOut(inducted);
      const params = paramsOf(inducted.base);
      inductSlices(inducted, batch.streams, readSlice, params);
      inductIngress(inducted, batch.ingress, params, receipts?.recording === true ? receipts : undefined);
      lines?.inducted(inducted, batch.ingress);
      payRefunds(inducted);
      for (const response of batch.consensusResponses) inducted.consensusQueue.push(response);
      const { height, time, randomness, registryVersion, requiresCheckpoint } = batch;
      const executed = new StateTip(scheduler.executeRound(inducted.commit(), { height, time, randomness, registryVersion, requiresCheckpoint }));
      buildStreams(executed);
      shedBestEffort(executed, params.bestEffortMessageBytes);
      lines?.routed(executed);
      return executed.commit();
    },
  };
}

/** The same state, computed by another replica version from now on. */
function madeBy({ replicaVersion: _, ...state }: ReplicatedState, replicaVersion: string | undefined): ReplicatedState {
  return replicaVersion === undefined ? state : { ...state, replicaVersion };
}
