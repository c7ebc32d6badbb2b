/** What a network begins with: keys of every node, the first registry version, and the records that bring it back after a restart. */
import { type SubnetId, type Time, bytesFromHex, hexFromBytes } from "./types/index.ts";
import type { Origin } from "./interfaces/consensus.ts";
import type { Bls, KeyStore, NodePublicKeys, Transcript } from "./interfaces/crypto.ts";
import type { RegistryVersionDelta } from "./interfaces/registry.ts";
import type { Rng } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { SubnetType } from "./state/replicatedState.ts";
import { decodePlain, encodePlain } from "./stateManager/plainCodec.ts";
import { derOfBlsKey, subnetIdOfKey } from "./crypto/der.ts";
import { generateSubnetKeys } from "./crypto/generateKeys.ts";
import { type GenesisSubnet, genesisRegistry } from "./registry/genesis.ts";
import { NEWEST_REPLICA_VERSION } from "./params/versions.ts";

/** One subnet's part: public facts, and the key stores of the nodes that run here. */
export interface SubnetGenesis {
  readonly id: SubnetId;
  readonly type: SubnetType;
  readonly isRoot: boolean;
  /** The size that its fees follow; absent: its type's usual one. */
  readonly pricedAs?: number;
  readonly members: readonly NodePublicKeys[];
  readonly keyStores: readonly KeyStore[];
  readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  /** Where its chain begins again after a recovery; absent: at height 0. */
  readonly origin?: Origin;
}
/** `time` is the network's first moment, nanoseconds. */
export interface NetworkGenesis {
  readonly time: Time;
  readonly subnets: readonly SubnetGenesis[];
  readonly registry: RegistryVersionDelta;
  /** Seed of the key that signs what the network's admin asks for. */
  readonly adminSeed: Uint8Array;
}

/** A new subnet's type, how many virtual nodes it has, the size that its fees follow (design D7), and the replica version that it begins with when that is not the network's. */
export interface WantedSubnet { readonly type: SubnetType; readonly nodes: number; readonly pricedAs?: number; readonly replicaVersion?: string }

/** The keys of a new subnet: the one door that they come from, at genesis and when a subnet is added. */
export function createSubnetGenesis(bls: Bls, rng: Rng, { type, nodes, pricedAs }: WantedSubnet, isRoot: boolean): SubnetGenesis {
  const keys = generateSubnetKeys(bls, rng, nodes);
  return { id: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), type, isRoot, ...(pricedAs !== undefined && { pricedAs }), members: keys.members, keyStores: keys.stores, transcripts: keys.transcripts };
}
/** The same as the registry describes it. */
export const describedSubnet = ({ id, type, pricedAs, members, transcripts }: SubnetGenesis): GenesisSubnet => ({
  id, type, ...(pricedAs !== undefined && { pricedAs }), publicKey: derOfBlsKey(transcripts.high.publicCoefficients[0]!), nodes: members.map(({ nodeId, ...keys }) => ({ id: nodeId, ...keys })),
});

/** Generates everything; the first subnet is the root. `unsigned`: its owner may send requests in the name of anybody. */
export function createGenesis(bls: Bls, rng: Rng, wanted: readonly WantedSubnet[], now: Time, unsigned = false): NetworkGenesis {
  const subnets = wanted.map((one, place) => createSubnetGenesis(bls, rng.fork(`subnet ${place}`), one, place === 0)), described = subnets.map((subnet, place) => ({ ...describedSubnet(subnet), ...(wanted[place]!.replicaVersion !== undefined && { replicaVersion: wanted[place]!.replicaVersion }) }));
  return { time: now, subnets, registry: genesisRegistry(described[0]!, described.slice(1), NEWEST_REPLICA_VERSION, { unsigned }), adminSeed: rng.fork("admin").bytes(32) };
}

/** A subnet's genesis as one of its nodes may know it: with that node's own keys and no other's. */
export const ofNode = (subnet: SubnetGenesis, place: number): SubnetGenesis => ({ ...subnet, keyStores: subnet.keyStores.filter(({ nodeId }) => nodeId === subnet.members[place]!.nodeId) });

const GENESIS_RECORD = "genesis";
/** Written last, to the root subnet's store: a genesis without it was cut short, and nobody has seen its keys. */
const NETWORK_RECORD = "network";
const registryRecord = (version: number): string => `registry/${String(version).padStart(12, "0")}`;

