import type { Round, Scheduler } from "../interfaces/execution.ts";
import { managementTarget } from "../codec/managementTarget.ts";
import type { IngressMessage, PausedExecution } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { SLOT_BYTES } from "../state/messageMemory.ts";
import { StateTip } from "../state/stateTip.ts";
import { type CanisterId, type Request, cycles as amount, userError } from "../types/index.ts";
import { answer, rejection } from "./answer.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { type Call, executeCall } from "./executeCall.ts";
import { pausable, placesOf } from "./pausable.ts";
import { executeResponse } from "./executeResponse.ts";
import { chargeIdle, foreseeEnd } from "./idleCharges.ts";
import { deliverLocally } from "./localDelivery.ts";
import { answerRawRand, executeManagement } from "./management/executeManagement.ts";
import { isHeapLimited, subnetHeapLimit } from "./heapDelta.ts";
import { finishStop } from "./management/lifecycle.ts";
import { RoundSchedule, partition } from "./priorities.ts";
import { type RoundContext, tell } from "./roundContext.ts";
import { roundRandomness } from "./roundRandomness.ts";
import { subnetViewOf } from "./subnetViewOf.ts";
import { executeTask, type SystemTask } from "./systemTasks.ts";

/** Users attach none. */
const NO_CYCLES = amount(0n);
/** Instructions left in this round, on the core at hand and for management calls, and messages executed. */
interface Budget { left: bigint; core: bigint; managementLeft: bigint; executed: bigint }

/** The tasks that this round begins with: due timers, heartbeats. The hook for low memory is looked at before every message. */
function tasksOf({ tip, tip: { base } }: RoundContext): Map<CanisterId, SystemTask[]> {
  const tasks = new Map<CanisterId, SystemTask[]>();
  for (const id of base.heartbeats.keys()) tasks.set(id, ["canister_heartbeat"]);
  for (const [key, id] of base.due) {
    if (BigInt(`0x${key.slice(0, 16)}`) > tip.time) break;
    const { system } = base.canisters.get(id)!, list = tasks.get(id) ?? [];
    if (system.cyclesEnd !== undefined && system.cyclesEnd <= tip.time) tasks.set(id, list);
    if (system.globalTimer === 0n || system.globalTimer > tip.time || list.includes("canister_global_timer")) continue;
    tasks.set(id, [...list, "canister_global_timer"]);
  }
  return tasks;
}

function executeRecorded(round: RoundContext, canister: CanisterTip, call: Call): bigint {
  const before = round.receipts?.before(canister), used = executeCall(round, canister, call);
  if (before !== undefined) round.receipts!.called(round.tip, canister, call, before, used);
  return used;
}

/** The next message of the canister: the one that is paused, the hook for low memory; otherwise users and canisters take turns. */
function nextMessage(canister: CanisterTip): PausedExecution["message"] {
  if (canister.system.paused !== undefined) return canister.system.paused.message;
  if (canister.system.onLowWasmMemory === "ready" && canister.input.peek()?.kind !== "response") return "canister_on_low_wasm_memory";
  const fromUser = canister.ingress.length > 0 && (canister.takeIngressNext || canister.input.length === 0);
  canister.takeIngressNext = !fromUser;
  return fromUser ? "ingress" : "input";
}

function executeMessage(round: RoundContext, canister: CanisterTip, which: PausedExecution["message"]): bigint {
  if (which === "management") return manageRecorded(round, canister.system.paused!.management!);
  if (which !== "ingress" && which !== "input") return executeTask(round, canister, which);
  if (which === "ingress") {
    const { sender, method, arg, messageId, senderInfo, expiry } = canister.ingress.shift()!, begins = round.step.paused === undefined;
    if (begins && expiry < round.tip.time) { // it waited too long (dfinity/ic, IngressMessageTimeout)
      answer(round, canister.id, { kind: "ingress", messageId, sender, method }, rejection(userError("IC0202", `Ingress message ${messageId} timed out waiting to start executing.`)), 0n);
      return 0n;
    }
    if (begins && round.log !== undefined) tell(round, "round", "scheduled", messageId);
    return executeRecorded(round, canister, { origin: { kind: "ingress", messageId, sender, method, ...(senderInfo !== undefined && { senderInfo }) }, caller: sender, method, arg, cycles: NO_CYCLES });
  }
  const message = canister.input.shift();
  if (message === undefined) return 0n;
  if (message.kind === "response") {
    const before = round.receipts?.before(canister), used = executeResponse(round, canister, message);
    if (before !== undefined) round.receipts!.answered(round.tip, canister, message, before, used);
    return used;
  }
  const { sender, callback, method, arg, cycles, deadline } = message, held = deadline === undefined ? SLOT_BYTES : 0;
  canister.hold(held);
  try {
    return executeRecorded(round, canister, { origin: { kind: "canister", sender, callback, method, ...(deadline !== undefined && { deadline }) }, caller: sender, method, arg, cycles });
  } finally { canister.hold(-held); }
}

