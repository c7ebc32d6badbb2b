import type { NetworkTopology } from "../../state/replicatedState.ts";
import type { CanisterId } from "../../types/index.ts";
import type { Executed, Execution } from "../hypervisor.ts";
import type { SubnetView } from "../systemApi/host.ts";

/** One execution that exceeds its first slice, with all that its outcome depends on. */
export interface LongJob {
  readonly what: Execution;
  readonly subnet: SubnetView;
  /** What `subnet.isLocal` and `what.callsInFlight` follow from, for another thread. */
  readonly topology: NetworkTopology;
  readonly inFlight: readonly (readonly [CanisterId, number])[];
  readonly sliceInstructions: bigint;
}

/** An execution under way. Whether it has ended within a number of slices depends on its instructions alone, never on time. */
export interface LongRun {
  /** Lets it go on to that many slices, without waiting. */
  allow(slices: number): void;
  /** Its outcome if it ends within so many slices, undefined if it goes on after them; waits until that is known. */
  within(slices: number): Executed | undefined;
  /** Resolves when `within` of what is allowed need not wait; undefined when that is now. */
  ready(): Promise<void> | undefined;
  /** Nobody asks for it any more. */
  stop(): void;
}

/** Where long executions run: a helper thread, or here. Both give the same outcomes after the same slices. */
export interface LongRunner {
  start(job: LongJob): LongRun;
  /** Ends the threads; resolves when they are gone. */
  close(): Promise<void>;
}
