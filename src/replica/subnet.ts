/** One subnet as the edge sees it: what a healthy node answers from certified, durable state. */
import { type CanisterId, type MessageId, type SignedIngress, type Time, assert } from "./types/index.ts";
import type { CountQuery, QueryHandler } from "./interfaces/execution.ts";
import type { Clock, Log } from "./interfaces/runtime.ts";
import type { DelegationFormat, Path, SubnetView } from "./interfaces/subnet.ts";
import type { SubnetType } from "./state/replicatedState.ts";
import { type Delegation, encodeCertificate } from "./certification/certificate.ts";
import type { ReplicaNode } from "./node.ts";

export interface SubnetOptions {
  /** The node that answers at the moment. */
  readonly serving: () => ReplicaNode;
  readonly type: SubnetType;
  readonly subnetId: SubnetView["subnetId"];
  /** The root subnet's word for this one, undefined before it has certified a state; absent for the root subnet itself. */
  readonly delegation: ((format: DelegationFormat) => Delegation | undefined) | undefined;
  readonly queryHandler: QueryHandler;
  readonly clock: Clock;
  /** Whether the node that answers has fallen behind the others; absent for a subnet of one node. */
  readonly isBehind?: () => boolean;
  /** Whose turn it is to answer a query; absent for what shows one node. */
  readonly inTurn?: () => SubnetView | undefined;
  /** Something arrived that a block should carry. */
  readonly kick: () => void;
  readonly log?: Log;
}
export interface Subnet extends SubnetView {
  /** Calls back once, when the subnet has certified a state. */
  whenHealthy(wake: () => void): void;
  /** Wakes those whose answer is now certified and durable. */
  wakeAnswered(): void;
  /** Another node answers from now on: it is given what the one before was given and has not answered. */
  changedNode(): void;
  /** A fault stopped the subnet: it takes no more messages, and nobody has to wait for an answer. */
  fail(): void;
}

/** Interface spec, "Query": domain separator of node signatures. */
const RESPONSE_DOMAIN = Buffer.from("\x0bic-response", "latin1");
const TERMINAL: readonly string[] = ["completed", "failed", "done"];
/** Bytes of messages that are kept for another node; more are left to the one that took them, and to those it told. */
const OPEN_BYTES_MAX = 64 * 1024 * 1024;
/** So many messages are looked through for those that have ended. */
const OPEN_LOOK = 1_000;
const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