export function putGenesis(store: Store, subnet: SubnetGenesis, network: Pick<NetworkGenesis, "time" | "registry">): void {
  for (const { shares } of subnet.keyStores) for (const [id, share] of Object.entries(shares)) putShare(store, id, share);
  store.putRecord(GENESIS_RECORD, encodePlain({ subnet: { ...subnet, keyStores: subnet.keyStores.map((keys) => ({ ...keys, shares: {} })) }, time: network.time }));
  putRegistryDelta(store, network.registry);
}
export const putNetwork = (rootStore: Store, network: NetworkGenesis): void =>
  rootStore.putRecord(NETWORK_RECORD, encodePlain({ subnets: network.subnets.map(({ id }) => id), adminSeed: network.adminSeed }));

/** A node's local copy of the registry has to be durable before a version of it is named in a block (design D12). */
export const putRegistryDelta = (store: Store, delta: RegistryVersionDelta): void => store.putRecord(registryRecord(delta.version), encodePlain(delta));
export const getRegistryDeltas = (store: Store): readonly RegistryVersionDelta[] => store.records("registry/").map(([, bytes]) => decodePlain(bytes) as RegistryVersionDelta);

/** The ids of a network's subnets, root first, and the admin's seed; undefined for a directory without a network. */
export function getNetwork(rootStore: Store): { readonly subnets: readonly SubnetId[]; readonly adminSeed: Uint8Array } | undefined {
  const bytes = rootStore.getRecord(NETWORK_RECORD);
  return bytes && (decodePlain(bytes) as { readonly subnets: readonly SubnetId[]; readonly adminSeed: Uint8Array });
}
/** A subnet's genesis as its store has it: key stores with the shares that were learned since, without those that were forgotten. */
export function getGenesis(store: Store): { readonly subnet: SubnetGenesis; readonly time: Time } | undefined {
  const bytes = store.getRecord(GENESIS_RECORD);
  if (bytes === undefined) return undefined;
  const { subnet, time } = decodePlain(bytes) as { readonly subnet: SubnetGenesis; readonly time: Time };
  const learned = Object.fromEntries(store.records(SHARE_RECORDS).map(([key, share]) => [key.slice(SHARE_RECORDS.length), hexFromBytes(share)]));
  return { time, subnet: { ...subnet, keyStores: subnet.keyStores.map((keys) => ({ ...keys, shares: { ...keys.shares, ...learned } })) } };
}

const SHARE_RECORDS = "share/";
/** Writes a node's share of a key (hex) into its store, or takes it out: what is forgotten does not come back. */
export function putShare(store: Store, transcriptId: string, share: string | undefined): void {
  store.putRecord(SHARE_RECORDS + transcriptId, share === undefined ? undefined : bytesFromHex(share));
  const bytes = share === undefined ? store.getRecord(GENESIS_RECORD) : undefined;
  if (bytes === undefined) return;
  // Older networks have their first shares in the genesis itself.
  const genesis = decodePlain(bytes) as { readonly subnet: SubnetGenesis; readonly time: Time };
  if (!genesis.subnet.keyStores.some(({ shares }) => transcriptId in shares)) return;
  const keyStores = genesis.subnet.keyStores.map((keys) => ({ ...keys, shares: Object.fromEntries(Object.entries(keys.shares).filter(([id]) => id !== transcriptId)) }));
  store.putRecord(GENESIS_RECORD, encodePlain({ ...genesis, subnet: { ...genesis.subnet, keyStores } }));
}

const INTERVAL_RECORD = "dkg-interval";
/**
 * The interval that a subnet of several nodes was first opened with, for all its lives: whose keys sign a height follows from it, and shares of
 * heights to come are on disk already. One node alone has one share of the key whatever the interval, and takes what it is given.
 * @param given undefined for the registry's values
 */
export function keptInterval(stores: readonly Store[], given: DkgInterval | undefined): DkgInterval | undefined {
  if (stores.length === 1) return given;
  const known = stores.map((store) => store.getRecord(INTERVAL_RECORD)).find((bytes) => bytes !== undefined), bytes = known ?? encodePlain(given ?? null);
  for (const store of stores) if (store.getRecord(INTERVAL_RECORD) === undefined) store.putRecord(INTERVAL_RECORD, bytes);
  return (decodePlain(bytes) as DkgInterval | null) ?? undefined;
}
type DkgInterval = { readonly heights: number; readonly ms: number };
