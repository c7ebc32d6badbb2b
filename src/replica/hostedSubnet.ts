/** A subnet as the network sees it, whatever thread it lives in: what crosses this door is plain data. */
import { type CanisterId, type NodeId, type SubnetId, type Time, hexFromBytes, principalToText } from "./types/index.ts";
import type { VerifyCertificate } from "./interfaces/ingress.ts";
import type { RemoteSubnet, SubnetFacts } from "./interfaces/subnet.ts";
import type { LinkStatus } from "./http/adminLinks.ts";
import { createLinkControl } from "./linkControl.ts";
import type { RegistryChanges } from "./runningNode.ts";
import type { RecoveryOrders, RecoveryPoint } from "./recovery.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { RunningSubnet } from "./runningSubnet.ts";
import type { SplitOrders, SplitPoint } from "./subnetSplit.ts";
import type { Corruption } from "./stateManager/corruptState.ts";
import type { Delegations } from "./workerMessages.ts";

export interface NodeFacts { readonly id: NodeId; readonly alive: boolean; readonly serving: boolean; readonly height: number; readonly certifiedHeight: number; readonly notarizedHeight: number; readonly finalizedHeight: number; readonly catchUpHeight: number; readonly replicaVersion: string; /** Stopped at a catch-up package, as the registry wanted. */ readonly halted: boolean; /** Running nodes that its artifacts reach, itself among them. */ readonly reaches: number }
/** How a subnet stands. */
export interface SubnetStanding extends SubnetFacts {
  readonly height: number;
  readonly certifiedTime: Time;
  readonly checkpointHeight: number;
  readonly canisters: number;
  /** The oldest registry version that one of its nodes has. */
  readonly registryVersion: number;
  /** The registry version of its newest state. */
  readonly agreedVersion: number;
  /** Its streams to others: the first message that is not acknowledged yet, and the end. */
  readonly streams: readonly { readonly to: SubnetId; readonly begin: bigint; readonly end: bigint }[];
  readonly nodes: readonly NodeFacts[];
  /** Undefined for a subnet of one node. */
  readonly links: LinkStatus | undefined;
}

/** So many nodes have to work together, or the subnet stands still (protocol digest §1.1: n−f). */
export const neededOf = (nodes: number): number => nodes - Math.floor((nodes - 1) / 3);
/** Why a subnet stands still, for whoever would wait for it: too few of its nodes run and reach each other. Undefined when it goes on. */
export function standstillOf({ subnetId, nodes }: SubnetStanding, name = `the subnet ${principalToText(subnetId)}`): string | undefined {
  const together = Math.max(0, ...nodes.map(({ reaches }) => reaches)), needed = neededOf(nodes.length);
  return together >= needed ? undefined : `${together} of ${nodes.length} nodes of ${name} work together, and it takes ${needed}`;
}
/** Whether every node runs and reaches all others. */
export const isWhole = ({ nodes }: SubnetStanding): boolean => nodes.every(({ reaches }) => reaches === nodes.length);

/** What has to be known of a canister before it moves. `ready`: stopped, with nothing in its queues (interface spec, "canister_status": `ready_for_migration`). */
export interface CanisterFacts { readonly ready: boolean; readonly snapshots: number; readonly version: bigint; readonly changes: bigint }

/** What its owner may do with its nodes, by their places, and with its links. */
export interface NodeCommands {
  stopNode(place: number): Promise<void>;
  startNode(place: number): void | Promise<void>;
  isolate(place: number): void | Promise<void>;
  /** Flips a bit in one node's state; undefined when no canister has a memory. */
  corrupt(place: number): Corruption | undefined | Promise<Corruption | undefined>;
  /** What is left of a stuck subnet, whose nodes stop; and how they begin again. */
  surrender(): Promise<RecoveryPoint>;
  keep(orders: RecoveryOrders): Promise<void>;
  recover(orders: RecoveryOrders): Promise<void>;
  /** Waits for the subnet to stop at a catch-up package, and cuts its state in two; the half that moves goes into `stores`, which a subnet of another thread opens itself. */
  halve(orders: SplitOrders, stores?: readonly Store[]): Promise<SplitPoint>;
  /** How a canister stands in the newest certified state; undefined when there is none of this id. */
  canister(id: CanisterId): CanisterFacts | undefined | Promise<CanisterFacts | undefined>;
  partition(nodes: readonly string[]): boolean | Promise<boolean>;
  heal(): void | Promise<void>;
  delay(delayMs: number, jitterMs: number): void | Promise<void>;
}

