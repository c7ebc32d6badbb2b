import type { CanisterLogLine, IngressFilter, QueryHandler, Scheduler } from "../interfaces/execution.ts";
import type { ReceiptRecorder } from "../interfaces/receipts.ts";
import type { Log } from "../interfaces/runtime.ts";
import type { WasmEngine } from "../interfaces/wasm.ts";
import { type RoundProfile, type SubnetParams, paramsFor } from "../params/subnetParams.ts";
import { replicaVersionOf } from "../params/versions.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { subnetTopology } from "../state/routing.ts";
import { assert } from "../types/index.ts";
import { createIngressFilter } from "./ingressFilter.ts";
import { createInlineRunner } from "./longRuns/inlineRunner.ts";
import { type LongRuns, createLongRuns } from "./longRuns/longRuns.ts";
import type { SharedPermits } from "./longRuns/permits.ts";
import { createThreadRunner } from "./longRuns/threadRunner.ts";
import type { NativeProgram } from "./native/nativeProgram.ts";
import { type ProgramStore, createProgramStore } from "./programs.ts";
import { createQueryHandler } from "./queryHandler.ts";
import { createScheduler } from "./scheduler.ts";
import { createSystemApi } from "./systemApi/importHandlers.ts";
import { systemCallRows } from "./systemApi/systemCallRows.ts";

export interface ExecutionOptions {
  readonly engine: WasmEngine;
  readonly profile?: RoundProfile;
  /** Limits and prices other than the profile's: for experiments with small rounds. */
  readonly paramsOf?: (state: ReplicatedState) => SubnetParams;
  /** Programs written in TypeScript, found by the name in a module's custom section. */
  readonly nativePrograms?: readonly NativeProgram[];
  readonly onCanisterLog?: (line: CanisterLogLine) => void;
  /** Debug lines of rooms 12 and 13. */
  readonly log?: Log;
  readonly receipts?: ReceiptRecorder;
  /** Whether messages that exceed a slice run in threads of their own; otherwise they run here, with the same outcome in the same rounds. */
  readonly threads?: boolean;
  /** Of messages that exceed a slice, when other threads run some too. */
  readonly permits?: SharedPermits;
}
/** What the parts of the room share. */
export interface ExecutionModules { readonly programs: ProgramStore; readonly longRuns: LongRuns; readonly onLog?: (line: CanisterLogLine) => void; readonly log?: Log; readonly receipts?: ReceiptRecorder; paramsOf(state: ReplicatedState): SubnetParams }
export interface Execution { readonly scheduler: Scheduler; readonly queryHandler: QueryHandler; readonly ingressFilter: IngressFilter; /** Messages that are under way in slices. */ readonly longRuns: LongRuns }

/** Parameters of the state's own subnet, by its type and size in the topology and by the replica version that computes it. */
export function createParamsOf(profile: RoundProfile): (state: Pick<ReplicatedState, "topology" | "subnetId" | "replicaVersion">) => SubnetParams {
  const known = new Map<string, SubnetParams>();
  return (state) => {
    const { topology, subnetId } = state, version = replicaVersionOf(state), subnet = subnetTopology(topology, subnetId);
    assert(subnet !== undefined, "the topology has the subnet itself");
    const schedule = subnet.admins === undefined ? "normal" : "free", key = `${subnet.type}/${subnet.pricedAs}/${schedule}/${version.name}`;
    let params = known.get(key);
    if (params === undefined) known.set(key, params = paramsFor(subnet.type, subnet.pricedAs, profile, schedule, version.fees));
    return params;
  };
}

/** Composes the room: the scheduler for rounds, the handler for queries, the filter for ingress messages. */
export function createExecution({ engine, profile = "local", paramsOf = createParamsOf(profile), nativePrograms = [], onCanisterLog, log, receipts, threads = false, permits }: ExecutionOptions): Execution {
  const programs = createProgramStore(engine, createSystemApi(systemCallRows), new Map(nativePrograms.map((program) => [program.name, program])));
  const longRuns = createLongRuns(threads ? createThreadRunner(programs, permits) : createInlineRunner(programs));
  const modules: ExecutionModules = { programs, longRuns, paramsOf, ...(onCanisterLog !== undefined && { onLog: onCanisterLog }), ...(log !== undefined && { log }), ...(receipts !== undefined && { receipts }) };
  return { scheduler: createScheduler(modules), queryHandler: createQueryHandler(modules), ingressFilter: createIngressFilter(modules), longRuns };
}
