import { hash } from "node:crypto";
import { principalFromCandid } from "../../codec/candid.ts";
import type { CanisterSettingsCandid, VisibilityCandid } from "../../codec/candidManagement.ts";
import { CYCLES_MAX } from "../../params/fees.ts";
import { LIMITS } from "../../params/limits.ts";
import type { CanisterSettings, Visibility } from "../../state/canisterState.ts";
import type { StateTip } from "../../state/stateTip.ts";
import { type CanisterId, type Result, type UserError, err, ok, userError } from "../../types/index.ts";

const U64_MAX = (1n << 64n) - 1n;
const invalid = (message: string): { readonly ok: false; readonly error: UserError } => err(userError("IC0408", message));
/** dfinity/ic answers numbers out of range with IC0504, what candid could have refused with IC0408, and limits of the log with IC0406. */
const outOfRange = (what: string, range: string, given: bigint): { readonly ok: false; readonly error: UserError } => err(userError("IC0504", `${what} expected to be in the range ${range}, got ${given}`));
type Bounds = readonly [field: keyof CanisterSettingsCandid, setting: keyof CanisterSettings, most: bigint, name: string, range: string];
const NUMBERS: readonly Bounds[] = [
  ["memory_allocation", "memoryAllocation", U64_MAX, "MemoryAllocation", "[0..2^64-1]"], ["freezing_threshold", "freezingThreshold", U64_MAX, "Freezing threshold", "of [0..2^64-1]"],
  ["reserved_cycles_limit", "reservedCyclesLimit", CYCLES_MAX, "Reserved cycles limit", "of [0..2^128-1]"],
  ["minimum_incoming_canister_call_cycles", "minimumIncomingCanisterCallCycles", CYCLES_MAX, "Minimum incoming canister call cycles", "of [0..2^128-1]"],
  ["wasm_memory_limit", "wasmMemoryLimit", LIMITS.wasmMemoryLimitMax, "Wasm memory limit", "of [0..2^48]"],
  ["wasm_memory_threshold", "wasmMemoryThreshold", LIMITS.wasmMemoryLimitMax, "Wasm memory threshold", "of [0..2^48]"],
];

function visibilityFrom(value: VisibilityCandid): Visibility | undefined {
  if ("public" in value) return { kind: "public", viewers: [] };
  if ("controllers" in value) return { kind: "controllers", viewers: [] };
  const viewers = [...new Set(value.allowed_viewers.map(principalFromCandid))].sort();
  return value.allowed_viewers.length > LIMITS.allowedViewersMax ? undefined : { kind: "allowedViewers", viewers };
}

type Variables = readonly { readonly name: string; readonly value: string }[];
/** Characters of a refused text that its error repeats. */
const SHOWN_MAX = 200;
const bytesOf = (text: string): Buffer => Buffer.from(text);
/** The canister's environment from now on: all of it is replaced. */
function environmentFrom(given: Variables): Result<Variables, UserError> {
  const { environmentVariablesMax: most, environmentVariableBytesMax: bytesMax } = LIMITS;
  if (new Set(given.map(({ name }) => name)).size < given.length) return invalid("Duplicate environment variables are not allowed");
  if (given.length > most) return invalid(`Too many environment variables: ${given.length} (max: ${most})`);
  for (const { name, value } of given) {
    if (bytesOf(name).length > bytesMax) return invalid(`Environment variable name "${name.slice(0, SHOWN_MAX)}" exceeds the maximum allowed length of ${bytesMax}.`);
    if (bytesOf(value).length > bytesMax) return invalid(`Environment variable value "${value.slice(0, SHOWN_MAX)}" exceeds the maximum allowed length of ${bytesMax}.`);
  }
  return ok(given.map(({ name, value }) => ({ name, value })).sort((a, b) => Buffer.compare(bytesOf(a.name), bytesOf(b.name))));
}
/** Spec, "canister_info": SHA-256 over the sorted pairs of hashes of name and value. */
export function environmentHash(variables: Variables): Uint8Array {
  const pairs = variables.map(({ name, value }) => Buffer.concat([hash("sha256", name, "buffer"), hash("sha256", value, "buffer")])).sort(Buffer.compare);
  return new Uint8Array(hash("sha256", Buffer.concat(pairs), "buffer"));
}

/** The settings after a change, or what is wrong with it (spec, "Canister settings"). Nothing given changes nothing. */
export function changedSettings(before: CanisterSettings, change: CanisterSettingsCandid): Result<CanisterSettings, UserError> {
  const after: { -readonly [name in keyof CanisterSettings]: CanisterSettings[name] } = { ...before };
  const [controllers] = change.controllers, [compute] = change.compute_allocation, [variables] = change.environment_variables, [logLimit] = change.log_memory_limit;
  if (controllers !== undefined) {
    if (controllers.length > LIMITS.controllersMax) return invalid(`Error decoding candid: Deserialize error: The number of elements exceeds maximum allowed ${LIMITS.controllersMax}`);
    after.controllers = [...new Set(controllers.map(principalFromCandid))].sort();
  }
  if (compute !== undefined) {
    if (compute > 100n) return outOfRange("ComputeAllocation", "[0..100]", compute);
    after.computeAllocation = Number(compute);
  }
  for (const [field, setting, most, name, range] of NUMBERS) {
    const value = change[field][0] as bigint | undefined;
    if (value === undefined) continue;
    if (value > most) return outOfRange(name, range, value);
    (after as Record<string, unknown>)[setting] = value;
  }
  if (logLimit !== undefined) {
    const { logBytesMin: least, logBytesMax: most } = LIMITS;
    if (logLimit > BigInt(most)) return err(userError("IC0406", `The canister log memory limit ${logLimit} is too high. It must be at most ${most}.`));
    if (logLimit !== 0n && logLimit < BigInt(least)) return err(userError("IC0406", `The canister log memory limit ${logLimit} is too low. It must be at least ${least}.`));
    after.logMemoryLimit = logLimit;
  }
  for (const [field, setting] of [["log_visibility", "logVisibility"], ["snapshot_visibility", "snapshotVisibility"], ["status_visibility", "statusVisibility"]] as const) {
    const [value] = change[field];
    if (value === undefined) continue;
    const visibility = visibilityFrom(value);
    if (visibility === undefined) return invalid(`Error decoding candid: Deserialize error: The number of elements exceeds maximum allowed ${LIMITS.allowedViewersMax}`);
    after[setting] = visibility;
  }
  if (variables !== undefined) {
    const environment = environmentFrom(variables);
    if (!environment.ok) return environment;
    after.environmentVariables = environment.value;
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
