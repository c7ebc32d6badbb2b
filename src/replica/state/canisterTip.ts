import { type CanisterId, type Request, type Response, type Time, assert } from "../types/index.ts";
import type { CanisterSnapshot } from "./canisterSnapshot.ts";
import type { CallContext, Callback, CanisterState, ExecutionState, IngressMessage, SystemState } from "./canisterState.ts";
import { Fifo } from "./fifo.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** The fields of `SystemState` that a round changes in place; contexts, callbacks and queues have forms of their own. */
export type SystemFields = Writable<Omit<SystemState, "callContexts" | "callbacks" | "queues">>;

const entries = <V>(record: Readonly<Record<string, V>>): Map<number, V> => new Map(Object.entries(record).map(([id, value]) => [Number(id), value]));
const record = <V>(map: ReadonlyMap<number, V>): Record<string, V> => Object.fromEntries([...map].sort(([a], [b]) => a - b));

/** A canister while a round works on it: mutable, thrown away when the round's state is made from it. */
export class CanisterTip {
  readonly id: CanisterId;
  readonly system: SystemFields;
  execution: ExecutionState | undefined;
  snapshots: readonly CanisterSnapshot[];
  readonly ingress: Fifo<IngressMessage>;
  readonly input: Fifo<Request | Response>;
  readonly output: Fifo<Request | Response>;
  private readonly contexts: Map<number, CallContext>;
  private readonly open: Map<number, Callback>;
  private readonly inFlight = new Map<string, number>();
  private readonly base: CanisterState;
  private contextsChanged = false;
  private callbacksChanged = false;
  /** Whether input comes from users or canisters next: the two take turns. */
  takeIngressNext = true;

  constructor(base: CanisterState) {
    const { callContexts, callbacks, queues, ...system } = base.system;
    this.base = base;
    this.id = base.id;
    this.system = system;
    this.execution = base.execution;
    this.snapshots = base.snapshots ?? [];
    this.contexts = entries(callContexts);
    this.open = entries(callbacks);
    for (const { receiver } of this.open.values()) this.inFlight.set(receiver, this.callsInFlight(receiver) + 1);
    this.ingress = new Fifo(queues.ingress);
    this.input = new Fifo(queues.input);
    this.output = new Fifo(queues.output);
  }

  get callContexts(): ReadonlyMap<number, CallContext> { return this.contexts; }
  get callbacks(): ReadonlyMap<number, Callback> { return this.open; }

  /** Calls to this peer without an answer so far (capacity 500). */
  callsInFlight(peer: CanisterId): number { return this.inFlight.get(peer) ?? 0; }

  newCallContextId(): number { return this.system.nextCallContext++; }
  setCallContext(id: number, context: CallContext): void { this.contexts.set(id, context); this.contextsChanged = true; }
  deleteCallContext(id: number): void { this.contexts.delete(id); this.contextsChanged = true; }

  addCallback(callback: Callback): number {
    const id = this.system.nextCallback++;
    this.open.set(id, callback);
    this.inFlight.set(callback.receiver, this.callsInFlight(callback.receiver) + 1);
    this.callbacksChanged = true;
    return id;
  }
  takeCallback(id: number): Callback | undefined {
    const callback = this.open.get(id);
    if (callback === undefined) return undefined;
    this.open.delete(id);
    const left = this.callsInFlight(callback.receiver) - 1;
    assert(left >= 0, "every open callback is counted");
    if (left === 0) this.inFlight.delete(callback.receiver); else this.inFlight.set(callback.receiver, left);
    this.callbacksChanged = true;
    return callback;
  }
  /** Remembers the canister's fields and this callback; the result brings them back. Queues and contexts are not remembered. */
  savepoint(callback?: number): () => void {
    const system = { ...this.system }, open = callback === undefined ? undefined : this.open.get(callback);
    return () => {
      for (const field of Object.keys(this.system)) if (!(field in system)) delete (this.system as Record<string, unknown>)[field];
      Object.assign(this.system, system);
      if (open === undefined || this.open.has(callback!)) return;
      this.open.set(callback!, open);
      this.inFlight.set(open.receiver, this.callsInFlight(open.receiver) + 1);
    };
  }
  /** Open calls that this context waits for. */
  outstandingCalls(context: number): number {
    let count = 0;
    for (const callback of this.open.values()) if (callback.callContext === context) count++;
    return count;
  }

  hasInput(): boolean { return this.ingress.length > 0 || this.input.length > 0; }

  /** When time alone gives this canister something to do, earliest first: a timer, a call's deadline, a stop's timeout, the end of its cycles. */
  dueTimes(stopTimeout: bigint): Time[] {
    const { status, globalTimer } = this.system, times: bigint[] = [];
    if (status.kind === "running" && globalTimer !== 0n && this.execution?.exports.includes("canister_global_timer")) times.push(globalTimer);
    let deadline: bigint | undefined;
    for (const callback of this.open.values()) if (callback.deadline !== undefined && (deadline === undefined || callback.deadline < deadline)) deadline = callback.deadline;
    if (deadline !== undefined) times.push(deadline);
    if (status.kind === "stopping") for (const stop of status.stopContexts.slice(0, 1)) times.push(stop.since + stopTimeout);
    if (this.system.cyclesEnd !== undefined) times.push(this.system.cyclesEnd);
    return times as Time[];
  }

  /** The canister as an immutable version, sharing what did not change. */
  freeze(): CanisterState {
    const { callContexts, callbacks, queues } = this.base.system;
    const [ingress, input, output] = [this.ingress.toArray(), this.input.toArray(), this.output.toArray()];
    const sameQueues = ingress === queues.ingress && input === queues.input && output === queues.output;
    return {
      id: this.id, execution: this.execution, ...(this.snapshots.length > 0 && { snapshots: this.snapshots }),
      system: {
        ...this.system,
        callContexts: this.contextsChanged ? record(this.contexts) : callContexts,
        callbacks: this.callbacksChanged ? record(this.open) : callbacks,
        queues: sameQueues ? queues : { ingress, input, output },
      },
    };
  }
}
