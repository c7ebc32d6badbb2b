import type { UserQuery } from "../interfaces/execution.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { type Result, type UserError, err, userError } from "../types/index.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { type Executed, type Execution, execute } from "./hypervisor.ts";
import type { SubnetView } from "./systemApi/host.ts";

/** How a query graph executes its parts. */
export type ExecutePart = (subnet: SubnetView, what: Execution) => Executed;
type Answer = Result<Uint8Array, UserError>;

/** Leaves a query graph whose next part takes longer than a slice. */
class Later {
  readonly subnet: SubnetView;
  readonly what: Execution;
  constructor(subnet: SubnetView, what: Execution) { this.subnet = subnet; this.what = what; }
}

const stopping: Answer = err(userError("IC0208", "The network is stopping."));

/**
 * Answers a query whose parts fit into a slice at once. A longer part runs in another thread, while nobody waits, and then the query is asked
 * again over the same state with the outcomes that are known.
 */
export function askInSlices({ programs, longRuns, paramsOf }: ExecutionModules, state: ReplicatedState, query: UserQuery, answer: (query: UserQuery, part: ExecutePart) => Answer): Answer | Promise<Answer> {
  const known: Executed[] = [], slice = paramsOf(state).querySliceInstructions;
  function attempt(): Answer | Promise<Answer> {
    let next = 0;
    try {
      return answer(query, (subnet, what) => {
        const index = next++, before = known[index];
        if (before !== undefined) return before;
        const first = execute(programs, subnet, what.instructionsMax <= slice ? what : { ...what, instructionsMax: slice });
        if (what.instructionsMax > slice && first.outcome.kind === "trapped" && first.outcome.error.code === "IC0522") throw new Later(subnet, what);
        return (known[index] = first);
      });
    } catch (later) {
      if (!(later instanceof Later)) throw later;
      const { subnet, what } = later, certificate = what.dataCertificate?.();
      const job = {
        what: { ...what, ...(what.dataCertificate !== undefined && { dataCertificate: () => certificate }) }, subnet, topology: state.topology, inFlight: [], sliceInstructions: what.instructionsMax,
      };
      return longRuns.compute(job).then((executed) => {
        if (executed === undefined) return stopping;
        known.push(executed);
        return attempt();
      });
    }
  }
  return attempt();
}
