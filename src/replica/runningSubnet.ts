/** One subnet at work: its rooms composed over its store, its turns, and its copy of the registry. */
import { NANOSECONDS_PER_MS, type RegistryVersion, type SubnetId, assert, principalToText, registryVersion, time } from "./types/index.ts";
import type { Verifier } from "./interfaces/crypto.ts";
import type { VerifyCertificate } from "./interfaces/ingress.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { LocalRegistry } from "./interfaces/registry.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { ForeignStreams } from "./interfaces/xnet.ts";
import type { Stream } from "./state/replicatedState.ts";
import { makeStreamSlice, readStreamSlice } from "./certification/streamSlice.ts";
import { createAheadSigner } from "./crypto/signAhead.ts";
import { type Execution, createParamsOf } from "./execution/createExecution.ts";
import { getGenesis, getRegistryDeltas } from "./genesis.ts";
import type { EnvelopeReader } from "./ingress/envelopeReader.ts";
import { createMessageRouting } from "./messaging/messageRouting.ts";
import { type ReplicaNode, createNode } from "./node.ts";
import { createLocalRegistry } from "./registry/localRegistry.ts";
import { ICX_VERSION } from "./params/version.ts";
import { followRegistry } from "./registryFeed.ts";
import { genesisState } from "./state/genesisState.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";
import { type Subnet, createSubnet } from "./subnet.ts";
import { type SubnetDriver, createSubnetDriver } from "./subnetDriver.ts";

const IDLE_BLOCK_INTERVAL_MS = 1000;

export interface RunningSubnet {
  readonly store: Store;
  readonly node: ReplicaNode;
  readonly subnet: Subnet;
  readonly driver: SubnetDriver;
  readonly registry: LocalRegistry;
  /** Takes what is new in the registry canister into the node's copy; blocks name it once it is on disk. */
  follow(root: Subnet, verify: VerifyCertificate): void;
}

export interface RunningSubnetParts {
  readonly store: Store;
  readonly options: NetworkOptions;
  /** Tells whoever watches; never throws. */
  readonly report: (event: NetworkEvent) => void;
  readonly runtime: Runtime;
  readonly verifier: Verifier;
  readonly execution: Execution;
  readonly envelopes: EnvelopeReader;
  /** Undefined for the root subnet itself. */
  readonly root: RunningSubnet | undefined;
  /** Another subnet of the network by its id, for its streams; undefined when it does not run. */
  readonly peer: (id: SubnetId) => RunningSubnet | undefined;
  readonly onPublished: () => void;
  /** The subnet has stopped; what is certified stays readable. */
  readonly onFailed: (error: unknown) => void;
}

const ms = (value: number): ReturnType<typeof time> => time(BigInt(Math.round(value)) * NANOSECONDS_PER_MS);
function worded(error: unknown): string {
  if (!(error instanceof StoreFailure)) return error instanceof Error ? error.stack ?? error.message : String(error);
  const { code, directory, detail } = error.error;
  return code === "diskFull" ? `There is no space left in ${directory} (${detail}). Nothing acknowledged is lost: make space, stop the network and start it again.`
    : `${directory} cannot be written (${detail}). Nothing acknowledged is lost: correct that, stop the network and start it again.`;
}

/** What other subnets show of their streams to this one: of their newest certified state that is on disk. */
function streamsTo(destination: SubnetId, peer: RunningSubnetParts["peer"]): ForeignStreams {
  const certified = (source: SubnetId): { readonly node: ReplicaNode; readonly stream: Stream } | undefined => {
    const node = peer(source)?.node, stream = node?.stateManager.latestCertified()?.state.streams.get(destination);
    return node && stream && { node, stream };
  };
  return {
    peek(source) {
      const stream = certified(source)?.stream;
      return stream && { begin: stream.begin, end: stream.begin + BigInt(stream.messages.length), signalsEnd: stream.signalsEnd, rejectSignals: stream.rejectSignals };
    },
    slice(source, from, bytesMax) {
      const found = certified(source);
      return found && makeStreamSlice((paths) => found.node.stateManager.readCertified(paths), found.stream, source, destination, from, bytesMax);
    },
  };
}

