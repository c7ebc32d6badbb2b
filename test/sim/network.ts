import type { Bls, Verifier } from "../../src/replica/interfaces/crypto.ts";
import { derOfBlsKey, subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import { generateSubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import type { SimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import type { NetworkTopology } from "../../src/replica/state/replicatedState.ts";
import { canisterIdFromIndex, time } from "../../src/replica/types/index.ts";
import { type Cluster, type ClusterOptions, createCluster, ms } from "./cluster.ts";
import type { SimulatedNode } from "./simulatedNode.ts";
import { type Executed, type ReplicatedSubnet, type Showing, createReplicatedSubnet } from "./replicatedSubnet.ts";

/** The subnet that is tried, and a small honest one that it exchanges messages with. */
export interface SimulatedNetwork {
  readonly verifier: Verifier;
  readonly main: Cluster;
  readonly other: Cluster;
  /** What they execute, in the same order. */
  readonly subnets: readonly [ReplicatedSubnet, ReplicatedSubnet];
  listen(listener: (executed: Executed) => void): void;
}

const RANGE = 0x100000n, CANISTERS = 3;

/** @param options of the main subnet; its keys, surroundings and runtime are made here */
export function createNetwork(runtime: SimulatedRuntime, bls: Bls, options: Omit<ClusterOptions, "watches"> & { readonly watches: (cluster: Cluster, network: Pick<SimulatedNetwork, "subnets" | "listen">) => ReturnType<NonNullable<ClusterOptions["watches"]>> }): SimulatedNetwork {
  const verifier = createVerifier(bls), now = runtime.clock.now(), listeners: ((executed: Executed) => void)[] = [];
  const keys = [options.nodes, 1].map((nodes, i) => generateSubnetKeys(bls, runtime.rng.fork(`keys ${i}`), nodes));
  const ids = keys.map(({ transcripts }) => subnetIdOfKey(transcripts.high.publicCoefficients[0]!));
  const topology: NetworkTopology = {
    rootSubnet: ids[0]!, rootKey: derOfBlsKey(keys[0]!.transcripts.high.publicCoefficients[0]!),
    subnets: ids.map((id, i) => ({ id, type: "application" as const, publicKey: derOfBlsKey(keys[i]!.transcripts.high.publicCoefficients[0]!), nodes: keys[i]!.members.map(({ nodeId, publicKey }) => ({ id: nodeId, publicKey })), pricedAs: 13 })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    routingTable: ids.map((id, i) => ({ start: canisterIdFromIndex(RANGE * BigInt(i + 1)), end: canisterIdFromIndex(RANGE * BigInt(i + 2) - 1n), subnet: id })),
  };
  const clusters: Cluster[] = [];
  /** The living node of a subnet that has certified most. */
  const peers = (subnet: string): Showing | undefined => {
    const cluster = clusters[ids.indexOf(subnet as (typeof ids)[number])];
    let best: Showing | undefined;
    for (const { place, surroundings } of cluster?.nodes ?? []) {
      const shown = cluster!.isAlive(place) && cluster!.isHonest(place) ? (surroundings as { readonly showing?: () => Showing }).showing?.() : undefined;
      if (shown !== undefined && (best === undefined || shown.certifiedHeight > best.certifiedHeight)) best = shown;
    }
    return best;
  };
  const subnets = ids.map((id) => createReplicatedSubnet({ id, topology, canisters: CANISTERS, time: now, verifier, peers, executed: (one) => { for (const listener of listeners) listener(one); } })) as unknown as SimulatedNetwork["subnets"];
  const network = { subnets, listen: (listener: (executed: Executed) => void): void => void listeners.push(listener) };
  const surroundings = (subnet: ReplicatedSubnet, nodes: number): NonNullable<ClusterOptions["surroundings"]> => (place, from, node) =>
    subnet.surroundings({ from, ...node, alone: nodes > 1 && place === nodes - 1 });
  clusters.push(createCluster({ ...options, runtime, bls, verifier, keys: keys[0]!, surroundings: surroundings(subnets[0], options.nodes), watches: (cluster) => options.watches(cluster, network) }));
  clusters.push(createCluster({ nodes: 1, name: "other", runtime, bls, verifier, keys: keys[1]!, surroundings: surroundings(subnets[1], 1), params: { idleBlockInterval: ms(100) } }));
  // A subnet hears that the other has something for it: it looks again, once for all that the other has certified.
  const told = new Map<SimulatedNode, number>();
  const nudge = (): void => {
    for (const [i, cluster] of clusters.entries()) {
      const news = peers(ids[1 - i]!)?.certifiedHeight ?? 0;
      for (const node of cluster.nodes) {
        if (!cluster.isAlive(node.place) || told.get(node) === news || !node.surroundings.hasWork()) continue;
        told.set(node, news);
        cluster.kick(node.place);
      }
    }
    runtime.timers.after(time(ms(15)), "nudge", nudge);
  };
  runtime.timers.after(time(ms(15)), "nudge", nudge);
  const [main, other] = clusters as [Cluster, Cluster];
  return { verifier, main, other, ...network };
}
