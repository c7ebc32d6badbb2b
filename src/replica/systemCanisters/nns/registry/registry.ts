/**
 * The registry canister (rwlgt-iiaaa-aaaaa-aaaaa-cai): the only place where topology is written (design D12). Every change is one
 * `atomic_mutate`, every version stays readable, and its changelog is certified, so that each node follows it without trusting another.
 */
import type { NativeCall, NativeProgram } from "../../../interfaces/nativeProgram.ts";
import { Trap } from "../../../interfaces/wasm.ts";
import {
  type AtomicMutateRequest, MUTATION_TYPE, REGISTRY_ERROR, type RegistryDelta, type RegistryError, decodeAtomicMutateRequest, decodeChangesSinceRequest, decodeGetValueRequest,
  encodeAtomicMutateResponse, encodeChangesSinceResponse, encodeGetValueResponse, encodeLatestVersionResponse,
} from "../../../codec/registryTransport.ts";
import { encodeCertifiedResponse } from "../../../hashTree/mixedHashTree.ts";
import { witness } from "../../../hashTree/witness.ts";
import { canisterIdFromIndex, hexFromBytes, principalFromBytes, userError } from "../../../types/index.ts";
import { allow, applyMutations, changesAbove, isAllowed, latestVersion, valueAt } from "./registryState.ts";
import { registryRoot, registryTree, versionLabel } from "./registryTree.ts";

/** Interface digest §1.4. */
export const REGISTRY_CANISTER_ID = canisterIdFromIndex(0n);
const GOVERNANCE = canisterIdFromIndex(1n), ROOT = canisterIdFromIndex(3n);
/** Versions in one certified answer: the replica's client asks again for the rest. */
const DELTAS_MAX = 1000;

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const trap = (message: string): Trap => new Trap(userError("IC0503", `Canister called \`ic0.trap\` with message: '${message}'`));
const failure = (code: number, reason: string, key: Uint8Array): RegistryError => ({ code, reason, key });

/** Why a request cannot be applied as a whole; nothing of it is applied then. */
function problemsOf({ state }: NativeCall, request: AtomicMutateRequest): RegistryError[] {
  const latest = latestVersion(state), seen = new Set<string>();
  const mutations = request.mutations.flatMap(({ type, key }) => {
    const id = hexFromBytes(key), present = valueAt(state, key, latest) !== undefined;
    if (key.length === 0) return [failure(REGISTRY_ERROR.malformedMessage, "a mutation names no key", key)];
    if (seen.has(id)) return [failure(REGISTRY_ERROR.malformedMessage, "a key is mutated twice", key)];
    seen.add(id);
    if (type === MUTATION_TYPE.insert && present) return [failure(REGISTRY_ERROR.keyAlreadyPresent, "", key)];
    if ((type === MUTATION_TYPE.update || type === MUTATION_TYPE.delete) && !present) return [failure(REGISTRY_ERROR.keyNotPresent, "", key)];
    return (Object.values(MUTATION_TYPE) as number[]).includes(type) ? [] : [failure(REGISTRY_ERROR.malformedMessage, "unknown type of mutation", key)];
  });
  const preconditions = request.preconditions
    .filter(({ key, expectedVersion }) => (valueAt(state, key, latest)?.version ?? 0) !== expectedVersion)
    .map(({ key }) => failure(REGISTRY_ERROR.versionNotLatest, "a precondition does not hold", key));
  return [...mutations, ...preconditions];
}

function atomicMutate(call: NativeCall): void {
  const { state, caller } = call;
  if (caller !== GOVERNANCE && caller !== ROOT && !isAllowed(state, caller)) throw trap("Principal is not authorized to call this method: atomic_mutate");
  const request = decodeAtomicMutateRequest(call.arg);
  if (!request.ok) throw trap(request.error);
  const errors = request.value.mutations.length === 0 ? [failure(REGISTRY_ERROR.malformedMessage, "no mutation", new Uint8Array())] : problemsOf(call, request.value);
  const version = errors.length > 0 ? latestVersion(state) : applyMutations(state, request.value.mutations);
  if (errors.length === 0) call.certify(registryRoot(state));
  call.reply(encodeAtomicMutateResponse({ errors, version }));
}

