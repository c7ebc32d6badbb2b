/** One virtual node at work: its rooms composed over its own store, its turns, its copy of the registry, and its links to the other nodes of the subnet. */
import { NANOSECONDS_PER_MS, type NodeId, type RegistryVersion, type SubnetId, assert, principalToText, registryVersion, time } from "./types/index.ts";
import type { AheadSigner, NodePublicKeys, Verifier } from "./interfaces/crypto.ts";
import type { IngressPool, VerifyCertificate } from "./interfaces/ingress.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { LocalRegistry, RegistrySnapshot } from "./interfaces/registry.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { LoadedState, Store } from "./interfaces/stateManager.ts";
import type { ForeignStreams } from "./interfaces/xnet.ts";
import type { SubnetGenesis } from "./genesis.ts";
import { getRegistryDeltas } from "./genesis.ts";
import type { Execution } from "./execution/createExecution.ts";
import type { Links } from "./gossip/links.ts";
import type { EnvelopeReader } from "./ingress/envelopeReader.ts";
import { type ReplicaNode, type SharedWork, createNode } from "./node.ts";
import { ICX_VERSION } from "./params/version.ts";
import { REPLICA_VERSIONS, knownReplicaVersion, versionField } from "./params/versions.ts";
import { createLocalRegistry } from "./registry/localRegistry.ts";
import { followRegistry } from "./registryFeed.ts";
import { genesisState } from "./state/genesisState.ts";
import type { Checkpoint } from "./stateManager/manifest/stateFiles.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";
import { type SubnetDriver, createSubnetDriver } from "./subnetDriver.ts";

const IDLE_BLOCK_INTERVAL_MS = 1000;

/** What the registry canister certifies to be newer than a version; undefined when nobody can say. */
export type RegistryChanges = (since: RegistryVersion) => Uint8Array | undefined;

export interface RunningNode {
  readonly id: NodeId;
  readonly store: Store;
  readonly node: ReplicaNode;
  readonly driver: SubnetDriver;
  readonly registry: LocalRegistry;
  /** False once a fault or a command stopped it. */
  readonly alive: boolean;
  /** Ends after the turn under way: the node is cut off and silent; its store stays as it is. */
  stop(): Promise<void>;
  /** Takes what is new in the registry canister into the node's copy; blocks name it once it is on disk. */
  follow(changes: RegistryChanges, verify: VerifyCertificate): void;
}

export interface RunningNodeParts {
  readonly genesis: SubnetGenesis;
  readonly genesisTime: bigint;
  /** Which of the subnet's nodes, by the order of its members. */
  readonly place: number;
  readonly store: Store;
  readonly loaded: LoadedState | undefined;
  readonly options: NetworkOptions;
  /** Tells whoever watches; never throws. */
  readonly report: (event: NetworkEvent) => void;
  readonly runtime: Runtime;
  readonly verifier: Verifier;
  readonly signer: AheadSigner;
  readonly execution: Execution;
  readonly shared: SharedWork;
  readonly envelopes: EnvelopeReader;
  readonly streams: ForeignStreams;
  /** To the other nodes; absent when there is none. */
  readonly links: Links | undefined;
  /** The checkpoint of the life before, when that was not the one which the subnet signed. */
  readonly diverged?: Checkpoint | undefined;
  /** The subnet signed another state than this node's: it has to stop, and to begin again without that state. */
  readonly onDiverged: (own: Checkpoint) => void;
  readonly onPublished: () => void;
  /** What an earlier life of the node accepted and no block holds yet. */
  readonly pool?: IngressPool | undefined;
  /** Its subnet goes on with another replica version: it has to begin again. Told once, between two turns. */
  readonly onUpgrade: () => void;
  /** It has stopped at a catch-up package, as the registry wants; told after each turn from then on. */
  readonly onHalted: () => void;
  /** The node has stopped; what it has certified stays readable. */
  readonly onFailed: (error: unknown) => void;
}

const ms = (value: number): ReturnType<typeof time> => time(BigInt(Math.round(value)) * NANOSECONDS_PER_MS);
/** A failure in a sentence. */
export function worded(error: unknown): string {
  if (!(error instanceof StoreFailure)) return error instanceof Error ? error.stack ?? error.message : String(error);
  const { code, directory, detail } = error.error;
  return code === "diskFull" ? `There is no space left in ${directory} (${detail}). Nothing acknowledged is lost: make space, stop the network and start it again.`
    : `${directory} cannot be written (${detail}). Nothing acknowledged is lost: correct that, stop the network and start it again.`;
}

