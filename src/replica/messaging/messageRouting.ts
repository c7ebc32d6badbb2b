import type { MessageRouting, Scheduler } from "../interfaces/execution.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { StateTip } from "../state/stateTip.ts";
import { assert } from "../types/index.ts";
import { inductIngress } from "./ingressInduction.ts";
import { type SliceDecoder, inductSlices } from "./sliceInduction.ts";
import { buildStreams } from "./streamBuilder.ts";
import { timeOutCalls } from "./timeouts.ts";

export interface MessageRoutingOptions {
  readonly scheduler: Scheduler;
  /** Prices of the state's subnet. */
  readonly paramsOf: (state: ReplicatedState) => SubnetParams;
  /** Reads the certified slices that consensus has validated; absent while a network has one subnet. */
  readonly decodeSlice?: SliceDecoder;
}

/**
 * Rooms 11–14 of the walk. One batch makes one height: the time and topology of the batch, what timed out, induction, the round of execution,
 * the streams (reference/protocol.md §2.1).
 */
export function createMessageRouting({ scheduler, paramsOf, decodeSlice }: MessageRoutingOptions): MessageRouting {
  return {
    processBatch(state, batch, topology) {
      assert(batch.height === state.height + 1, "batches come in the order of heights");
      assert(batch.time >= state.time, "time never goes back");
      const base: ReplicatedState = { ...state, height: batch.height, time: batch.time, topology, registryVersion: batch.registryVersion };
      const inducted = new StateTip(base);
      inducted.pruneIngress(batch.time);
      timeOutCalls(inducted);
      if (decodeSlice !== undefined) inductSlices(inducted, batch.streams, decodeSlice);
      inductIngress(inducted, batch.ingress, paramsOf(base));
      for (const response of batch.consensusResponses) inducted.consensusQueue.push(response);
      const { height, time, randomness, registryVersion, requiresCheckpoint } = batch;
      const executed = new StateTip(scheduler.executeRound(inducted.commit(), { height, time, randomness, registryVersion, requiresCheckpoint }));
      buildStreams(executed);
      return executed.commit();
    },
  };
}
