import type { IngressMessage, PausedExecution } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { type CanisterId, type Request, type Response, cycles } from "../types/index.ts";
import { Pause, takenNow } from "./executeSliced.ts";
import type { RoundContext } from "./roundContext.ts";

/** Who of the paused messages has a slice in this round, and how many more may be paused. */
export interface Places { readonly turns: Set<CanisterId>; left: number; /** Whether any message was paused at the round's start or since. */ any: boolean }

/** The oldest of the paused messages have their turn; the others wait until one of those has ended. */
export function placesOf({ active, canisters }: ReplicatedState, max: number): Places {
  const paused: { readonly id: CanisterId; readonly since: number }[] = [];
  for (const id of active.keys()) {
    const since = canisters.get(id)?.system.paused?.since;
    if (since !== undefined) paused.push({ id, since });
  }
  const turns = paused.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)).slice(0, max).map(({ id }) => id);
  return { turns: new Set(turns), left: max - turns.length, any: paused.length > 0 };
}

/** A user who asks sees that the message is no longer waiting. */
function showProcessing({ tip }: RoundContext, { messageId }: IngressMessage): void {
  const status = tip.ingressStatus(messageId);
  if (status.kind === "received") tip.setIngressStatus(messageId, { ...status, kind: "processing" });
}

/**
 * Executes a message to its end, or pauses it after its slice: then the canister is as it was before the message, which stands at the head of
 * its queue; a call of the management canister, which stands in none, is kept with it. Returns the instructions that the round spends on it: what runs elsewhere costs it none.
 */
export function pausable(round: RoundContext, canister: CanisterTip, which: PausedExecution["message"], execute: (round: RoundContext, canister: CanisterTip, which: PausedExecution["message"]) => bigint, management?: PausedExecution["management"]): bigint {
  const { tip, places, longRuns } = round, { registryVersion, subnetId } = tip.base, known = canister.system.paused;
  const paused = known?.registryVersion === registryVersion ? known : undefined;
  if (known !== paused) longRuns.forget(subnetId, canister.id);
  round.step = { paused, hasPlace: paused !== undefined || places.left > 0, executions: 0 };
  const message = which === "ingress" ? canister.ingress.peek() : which === "input" ? canister.input.peek() : undefined;
  // A call changes nothing before it has returned.
  const undo = message?.kind === "ingress" || message?.kind === "request" ? undefined : canister.savepoint(message?.callback);
  try {
    const used = execute(round, canister, which);
    if (known === undefined) return used;
    delete canister.system.paused;
    const { system } = canister, debit = known.debit ?? 0n;
    system.balance = cycles(debit < system.balance ? system.balance - debit : 0n);
    longRuns.forget(subnetId, canister.id);
    return paused === undefined ? used : 0n;
  } catch (pause) {
    if (!(pause instanceof Pause)) throw pause;
    undo?.();
    const call = management ?? message;
    if (call?.kind === "ingress") showProcessing(round, call);
    if (message?.kind === "ingress") canister.ingress.unshift(message);
    else if (message !== undefined) canister.input.unshift(message as Request | Response);
    const { since, time, memoryTaken, messagesTaken } = paused ?? { since: tip.height, time: tip.time, memoryTaken: tip.memoryTaken, messagesTaken: takenNow(tip) };
    canister.system.paused = { message: which, since, time, memoryTaken, ...(messagesTaken !== undefined && { messagesTaken }), registryVersion, slices: pause.slices, ...(management !== undefined && { management }), ...(known?.debit !== undefined && { debit: known.debit }) };
    if (paused !== undefined) return 0n;
    if (known === undefined) { places.left--; places.any = true; }
    return round.params.sliceInstructions;
  }
}
