import { candidFromPrincipal } from "../../codec/candid.ts";
import type { CanisterSettings, CanisterState, Visibility } from "../../state/canisterState.ts";
import { idleCyclesPerDay, memoryMetrics, memoryUsage } from "../../state/cyclesAccount.ts";
import { ok } from "../../types/index.ts";
import { chargedBalances } from "../idleCharges.ts";
import type { SubnetParams } from "../../params/subnetParams.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

const visibility = ({ kind, viewers }: Visibility): unknown => (kind === "allowedViewers" ? { allowed_viewers: viewers.map(candidFromPrincipal) } : { [kind]: null });
const settingsRecord = (settings: CanisterSettings): unknown => ({
  controllers: settings.controllers.map(candidFromPrincipal), compute_allocation: BigInt(settings.computeAllocation), memory_allocation: settings.memoryAllocation,
  freezing_threshold: settings.freezingThreshold, reserved_cycles_limit: settings.reservedCyclesLimit,
  minimum_incoming_canister_call_cycles: settings.minimumIncomingCanisterCallCycles, log_visibility: visibility(settings.logVisibility),
  snapshot_visibility: visibility(settings.snapshotVisibility), status_visibility: visibility(settings.statusVisibility), wasm_memory_limit: settings.wasmMemoryLimit,
  wasm_memory_threshold: settings.wasmMemoryThreshold, environment_variables: settings.environmentVariables, log_memory_limit: settings.logMemoryLimit,
});

type Status = Pick<CanisterState, "execution"> & { readonly system: Omit<CanisterState["system"], "callContexts" | "callbacks" | "queues"> };
interface Now { readonly balance: bigint; readonly reservedBalance: bigint; /** Nothing waits for it, and nothing of it is on its way. */ readonly idle: boolean }

function statusOf(canister: Status, params: SubnetParams, { balance, reservedBalance, idle }: Now): readonly unknown[] {
  const { system, execution } = canister, memory = memoryMetrics(canister), stats = system.queryStats;
  return [{
    status: { [system.status.kind]: null }, ready_for_migration: system.status.kind === "stopped" && idle, version: system.version, settings: settingsRecord(system.settings),
    module_hash: execution === undefined ? [] : [execution.moduleHash], memory_size: memoryUsage(canister),
    memory_metrics: {
      wasm_memory_size: memory.heap, stable_memory_size: memory.stable, global_memory_size: memory.globals, wasm_binary_size: memory.module, custom_sections_size: memory.customSections,
      canister_history_size: memory.history, wasm_chunk_store_size: memory.chunks, snapshots_size: memory.snapshots, log_memory_store_size: memory.logs,
    },
    cycles: balance, reserved_cycles: reservedBalance, idle_cycles_burned_per_day: idleCyclesPerDay(params, canister),
    query_stats: { num_calls_total: stats.calls, num_instructions_total: stats.instructions, request_payload_bytes_total: stats.requestBytes, response_payload_bytes_total: stats.responseBytes },
  }];
}

const isIdle = ({ queues: { ingress, input, output }, callbacks }: CanisterState["system"]): boolean => ingress.length + input.length + output.length === 0 && Object.keys(callbacks).length === 0;

/** Spec, "canister_status": as an update and as a query, which shows balances as of now. */
export const canisterStatus = defineTargetMethod<CanisterIdArgs>({
  name: "canister_status", ingress: true, callers: "status", target: byCanisterId,
  run: ({ round }, _args, canister) => ok(statusOf(canister, round.params, { ...canister.system, idle: !canister.hasInput() && canister.output.length === 0 && canister.callbacks.size === 0 })),
  queryRun: ({ state, params }, _args, canister) => ok({ values: statusOf(canister, params, { ...chargedBalances(params, canister, state.time), idle: isIdle(canister.system) }), instructions: 0n }),
});
