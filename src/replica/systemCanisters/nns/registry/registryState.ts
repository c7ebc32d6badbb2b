import type { StableMap } from "../../../interfaces/nativeProgram.ts";
import type { RegistryMutation, RegistryValue } from "../../../codec/registryTransport.ts";
import { MUTATION_TYPE, decodeAtomicMutateRequest, encodeAtomicMutateRequest } from "../../../codec/registryTransport.ts";
import { assert, hexFromBytes } from "../../../types/index.ts";

/**
 * The canister's stable map. `v` ‖ version (8 bytes) → that version's mutations, an `atomic_mutate` request; `k` ‖ key ‖ 0 ‖ version → value
 * with a first byte that says whether it is one (1) or a deletion (0); `a` ‖ principal → who may mutate besides the NNS.
 */
const VERSION = "76", KEY = "6b", ADMIN = "61";
const VERSION_DIGITS = 16;
const be64 = (value: number): string => value.toString(16).padStart(VERSION_DIGITS, "0");
const keyPrefix = (key: Uint8Array): string => `${KEY}${hexFromBytes(key)}00`;
const COUNT = "6e";

export const latestVersion = (state: StableMap): number => {
  const bytes = state.get(COUNT);
  return bytes === undefined ? 0 : Number(Buffer.from(bytes).readBigUInt64BE());
};

/** The mutations that made a version. */
export function mutationsOf(state: StableMap, version: number): Uint8Array {
  const bytes = state.get(VERSION + be64(version));
  assert(bytes !== undefined, `registry version ${version} is in the changelog`);
  return bytes;
}

/** Values of a key, oldest first. Keys that begin with this key and a zero have longer names. */
export const valuesOf = (state: StableMap, key: Uint8Array): RegistryValue[] => [...state.entries(keyPrefix(key))].filter(([name]) => name.length === keyPrefix(key).length + VERSION_DIGITS).map(([name, bytes]) => ({
  value: bytes.slice(1), version: Number(BigInt(`0x${name.slice(-16)}`)), deleted: bytes[0] === 0,
}));
/** The value of a key at a version: the newest that is not younger; undefined when it never was or is deleted. */
export function valueAt(state: StableMap, key: Uint8Array, version: number): RegistryValue | undefined {
  const found = valuesOf(state, key).findLast((value) => value.version <= version);
  return found?.deleted === true ? undefined : found;
}

/** Applies mutations that were checked, as the next version. */
export function applyMutations(state: StableMap, mutations: readonly RegistryMutation[]): number {
  const version = latestVersion(state) + 1;
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(version));
  state.set(COUNT, new Uint8Array(count));
  state.set(VERSION + be64(version), encodeAtomicMutateRequest({ mutations, preconditions: [] }));
  for (const { type, key, value } of mutations) {
    const deleted = type === MUTATION_TYPE.delete;
    state.set(keyPrefix(key) + be64(version), new Uint8Array([deleted ? 0 : 1, ...(deleted ? [] : value)]));
  }
  return version;
}

/** All mutations above a version, by version. */
export function changesAbove(state: StableMap, version: number): { readonly version: number; readonly mutations: readonly RegistryMutation[] }[] {
  const latest = latestVersion(state);
  return Array.from({ length: Math.max(0, latest - version) }, (_, i) => {
    const request = decodeAtomicMutateRequest(mutationsOf(state, version + 1 + i));
    assert(request.ok, "the changelog holds what was encoded into it");
    return { version: version + 1 + i, mutations: request.value.mutations };
  });
}

export const allow = (state: StableMap, principal: string): void => state.set(ADMIN + principal, Uint8Array.of(1));
export const isAllowed = (state: StableMap, principal: string): boolean => state.get(ADMIN + principal) !== undefined;
