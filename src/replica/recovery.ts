/**
 * A subnet that lost more nodes than it can spare goes on from a catch-up package that the registry gives it (protocol digest §1.7). Its chain
 * is stuck, so nobody can sign one; the network's owner says which state counts, who its nodes are from now on and under which keys they sign.
 */
import { type Hash, type Height, type NodeId, type RegistryVersion, type SubnetId, type Time, assert } from "./types/index.ts";
import type { Bls, KeyStore, NodePublicKeys, Transcript } from "./interfaces/crypto.ts";
import type { LocalRegistry, RegistryMutation, RegistrySnapshot } from "./interfaces/registry.ts";
import type { Rng } from "./interfaces/runtime.ts";
import { createNodeKeys } from "./crypto/keyStore.ts";
import { derOfBlsKey } from "./crypto/der.ts";
import { generateNodeKeys, publicKeysOf } from "./crypto/generateKeys.ts";
import { dealingsNeeded, makeTranscript } from "./crypto/transcript.ts";
import { createVerifier } from "./crypto/verifier.ts";
import type { Origin } from "./interfaces/consensus.ts";
import { catchUpPackageContentsKey, nodeRecordKey, subnetRecordKey, thresholdKeyKey } from "./registry/keys.ts";
import { encodeNodeRecord, encodeSubnetRecord, encodeThresholdKey } from "./registry/records.ts";
import { getGenesis, getRegistryDeltas, putGenesis, putRegistryDelta, putShare } from "./genesis.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { IdRange } from "./registry/routingTable.ts";
import { checkpointOf } from "./sharedWork.ts";
import type { ReplicatedState } from "./state/replicatedState.ts";
import { splitState } from "./state/splitState.ts";
import { decodePlain, encodePlain } from "./stateManager/plainCodec.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";

/**
 * How the newest state on a disk becomes the one that a chain begins again with: at a height that nobody has signed anything of, and without the
 * canisters that have moved. It is written when the registry has said so, not before: a network that ends in between goes on as it was.
 */
export interface Begins {
  /** The nodes that hold it; the others are sent it. */
  readonly places: readonly number[];
  readonly height: Height;
  readonly prevStateHash: Uint8Array;
  /** In a split: what goes where. */
  readonly cut?: { readonly ranges: readonly IdRange[]; readonly destination: SubnetId };
}

/** What is left of a stuck subnet whose nodes have stopped: the state that the furthest of them holds, as of a height that nobody has signed anything of. */
export interface RecoveryPoint {
  readonly height: Height;
  readonly stateHash: Hash<"State">;
  readonly time: Time;
  /** By place; undefined where the node is lost. */
  readonly survivors: readonly (NodePublicKeys | undefined)[];
  readonly begins: Begins;
}
/** With what its nodes begin again. */
export interface RecoveryOrders {
  readonly origin: Origin;
  readonly begins: Begins;
  readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  /** By place. */
  readonly members: readonly NodePublicKeys[];
  /** By place: the keys of nodes that take the places of lost ones. */
  readonly newKeys: readonly (KeyStore | undefined)[];
}
/** The keys that go with it. */
export type RecoveryKeys = Omit<RecoveryOrders, "origin" | "begins">;

/**
 * New nodes for the lost ones, and new keys for all: the old secret needs as many shares as the subnet needs nodes, and those are gone. Dealt by
 * parties that exist for this alone, sealed to each member, as the NNS subnet deals for a subnet on mainnet.
 */
export function makeRecoveryKeys(bls: Bls, rng: Rng, { survivors, height }: RecoveryPoint): RecoveryKeys {
  const newKeys = survivors.map((known, place) => (known === undefined ? generateNodeKeys(rng.fork(`node ${place}`)) : undefined));
  const members = survivors.map((known, place) => known ?? publicKeysOf(bls, newKeys[place]!)), faults = Math.floor((members.length - 1) / 3);
  const receivers = members.map(({ nodeId, encryptionKey }) => {
    if (encryptionKey === undefined) throw new RangeError("a node is older than the generation of keys: nothing can be sealed for it");
    return { nodeId, encryptionKey };
  }).sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const verifier = createVerifier(bls), parties = members.map((_, i) => createNodeKeys(generateNodeKeys(rng.fork(`dealer ${i}`)), [], verifier)), dealers = parties.map(({ nodeId }) => nodeId);
  const deal = (tag: Transcript["tag"], threshold: number): Transcript => {
    const config = { id: `${tag}-recovery-${height}`, tag, threshold, dealers, receivers };
    const transcript = makeTranscript(bls, config, parties.slice(0, dealingsNeeded(config)).map((party) => ({ dealer: party.nodeId, dealing: party.deal(config)! })));
    assert(transcript !== undefined, "honest dealers make a key");
    return transcript;
  };
  return { members, newKeys, transcripts: { low: deal("lowThreshold", faults + 1), high: deal("highThreshold", members.length - faults) } };
}

