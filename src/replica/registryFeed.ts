/** How a node follows the registry (design D12): certified deltas of the registry canister, checked under the root key, durable before use. */
import { ANONYMOUS, type RegistryVersion, assert, registryVersion } from "./types/index.ts";
import { MUTATION_TYPE, decodeAtomicMutateRequest, encodeAtomicMutateRequest, encodeChangesSinceRequest } from "./codec/registryTransport.ts";
import { decodeUleb128 } from "./codec/leb128.ts";
import { decodeCertifiedResponse } from "./hashTree/mixedHashTree.ts";
import { lookup, lookupSubtree, reconstruct, shownLabels } from "./hashTree/lookup.ts";
import type { VerifyCertificate } from "./interfaces/ingress.ts";
import type { LocalRegistry, RegistryVersionDelta } from "./interfaces/registry.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { SubnetView } from "./interfaces/subnet.ts";
import { putRegistryDelta } from "./genesis.ts";
import { REGISTRY_CANISTER_ID } from "./systemCanisters/nns/registry/registry.ts";

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The registry canister's argument for the mutations of a delta: an upsert for each value, a delete for each key without one. */
export const encodeDelta = (delta: Pick<RegistryVersionDelta, "mutations">): Uint8Array => encodeAtomicMutateRequest({
  preconditions: [],
  mutations: delta.mutations.map(({ key, value }) => ({ type: value === undefined ? MUTATION_TYPE.delete : MUTATION_TYPE.upsert, key: label(key), value: value ?? new Uint8Array() })),
});

/** What the root subnet says is newer than a version, certified; undefined when it does not answer. */
export function registryChanges(root: SubnetView, since: RegistryVersion): Uint8Array | undefined {
  const answer = root.query({ sender: ANONYMOUS, receiver: REGISTRY_CANISTER_ID, method: "get_certified_changes_since", arg: encodeChangesSinceRequest(since) });
  return answer.ok ? answer.value : undefined;
}

/** Applies what `registryChanges` gave, once its certificate is checked. @returns the versions that are now waiting for the disk */
export function followRegistry(changes: Uint8Array, copy: LocalRegistry, store: Store, verify: VerifyCertificate): readonly RegistryVersion[] {
  const response = decodeCertifiedResponse(changes);
  if (!response.ok) return [];
  const certified = verify(response.value.certificate, REGISTRY_CANISTER_ID);
  if (!certified.ok) return [];
  const { tree } = response.value;
  const data = lookup([label("canister"), Buffer.from(REGISTRY_CANISTER_ID, "hex"), label("certified_data")], certified.value);
  if (data.kind !== "found" || Buffer.compare(data.value, reconstruct(tree)) !== 0) return [];
  const current = lookup([label("current_version")], tree), latest = current.kind === "found" ? decodeUleb128(current.value) : undefined;
  if (latest?.ok !== true || latest.value.value < BigInt(copy.latestVersion)) return [];

  const deltas = lookupSubtree([label("delta")], tree);
  if (typeof deltas === "string") return [];
  const applied: RegistryVersion[] = [];
  for (const version of shownLabels([], deltas)) {
    const bytes = lookup([version], deltas), number = Number(Buffer.from(version).readBigUInt64BE());
    const request = bytes.kind === "found" ? decodeAtomicMutateRequest(bytes.value) : undefined;
    if (request?.ok !== true || number !== copy.latestVersion + 1) continue;
    const delta: RegistryVersionDelta = {
      version: registryVersion(number),
      mutations: request.value.mutations.map(({ type, key, value }) => ({ key: Buffer.from(key).toString(), value: type === MUTATION_TYPE.delete ? undefined : value })),
    };
    const outcome = copy.apply(delta);
    // The registry takes any bytes from those who may write; a copy that cannot read them stays at the last version that makes sense.
    if (!outcome.ok) return applied;
    putRegistryDelta(store, delta);
    applied.push(delta.version);
  }
  assert(applied.length === 0 || applied.at(-1) === copy.latestVersion, "the copy ends at the last version applied");
  return applied;
}
