import type { CanisterSettings, Visibility } from "../context/project.ts";
import { principalOf } from "./management.ts";

/** Settings to give to a canister; what is absent stays as it is (or becomes the network's default, at creation). */
export interface SettingsChange extends CanisterSettings { readonly controllers?: readonly string[] }

interface PrincipalValue { toText(): string }
type VisibilityValue = { readonly controllers: null } | { readonly public: null } | { readonly allowed_viewers: readonly PrincipalValue[] };
/** Settings as `canister_status` tells them (interface spec, "definite_canister_settings"). */
export interface DefiniteSettings {
  readonly controllers: readonly PrincipalValue[];
  readonly compute_allocation: bigint; readonly memory_allocation: bigint; readonly freezing_threshold: bigint; readonly reserved_cycles_limit: bigint;
  readonly wasm_memory_limit: bigint; readonly wasm_memory_threshold: bigint; readonly log_memory_limit: bigint;
  readonly log_visibility: VisibilityValue;
  readonly environment_variables: readonly { readonly name: string; readonly value: string }[];
}

const NUMBERS = [
  ["computeAllocation", "compute_allocation"], ["memoryAllocation", "memory_allocation"], ["freezingThreshold", "freezing_threshold"], ["reservedCyclesLimit", "reserved_cycles_limit"],
  ["wasmMemoryLimit", "wasm_memory_limit"], ["wasmMemoryThreshold", "wasm_memory_threshold"], ["logMemoryLimit", "log_memory_limit"],
] as const;
const optional = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

/** The record `canister_settings` of the management interface, in `@dfinity/candid`'s form. */
export function settingsRecord(change: SettingsChange): Readonly<Record<string, readonly unknown[]>> {
  const { controllers, logVisibility, environmentVariables } = change;
  return {
    ...Object.fromEntries(NUMBERS.map(([key, field]) => [field, optional(change[key])])),
    controllers: optional(controllers?.map(principalOf)),
    log_visibility: optional(logVisibility === undefined ? undefined : visibilityValue(logVisibility)),
    environment_variables: optional(environmentVariables === undefined ? undefined : Object.entries(environmentVariables).map(([name, value]) => ({ name, value }))),
  };
}

const visibilityValue = (visibility: Visibility): unknown => (typeof visibility === "string" ? { [visibility]: null } : { allowed_viewers: visibility.allowedViewers.map(principalOf) });

/** The part of the wanted settings that the canister does not have yet; undefined when it has them all. Order does not count. */
export function missingSettings(wanted: SettingsChange, current: DefiniteSettings): SettingsChange | undefined {
  const { controllers, logVisibility, environmentVariables } = wanted;
  const numbers = Object.fromEntries(NUMBERS.flatMap(([key, field]) => (wanted[key] === undefined || wanted[key] === current[field] ? [] : [[key, wanted[key]]])));
  const missing: SettingsChange = {
    ...numbers,
    ...(controllers === undefined || sameSet(controllers, current.controllers.map((controller) => controller.toText())) ? {} : { controllers }),
    ...(logVisibility === undefined || visibilityKey(logVisibility) === visibilityKey(visibilityOf(current.log_visibility)) ? {} : { logVisibility }),
    ...(environmentVariables === undefined || sameSet(Object.entries(environmentVariables).map(pairKey), current.environment_variables.map(({ name, value }) => pairKey([name, value]))) ? {} : { environmentVariables }),
  };
  return Object.keys(missing).length === 0 ? undefined : missing;
}

const pairKey = ([name, value]: readonly [string, string]): string => JSON.stringify([name, value]);
const sameSet = (a: readonly string[], b: readonly string[]): boolean => { const known = new Set(b); return new Set(a).size === known.size && a.every((item) => known.has(item)); };
const visibilityOf = (value: VisibilityValue): Visibility => ("public" in value ? "public" : "controllers" in value ? "controllers" : { allowedViewers: value.allowed_viewers.map((viewer) => viewer.toText()) });
const visibilityKey = (visibility: Visibility): string => (typeof visibility === "string" ? visibility : JSON.stringify([...new Set(visibility.allowedViewers)].sort()));
