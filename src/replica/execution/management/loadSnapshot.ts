import type { CandidPrincipal } from "../../codec/candid.ts";
import { type CanisterSnapshot, canisterOfSnapshot, snapshotIdBytes } from "../../state/canisterSnapshot.ts";
import type { ExecutionState, HookStatus } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { instructionCost, liquidCycles, memoryUsage } from "../../state/cyclesAccount.ts";
import { type CanisterId, type Result, type UserError, cycles, err, ok, principalToText, userError } from "../../types/index.ts";
import { countHeapDelta, isLowOnMemory, updateLowMemoryHook } from "../applyEffects.ts";
import { fromCanister, outOfCycles } from "../executionErrors.ts";
import { heapRefusal } from "../heapDelta.ts";
import { changeMemory } from "../memoryChange.ts";
import { consume } from "../../state/consumedCycles.ts";
import { type ManagementCall, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";
import { COMPILE_INSTRUCTIONS, sha256 } from "./installCode.ts";
import { SNAPSHOT_INSTRUCTIONS, snapshotIdFrom, snapshotNotFound } from "./snapshotStore.ts";

/** The snapshot, of this canister or of another one on the subnet that the caller controls too. */
function loadable(call: ManagementCall, target: CanisterTip, id: string): Result<{ readonly snapshot: CanisterSnapshot; readonly owner: CanisterId }, UserError> {
  const owner = canisterOfSnapshot(id), canister = owner === undefined ? undefined : owner === target.id ? target : call.round.tip.canister(owner);
  const snapshot = canister?.snapshots.find((candidate) => candidate.id === id);
  if (canister === undefined || snapshot === undefined) return err(snapshotNotFound(target.id, id));
  if (canister !== target && !canister.system.settings.controllers.includes(call.caller)) {
    return err(userError("IC0406", `Only a controller of the canister that snapshot ${id} belongs to can load it on canister ${principalToText(target.id)}. Sender: ${principalToText(call.caller)}.`));
  }
  return ok({ snapshot, owner: canister.id });
}

/** The code and state of a snapshot; the module is checked and compiled as when it is installed. */
function executionOf(call: ManagementCall, target: CanisterTip, snapshot: CanisterSnapshot): Result<{ readonly execution: ExecutionState; readonly instructions: bigint }, UserError> {
  const { module, globalTypes, globals, heap, stable } = snapshot, moduleHash = sha256(module), prepared = call.round.programs.prepare(module, moduleHash);
  if (!prepared.ok) return err(fromCanister(target.id, prepared.error));
  const { metadata, instructionCount } = prepared.value;
  if (prepared.value.globals.join() !== globalTypes.join()) return err(userError("IC0408", "Wasm exported globals of canister module and snapshot metadata do not match."));
  // a program in TypeScript trusts the stable memory that it wrote itself
  if (snapshot.source === "uploaded" && metadata.some(({ name }) => name === NATIVE_SECTION)) return err(userError("IC0406", "Snapshots of native programs are loaded only where they were taken."));
  const { heapPagesMin: least, heapPagesMax: most } = prepared.value;
  if (heap.wasmPages < least || heap.wasmPages > most) return err(userError("IC0408", `Wasm memory of ${heap.wasmPages} pages does not fit the canister module, which declares ${least} to ${most} pages.`));
  return ok({
    execution: { ...call.round.programs.installed(module, moduleHash), globals, heap, stable },
    instructions: BigInt(instructionCount) * COMPILE_INSTRUCTIONS,
  });
}

const NATIVE_SECTION = "icx:native-program";
const HOOK_NAMES: Readonly<Record<HookStatus, string>> = { notSatisfied: "ConditionNotSatisfied", ready: "Ready", executed: "Executed" };

/** Puts timer and hook of an uploaded snapshot in place; one that was taken leaves those of the canister as they are. */
function restoreTasks(canister: CanisterTip, { source, globalTimer, onLowWasmMemory: hook }: CanisterSnapshot): Result<void, UserError> {
  if (source === "taken") return ok(undefined);
  const low = isLowOnMemory(canister);
  if (hook !== undefined && low !== (hook !== "notSatisfied")) {
    return err(userError("IC0408", `Hook status (${HOOK_NAMES[hook]}) of uploaded snapshot is inconsistent with the canister's state (hook condition satisfied: ${low}).`));
  }
  if (globalTimer !== undefined) canister.system.globalTimer = globalTimer;
  if (hook !== undefined) canister.system.onLowWasmMemory = hook;
  return ok(undefined);
}

/** Spec, "load_canister_snapshot". */
export const loadCanisterSnapshot = defineTargetMethod<{ canister_id: CandidPrincipal; snapshot_id: Uint8Array; sender_canister_version: [] | [bigint] }>({
  name: "load_canister_snapshot", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, { snapshot_id, sender_canister_version }, canister) {
    const { round } = call, { params } = round, { system } = canister, named = snapshotIdFrom(snapshot_id);
    if (!named.ok) return named;
    const refused = heapRefusal(params, canister, round.tip.height);
    if (refused !== undefined) return err(refused);
    const id = named.value, found = loadable(call, canister, id);
    if (!found.ok) return found;
    const { snapshot, owner } = found.value, baseline = instructionCost(params, SNAPSHOT_INSTRUCTIONS, false), missing = baseline - liquidCycles(params, canister);
    if (missing > 0n && !params.free) return err(userError("IC0207", `Canister snapshotting failed with: \`${outOfCycles(canister.id, missing).message}\``));
    const made = executionOf(call, canister, snapshot);
    if (!made.ok) return made;
    const { execution, instructions } = made.value, old = { execution: canister.execution, system: { ...system } }, before = memoryUsage(canister);
    canister.execution = execution;
    system.chunkStore = snapshot.chunkStore;
    system.certifiedData = snapshot.certifiedData;
    system.balance = cycles(system.balance - baseline);
    consume(system, "instructions", baseline);
    const used = instructions + snapshot.bytes, tasks = restoreTasks(canister, snapshot);
    const changed = tasks.ok ? changeMemory(round, canister, { before, after: memoryUsage(canister), price: instructionCost(params, used, execution.memory64) }) : tasks;
    if (!changed.ok) {
      canister.execution = old.execution;
      Object.assign(system, old.system);
      return changed;
    }
    call.used += SNAPSHOT_INSTRUCTIONS + used;
    if (params.heapDelta !== undefined) countHeapDelta(round, canister, Number(snapshot.bytes));
    system.version += 1n;
    recordChange(call, canister, sender_canister_version, {
      kind: "loadSnapshot", snapshotId: snapshotIdBytes(id), canisterVersion: snapshot.canisterVersion, takenAt: snapshot.takenAt, source: snapshot.source,
      ...(owner !== canister.id && { fromCanister: owner }),
    });
    updateLowMemoryHook(canister);
    return ok([]);
  },
});
