import { LIMITS } from "../params/limits.ts";
import { dueTimes } from "../state/dueTimes.ts";
import type { CanisterState } from "../state/canisterState.ts";
import type { ReplicatedState, Replacement } from "../state/replicatedState.ts";
import { subnetOfCanister } from "../state/routing.ts";
import { type StateTip, dueKey } from "../state/stateTip.ts";
import { ANONYMOUS, type CanisterId, canisterIdFromIndex } from "../types/index.ts";

/** `sbzkb-zqaaa-aaaaa-aaaiq-cai`, which moves canisters on mainnet (dfinity/ic, rs/nns/constants: `MIGRATION_CANISTER_ID`). */
const MIGRATION_CANISTER_ID = canisterIdFromIndex(17n);

/** As `rename_canister` does it on mainnet: the version goes on from the higher of both, the history counts those of the id that it takes. */
function renamed(canister: CanisterState, id: CanisterId, { version, changes }: Replacement, time: ReplicatedState["time"]): CanisterState {
  const { system } = canister, next = (system.version > version ? system.version : version) + 1n, [requestedBy = ANONYMOUS] = system.settings.controllers;
  const details = { kind: "rename", from: canister.id, fromChanges: system.historyTotal, to: id, version, changes, requestedBy } as const;
  return { ...canister, id, system: {
    ...system, version: next, historyTotal: changes + 1n,
    history: [...system.history, { timestamp: time, version: next, origin: { kind: "canister" as const, canister: MIGRATION_CANISTER_ID }, details }].slice(-LIMITS.historyEntries),
  } };
}
const isIdle = ({ system, snapshots }: CanisterState): boolean =>
  system.status.kind === "stopped" && (snapshots?.length ?? 0) === 0 && system.queues.ingress.length + system.queues.input.length + system.queues.output.length === 0;

/**
 * With the first batch whose routing table says so, the canister that holds the state of one that moves takes its id (protocol digest §3.6). Both
 * are stopped and stay so, for nobody controls them meanwhile: nothing is on its way to or from them but what has an answer already.
 */
export function takeIds(state: ReplicatedState): ReplicatedState {
  let { canisters, active, due } = state;
  for (const { start: id, replaces } of state.topology.migrations ?? []) {
    const canister = replaces && canisters.get(replaces.canister);
    if (canister === undefined || canisters.has(id) || subnetOfCanister(state.topology, id) !== state.subnetId || !isIdle(canister)) continue;
    const next = renamed(canister, id, replaces!, state.time);
    canisters = canisters.delete(canister.id).set(id, next);
    active = active.delete(canister.id);
    const { system, execution } = canister;
    for (const at of dueTimes({ system, execution, callbacks: Object.values(system.callbacks), ...system.queues })) due = due.delete(dueKey(at, canister.id)).set(dueKey(at, id), id);
  }
  return { ...state, canisters, active, due };
}

/** Canisters of this subnet whose id another one of another subnet has taken: they are gone, with what cycles were left (protocol digest §2.1, step 1). */
export function dropMoved(tip: StateTip): void {
  const { topology, base } = tip;
  for (const { start: id, replaces } of topology.migrations ?? []) {
    const home = subnetOfCanister(topology, id);
    if (replaces !== undefined && home !== undefined && home !== base.subnetId && tip.base.canisters.get(id)?.system.status.kind === "stopped") tip.delete(id);
  }
}