function getValue(call: NativeCall): void {
  const { state } = call, request = decodeGetValueRequest(call.arg), latest = latestVersion(state);
  const answer = (error: RegistryError): void => call.reply(encodeGetValueResponse({ error, version: 0, value: new Uint8Array() }));
  if (!request.ok) return answer(failure(REGISTRY_ERROR.malformedMessage, request.error, new Uint8Array()));
  const { key, version = latest } = request.value;
  if (version > latest) return answer(failure(REGISTRY_ERROR.versionBeyondLatest, "", key));
  const value = valueAt(state, key, version === 0 ? latest : version);
  if (value === undefined) return answer(failure(REGISTRY_ERROR.keyNotPresent, "", key));
  return call.reply(encodeGetValueResponse({ error: undefined, version: value.version, value: value.value }));
}

function getChangesSince(call: NativeCall): void {
  const { state } = call, request = decodeChangesSinceRequest(call.arg), latest = latestVersion(state);
  if (!request.ok || request.value.version > latest) {
    const error = request.ok ? failure(REGISTRY_ERROR.versionBeyondLatest, "", new Uint8Array()) : failure(REGISTRY_ERROR.malformedMessage, request.error, new Uint8Array());
    return call.reply(encodeChangesSinceResponse({ error, version: latest, deltas: [] }));
  }
  const byKey = new Map<string, { key: Uint8Array; values: { value: Uint8Array; version: number; deleted: boolean }[] }>();
  for (const { version, mutations } of changesAbove(state, request.value.version)) for (const { type, key, value } of mutations) {
    const id = hexFromBytes(key), delta = byKey.get(id) ?? { key, values: [] };
    delta.values.unshift({ value, version, deleted: type === MUTATION_TYPE.delete });
    byKey.set(id, delta);
  }
  const deltas: RegistryDelta[] = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, delta]) => delta);
  return call.reply(encodeChangesSinceResponse({ error: undefined, version: latest, deltas }));
}

/** The changelog above a version with a witness, for nodes: `CertifiedResponse`. */
function getCertifiedChangesSince(call: NativeCall): void {
  const request = decodeChangesSinceRequest(call.arg), certificate = call.dataCertificate(), latest = latestVersion(call.state);
  if (!request.ok) throw trap(request.error);
  if (certificate === undefined) throw trap("no data certificate: send a query");
  const versions = Array.from({ length: Math.min(DELTAS_MAX, Math.max(0, latest - request.value.version)) }, (_, i) => request.value.version + 1 + i);
  const tree = witness(registryTree(call.state), [[label("current_version")], ...versions.map((version) => [label("delta"), versionLabel(version)])]);
  call.reply(encodeCertifiedResponse({ tree, certificate }));
}

/**
 * The init argument: who may mutate besides the NNS (length-prefixed principals, ended by a zero), then the first version's mutations. A local
 * network names the principal of its admin.
 */
function init(call: NativeCall): void {
  let at = 0;
  for (let length = call.arg[at++] ?? 0; length !== 0; length = call.arg[at++] ?? 0) {
    allow(call.state, principalFromBytes(call.arg.subarray(at, at + length)));
    at += length;
  }
  const request = decodeAtomicMutateRequest(call.arg.slice(at));
  if (!request.ok) throw trap(request.error);
  applyMutations(call.state, request.value.mutations);
  call.certify(registryRoot(call.state));
}
export const encodeRegistryInit = (admins: readonly Uint8Array[], mutations: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([...admins.flatMap((admin) => [Uint8Array.of(admin.length), admin]), Uint8Array.of(0), mutations]));

export const registryProgram: NativeProgram = {
  name: "nns-registry",
  entries: {
    canister_init: init,
    "canister_post_upgrade": (call) => call.certify(registryRoot(call.state)),
    "canister_update atomic_mutate": atomicMutate,
    "canister_query get_value": getValue,
    "canister_query get_changes_since": getChangesSince,
    "canister_query get_latest_version": (call) => call.reply(encodeLatestVersionResponse(latestVersion(call.state))),
    "canister_query get_certified_changes_since": getCertifiedChangesSince,
    "canister_query get_certified_latest_version": (call) => {
      const certificate = call.dataCertificate();
      if (certificate === undefined) throw trap("no data certificate: send a query");
      call.reply(encodeCertifiedResponse({ tree: witness(registryTree(call.state), [[label("current_version")]]), certificate }));
    },
  },
  steps: {},
};