/** Runs a canister until it has nothing to do or the budget is used; true when nothing was left. */
function runCanister(round: RoundContext, canister: CanisterTip, tasks: readonly SystemTask[], budget: Budget): boolean {
  const { messageOverhead } = round.params;
  const resumed = canister.system.paused !== undefined, isPaused = (): boolean => canister.system.paused !== undefined;
  const spend = (used: bigint): void => { const all = used + messageOverhead; budget.left -= all; budget.core -= all; if (!isPaused()) budget.executed++; };
  if (resumed) {
    if (!round.places.turns.delete(canister.id)) return false; // had its slice, or waits for a place
    spend(pausable(round, canister, nextMessage(canister), executeMessage, canister.system.paused?.management));
    if (isPaused()) return true;
  } else chargeIdle(round, canister);
  for (const task of resumed ? [] : tasks) {
    spend(pausable(round, canister, task, executeMessage));
    if (isPaused()) return true;
  }
  while (budget.left > 0n && budget.core > 0n && (canister.hasInput() || canister.system.onLowWasmMemory === "ready")) {
    const hook = canister.system.onLowWasmMemory;
    spend(pausable(round, canister, nextMessage(canister), executeMessage));
    if (isPaused()) return true;
    if (hook === "ready" && canister.system.onLowWasmMemory === "ready" && !canister.hasInput()) break; // frozen: the hook waits
  }
  finishStop(round, canister);
  foreseeEnd(round, canister);
  return !canister.hasInput();
}

function manageRecorded(round: RoundContext, message: Request | IngressMessage): bigint {
  const { receipts, tip } = round;
  if (receipts === undefined) return executeManagement(round, message);
  const id = aboutOf(message), canister = id === undefined ? undefined : tip.canister(id);
  const about = canister && { canister, before: receipts.before(canister) }, used = executeManagement(round, message);
  receipts.managed(tip, message, about, used);
  return used;
}

/** Calls that run a canister's code may take more than one round. */
function manage(round: RoundContext, message: Request | IngressMessage): bigint {
  const id = INSTALLING.includes(message.method) ? aboutOf(message) : undefined, canister = id === undefined ? undefined : round.tip.canister(id);
  if (canister === undefined) return manageRecorded(round, message);
  chargeIdle(round, canister);
  return pausable(round, canister, "management", () => manageRecorded(round, message), message);
}
const INSTALLING: readonly string[] = ["install_code", "install_chunked_code"];
const aboutOf = (message: Request | IngressMessage): CanisterId | undefined => (message.kind === "ingress" ? message.effectiveCanisterId : managementTarget(message.method, message.arg));

/** Whether the message is about a canister in the middle of a message: then it waits, and others go on. */
function isAboutPaused({ tip, places }: RoundContext, message: Request | IngressMessage): boolean {
  if (!places.any) return false;
  const id = aboutOf(message);
  return id !== undefined && tip.canister(id)?.system.paused !== undefined;
}

/** Management calls in order of arrival, within their part of the round; returns how many of those that are left have to wait. */
function runManagement(round: RoundContext, budget: Budget): number {
  const waiting: (Request | IngressMessage)[] = [], { subnetQueue } = round.tip;
  while (budget.managementLeft > 0n && budget.left > 0n) {
    const message = subnetQueue.shift();
    if (message === undefined) break;
    if (isAboutPaused(round, message)) { waiting.push(message); continue; }
    if (round.log !== undefined && message.kind === "ingress") tell(round, "round", "scheduled", message.messageId);
    round.spared = 0n;
    const charged = manage(round, message), used = (charged > round.spared ? charged - round.spared : 0n) + round.params.messageOverhead;
    budget.managementLeft -= used;
    budget.left -= used;
    if (!isAboutPaused(round, message)) budget.executed++;
  }
  for (const message of waiting.reverse()) subnetQueue.unshift(message);
  return budget.managementLeft > 0n ? waiting.length : Infinity;
}