export function runNode({ genesis, genesisTime, place, store, loaded, options, report, runtime, verifier, signer, execution, shared, envelopes, streams, links, diverged, onDiverged, onPublished, pool, onUpgrade, onHalted, onFailed }: RunningNodeParts): RunningNode {
  const name = nameOf(genesis.id, genesis.members.length, place), registry = createLocalRegistry(getRegistryDeltas(store));
  let durable: RegistryVersion = registry.latestVersion, alive = true;
  const record = registry.at(durable)?.subnet(genesis.id), first = firstVersionWith(registry, genesis.id), id = genesis.members[place]!.nodeId, keyStore = genesis.keyStores.find(({ nodeId }) => nodeId === id);
  assert(record !== undefined && first !== undefined && keyStore !== undefined, "the registry describes the subnet, and the store holds the node's keys");

  const warn = (text: string): void => report({ kind: "warning", text });
  const node = createNode({
    subnetId: genesis.id, keyStore, membership: genesis.members, membersAt: (version) => membersOf(registry, genesis, version), transcripts: genesis.transcripts, verifier, signer, clock: runtime.clock,
    params: {
      unitDelay: ms(record.unitDelayMs), initialNotaryDelay: ms(record.initialNotaryDelayMs), idleBlockInterval: ms(options.idleBlockIntervalMs ?? IDLE_BLOCK_INTERVAL_MS),
      dkgIntervalLength: options.dkgInterval?.heights ?? record.dkgIntervalLength, dkgIntervalTime: ms(options.dkgInterval?.ms ?? record.dkgIntervalMs),
      haltsAt: haltsBy(registry, genesis.id),
    },
    genesis: shared.genesis(() => genesisState({ subnetId: genesis.id, topology: first.topology, registryVersion: first.version, time: time(genesisTime), ...begunWith(first.subnet(genesis.id)?.replicaVersion) })),
    replicaVersionAt: versionsBy(registry, genesis.id), ...(pool !== undefined && { pool }),
    origin: genesis.origin, loaded, registry, registryVersion: () => durable, envelopes, ingressFilter: execution.ingressFilter, store, streams, shared,
    ...(links !== undefined && { send: (bytes: Uint8Array) => links.broadcast(id, bytes), sendTo: (to: NodeId, bytes: Uint8Array) => links.send(id, to, bytes) }),
    ...(diverged !== undefined && { diverged }),
    onStateDivergence(own) {
      // After this turn: what it has begun it may end.
      queueMicrotask(() => onDiverged(own));
    },
    onDifference(at, parts) {
      report({ kind: "diverged", node: principalToText(id), subnet: principalToText(genesis.id), height: at, parts });
      warn(`${name} had another state at height ${at} than its subnet: ${parts.join("; ")}. It takes the state of the other nodes.`);
    },
    onSynced(_, { height: at, bytesMoved, bytesReused, nanoseconds }) {
      report({ kind: "synced", node: principalToText(id), subnet: principalToText(genesis.id), height: at, bytesMoved, bytesReused, milliseconds: Number(nanoseconds / NANOSECONDS_PER_MS) });
    },
    onSyncFailure: (reason) => { warn(`${name} could not take over the state of the other nodes: ${reason}. It waits for the next one; please report it.`); },
    onDivergence(at, icx) {
      const kept = store.keepCopy(`before-height-${at}`), other = icx === ICX_VERSION ? "it did before, which is a fault of icx: please report it" : icx === undefined ? "the version that wrote it" : `icx ${icx}, which wrote it`;
      warn(`${name}: from height ${at} on icx ${ICX_VERSION} computes another state than ${other}. Its canisters go on from the state that is computed now; the files as they were are kept in ${kept}.`);
    },
    onCheckpointFailure: (error) => { warn(`${name} could not write a checkpoint; its journal holds everything. ${worded(error)}`); },
    onBlock: (block, batch) => { report({ kind: "block", subnet: principalToText(genesis.id), height: block.height, rank: block.rank, maker: principalToText(block.maker), messages: batch.ingress.length, timeNanos: batch.time }); },
    ...(options.log && { log: options.log }),
  });
  const fail = (error: unknown): void => {
    alive = false;
    links?.detach(id);
    warn(`${name} stopped at height ${node.stateManager.latest().height}: ${genesis.members.length > 1 ? "the others go on" : "updates are refused, queries go on"}. ${worded(error)}`);
    onFailed(error);
  };
  let told = false;
  /** Looked for when nothing else is to be done. */
  function upgrade(): void {
    const wanted = told ? undefined : node.upgradesTo;
    if (wanted === undefined) return;
    told = true;
    if (knownReplicaVersion(wanted) !== undefined) return queueMicrotask(onUpgrade);
    warn(`${name} waits at height ${node.stateManager.latest().height}: the registry wants the replica version ${wanted}, and this icx has ${REPLICA_VERSIONS.map((one) => one.name).join(" and ")}. Queries are answered; start the network with an icx that has it.`);
  }
  const driver = createSubnetDriver({ ...node, advance() { const changed = node.advance(); if (!changed) upgrade(); return changed; }, ready: () => execution.longRuns.ready(genesis.id), publish() { node.publish(); onPublished(); }, prepare() { node.prepare(); if (node.progress.isHalted) onHalted(); } }, runtime, fail);
  links?.attach(id, { receive(from, bytes) { if (node.receive(from, bytes)) driver.kick(); }, offer: () => node.offer() });
  return {
    id, store, node, driver, registry,
    get alive() { return alive; },
    async stop() {
      alive = false;
      links?.detach(id);
      await driver.halt();
    },
    follow(changes, verify) {
      const certified = changes(registry.latestVersion), applied = certified === undefined ? [] : followRegistry(certified, registry, store, verify);
      if (applied.length > 0) void store.flushed().then(() => { durable = applied.at(-1)!; driver.kick(); }, fail);
    },
  };
}

