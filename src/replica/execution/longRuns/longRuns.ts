import type { CanisterId, Height, SubnetId } from "../../types/index.ts";
import type { Executed, Execution } from "../hypervisor.ts";
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
  /** An execution of a query, to its end; undefined when `close` comes first. Few run at once; the others wait. */
  compute(job: LongJob): Promise<Executed | undefined>;
  close(): Promise<void>;
}

/** Threads for queries. */
const QUERIES_MAX = 2;
interface Computation { begin(): void; abandon(): void }

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean => a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);
/** Installing makes the memories of a module's first instance anew each time; others are those of the state. */
const sameMemory = ({ context, execution: a }: Execution, { execution: b }: Execution, which: "heap" | "stable"): boolean =>
  a[which] === b[which] || ((context === "s" || context === "I") && a[which].wasmPages === b[which].wasmPages);

export function createLongRuns(runner: LongRunner): LongRuns {
  /** Queries that run now, and those that wait for one of them to end. */
  let working = 0, closed = false;
  const waiting: Computation[] = [];
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
    compute: (job) => new Promise((resolve) => {
      const computation: Computation = {
        abandon: () => resolve(undefined),
        begin() {
          working++;
          const run = runner.start(job);
          run.allow(1);
          const end = (): void => {
            working--;
            resolve(closed ? undefined : run.within(1));
            run.stop();
            if (!closed) waiting.shift()?.begin();
          };
          const wait = run.ready();
          if (wait === undefined) end(); else void wait.then(end);
        },
      };
      if (closed) computation.abandon(); else if (working < QUERIES_MAX) computation.begin(); else waiting.push(computation);
    }),
    close() {
      closed = true;
      subnets.clear();
      for (const { abandon } of waiting.splice(0)) abandon();
      return runner.close();
    },
  };
}