/** One version of the registry that says all of it: the members, their keys, the subnet's key, and where its chain begins again. */
export function recoveryMutations(id: SubnetId, now: RegistrySnapshot, { height, stateHash, time }: RecoveryPoint, { members, transcripts }: RecoveryKeys): readonly RegistryMutation[] {
  const { haltAtCupHeight: _, ...record } = now.subnet(id)!, membership = members.map(({ nodeId }) => nodeId).sort(), gone = now.membership(id).filter((node: NodeId) => !membership.includes(node));
  return [
    { key: subnetRecordKey(id), value: encodeSubnetRecord({ ...record, membership }) },
    { key: thresholdKeyKey(id), value: encodeThresholdKey(derOfBlsKey(transcripts.high.publicCoefficients[0]!)) },
    { key: catchUpPackageContentsKey(id), value: encodePlain({ height, stateHash, time, ...transcripts }) },
    ...members.map(({ nodeId, ...keys }) => ({ key: nodeRecordKey(nodeId), value: encodeNodeRecord(keys) })),
    ...gone.map((node) => ({ key: nodeRecordKey(node), value: undefined })),
  ];
}

/** What the nodes are told of such a version. */
export const ordersOf = ({ height, stateHash, time, begins }: RecoveryPoint, registryVersion: RegistryVersion, keys: RecoveryKeys): RecoveryOrders => ({ ...keys, begins, origin: { height, stateHash, time, registryVersion } });

/** The state that a chain begins again with. */
export function beginning(state: ReplicatedState, { height, prevStateHash, cut }: Begins): ReplicatedState {
  const moved = { ...state, height, prevStateHash };
  return cut === undefined ? moved : splitState(moved, (id) => cut.ranges.some(({ start, end }) => start <= id && id <= end), cut.destination).source;
}

const ORDERS_RECORD = "orders";
/** Keeps orders that the registry is about to name: a subnet whose network ends before they are followed follows them when it starts again. */
export function keepOrders(store: Store, place: number, orders: RecoveryOrders): void {
  store.putRecord(ORDERS_RECORD, encodePlain({ ...orders, newKeys: orders.newKeys.map((keys, i) => (i === place ? keys : undefined)) }));
}
/** Writes the state at the origin where the newest one on the disk becomes that; what has become of it otherwise is not used, and the others send theirs. */
async function begin(store: Store, { origin, begins }: RecoveryOrders, known: ReplicatedState | undefined): Promise<void> {
  const loaded = known === undefined ? store.load() : undefined;
  if (loaded?.ok === false) throw new StoreFailure(loaded.error);
  const newest = loaded?.value?.state, state = known ?? (newest === undefined || newest.height >= origin.height ? undefined : beginning(newest, begins));
  if (state !== undefined && Buffer.compare(checkpointOf(state).root, origin.stateHash) === 0) await store.checkpoint(state, undefined);
}
/** The node of this store begins again as it was told: with the new keys, and from the state at the origin (`known`, where somebody has it at hand). Resolves when all of it is on disk. */
export async function followOrders(store: Store, place: number, orders: RecoveryOrders, known?: ReplicatedState): Promise<void> {
  const { origin, begins, transcripts, members, newKeys } = orders;
  if (begins.places.includes(place)) await begin(store, orders, known);
  const { subnet: was, time: begun } = getGenesis(store)!, fresh = newKeys[place], [registry] = getRegistryDeltas(store);
  for (const { shares } of was.keyStores) for (const id of Object.keys(shares)) putShare(store, id, undefined);
  // Whoever takes a lost node's place has nothing of it.
  if (fresh !== undefined) store.dropCheckpoints();
  putGenesis(store, { ...was, members, transcripts, origin, keyStores: fresh === undefined ? was.keyStores.map((keys) => ({ ...keys, shares: {} })) : [fresh] }, { time: begun, registry: registry! });
  store.putRecord(ORDERS_RECORD, undefined);
  await store.flushed();
}
/** Of nodes that may have ended before they heard of their own subnet: what the registry of the network has, they have too. What was kept is followed if the registry has it by now, and forgotten if that version says something else. Resolves when it is on disk. */
export async function followKept(stores: readonly Store[], registry: LocalRegistry): Promise<void> {
  for (const [place, store] of stores.entries()) {
    const versions = getRegistryDeltas(store);
    if (versions.length > 0 && versions.length < registry.latestVersion) {
      for (const delta of registry.deltasSince(versions.at(-1)!.version)) putRegistryDelta(store, delta);
      await store.flushed();
    }
    const bytes = store.getRecord(ORDERS_RECORD), orders = bytes && (decodePlain(bytes) as RecoveryOrders), id = getGenesis(store)?.subnet.id;
    if (orders === undefined || id === undefined || registry.latestVersion < orders.origin.registryVersion) continue;
    const named = registry.at(orders.origin.registryVersion)?.value(catchUpPackageContentsKey(id)), content = named && (decodePlain(named) as { readonly stateHash: Uint8Array });
    if (content !== undefined && Buffer.compare(content.stateHash, orders.origin.stateHash) === 0) await followOrders(store, place, orders);
    else {
      store.putRecord(ORDERS_RECORD, undefined);
      await store.flushed();
    }
  }
}
