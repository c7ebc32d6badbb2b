import { type CanisterId, type Height, type IngressStatus, type MessageId, NANOSECONDS_PER_SECOND, type Refund, type Request, type Response, type StreamMessage, type SubnetId, type Time, assert, cycles } from "../types/index.ts";
import { CanisterTip } from "./canisterTip.ts";
import { consumedTotal } from "./consumedCycles.ts";
import { allocatedBytes, memoryUsage } from "./cyclesAccount.ts";
import { dueTimes } from "./dueTimes.ts";
import { type MessageUse, messageBytes, messagesOf, noMessages, requestReservation } from "./messageMemory.ts";
import type { CanisterState, IngressMessage } from "./canisterState.ts";
import { Fifo } from "./fifo.ts";
import type { NetworkTopology, QueryStatsState, ReplicatedState, Stream, SubnetCallContext, SubnetMetrics } from "./replicatedState.ts";
import type { PersistentMap } from "./persistentMap.ts";

const hex16 = (value: bigint): string => value.toString(16).padStart(16, "0");
/** Key of `ReplicatedState.due`. */
export const dueKey = (at: Time, canister: CanisterId): string => hex16(at) + canister;
type KnownStatus = Exclude<IngressStatus, { kind: "unknown" }>;
/** For how long an answer stays at least, in nanoseconds. */
const ANSWER_KEPT = 60n * NANOSECONDS_PER_SECOND;
/** Key of `ReplicatedState.ingressExpiries`: seconds, rounded up. */
export const expiryKey = (expiry: Time): string => hex16((expiry + NANOSECONDS_PER_SECOND - 1n) / NANOSECONDS_PER_SECOND);
const allocatedBy = ({ canisters }: ReplicatedState): bigint => {
  let sum = 0n;
  for (const [, canister] of canisters) sum += allocatedBytes(canister);
  return sum;
};
/** What messages in queues and streams hold together. */
function messagesIn({ canisters, subnetQueue, subnetOutput, streams }: ReplicatedState): MessageUse {
  const all = noMessages(), add = ({ guaranteed, bestEffort, callbacks }: MessageUse): void => { all.guaranteed += guaranteed; all.bestEffort += bestEffort; all.callbacks += callbacks; };
  for (const [, { system }] of canisters) add(messagesOf(system));
  for (const message of subnetQueue) countQueued(all, message, 1);
  for (const response of subnetOutput) countSent(all, response, 1);
  for (const [, { messages }] of streams) for (const message of messages) countSent(all, message, 1);
  return all;
}
/** A guaranteed call to the management canister holds a place for its answer while it waits. */
function countQueued(use: MessageUse, message: Request | IngressMessage, times: 1 | -1): void {
  if (message.kind === "request" && message.deadline === undefined) use.guaranteed += times * requestReservation(messageBytes(message));
}
/** Of what is on its way to other subnets, guaranteed answers count (dfinity/ic, streams' guaranteed_responses_size_bytes). */
export function countSent(use: MessageUse, message: StreamMessage, times: 1 | -1): void {
  if (message.kind === "response" && message.deadline === undefined) use.guaranteed += times * messageBytes(message);
}
/** Nothing changed that memory or cycles are counted by. */
const sameBill = (a: CanisterState, b: CanisterState): boolean => a.execution === b.execution && a.system.consumed === b.system.consumed && a.system.settings === b.system.settings
  && a.system.chunkStore === b.system.chunkStore && a.system.logs === b.system.logs && a.system.history === b.system.history && a.system.snapshotBytes === b.system.snapshotBytes;
const dueOf = ({ system, execution }: CanisterState): Time[] => dueTimes({ system, execution, callbacks: Object.values(system.callbacks), ...system.queues });
const NO_STATS: QueryStatsState = { nodes: [] };
export const EMPTY_STREAM: Stream = { begin: 0n, messages: [], signalsEnd: 0n, rejectSignals: [] };

/**
 * The state while a room works on it. Canisters are opened when they are first touched and become immutable versions again in `commit`;
 * only then the maps of what is active or due follow, for the canisters that were opened and no others.
 */
export class StateTip {
  readonly base: ReplicatedState;
  height: Height;
  time: Time;
  topology: NetworkTopology;
  lastAllocatedCanisterId: CanisterId | undefined;
  readonly subnetQueue: Fifo<Request | IngressMessage>;
  readonly consensusQueue: Fifo<Response>;
  readonly subnetOutput: Fifo<Response>;
  subnetCalls: readonly SubnetCallContext[];
  nextSubnetCall: number;
  metrics: SubnetMetrics;
  compiledModules: readonly string[];
  /** Bytes of the subnet's memory that are taken, with what this round took so far. */
  memoryTaken: bigint;
  /** What messages hold, with what this round changed so far. */
  readonly messages: MessageUse;
  queryStats: QueryStatsState;
  private readonly refunded: Map<CanisterId, bigint>;
  streams: PersistentMap<SubnetId, Stream>;
  /** Opened canisters that got input in this round, in order of arrival. */
  readonly woken = new Set<CanisterId>();
  private readonly opened = new Map<CanisterId, CanisterTip>();
  private readonly deleted = new Set<CanisterId>();
  private readonly history = new Map<MessageId, IngressStatus | undefined>();