export function runSubnet({ store, options, report, runtime, verifier, execution, envelopes, root, peer, onPublished, onFailed }: RunningSubnetParts): RunningSubnet {
  const stored = getGenesis(store), loaded = store.load();
  if (!loaded.ok) throw new StoreFailure(loaded.error);
  assert(stored !== undefined, "a store that opened holds the genesis of its subnet");
  const { subnet: genesis } = stored, name = principalToText(genesis.id);
  const registry = createLocalRegistry(getRegistryDeltas(store));
  let durable: RegistryVersion = registry.latestVersion;
  const record = registry.at(durable)?.subnet(genesis.id), first = registry.at(registryVersion(1));
  assert(record !== undefined && first !== undefined, "the registry describes the subnet");

  const warn = (text: string): void => report({ kind: "warning", text });
  const node = createNode({
    subnetId: genesis.id, keyStore: genesis.keyStores[0]!, membership: genesis.members, transcripts: genesis.transcripts, verifier, signer: createAheadSigner(verifier.bls), clock: runtime.clock,
    params: {
      unitDelay: ms(record.unitDelayMs), initialNotaryDelay: ms(record.initialNotaryDelayMs), idleBlockInterval: ms(options.idleBlockIntervalMs ?? IDLE_BLOCK_INTERVAL_MS),
      dkgIntervalLength: options.dkgInterval?.heights ?? record.dkgIntervalLength, dkgIntervalTime: ms(options.dkgInterval?.ms ?? record.dkgIntervalMs),
    },
    genesis: genesisState({ subnetId: genesis.id, topology: first.topology, time: stored.time }),
    loaded: loaded.value, registry, registryVersion: () => durable, envelopes, ingressFilter: execution.ingressFilter, store, streams: streamsTo(genesis.id, peer),
    messageRouting: createMessageRouting({ scheduler: execution.scheduler, paramsOf: createParamsOf("local"), readSlice: (slice) => readStreamSlice(slice, genesis.id), ...(options.log && { log: options.log }) }),
    onDivergence(at, icx) {
      const kept = store.keepCopy(`before-height-${at}`), other = icx === ICX_VERSION ? "it did before, which is a fault of icx: please report it" : icx === undefined ? "the version that wrote it" : `icx ${icx}, which wrote it`;
      warn(`Subnet ${name}: from height ${at} on icx ${ICX_VERSION} computes another state than ${other}. Its canisters go on from the state that is computed now; the files as they were are kept in ${kept}.`);
    },
    onCheckpointFailure: (error) => { warn(`Subnet ${name} could not write a checkpoint; its journal holds everything. ${worded(error)}`); },
    onBlock: (block, batch) => report({ kind: "block", subnet: name, height: block.height, messages: batch.ingress.length, timeNanos: batch.time }),
    ...(options.log && { log: options.log }),
  });
  const subnet: Subnet = createSubnet({
    node, type: genesis.type, subnetId: genesis.id, root: root && root.node, queryHandler: execution.queryHandler, clock: runtime.clock, kick: () => driver.kick(),
    ...(options.log && { log: options.log }),
  });
  const fail = (error: unknown): void => {
    subnet.fail();
    warn(`Subnet ${name} stopped at height ${node.stateManager.latest().height}: updates are refused, queries go on. ${worded(error)}`);
    onFailed(error);
  };
  const driven = { ...node, publish() { node.publish(); subnet.wakeAnswered(); onPublished(); } };
  const driver = createSubnetDriver(driven, runtime.clock, runtime.timers, fail);
  return {
    store, node, subnet, driver, registry,
    follow(rootSubnet, verify) {
      const applied = followRegistry(rootSubnet, registry, store, verify);
      if (applied.length > 0) void store.flushed().then(() => { durable = applied.at(-1)!; driver.kick(); }, fail);
    },
  };
}
