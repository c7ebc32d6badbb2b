import { LIMITS } from "../params/limits.ts";
import { type Request, type Response, type Time, time } from "../types/index.ts";
import type { Callback, ExecutionState, SystemState } from "./canisterState.ts";
import type { ReplicatedState } from "./replicatedState.ts";

/** The parts of a canister that time alone may wake. */
export interface Waiting {
  readonly system: Pick<SystemState, "status" | "globalTimer" | "cyclesEnd">;
  readonly execution: Pick<ExecutionState, "exports"> | undefined;
  readonly callbacks: Iterable<Callback>;
  readonly input: readonly (Request | Response)[];
  readonly output: readonly (Request | Response)[];
}

/** When time alone gives a canister something to do: a timer, the deadline of a call or of a message that waits, a stop's timeout, the end of its cycles. */
export function dueTimes({ system: { status, globalTimer, cyclesEnd }, execution, callbacks, input, output }: Waiting): Time[] {
  const times: bigint[] = [];
  if (status.kind === "running" && globalTimer !== 0n && execution?.exports.includes("canister_global_timer") === true) times.push(globalTimer);
  let deadline: bigint | undefined;
  const consider = (at: bigint | undefined): void => { if (at !== undefined && (deadline === undefined || at < deadline)) deadline = at; };
  for (const callback of callbacks) consider(callback.deadline);
  for (const message of input) if (message.kind === "request") consider(message.deadline);
  for (const message of output) consider(message.deadline ?? (message.kind === "request" && message.queued !== undefined ? message.queued + LIMITS.requestLifetime : undefined));
  if (deadline !== undefined) times.push(deadline);
  if (status.kind === "stopping") for (const stop of status.stopContexts.slice(0, 1)) times.push(stop.since + LIMITS.stopTimeout);
  if (cyclesEnd !== undefined) times.push(cyclesEnd);
  return times as Time[];
}

/**
 * When the first timer or deadline of the state is due: keys begin with 16 hex digits of nanoseconds. What was due in the last round and
 * still is had its chance (its canister is frozen): it is looked at again with the next block, and is no reason to make one.
 */
export function firstDue({ due, time: now }: ReplicatedState, before: ReplicatedState | undefined): Time | undefined {
  for (const key of due.keys()) {
    const at = time(BigInt(`0x${key.slice(0, 16)}`));
    if (at > now || before?.due.has(key) !== true) return at;
  }
  return undefined;
}