  constructor(base: ReplicatedState) {
    this.base = base;
    ({ height: this.height, time: this.time, topology: this.topology, lastAllocatedCanisterId: this.lastAllocatedCanisterId, subnetCalls: this.subnetCalls,
      nextSubnetCall: this.nextSubnetCall, metrics: this.metrics, streams: this.streams } = base);
    this.compiledModules = base.compiledModules ?? [];
    this.memoryTaken = base.metrics.allocatedBytes ?? allocatedBy(base);
    this.messages = { ...(base.metrics.messages ?? messagesIn(base)) };
    this.queryStats = base.queryStats ?? NO_STATS;
    this.refunded = base.refunds === undefined ? new Map() : new Map(base.refunds.map(({ recipient, amount }) => [recipient, amount]));
    this.subnetQueue = new Fifo(base.subnetQueue, (message, times) => countQueued(this.messages, message, times));
    this.consensusQueue = new Fifo(base.consensusQueue);
    this.subnetOutput = new Fifo(base.subnetOutput, (message, times) => countSent(this.messages, message, times));
  }

  has(id: CanisterId): boolean { return this.opened.has(id) || (this.base.canisters.has(id) && !this.deleted.has(id)); }

  /** The canister, open for changes; undefined when it does not exist. */
  canister(id: CanisterId): CanisterTip | undefined {
    const open = this.opened.get(id);
    if (open !== undefined) return open;
    const base = this.deleted.has(id) ? undefined : this.base.canisters.get(id);
    if (base === undefined) return undefined;
    const tip = new CanisterTip(base, this.messages);
    this.opened.set(id, tip);
    return tip;
  }
  /** Percent of the subnet's compute that all canisters but this one have reserved. */
  computeAllocatedBut(id: CanisterId | undefined): number {
    let sum = 0;
    for (const [other, { system }] of this.base.canisters) {
      if (other !== id && !this.deleted.has(other)) sum += (this.opened.get(other)?.system ?? system).settings.computeAllocation;
    }
    for (const [other, { system }] of this.opened) if (other !== id && !this.base.canisters.has(other)) sum += system.settings.computeAllocation;
    return sum;
  }
  create(canister: CanisterState): CanisterTip {
    assert(!this.has(canister.id), "a canister id is used once");
    const tip = new CanisterTip(canister, this.messages);
    this.opened.set(canister.id, tip);
    return tip;
  }
  delete(id: CanisterId): void {
    const held = this.canister(id)?.messages;
    if (held !== undefined) for (const kind of ["guaranteed", "bestEffort", "callbacks"] as const) this.messages[kind] -= held[kind];
    this.opened.delete(id);
    this.woken.delete(id);
    this.deleted.add(id);
  }

  /** Cycles of dropped messages that are on their way back, by recipient. */
  get refunds(): ReadonlyMap<CanisterId, bigint> { return this.refunded; }
  /** Sends the cycles of a dropped message back. */
  refund(recipient: CanisterId, amount: bigint): void { if (amount > 0n) this.refunded.set(recipient, (this.refunded.get(recipient) ?? 0n) + amount); }
  /** They have arrived, or nobody is there. */
  takeRefund(recipient: CanisterId): void { this.refunded.delete(recipient); }

  /** Puts a message into a canister's input and marks the canister as awake. */
  deliver(tip: CanisterTip, message: Request | Response | IngressMessage): void {
    if (message.kind === "ingress") tip.ingress.push(message); else tip.input.push(message);
    this.woken.add(tip.id);
  }

  ingressStatus(id: MessageId): IngressStatus {
    const status = this.history.has(id) ? this.history.get(id) : this.base.ingressHistory.get(id);
    return status ?? { kind: "unknown" };
  }
  /** An answer that came late, whose message has expired or is about to, may be read for a while yet. */
  setIngressStatus(id: MessageId, status: KnownStatus): void {
    const least = this.time + ANSWER_KEPT;
    this.history.set(id, status.kind !== "received" && status.kind !== "processing" && status.expiry < least ? { ...status, expiry: least as Time } : status);
  }
  /** Forgets the messages whose expiry lies before `now`, but for those that are still processed (spec, "Update call request clean up"). */
  pruneIngress(now: Time): void {
    const end = hex16(now / NANOSECONDS_PER_SECOND);
    for (const [key, ids] of this.base.ingressExpiries) {
      if (key >= end) break;
      for (const id of ids) {
        const status = this.ingressStatus(id);
        if (status.kind === "unknown" || expiryKey(status.expiry) >= end) continue;
        const open = status.kind === "received" || status.kind === "processing";
        this.history.set(id, open ? { ...status, expiry: (now + ANSWER_KEPT) as Time } : undefined);
      }
    }
    this.prunedBefore = end;
  }
  private prunedBefore = "";

