/** What the owner of a network may do, over subnets of this thread and of others. */
import { hexFromBytes, principalToText } from "./types/index.ts";
import type { Network } from "./interfaces/network.ts";
import type { ReceiptRecorder } from "./interfaces/receipts.ts";
import type { LinkControl } from "./http/adminLinks.ts";
import type { NodeControl } from "./http/adminNodes.ts";
import type { ReceiptSource } from "./http/adminReceipts.ts";
import type { SubnetControl } from "./http/adminSubnets.ts";
import type { HostedSubnet } from "./hostedSubnet.ts";
import { FIRST_REPLICA_VERSION } from "./params/versions.ts";
import type { RunningSubnet } from "./runningSubnet.ts";
import type { WorkerSubnet } from "./workerSubnet.ts";

/** The subnet of a node, and its place there. @throws RangeError for an id that is no node's */
export function placeOf(hosts: readonly HostedSubnet[], text: string): { readonly host: HostedSubnet; readonly place: number } {
  for (const host of hosts) {
    const place = host.standing.nodes.findIndex(({ id }) => principalToText(id) === text);
    if (place >= 0) return { host, place };
  }
  throw new RangeError(`the network has no node ${text}`);
}

/** The nodes of all subnets. @param follow has a subnet ask the registry canister for what is new */
export const nodesOf = (hosts: readonly HostedSubnet[], follow: (host: HostedSubnet) => void): Omit<NodeControl, "corrupt"> => ({
  list: () => hosts.flatMap(({ id: subnet, standing }) => standing.nodes.map(({ id, alive, ...facts }) => ({
    ...facts, id: principalToText(id), subnet: principalToText(subnet), subnetType: standing.type, running: alive,
  }))),
  stop(id) { const { host, place } = placeOf(hosts, id); return host.stopNode(place); },
  start(id) {
    const { host, place } = placeOf(hosts, id), started = host.startNode(place), missed = (): void => { follow(host); }; // what the registry said meanwhile
    return started === undefined ? missed() : started.then(missed);
  },
  isolate(id) { const { host, place } = placeOf(hosts, id); return host.isolate(place); },
});

/** All subnets, and how they come and go. */
export const subnetsOf = (hosts: readonly HostedSubnet[], root: RunningSubnet, network: () => Network): SubnetControl => ({
  list() {
    const { routingTable, subnets } = root.subnet.certifiedState().topology;
    return hosts.flatMap(({ id, standing }, place) => {
      const known = subnets.find((subnet) => subnet.id === id), ranges = routingTable.filter(({ subnet }) => subnet === id), { type, health, height, certifiedHeight, certifiedTime, checkpointHeight, canisters, registryVersion, nodes } = standing;
      if (known === undefined || ranges.length === 0) return []; // it comes or goes
      return [{
        id: principalToText(id), type, role: place === 0 ? "root" as const : place === 1 ? "default" as const : "other" as const, pricedAs: known.pricedAs,
        nodes: nodes.length, runningNodes: nodes.filter(({ alive }) => alive).length, neededNodes: nodes.length - Math.floor((nodes.length - 1) / 3),
        health, height, certifiedHeight, certifiedTimeNanos: String(certifiedTime), checkpointHeight, canisters, registryVersion, replicaVersion: nodes.find(({ serving }) => serving)?.replicaVersion ?? FIRST_REPLICA_VERSION, nextReplicaVersion: known.replicaVersion ?? FIRST_REPLICA_VERSION, publicKey: hexFromBytes(known.publicKey),
        ranges: ranges.map(({ start, end }) => ({ start: principalToText(start), end: principalToText(end) })), effectiveCanisterId: principalToText(ranges[0]!.start),
      }];
    });
  },
  add: (wanted) => network().addSubnet(wanted),
  remove: (id) => network().removeSubnet(id),
  recover: (id) => network().recoverSubnet(id),
  split: (wanted) => network().splitSubnet(wanted),
  migrate: (wanted) => network().migrateCanister(wanted),
  upgrade: (id, version) => network().upgradeSubnet(id, version),
});

/** Receipts of all threads: each wrote what its subnets executed. */
export const receiptsOf = (here: ReceiptRecorder, workers: () => readonly WorkerSubnet[]): ReceiptSource => ({
  async record() {
    here.record();
    await Promise.all(workers().map((worker) => worker.record()));
  },
  async receipt(id) {
    const found = here.receipt(id);
    return found ?? (await Promise.all(workers().map((worker) => worker.receipt(id)))).find((receipt) => receipt !== undefined);
  },
});

/** Links of all subnets. */
export function linksOf(hosts: readonly HostedSubnet[]): LinkControl {
  const linked = (subnet: string | undefined): readonly HostedSubnet[] => hosts.filter(({ id, standing }) => standing.links !== undefined && (subnet === undefined || principalToText(id) === subnet));
  const texts = ({ standing }: HostedSubnet): readonly string[] => standing.nodes.map(({ id }) => principalToText(id));
  return {
    list: () => linked(undefined).map(({ standing }) => standing.links!),
    async partition(nodes) {
      const all = linked(undefined);
      if (!nodes.every((node) => all.some((host) => texts(host).includes(node)))) return false;
      for (const host of all) {
        const own = nodes.filter((node) => texts(host).includes(node));
        if (own.length > 0) await host.partition(own);
      }
      return true;
    },
    async heal(subnet) { for (const host of linked(subnet)) await host.heal(); },
    async delay(delayMs, jitterMs, subnet) { for (const host of linked(subnet)) await host.delay(delayMs, jitterMs); },
  };
}
