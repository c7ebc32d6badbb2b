import type { CandidPrincipal } from "../../codec/candid.ts";
import { type CanisterSnapshot, snapshotIdBytes } from "../../state/canisterSnapshot.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { type Billed, instructionCost, memoryMetrics, memoryUsage } from "../../state/cyclesAccount.ts";
import { err, ok, principalToText, userError } from "../../types/index.ts";
import { countHeapDelta } from "../applyEffects.ts";
import { heapRefusal } from "../heapDelta.ts";
import { changeMemory } from "../memoryChange.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";
import { SNAPSHOT_INSTRUCTIONS, addSnapshot, findSnapshot, keepSnapshots, replacedSnapshot } from "./snapshotStore.ts";
import { uninstall } from "./uninstall.ts";

const shown = ({ id, takenAt, bytes }: CanisterSnapshot): unknown => ({ id: snapshotIdBytes(id), taken_at_timestamp: takenAt, total_size: bytes });

/** Bytes of memory that a snapshot of the canister takes: its code and state, its chunks, its certified data (dfinity/ic, snapshot_size_bytes). */
function snapshotBytesOf(canister: Billed & Pick<CanisterTip, "system">): bigint {
  const { heap, stable, globals, module, chunks } = memoryMetrics(canister);
  return heap + stable + globals + module + chunks + BigInt(canister.system.certifiedData.length);
}

interface TakeArgs { canister_id: CandidPrincipal; replace_snapshot: [] | [Uint8Array]; uninstall_code: [] | [boolean]; sender_canister_version: [] | [bigint] }
/** Spec, "take_canister_snapshot": memories are shared with the canister, which goes on with versions of its own. */
export const takeCanisterSnapshot = defineTargetMethod<TakeArgs>({
  name: "take_canister_snapshot", ingress: true, callers: "controllers", target: byCanisterId,
  run(call, { replace_snapshot, uninstall_code, sender_canister_version }, canister) {
    const { round } = call, { system, execution } = canister;
    const refused = heapRefusal(round.params, canister, round.tip.height);
    if (refused !== undefined) return err(refused);
    const replaced = replacedSnapshot(round, canister, replace_snapshot);
    if (!replaced.ok) return replaced;
    if (execution === undefined) return err(userError("IC0406", `Failed to create snapshot for empty canister ${principalToText(canister.id)}:`));
    const bytes = snapshotBytesOf(canister), before = memoryUsage(canister), instructions = SNAPSHOT_INSTRUCTIONS + bytes, metrics = memoryMetrics(canister);
    const freed = uninstall_code[0] === true ? metrics.heap + metrics.stable + metrics.globals + metrics.module + metrics.customSections + metrics.chunks + metrics.logs : 0n;
    const after = before + bytes - (replaced.value?.bytes ?? 0n) - freed;
    const changed = changeMemory(round, canister, { before, after, price: instructionCost(round.params, instructions, false) });
    if (!changed.ok) return changed;
    call.used += instructions;
    if (round.params.heapDelta !== undefined) countHeapDelta(round, canister, Number(bytes));
    const { module, globals, heap, stable } = execution, globalTypes = round.programs.prepared(execution).globals;
    const taken = addSnapshot(canister, {
      source: "taken", takenAt: round.tip.time, canisterVersion: system.version, bytes, certifiedData: system.certifiedData, chunkStore: system.chunkStore, module, globalTypes, globals, heap, stable,
      globalTimer: system.globalTimer, onLowWasmMemory: system.onLowWasmMemory,
    }, replaced.value);
    if (uninstall_code[0] === true) {
      uninstall(round, canister);
      system.chunkStore = [];
      recordChange(call, canister, sender_canister_version, { kind: "codeUninstall" });
    }
    return ok([shown(taken)]);
  },
});

/** Spec, "list_canister_snapshots". */
export const listCanisterSnapshots = defineTargetMethod<CanisterIdArgs>({
  name: "list_canister_snapshots", ingress: true, callers: "snapshots", target: byCanisterId,
  run: (_call, _args, { snapshots }) => ok([snapshots.map(shown)]),
});

/** Spec, "delete_canister_snapshot". */
export const deleteCanisterSnapshot = defineTargetMethod<{ canister_id: CandidPrincipal; snapshot_id: Uint8Array }>({
  name: "delete_canister_snapshot", ingress: true, callers: "controllers", target: byCanisterId,
  run({ round }, { snapshot_id }, canister) {
    const found = findSnapshot(canister, snapshot_id, (id) => round.tip.canister(id));
    if (!found.ok) return found;
    const before = memoryUsage(canister), changed = changeMemory(round, canister, { before, after: before - found.value.bytes, price: 0n });
    if (!changed.ok) return changed;
    keepSnapshots(canister, canister.snapshots.filter((other) => other !== found.value));
    return ok([]);
  },
});