/** Answers of the subnet's agreement go to the canisters that wait for them. */
function deliverConsensusResponses({ tip }: RoundContext): void {
  for (const response of tip.consensusQueue.drain()) {
    const index = tip.subnetCalls.findIndex(({ kind, request }) => kind === "consensus" && request.sender === response.originator && request.callback === response.callback);
    if (index < 0) continue;
    tip.subnetCalls = tip.subnetCalls.toSpliced(index, 1);
    const canister = tip.canister(response.originator);
    if (canister !== undefined) tip.deliver(canister, response); else tip.subnetOutput.push(response);
  }
}

/** The round of execution: a pure function of the state and the round. It opens only canisters that have something to do. */
export function createScheduler({ programs, longRuns, paramsOf, onLog, log, receipts }: ExecutionModules): Scheduler {
  return {
    executeRound(state: ReplicatedState, { height, time, randomness, requiresCheckpoint }: Round): ReplicatedState {
      const tip = new StateTip(state), params = paramsOf(state);
      tip.height = height;
      tip.time = time;
      const round: RoundContext = {
        tip, params, programs, longRuns, places: placesOf(state, params.pausedMessagesMax), step: { paused: undefined, hasPlace: false, executions: 0 }, spared: 0n, random: roundRandomness(randomness), ...(onLog !== undefined && { onLog }), ...(log !== undefined && { log }), ...(receipts?.recording === true && { receipts }),
        subnet: { ...subnetViewOf(state, params, time), memoryTaken: () => tip.memoryTaken, messagesTaken: () => tip.messages },
      };
      const budget: Budget = { left: params.roundInstructionsTotal, core: 0n, managementLeft: params.managementRoundInstructions, executed: 0n };
      deliverConsensusResponses(round);
      answerRawRand(round);
      const tasks = tasksOf(round);
      const awake = new Set<CanisterId>([...state.active.keys(), ...tasks.keys()]), schedule = new RoundSchedule(height, params.cores), cores = Array.from({ length: params.cores }, () => params.roundInstructions);
      const heapLimit = subnetHeapLimit(params, tip.metrics.checkpointAt, height);
      const mayGoOn = (): boolean => budget.left > 0n && cores.some((left) => left > 0n) && (tip.metrics.heapDelta ?? 0) < heapLimit;
      for (let begun = false, waiting = 0, changed = 0; !begun || (mayGoOn() && changed < (params.heapDelta?.pass ?? Infinity) && (awake.size > 0 || tip.subnetQueue.length > waiting)); begun = true) {
        const before = tip.metrics.heapDelta ?? 0;
        waiting = runManagement(round, budget);
        for (const id of tip.woken) awake.add(id);
        tip.woken.clear();
        const canisters = [...awake].sort().map((id) => tip.canister(id)).filter((canister) => canister !== undefined && !isHeapLimited(params, canister.system, height)) as CanisterTip[];
        awake.clear();
        const ordered = schedule.order(canisters), underWay = ordered.filter(({ system }) => system.paused !== undefined);
        const run = (canister: CanisterTip, core: number, first: boolean): void => {
          budget.core = cores[core]! - params.canisterOverhead;
          if (runCanister(round, canister, tasks.get(canister.id) ?? [], budget) || first) schedule.fullyExecuted(canister); // the first counts as fully executed, or a long queue would never yield
          tasks.delete(canister.id);
          cores[core] = budget.core;
        };
        for (const canister of underWay) if (mayGoOn()) run(canister, 0, false);
        for (const [core, own] of partition(ordered.slice(underWay.length), params.cores).entries()) {
          for (const [i, canister] of own.entries()) if (mayGoOn() && cores[core]! > 0n) run(canister, core, !begun && i === 0);
        }
        for (const { id } of ordered) deliverLocally(round, id);
        for (const id of tip.woken) awake.add(id);
        tip.woken.clear();
        changed = (tip.metrics.heapDelta ?? 0) - before;
      }
      schedule.settle();
      if (requiresCheckpoint && params.heapDelta !== undefined) tip.metrics = { ...tip.metrics, heapDelta: 0, checkpointAt: height };
      tip.metrics = { ...tip.metrics, updateTransactionsTotal: tip.metrics.updateTransactionsTotal + budget.executed };
      programs.trim();
      return tip.commit();
    },
  };
}
