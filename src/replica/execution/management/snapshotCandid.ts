import type { GlobalCandid, HookStatusCandid } from "../../codec/candidManagement.ts";
import { type GlobalType, globalBytes } from "../../state/canisterSnapshot.ts";
import type { HookStatus } from "../../state/canisterState.ts";

/** Where a snapshot came from, as candid says it. */
export const SOURCE_CANDID = { taken: { taken_from_canister: null }, uploaded: { metadata_upload: null } } as const;
/** The state of the hook for low memory, as candid says it. */
export const HOOK_CANDID: Readonly<Record<HookStatus, HookStatusCandid>> = { notSatisfied: { condition_not_satisfied: null }, ready: { ready: null }, executed: { executed: null } };
/** The same the other way round. */
export const hookFrom = (hook: HookStatusCandid): HookStatus => ("ready" in hook ? "ready" : "executed" in hook ? "executed" : "notSatisfied");

/** Mutable globals as candid values, from the bits that the engine keeps. Floats go through numbers: the payload of a NaN may be lost on the way. */
export function candidGlobals(types: readonly GlobalType[], bits: Uint8Array): GlobalCandid[] {
  const view = new DataView(bits.buffer, bits.byteOffset, bits.length);
  let at = 0;
  return types.map((type) => {
    const offset = at;
    at += globalBytes(type);
    switch (type) {
      case "i32": return { i32: view.getInt32(offset, true) };
      case "i64": return { i64: view.getBigInt64(offset, true) };
      case "f32": return { f32: view.getFloat32(offset, true) };
      case "f64": return { f64: view.getFloat64(offset, true) };
      case "v128": return { v128: view.getBigUint64(offset, true) | (view.getBigUint64(offset + 8, true) << 64n) };
    }
  });
}

/** The same the other way round; undefined for a vector of more than 128 bits. */
export function globalsFromCandid(values: readonly GlobalCandid[]): { readonly types: readonly GlobalType[]; readonly bits: Uint8Array } | undefined {
  const types = values.map((value) => Object.keys(value)[0] as GlobalType);
  const bits = new Uint8Array(types.reduce((sum, type) => sum + globalBytes(type), 0)), view = new DataView(bits.buffer);
  let at = 0;
  for (const [i, value] of values.entries()) {
    if ("i32" in value) view.setInt32(at, value.i32, true);
    else if ("i64" in value) view.setBigInt64(at, value.i64, true);
    else if ("f32" in value) view.setFloat32(at, value.f32, true);
    else if ("f64" in value) view.setFloat64(at, value.f64, true);
    else {
      if (value.v128 >> 128n !== 0n) return undefined;
      view.setBigUint64(at, BigInt.asUintN(64, value.v128), true);
      view.setBigUint64(at + 8, value.v128 >> 64n, true);
    }
    at += globalBytes(types[i]!);
  }
  return { types, bits };
}
