/** The stores of a network's nodes on disk: one folder a node, below `subnets/`. */
import { join } from "node:path";
import { type SubnetId, principalToText } from "./types/index.ts";
import type { Bls } from "./interfaces/crypto.ts";
import type { NetworkOptions, SubnetOptions } from "./interfaces/network.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import { type WantedSubnet, createGenesis, getGenesis, getNetwork, getRegistryDeltas, ofNode, putGenesis, putNetwork } from "./genesis.ts";
import { followKept } from "./recovery.ts";
import { SUBNET_KINDS } from "./params/subnetKinds.ts";
import { REPLICA_VERSIONS, knownReplicaVersion } from "./params/versions.ts";
import { createLocalRegistry } from "./registry/localRegistry.ts";
import { subnetsInOrder } from "./registry/subnetChanges.ts";
import { openMemoryStore } from "./stateManager/memoryStore.ts";
import { openStore } from "./stateManager/openStore.ts";

/** Folder of a node's store: that of its subnet, with the node's place for all but the first. */
const storeName = (subnet: string, place: number): string => (place === 0 ? subnet : `${subnet}.${place}`);

/** Opens the stores of one subnet's nodes, new ones where there are none; without `nodes` as many as the first one knows of. `first` is open already. @throws StoreFailure */
async function openNodes(stateDir: string | undefined, name: string, nodes?: number, first?: Store): Promise<readonly Store[]> {
  const opened: Store[] = first === undefined ? [] : [first], open = async (place: number): Promise<void> => { opened.push(stateDir === undefined ? openMemoryStore() : await openStore(join(stateDir, "subnets", storeName(name, place)))); };
  try {
    if (first === undefined) await open(0);
    const count = nodes ?? getGenesis(opened[0]!)?.subnet.members.length ?? 1;
    for (let place = 1; place < count; place++) await open(place);
    return opened;
  } catch (error) {
    await Promise.allSettled(opened.map((store) => store.close()));
    throw error;
  }
}

/** The stores of a subnet besides the root subnet. @throws StoreFailure */
export const openSubnet = (stateDir: string | undefined, id: SubnetId, nodes?: number): Promise<readonly Store[]> => openNodes(stateDir, principalToText(id), nodes);

/** A replica version of this icx. @throws RangeError for another one */
export function knownVersion(name: string): string {
  if (knownReplicaVersion(name) === undefined) throw new RangeError(`there is no replica version ${name}: this icx has ${REPLICA_VERSIONS.map((version) => version.name).join(" and ")}`);
  return name;
}
/** What a kind of subnet stands for. @throws RangeError for a replica version that icx does not have */
export function wantedSubnet({ type = "application", nodes, pricedAs, replicaVersion }: SubnetOptions, usualNodes: number): WantedSubnet {
  if (replicaVersion !== undefined) knownVersion(replicaVersion);
  return { type: SUBNET_KINDS[type].type, nodes: nodes ?? usualNodes, pricedAs: pricedAs ?? SUBNET_KINDS[type].pricedAs, ...(replicaVersion !== undefined && { replicaVersion }) };
}

/**
 * Opens the stores of a network, one a node, or makes a new network in an empty place. The root subnet's are the first; which others there
 * are says its copy of the registry. @throws StoreFailure
 */
export async function openStores({ stateDir, nodes = 1, subnets = [{}], unsigned }: NetworkOptions, bls: Bls, runtime: Runtime): Promise<readonly (readonly Store[])[]> {
  const rootStore = (await openNodes(stateDir, "root", 1))[0]!, opened: (readonly Store[])[] = [[rootStore]];
  try {
    if (getNetwork(rootStore) !== undefined) {
      opened[0] = await openNodes(stateDir, "root", undefined, rootStore);
      const registry = createLocalRegistry(getRegistryDeltas(rootStore));
      for (const id of subnetsInOrder(registry.at(registry.latestVersion)!).slice(1)) {
        const stores = await openSubnet(stateDir, id);
        // Without its keys nobody can make its blocks: it is told of when the network runs.
        await followKept(stores, registry);
        if (getGenesis(stores[0]!) === undefined) await Promise.all(stores.map((store) => store.close())); else opened.push(stores);
      }
      return opened;
    }
    const genesis = createGenesis(bls, runtime.rng.fork("genesis"), [{ type: "system", nodes }, ...subnets.map((subnet) => wantedSubnet(subnet, nodes))], runtime.clock.now(), unsigned);
    opened[0] = await openNodes(stateDir, "root", nodes, rootStore);
    for (const { id, members } of genesis.subnets.slice(1)) opened.push(await openSubnet(stateDir, id, members.length));
    for (const [i, subnet] of genesis.subnets.entries()) for (const [place, store] of opened[i]!.entries()) putGenesis(store, ofNode(subnet, place), genesis);
    await Promise.all(opened.flat().map((store) => store.flushed()));
    putNetwork(rootStore, genesis);
    await rootStore.flushed();
    return opened;
  } catch (error) {
    await Promise.allSettled(opened.flat().map((store) => store.close()));
    throw error;
  }
}
