import type { RegistryVersion } from "../types/index.ts";

/** One change of one key; no value deletes it. */
export interface RegistryMutation { readonly key: string; readonly value: Uint8Array | undefined }
/** What a version changed against the version before it: one `atomic_mutate` (design D12). */
export interface RegistryVersionDelta { readonly version: RegistryVersion; readonly mutations: readonly RegistryMutation[] }

/** Why a delta was refused; nothing of it was applied. */
export type RegistryProblem =
  | { readonly kind: "gap"; readonly expected: RegistryVersion }
  | { readonly kind: "conflict"; readonly version: RegistryVersion }
  | { readonly kind: "malformed"; readonly key: string; readonly reason: string };