export interface HostedSubnet extends NodeCommands {
  readonly id: SubnetId;
  /** Undefined when it lives in another thread. */
  readonly running: RunningSubnet | undefined;
  /** Undefined when it lives in this thread. */
  readonly remote: RemoteSubnet | undefined;
  readonly standing: SubnetStanding;
  /** The id of its proxy canister, installed when it is missing. */
  proxy(): Promise<CanisterId>;
  /** Bytes of another subnet. */
  receive(from: SubnetId, bytes: Uint8Array): void;
  /** Takes what is new in the registry canister. */
  follow(changes: RegistryChanges): void;
  /** Gives it a new word of the root subnet if the one that it has is of an older registry, or old. */
  delegate(registryVersion: number, make: () => Delegations | undefined): void;
  /** Hex of the digest of its whole state; waits for the round under way. */
  stateHash(): string;
  /** Ends after the turns under way. */
  halt(): Promise<void>;
  /** Everything is on disk, in a checkpoint if wanted, and its files are closed. Rejects with what the disk said. */
  close(withCheckpoint: boolean): Promise<void>;
}

/** How a subnet of this thread stands. */
export function standingOf({ subnet, nodes, serving, links }: RunningSubnet, link: LinkStatus | undefined): SubnetStanding {
  const { stateManager, checkpointHeight } = serving.node, certified = stateManager.latestCertified()?.state, latest = stateManager.latest();
  return {
    subnetId: subnet.subnetId, type: subnet.type, nodeId: subnet.nodeId, health: subnet.health, certifiedHeight: certified?.height ?? (0 as SubnetFacts["certifiedHeight"]), certifiedTime: certified?.time ?? latest.time,
    height: latest.height, checkpointHeight, canisters: latest.canisters.size, registryVersion: Math.min(...nodes.map(({ registry }) => registry.latestVersion)), links: link, agreedVersion: latest.registryVersion,
    streams: [...latest.streams].map(([to, { begin, messages }]) => ({ to, begin, end: begin + BigInt(messages.length) })),
    nodes: nodes.map((node) => ({
      id: node.id, alive: node.alive, serving: node === serving, height: node.node.stateManager.latest().height, certifiedHeight: node.node.stateManager.latestCertified()?.state.height ?? 0,
      notarizedHeight: node.node.progress.notarized, finalizedHeight: node.node.progress.finalized, catchUpHeight: node.node.progress.catchUp, replicaVersion: node.node.replicaVersion, halted: node.node.progress.isHalted,
      reaches: nodes.filter((other) => node.alive && other.alive && (links?.reaches(node.id, other.id) ?? true)).length,
    })),
  };
}

/** What `close` does in whatever thread the subnet lives. */
export async function closeNodes({ nodes }: RunningSubnet, withCheckpoint: boolean): Promise<void> {
  const ends = await Promise.allSettled(nodes.map(async ({ node, store }) => { try { await (withCheckpoint ? node.checkpoint() : node.persist()); } finally { await store.close(); } }));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** What may be done with the nodes of a subnet of this thread. */
export function nodeCommandsOf(running: RunningSubnet): NodeCommands {
  const links = createLinkControl([running]);
  return {
    stopNode: (place) => running.stopNode(place),
    startNode: (place) => running.startNode(place),
    isolate: (place) => running.links?.isolate(running.nodes[place]!.id),
    corrupt: (place) => running.nodes[place]!.node.corrupt(),
    surrender: () => running.surrender(),
    keep: (orders) => running.keep(orders),
    recover: (orders) => running.recover(orders),
    canister(id) {
      const found = running.subnet.certifiedState().canisters.get(id);
      if (found === undefined) return undefined;
      const { system: { status, queues, callbacks, callContexts, version, historyTotal }, snapshots = [] } = found;
      const open = queues.ingress.length + queues.input.length + queues.output.length + Object.keys(callbacks).length + Object.keys(callContexts).length;
      return { ready: status.kind === "stopped" && open === 0, snapshots: snapshots.length, version, changes: historyTotal };
    },
    halve: (orders, stores = []) => running.halve(orders, stores),
    partition: (nodes) => links.partition(nodes),
    heal: () => links.heal(undefined),
    delay: (delayMs, jitterMs) => links.delay(delayMs, jitterMs, undefined),
  };
}

/** A subnet that lives in this thread. */
export function hostHere(running: RunningSubnet, verify: VerifyCertificate, proxy: () => Promise<CanisterId>): HostedSubnet {
  const links = createLinkControl([running]);
  let installing: Promise<CanisterId> | undefined;
  return {
    ...nodeCommandsOf(running), id: running.subnet.subnetId, running, remote: undefined,
    get standing() { return standingOf(running, links.list()[0]); },
    proxy: () => (installing ??= proxy()),
    receive: (from, bytes) => running.exchange.receive(from, bytes),
    follow: (changes) => running.follow(changes, verify),
    delegate: () => undefined,
    stateHash() { const { stateManager } = running.serving.node; return hexFromBytes(stateManager.fullHash(stateManager.latest().height)!); },
    halt: () => running.halt(),
    close: (withCheckpoint) => closeNodes(running, withCheckpoint),
  };
}
