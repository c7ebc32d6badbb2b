import { principalFromCandid } from "../../codec/candid.ts";
import type { CanisterSettingsCandid, VisibilityCandid } from "../../codec/candidManagement.ts";
import { CYCLES_MAX } from "../../params/fees.ts";
import { LIMITS } from "../../params/limits.ts";
import type { CanisterSettings, Visibility } from "../../state/canisterState.ts";
import type { StateTip } from "../../state/stateTip.ts";
import { type CanisterId, type Result, type UserError, err, ok, userError } from "../../types/index.ts";

const U64_MAX = (1n << 64n) - 1n;
const invalid = (message: string): { readonly ok: false; readonly error: UserError } => err(userError("IC0408", message));
type Bounds = readonly [field: keyof CanisterSettingsCandid, setting: keyof CanisterSettings, most: bigint];
const NUMBERS: readonly Bounds[] = [
  ["memory_allocation", "memoryAllocation", U64_MAX], ["freezing_threshold", "freezingThreshold", U64_MAX], ["reserved_cycles_limit", "reservedCyclesLimit", CYCLES_MAX],
  ["minimum_incoming_canister_call_cycles", "minimumIncomingCanisterCallCycles", CYCLES_MAX], ["wasm_memory_limit", "wasmMemoryLimit", LIMITS.wasmMemoryLimitMax],
  ["wasm_memory_threshold", "wasmMemoryThreshold", LIMITS.wasmMemoryLimitMax],
];

function visibilityFrom(value: VisibilityCandid): Visibility | undefined {
  if ("public" in value) return { kind: "public", viewers: [] };
  if ("controllers" in value) return { kind: "controllers", viewers: [] };
  const viewers = [...new Set(value.allowed_viewers.map(principalFromCandid))].sort();
  return viewers.length > LIMITS.allowedViewersMax ? undefined : { kind: "allowedViewers", viewers };
}

/** The settings after a change, or IC0408 with the field that is out of its range (spec, "Canister settings"). Nothing given changes nothing. */
export function changedSettings(before: CanisterSettings, change: CanisterSettingsCandid): Result<CanisterSettings, UserError> {
  const after: { -readonly [name in keyof CanisterSettings]: CanisterSettings[name] } = { ...before };
  const [controllers] = change.controllers, [compute] = change.compute_allocation, [variables] = change.environment_variables, [logLimit] = change.log_memory_limit;
  if (controllers !== undefined) {
    if (controllers.length > LIMITS.controllersMax) return invalid(`Invalid settings: Number of controllers exceeds the limit of ${LIMITS.controllersMax}`);
    after.controllers = [...new Set(controllers.map(principalFromCandid))].sort();
  }
  if (compute !== undefined) {
    if (compute > 100n) return invalid(`ComputeAllocation expected to be in the range [0..100], got ${compute}`);
    after.computeAllocation = Number(compute);
  }
  for (const [field, setting, most] of NUMBERS) {
    const value = change[field][0] as bigint | undefined;
    if (value === undefined) continue;
    if (value > most) return invalid(`Invalid settings: ${field} expected to be in the range of [0..${most}], got ${value}`);
    (after as Record<string, unknown>)[setting] = value;
  }
  if (logLimit !== undefined) {
    if (logLimit > BigInt(LIMITS.logBytesMax)) return invalid(`Invalid settings: log_memory_limit expected to be in the range of [0..${LIMITS.logBytesMax}], got ${logLimit}`);
    after.logMemoryLimit = logLimit;
  }
  for (const [field, setting] of [["log_visibility", "logVisibility"], ["snapshot_visibility", "snapshotVisibility"], ["status_visibility", "statusVisibility"]] as const) {
    const [value] = change[field];
    if (value === undefined) continue;
    const visibility = visibilityFrom(value);
    if (visibility === undefined) return invalid(`Invalid settings: ${field} has more than ${LIMITS.allowedViewersMax} viewers`);
    after[setting] = visibility;
  }
  if (variables !== undefined) {
    if (variables.length > LIMITS.environmentVariablesMax) return invalid(`Invalid settings: more than ${LIMITS.environmentVariablesMax} environment variables`);
    const tooLong = variables.find(({ name, value }) => Math.max(Buffer.byteLength(name), Buffer.byteLength(value)) > LIMITS.environmentVariableBytesMax);
    if (tooLong !== undefined) return invalid(`Invalid settings: name or value of an environment variable exceeds ${LIMITS.environmentVariableBytesMax} bytes`);
    if (new Set(variables.map(({ name }) => name)).size < variables.length) return invalid("Invalid settings: duplicate environment variables are not allowed");
    after.environmentVariables = variables.map(({ name, value }) => ({ name, value })).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }
  return ok(after);
}

/** Compute is guaranteed, so no more than there is can be reserved (IC0101). */
export function checkCompute(tip: StateTip, id: CanisterId | undefined, { computeAllocation }: CanisterSettings): Result<void, UserError> {
  if (computeAllocation === 0) return ok(undefined);
  const left = LIMITS.computeAllocationTotal - tip.computeAllocatedBut(id);
  return computeAllocation <= left ? ok(undefined)
    : err(userError("IC0101", `Canister requested a compute allocation of ${computeAllocation}% which cannot be satisfied because the Subnet's remaining compute capacity is ${left}%`));
}
