import { createHash } from "node:crypto";
import { Principal } from "@dfinity/principal";
import type { Project } from "../context/project.ts";

const OPAQUE_ID_BYTES = 10;

/**
 * An id for every canister of the project: the one that it has, else the one that the manifest gives it, else a placeholder made of its name. A module
 * with a placeholder compiles and is not to be installed.
 */
export function buildIds({ canisters }: Pick<Project, "canisters">, known: Readonly<Record<string, string>>, network: string): Readonly<Record<string, string>> {
  return Object.fromEntries(canisters.map(({ name, remoteIds, specifiedId }) => [name, valid(known[name]) ?? remoteIds[network] ?? specifiedId ?? placeholder(name)]));
}

/** A file of ids may hold anything. */
function valid(id: string | undefined): string | undefined {
  try { return id === undefined ? undefined : Principal.fromText(id).toText(); } catch { return undefined; }
}

/** Like an id of a canister: ten bytes, the last two 01 01 (interface spec, "Canister ids"); the others are no subnet's. */
function placeholder(name: string): string {
  const bytes = createHash("sha256").update(`placeholder ${name}`).digest().subarray(0, OPAQUE_ID_BYTES);
  bytes.set([0xff, 0xff], 0);
  bytes.set([1, 1], OPAQUE_ID_BYTES - 2);
  return Principal.fromUint8Array(Uint8Array.from(bytes)).toText();
}
