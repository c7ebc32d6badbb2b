import type { CanisterId, Height, SubnetId } from "../../types/index.ts";
import type { Execution } from "../hypervisor.ts";
import type { LongJob, LongRun, LongRunner } from "./longRun.ts";

/** Which execution: of the message that began at `since`, the `index`th. */
export interface RunName { readonly subnet: SubnetId; readonly canister: CanisterId; readonly since: Height; readonly index: number }

/**
 * The long executions under way in this process. What stands here is a cache: a state names the message and its slices, and an execution that
 * is not here (after a restart) begins again and comes to the same outcome.
 */
export interface LongRuns {
  /** The run of that name over the same memories; started when there is none. */
  run(name: RunName, job: LongJob): LongRun;
  /** The message has ended, or begins again. */
  forget(subnet: SubnetId, canister: CanisterId): void;
  /** Resolves when the next round of the subnet need not wait for a slice; undefined when that is now. */
  ready(subnet: SubnetId): Promise<void> | undefined;
  close(): Promise<void>;
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean => a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);
/** Installing makes the memories of a module's first instance anew each time; others are those of the state. */
const sameMemory = ({ context, execution: a }: Execution, { execution: b }: Execution, which: "heap" | "stable"): boolean =>
  a[which] === b[which] || ((context === "s" || context === "I") && a[which].wasmPages === b[which].wasmPages);

export function createLongRuns(runner: LongRunner): LongRuns {
  const subnets = new Map<SubnetId, Map<string, { readonly job: LongJob; readonly run: LongRun }>>();
  /** Nodes whose states differ must not take each other's outcomes. */
  const same = ({ what: a }: LongJob, { what: b }: LongJob): boolean =>
    sameBytes(a.execution.moduleHash, b.execution.moduleHash) && sameBytes(a.arg, b.arg) && sameMemory(a, b, "heap") && sameMemory(a, b, "stable");
  return {
    run({ subnet, canister, since, index }, job) {
      const runs = subnets.get(subnet) ?? new Map<string, { readonly job: LongJob; readonly run: LongRun }>(), key = `${canister}/${since}/${index}`, known = runs.get(key);
      subnets.set(subnet, runs);
      if (known !== undefined && same(known.job, job)) return known.run;
      known?.run.stop();
      const run = runner.start(job);
      runs.set(key, { job, run });
      return run;
    },
    forget(subnet, canister) {
      const runs = subnets.get(subnet);
      if (runs === undefined) return;
      for (const [key, { run }] of runs) if (key.startsWith(`${canister}/`)) { run.stop(); runs.delete(key); }
    },
    ready(subnet) {
      const waits = [...subnets.get(subnet)?.values() ?? []].flatMap(({ run }) => run.ready() ?? []);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
    },
    close: () => { subnets.clear(); return runner.close(); },
  };
}