/** Whether a version of the registry wants the subnet to stop at its next catch-up package; undefined for a version to come. */
function haltsBy(registry: LocalRegistry, id: SubnetId): (version: RegistryVersion) => boolean | undefined {
  const known = new Map<RegistryVersion, boolean>();
  return (version) => {
    const before = known.get(version), snapshot = before === undefined ? registry.at(version) : undefined;
    if (snapshot === undefined) return before;
    const halts = snapshot.subnet(id)?.haltAtCupHeight === true;
    known.set(version, halts);
    return halts;
  };
}

/** The replica version that a version of the registry wants for the subnet; undefined for a version to come. */
function versionsBy(registry: LocalRegistry, id: SubnetId): (version: RegistryVersion) => string | undefined {
  const known = new Map<RegistryVersion, string>();
  return (version) => {
    const before = known.get(version), wanted = before ?? registry.at(version)?.subnet(id)?.replicaVersion;
    if (before === undefined && wanted !== undefined) known.set(version, wanted);
    return wanted;
  };
}
/** What the first state says of its version. */
function begunWith(name: string | undefined): { readonly replicaVersion?: string } {
  const version = name === undefined ? undefined : knownReplicaVersion(name);
  return version === undefined ? {} : versionField(version);
}

/** The version that the subnet came with: its genesis is of that one, on every node and after every restart. */
function firstVersionWith(registry: LocalRegistry, id: SubnetId): RegistrySnapshot | undefined {
  for (let version = registryVersion(1); version <= registry.latestVersion; version = registryVersion(version + 1)) {
    const snapshot = registry.at(version);
    if (snapshot?.subnet(id) !== undefined) return snapshot;
  }
  return undefined;
}
/** The subnet's nodes at a registry version; the ones that it began with where the version does not know the subnet yet. Undefined for a version to come. */
function membersOf(registry: LocalRegistry, { id, members }: SubnetGenesis, version: RegistryVersion): readonly NodePublicKeys[] | undefined {
  const snapshot = registry.at(version), known = snapshot?.membership(id);
  if (snapshot === undefined || known === undefined || known.length === 0) return snapshot && members;
  const keys = known.map((nodeId) => { const record = snapshot.node(nodeId); return record && { nodeId, ...record }; }).filter((record) => record !== undefined);
  return keys.length === known.length ? keys : undefined;
}

const nameOf = (subnet: SubnetId, nodes: number, place: number): string => (nodes === 1 ? `Subnet ${principalToText(subnet)}` : `Node ${place} of subnet ${principalToText(subnet)}`);