  /** The new version: everything untouched is shared with the version that the work began from. */
  commit(): ReplicatedState {
    let { consumedCyclesTotal, canisterStateBytes, allocatedBytes: taken = allocatedBy(this.base) } = this.base.metrics;
    const count = (before: CanisterState | undefined, after: CanisterState | undefined): void => {
      if (before !== undefined && after !== undefined && sameBill(before, after)) return;
      canisterStateBytes += (after === undefined ? 0n : memoryUsage(after)) - (before === undefined ? 0n : memoryUsage(before));
      taken += (after === undefined ? 0n : allocatedBytes(after)) - (before === undefined ? 0n : allocatedBytes(before));
      consumedCyclesTotal += after === undefined ? before!.system.balance + before!.system.reservedBalance : consumedTotal(after.system.consumed) - consumedTotal(before?.system.consumed);
    };
    let { canisters, active, heartbeats, due, ingressHistory, ingressExpiries } = this.base;
    for (const id of [...this.deleted].sort()) {
      const before = this.base.canisters.get(id);
      if (before !== undefined) count(before, undefined);
      canisters = canisters.delete(id);
      active = active.delete(id);
      heartbeats = heartbeats.delete(id);
      if (before !== undefined) for (const at of dueOf(before)) due = due.delete(dueKey(at, id));
    }
    for (const tip of [...this.opened.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const before = this.deleted.has(tip.id) ? undefined : this.base.canisters.get(tip.id);
      if (before !== undefined) for (const at of dueOf(before)) due = due.delete(dueKey(at, tip.id));
      const after = tip.freeze();
      count(before, after);
      canisters = canisters.set(tip.id, after);
      for (const at of dueOf(after)) due = due.set(dueKey(at, tip.id), tip.id);
      const awake = tip.hasInput() || tip.system.paused !== undefined || tip.output.length > 0 || (tip.system.onLowWasmMemory === "ready" && tip.system.status.kind === "running");
      active = awake ? active.set(tip.id, true) : active.delete(tip.id);
      const beats = tip.system.status.kind === "running" && (tip.execution?.exports.includes("canister_heartbeat") ?? false);
      heartbeats = beats ? heartbeats.set(tip.id, true) : heartbeats.delete(tip.id);
    }
    for (const key of ingressExpiries.keys()) { if (key >= this.prunedBefore) break; ingressExpiries = ingressExpiries.delete(key); }
    const added = new Map<string, MessageId[]>();
    for (const [id, status] of this.history) {
      if (status === undefined || status.kind === "unknown") { ingressHistory = ingressHistory.delete(id); continue; }
      const key = expiryKey(status.expiry), before = this.base.ingressHistory.get(id);
      if (before === undefined || before.kind === "unknown" || expiryKey(before.expiry) !== key) { const ids = added.get(key); if (ids === undefined) added.set(key, [id]); else ids.push(id); }
      ingressHistory = ingressHistory.set(id, status);
    }
    for (const [key, ids] of added) ingressExpiries = ingressExpiries.set(key, [...(ingressExpiries.get(key) ?? []), ...ids]);
    const next: { -readonly [Field in keyof ReplicatedState]: ReplicatedState[Field] } = {
      ...this.base, height: this.height, time: this.time, topology: this.topology, canisters, active, heartbeats, due, ingressHistory, ingressExpiries,
      lastAllocatedCanisterId: this.lastAllocatedCanisterId, subnetQueue: this.subnetQueue.toArray(), consensusQueue: this.consensusQueue.toArray(), subnetOutput: this.subnetOutput.toArray(),
      subnetCalls: this.subnetCalls, nextSubnetCall: this.nextSubnetCall, streams: this.streams,
      metrics: { ...this.metrics, consumedCyclesTotal, canisterStateBytes, allocatedBytes: taken, messages: { ...this.messages } },
    };
    if (this.compiledModules.length > 0) next.compiledModules = this.compiledModules;
    if (this.queryStats !== NO_STATS) next.queryStats = this.queryStats;
    if (this.refunded.size > 0) next.refunds = [...this.refunded].sort(([a], [b]) => (a < b ? -1 : 1)).map(([recipient, amount]): Refund => ({ kind: "refund", recipient, amount: cycles(amount) }));
    else if (next.refunds !== undefined) delete next.refunds;
    return next;
  }
}