export function createSubnet({ serving, type, subnetId, delegation: delegated, queryHandler, clock, isBehind, inTurn, kick, log }: SubnetOptions): Subnet {
  const waiters = new Map<MessageId, Set<() => void>>();
  const healthWaiters: (() => void)[] = [];
  /** Taken from a user; not known to be answered. */
  const open = new Map<MessageId, SignedIngress>();
  let openBytes = 0, lookAt = OPEN_LOOK;
  let failed = false;

  const certified = (): NonNullable<ReturnType<ReplicaNode["stateManager"]["latestCertified"]>> => {
    const state = serving().stateManager.latestCertified();
    assert(state !== undefined, "a subnet that answers has certified a state");
    return state;
  };
  /** The node that answers counts. */
  const counting = (): CountQuery => ((node, { height }) => (canister, stats) => { node.queryStats.count(canister, stats, height); })(serving(), certified().state);
  function delegation(format: DelegationFormat): Delegation | undefined {
    const found = delegated?.(format);
    assert(delegated === undefined || found !== undefined, "the root subnet has certified a state before another subnet answers");
    return found;
  }
  const forget = (id: MessageId): void => {
    openBytes -= open.get(id)?.envelope.length ?? 0;
    open.delete(id);
  };
  const forgetClosed = (): void => { for (const { messageId, expiry } of [...open.values()]) if (expiry < clock.now() || isAnswered(messageId)) forget(messageId); };
  function remember(message: SignedIngress): void {
    if (open.size >= lookAt || openBytes + message.envelope.length > OPEN_BYTES_MAX) {
      forgetClosed();
      lookAt = Math.max(OPEN_LOOK, 2 * open.size);
    }
    if (open.has(message.messageId) || openBytes + message.envelope.length > OPEN_BYTES_MAX) return;
    open.set(message.messageId, message);
    openBytes += message.envelope.length;
  }
  const isAnswered = (id: MessageId): boolean => TERMINAL.includes(serving().stateManager.latestCertified()?.state.ingressHistory.get(id)?.kind ?? "unknown");

  const dataCertificate = (format: DelegationFormat) => (canister: CanisterId): Uint8Array | undefined => {
    const read = serving().stateManager.readCertified([[label("canister"), Buffer.from(canister, "hex"), label("certified_data")]]), word = delegation(format);
    return read && encodeCertificate({ tree: read.witness, signature: read.certification.signature, ...(word && { delegation: word }) });
  };

  const view: Subnet = {
    subnetId, type,
    forQuery: () => inTurn?.() ?? view,
    get nodeId() { return serving().keys.nodeId; },
    get health() {
      if (failed) return "certified_state_behind";
      if (serving().stateManager.latestCertified() === undefined) return "waiting_for_certified_state";
      if (delegated !== undefined && delegated("sharded") === undefined) return "waiting_for_root_delegation";
      return isBehind?.() === true ? "certified_state_behind" : "healthy";
    },
    get certifiedHeight() { return certified().state.height; },
    certifiedState: () => certified().state,
    certificate(paths: readonly Path[], format) {
      const read = serving().stateManager.readCertified(paths);
      assert(read !== undefined, "a subnet that answers has certified a state");
      const word = delegation(format);
      return encodeCertificate({ tree: read.witness, signature: read.certification.signature, ...(word && { delegation: word }) });
    },
    submit(message) {
      if (failed) return { ok: false, error: { kind: "overloaded" } };
      const submitted = serving().submit(message);
      if (submitted.ok) {
        if (isBehind !== undefined) remember(message);
        kick();
      }
      return submitted;
    },
    ingressStatus: (id) => certified().state.ingressHistory.get(id) ?? { kind: "unknown" },
    whenAnswered(id, wake) {
      if (isAnswered(id)) { wake(); return () => undefined; }
      const waiting = waiters.get(id) ?? new Set();
      waiters.set(id, waiting.add(wake));
      return () => { waiting.delete(wake); if (waiting.size === 0 && waiters.get(id) === waiting) waiters.delete(id); };
    },
    query: (query, format = "sharded") => queryHandler.query(certified().state, query, dataCertificate(format), counting()),
    ask: (query, format = "sharded") => queryHandler.ask(certified().state, query, dataCertificate(format), counting()),
    async signResponse(hash) {
      const { keys } = serving();
      return { signature: await keys.signAnswer(Buffer.concat([RESPONSE_DOMAIN, hash])), identity: keys.nodeId };
    },
    now: () => clock.now(),
    whenHealthy(wake) { healthWaiters.push(wake); },
    wakeAnswered() {
      if (healthWaiters.length > 0 && serving().stateManager.latestCertified() !== undefined) for (const wake of healthWaiters.splice(0)) wake();
      for (const [id, waiting] of [...waiters]) {
        if (!isAnswered(id)) continue;
        waiters.delete(id);
        forget(id);
        log?.({ room: "answer", event: "answered", messageId: id, subnet: subnetId, height: certified().state.height });
        for (const wake of waiting) wake();
      }
    },
    changedNode() {
      forgetClosed();
      for (const message of open.values()) serving().submit(message); // what it refuses now, its waiter learns from the clock
      if (open.size > 0) kick();
    },
    fail() {
      failed = true;
      const waiting = [...waiters.values()];
      waiters.clear();
      for (const wakes of waiting) for (const wake of wakes) wake();
    },
  };
  return view;
}
