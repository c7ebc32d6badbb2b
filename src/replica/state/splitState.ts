/**
 * A state in two (dfinity/ic, rs/replicated_state: `split`, `after_split`; protocol digest §3.6). Both halves are functions of the whole and of who
 * moves. Nothing is lost and nothing is there twice: each canister with its queues is in one half; streams, the messages on their way in them and
 * what the subnet does for canisters stay with the source; the destination begins with empty streams.
 */
import { type CanisterId, type IngressStatus, MANAGEMENT_CANISTER_ID, type MessageId, REJECT, type SubnetId, type Time, cycles, principalToText } from "../types/index.ts";
import type { CanisterStates } from "./canisterState.ts";
import { allocatedBytes, memoryUsage } from "./cyclesAccount.ts";
import { PersistentMap } from "./persistentMap.ts";
import type { ReplicatedState } from "./replicatedState.ts";
import { StateTip } from "./stateTip.ts";

/** Who waits for the answer of a management call: all of a `CallOrigin` that an answer needs. */
type Waiting = { readonly kind: "ingress"; readonly messageId: MessageId } | { readonly kind: "canister"; readonly sender: CanisterId; readonly callback: number; readonly deadline?: Time };
export interface Halves { readonly source: ReplicatedState; readonly destination: ReplicatedState }

/** Whoever waits for the end of a stop or of an installation hears that the canister has moved: the call is on one subnet, the canister on the other. */
function refuseCalls(tip: StateTip, moved: readonly CanisterId[]): void {
  const refuse = (id: CanisterId, origin: Waiting, refund: bigint): void => {
    const message = `Canister ${principalToText(id)} migrated during a subnet split`;
    if (origin.kind === "ingress") {
      const known = tip.ingressStatus(origin.messageId);
      if (known.kind === "unknown") return;
      const { receiver, sender, effectiveCanisterId, expiry } = known;
      tip.setIngressStatus(origin.messageId, { kind: "failed", receiver, sender, effectiveCanisterId, time: tip.time, expiry, code: "IC0202", rejectCode: REJECT.sysTransient, message });
    } else {
      const response = {
        kind: "response", originator: origin.sender, respondent: MANAGEMENT_CANISTER_ID, callback: origin.callback, refund: cycles(refund), payload: { kind: "reject", code: REJECT.sysTransient, message },
        ...(origin.deadline !== undefined && { deadline: origin.deadline }),
      } as const, caller = moved.includes(origin.sender) ? undefined : tip.canister(origin.sender);
      if (caller !== undefined) tip.deliver(caller, response); else tip.subnetOutput.push(response);
    }
  };
  for (const id of moved) {
    const { system } = tip.canister(id)!, { status, paused } = system;
    if (status.kind === "stopping") {
      for (const { origin, cycles: refund } of status.stopContexts) if (origin.kind === "ingress" || origin.kind === "canister") refuse(id, origin, refund);
      system.status = { kind: "running" };
    }
    if (paused?.management === undefined) continue;
    const { management: call, debit = 0n } = paused;
    delete system.paused;
    system.balance = cycles(system.balance - debit);
    if (call.kind === "request") refuse(id, { kind: "canister", sender: call.sender, callback: call.callback, ...(call.deadline !== undefined && { deadline: call.deadline }) }, call.cycles);
    else refuse(id, { kind: "ingress", messageId: call.messageId }, 0n);
  }
}

const kept = <K extends string, V>(map: PersistentMap<K, V>, keeps: (key: K, value: V) => boolean): PersistentMap<K, V> => {
  let rest = map;
  for (const [key, value] of map) if (!keeps(key, value)) rest = rest.delete(key);
  return rest;
};
const isOpen = (status: IngressStatus): boolean => status.kind === "received" || status.kind === "processing";

/** What follows from which canisters are there. */
function withCanisters(state: ReplicatedState, isHere: (id: CanisterId) => boolean): Pick<ReplicatedState, "canisters" | "active" | "heartbeats" | "due" | "ingressHistory" | "ingressExpiries"> {
  const ingressHistory = kept(state.ingressHistory, (_, status) => !isOpen(status) || status.kind === "unknown" || isHere(status.receiver));
  let ingressExpiries = state.ingressExpiries;
  for (const [key, ids] of state.ingressExpiries) {
    const left = ids.filter((id: MessageId) => ingressHistory.has(id));
    if (left.length < ids.length) ingressExpiries = left.length === 0 ? ingressExpiries.delete(key) : ingressExpiries.set(key, left);
  }
  return {
    canisters: kept(state.canisters, isHere), active: kept(state.active, isHere), heartbeats: kept(state.heartbeats, isHere), due: kept(state.due, (_, id) => isHere(id)), ingressHistory, ingressExpiries,
  };
}
function sums(canisters: CanisterStates): { readonly canisterStateBytes: bigint; readonly allocatedBytes: bigint } {
  let canisterStateBytes = 0n, allocated = 0n;
  for (const [, canister] of canisters) { canisterStateBytes += memoryUsage(canister); allocated += allocatedBytes(canister); }
  return { canisterStateBytes, allocatedBytes: allocated };
}

/** @param isMoved which canisters go to the other subnet */
export function splitState(whole: ReplicatedState, isMoved: (id: CanisterId) => boolean, destination: SubnetId): Halves {
  const tip = new StateTip(whole);
  refuseCalls(tip, [...whole.canisters.keys()].filter(isMoved));
  const state = tip.commit(), { messages: _, ...metrics } = state.metrics, stay = withCanisters(state, (id) => !isMoved(id)), go = withCanisters(state, isMoved);
  return {
    source: { ...state, ...stay, metrics: { ...metrics, ...sums(stay.canisters) } },
    destination: {
      height: state.height, time: state.time, subnetId: destination, registryVersion: state.registryVersion, topology: state.topology, ...(state.replicaVersion !== undefined && { replicaVersion: state.replicaVersion }), prevStateHash: state.prevStateHash, ...go,
      lastAllocatedCanisterId: undefined, streams: PersistentMap.empty(), subnetQueue: [], subnetOutput: [], subnetCalls: [], nextSubnetCall: 0, consensusQueue: [],
      metrics: { updateTransactionsTotal: 0n, consumedCyclesTotal: 0n, ...sums(go.canisters) },
    },
  };
}
