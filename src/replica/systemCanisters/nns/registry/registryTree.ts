import type { StableMap } from "../../../interfaces/nativeProgram.ts";
import { EMPTY_FOREST, type Forest, digest, forestOf, setLabel } from "../../../hashTree/labeledTree.ts";
import { encodeUleb128 } from "../../../codec/leb128.ts";
import { latestVersion, mutationsOf } from "./registryState.ts";

/** Big-endian version: labels of the deltas sort as the versions do. */
export function versionLabel(version: number): Uint8Array {
  const label = Buffer.alloc(8);
  label.writeBigUInt64BE(BigInt(version));
  return new Uint8Array(label);
}

/**
 * The tree behind the canister's certified data: `/current_version` and `/delta/<version>`, as the registry canister of the NNS lays it out
 * (dfinity/ic, rs/registry/canister/src/certification.rs), so that a node checks a delta against the root key.
 */
export function registryTree(state: StableMap): Forest {
  let deltas: Forest = EMPTY_FOREST;
  const latest = latestVersion(state);
  for (let version = 1; version <= latest; version++) deltas = setLabel(deltas, versionLabel(version), mutationsOf(state, version));
  return forestOf([["current_version", encodeUleb128(latest)], ["delta", deltas]]);
}
export const registryRoot = (state: StableMap): Uint8Array => digest(registryTree(state));
