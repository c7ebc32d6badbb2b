import { type CanisterId, type Request, type Response, assert } from "../types/index.ts";
import type { CanisterSnapshot } from "./canisterSnapshot.ts";
import type { CallContext, Callback, CanisterState, ExecutionState, IngressMessage, SystemState } from "./canisterState.ts";
import { Fifo } from "./fifo.ts";
import { type MessageUse, countCallback, countContext, countMessage, messagesOf } from "./messageMemory.ts";

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
  /** What the canister's messages hold. */
  readonly messages: MessageUse;
  private readonly ledger: MessageUse | undefined;
  /** Whether input comes from users or canisters next: the two take turns. */
  takeIngressNext = true;

  /** Every change of what its messages hold goes into the `ledger` of the subnet too. */
  constructor(base: CanisterState, ledger?: MessageUse) {
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
    this.messages = messagesOf(base.system);
    this.ledger = ledger;
    this.input = new Fifo(queues.input, (message, times) => this.count((use) => countMessage(use, "input", message, times)));
    this.output = new Fifo(queues.output, (message, times) => this.count((use) => countMessage(use, "output", message, times)));
  }

  get callContexts(): ReadonlyMap<number, CallContext> { return this.contexts; }
  get callbacks(): ReadonlyMap<number, Callback> { return this.open; }

  /** Calls to this peer without an answer so far (capacity 500). */
  callsInFlight(peer: CanisterId): number { return this.inFlight.get(peer) ?? 0; }

  newCallContextId(): number { return this.system.nextCallContext++; }
  setCallContext(id: number, context: CallContext): void {
    const before = this.contexts.get(id);
    if (before !== undefined) this.count((use) => countContext(use, before, -1));
    this.contexts.set(id, context);
    this.count((use) => countContext(use, context, 1));
    this.contextsChanged = true;
  }
  deleteCallContext(id: number): void {
    const context = this.contexts.get(id);
    if (context !== undefined) this.count((use) => countContext(use, context, -1));
    this.contexts.delete(id);
    this.contextsChanged = true;
  }
  /** Keeps the place for the answer of a call that is being executed: it stands in no queue and has no context yet. */
  hold(bytes: number): void { this.count((use) => { use.guaranteed += bytes; }); }
  private count(change: (use: MessageUse) => void): void {
    change(this.messages);
    if (this.ledger !== undefined) change(this.ledger);
    const bytes = this.messages.guaranteed + this.messages.bestEffort;
    if (bytes > 0) this.system.messageBytes = bytes; else delete this.system.messageBytes;
  }

  addCallback(callback: Callback): number {
    const id = this.system.nextCallback++;
    this.open.set(id, callback);
    this.inFlight.set(callback.receiver, this.callsInFlight(callback.receiver) + 1);
    this.count((use) => countCallback(use, callback, 1));
    this.callbacksChanged = true;
    return id;
  }
  takeCallback(id: number): Callback | undefined {
    const callback = this.open.get(id);
    if (callback === undefined) return undefined;
    this.open.delete(id);
    const left = this.callsInFlight(callback.receiver) - 1;
    assert(left >= 0, "every open callback is counted");
    this.count((use) => countCallback(use, callback, -1));
    if (left === 0) this.inFlight.delete(callback.receiver); else this.inFlight.set(callback.receiver, left);
    this.callbacksChanged = true;
    return callback;
  }
  /** Remembers the canister's fields and this callback; the result brings them back. Queues and contexts are not remembered. */
  savepoint(callback?: number): () => void {
    const { messageBytes: _bytes, ...system } = this.system, open = callback === undefined ? undefined : this.open.get(callback);
    return () => {
      for (const field of Object.keys(this.system)) if (!(field in system) && field !== "messageBytes") delete (this.system as Record<string, unknown>)[field];
      Object.assign(this.system, system);
      if (open === undefined || this.open.has(callback!)) return;
      this.open.set(callback!, open);
      this.inFlight.set(open.receiver, this.callsInFlight(open.receiver) + 1);
      this.count((use) => countCallback(use, open, 1));
    };
  }
  /** Open calls that this context waits for. */
  outstandingCalls(context: number): number {
    let count = 0;
    for (const callback of this.open.values()) if (callback.callContext === context) count++;
    return count;
  }

  hasInput(): boolean { return this.ingress.length > 0 || this.input.length > 0; }

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
