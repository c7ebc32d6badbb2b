/** One subnet at work: its virtual nodes over their stores, the links between them, and what the edge sees of them. */
import { type CanisterId, NANOSECONDS_PER_SECOND, type SubnetId, assert, height, hexFromBytes, principalToText, time } from "./types/index.ts";
import type { AheadSigner, Verifier } from "./interfaces/crypto.ts";
import type { IngressPool, VerifyCertificate } from "./interfaces/ingress.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { ReceiptRecorder } from "./interfaces/receipts.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { LoadedState, Store } from "./interfaces/stateManager.ts";
import type { DelegationFormat } from "./interfaces/subnet.ts";
import type { Delegation } from "./certification/certificate.ts";
import { isSignedBySubnet, makeStreamSlice, readStreamSlice } from "./certification/streamSlice.ts";
import { aheadSignerOf } from "./crypto/signAhead.ts";
import { type Execution, createParamsOf } from "./execution/createExecution.ts";
import { getGenesis, keptInterval } from "./genesis.ts";
import { type Links, createLinks } from "./gossip/links.ts";
import type { EnvelopeReader } from "./ingress/envelopeReader.ts";
import { createMessageRouting } from "./messaging/messageRouting.ts";
import { type StreamExchange, createStreamExchange } from "./messaging/streamExchange.ts";
import { createSharedWork } from "./node.ts";
import { type RegistryChanges, type RunningNode, runNode, worded } from "./runningNode.ts";
import { EMPTY_STREAM } from "./state/stateTip.ts";
import { type Begins, type RecoveryOrders, type RecoveryPoint, beginning, followOrders, keepOrders } from "./recovery.ts";
import { UNWHOLE, type SplitOrders, type SplitPoint } from "./subnetSplit.ts";
import { checkpointOf } from "./sharedWork.ts";
import type { ReplicatedState } from "./state/replicatedState.ts";
import { splitState } from "./state/splitState.ts";
import type { Checkpoint } from "./stateManager/manifest/stateFiles.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";
import { type Subnet, createSubnet } from "./subnet.ts";

export interface RunningSubnet {
  /** In the order of the subnet's members. */
  readonly nodes: readonly RunningNode[];
  /** The node that answers for the subnet at the moment. */
  readonly serving: RunningNode;
  readonly subnet: Subnet;
  /** The subnet as one node shows it, by its place. */
  viewOf(place: number): Subnet;
  /** Between its nodes; undefined when there is one only. */
  readonly links: Links | undefined;
  /** Stops one node; the others go on as long as enough of them are left. Idempotent. */
  stopNode(place: number): Promise<void>;
  /** Starts it again from its store: it asks the others for what it missed. Idempotent. */
  startNode(place: number): void;
  /** For a subnet that lost more nodes than it can spare: stops the others, which go on from here once they have orders. @throws RangeError when none is left */
  surrender(): Promise<RecoveryPoint>;
  /** Has its stores keep orders that the registry is about to name, so that an end of the network in between loses nothing. */
  keep(orders: RecoveryOrders): Promise<void>;
  recover(orders: RecoveryOrders): Promise<void>;
  /**
   * Cuts the state of a subnet in two that stops at a catch-up package, as the registry wants, and waits for that: its nodes stop, and the half that
   * moves is written into `stores`. They go on with the other one once they have orders. @throws RangeError
   */
  halve(orders: SplitOrders, stores: readonly Store[]): Promise<SplitPoint>;
  /** Something arrived for all of them. */
  kick(): void;
  /** Ends after the turns under way; resolves when all nodes are at rest. */
  halt(): Promise<void>;
  /** Every node takes what is new in the registry canister into its copy. */
  follow(changes: RegistryChanges, verify: VerifyCertificate): void;
  /** What it tells other subnets of its streams, and hears of theirs. */
  readonly exchange: StreamExchange;
}

export interface RunningSubnetParts {
  /** One a node, in the order of the subnet's members. */
  readonly stores: readonly Store[];
  readonly options: NetworkOptions;
  /** Tells whoever watches; never throws. */
  readonly report: (event: NetworkEvent) => void;
  readonly runtime: Runtime;
  readonly verifier: Verifier;
  /** Absent: signatures that will be needed are made by one more thread, when there are many. */
  readonly signer?: AheadSigner;
  readonly execution: Execution;
  readonly envelopes: EnvelopeReader;
  readonly receipts: ReceiptRecorder;
  /** The root subnet's word for this one; absent for the root subnet itself. */
  readonly delegation: ((format: DelegationFormat) => Delegation | undefined) | undefined;
  /** To another subnet of the network: bytes that may get lost. */
  readonly send: (to: SubnetId, bytes: Uint8Array) => void;
  /** It has certified a newer state, and that is on disk. */
  readonly onPublished: () => void;
  /** The subnet has stopped; what is certified stays readable. */
  readonly onFailed: (error: unknown) => void;
}

/** Links inside one process: as fast as the event loop. */
const LOCAL_LINKS = { delayMin: time(0n), delayMax: time(0n) };

/** A node that is this much behind the furthest one, or behind at all for so long, answers no more for the subnet: heights, nanoseconds. */
const LAG_MAX = 10, LAG_TIME_MAX = NANOSECONDS_PER_SECOND;
/** The next height is certified by a few nodes a moment before the others. */
const LAG_USUAL = 1;
/** Between two looks at whether the nodes have stopped, should none of them say so. */
const LOOK = time(100_000_000n);
/** Nodes sign shares for a height or two above what is notarized: a recovered chain begins well above. */
const UNSIGNED_ABOVE = 10;

/** What the stores came back with; equal states become one, so that what follows from them is computed once. */
function loadAll(stores: readonly Store[]): readonly (LoadedState | undefined)[] {
  const known = new Map<string, LoadedState>();
  return stores.map((store) => {
    const loaded = store.load();
    if (!loaded.ok) throw new StoreFailure(loaded.error);
    if (loaded.value === undefined) return undefined;
    const name = hexFromBytes(loaded.value.fullHash), same = known.get(name);
    if (same !== undefined) return { ...loaded.value, state: same.state };
    known.set(name, loaded.value);
    return loaded.value;
  });
}

export function runSubnet({ stores, options: given, report, runtime, verifier, signer = aheadSignerOf(verifier.bls), execution, envelopes, receipts, delegation, send, onPublished, onFailed }: RunningSubnetParts): RunningSubnet {
  const stored = stores.map((store) => getGenesis(store)!), [first] = stored, { dkgInterval: _, ...others } = given, dkgInterval = keptInterval(stores, given.dkgInterval);
  const options: NetworkOptions = dkgInterval === undefined ? others : { ...others, dkgInterval };
  assert(first !== undefined && first.subnet.members.length === stores.length, "each node of the subnet has a store that holds its genesis");
  const { subnet: genesis, time: genesisTime } = first, loaded = loadAll(stores);
  const routing = createMessageRouting({ scheduler: execution.scheduler, paramsOf: createParamsOf("local"), readSlice: (slice) => readStreamSlice(slice, genesis.id), receipts, ...(options.log && { log: options.log }) });
  const shared = createSharedWork(routing);
  const links = stores.length === 1 ? undefined : createLinks({ timers: runtime.timers, rng: runtime.rng.fork(`links ${genesis.id}`) }, LOCAL_LINKS);
  let serving = 0;
  const nodes: RunningNode[] = [];
  const certifiedHeight = ({ node }: RunningNode): number => node.stateManager.latestCertified()?.state.height ?? 0;
  /** Since when the node that answers is behind. */
  let behindSince: bigint | undefined;
  const furthest = (): number => Math.max(0, ...nodes.map((node) => (node.alive ? certifiedHeight(node) : 0)));
  const isBehind = (place: number): boolean => furthest() - certifiedHeight(nodes[place]!) > LAG_MAX;
  function isUnfit(): boolean {
    if (!nodes[serving]!.alive) return true;
    const lag = furthest() - certifiedHeight(nodes[serving]!), now = runtime.clock.now();
    if (lag <= LAG_USUAL) behindSince = undefined; else behindSince ??= now;
    return lag > LAG_MAX || (behindSince !== undefined && now - behindSince > LAG_TIME_MAX);
  }
  /** Stays with one node as long as it is alive and keeps up; then the one that has come furthest answers, as boundary nodes keep to healthy replicas. */
  function choose(): void {
    if (!isUnfit()) return;
    const best = [...nodes.keys()].filter((place) => nodes[place]!.alive).sort((a, b) => certifiedHeight(nodes[b]!) - certifiedHeight(nodes[a]!))[0];
    if (best === undefined || best === serving) return;
    serving = best;
    behindSince = undefined;
    subnet.changedNode();
    subnet.wakeAnswered();
  }
  const kick = (): void => { for (const { driver } of nodes) driver.kick(); };
  const edge = (place: () => number, inTurn?: () => Subnet | undefined): Subnet => createSubnet({
    serving: () => nodes[place()]!.node, type: genesis.type, subnetId: genesis.id, delegation, queryHandler: execution.queryHandler, clock: runtime.clock,
    kick: () => { nodes[place()]!.driver.kick(); }, ...(links !== undefined && { isBehind: () => isBehind(place()) }), ...(inTurn && { inTurn }), ...(options.log && { log: options.log }),
  });
  const views = new Map<number, Subnet>();
  function viewOf(place: number): Subnet {
    const view = views.get(place) ?? edge(() => place);
    views.set(place, view);
    return view;
  }
  let turn = 0;
  /** Queries go round the nodes, so that each counts its share of them; whoever has an answer to an update finds it with all of them. */
  function nextInTurn(): Subnet | undefined {
    const shown = certifiedHeight(nodes[serving]!);
    for (let tried = 0; tried < nodes.length; tried++) {
      turn = (turn + 1) % nodes.length;
      if (nodes[turn]!.alive && certifiedHeight(nodes[turn]!) >= shown) return viewOf(turn);
    }
    return undefined;
  }
  const subnet = edge(() => serving, links && nextInTurn);
  const exchange = createStreamExchange({
    subnetId: genesis.id, send, onNews: kick, now: () => runtime.clock.now(),
    shown() {
      const { stateManager } = nodes[serving]!.node, streams = stateManager.latestCertified()?.state.streams;
      return streams && { streams, slice: (to, from, bytesMax) => makeStreamSlice((paths) => stateManager.readCertified(paths), streams.get(to) ?? EMPTY_STREAM, genesis.id, to, from, bytesMax) };
    },
    taken: (source) => nodes[serving]!.node.stateManager.latest().streams.get(source)?.signalsEnd ?? 0n,
    read: (slice) => readStreamSlice(slice, genesis.id),
    isCertified(slice) {
      const { registry } = nodes[serving]!, key = registry.at(registry.latestVersion)?.topology.subnets.find(({ id }) => id === slice.source)?.publicKey;
      return key !== undefined && isSignedBySubnet(verifier, slice, key);
    },
  });
  const run = (place: number, found: LoadedState | undefined, diverged?: Checkpoint, pool?: IngressPool): RunningNode =>
    runNode({
      pool, onUpgrade: () => { void upgrade(place); },
      diverged, onDiverged: (own) => { void heal(place, own); },
      onHalted: () => { onHalted(); }, genesis: stored[place]!.subnet, genesisTime, place, store: stores[place]!, loaded: found, options, report, runtime, verifier, signer, execution, shared, envelopes, streams: exchange.streams, links,
      onPublished() {
        views.get(place)?.wakeAnswered();
        if (nodes[place] !== undefined) choose();
        if (place !== serving || nodes[place]?.node.stateManager.latestCertified() === undefined) return;
        subnet.wakeAnswered();
        exchange.publish();
        onPublished();
      },
      onFailed(error) {
        onHalted();
        choose();
        if (nodes.some(({ alive }) => alive)) return;
        subnet.fail();
        onFailed(error);
      },
    });
  for (const [place, found] of loaded.entries()) nodes.push(run(place, found));
  async function stopNode(place: number): Promise<void> {
    const ending = nodes[place]!.stop();
    onHalted();
    choose();
    await ending;
    subnet.wakeAnswered();
  }
  /** Protocol digest §1.4, rule 13: a node whose state is not the subnet's stops, forgets its checkpoints, and begins again with the state of the others. */
  async function heal(place: number, own: Checkpoint): Promise<void> {
    const ending = nodes[place]!;
    if (!ending.alive) return;
    await stopNode(place);
    await ending.node.settled();
    stores[place]!.dropCheckpoints();
    if (nodes[place] !== ending || halted) return;
    nodes[place] = run(place, undefined, own);
    nodes[place].driver.kick();
  }
  /** Protocol digest §1.7: a node whose subnet goes on with another replica version ends and begins again with it. Meanwhile it answers as before, from the state that it ended with. */
  async function upgrade(place: number): Promise<void> {
    const ending = nodes[place]!, from = ending.node.replicaVersion;
    await ending.driver.halt();
    await ending.node.settled();
    try { await ending.store.flushed(); } catch (error) {
      report({ kind: "warning", text: worded(error) });
      await stopNode(place);
      return;
    }
    if (nodes[place] !== ending || !ending.alive || halted) return;
    const { loaded: own, pool } = ending.node.handOver();
    nodes[place] = run(place, own, undefined, pool);
    const { id, node, driver } = nodes[place];
    report({ kind: "upgraded", node: principalToText(id), subnet: principalToText(genesis.id), height: own.state.height, from, to: node.replicaVersion });
    if (place === serving) subnet.changedNode();
    driver.kick();
  }
  let halted = false;
  /** Protocol digest §1.7: stops what is left of a stuck subnet, and writes the furthest state again, above all that was ever signed. */
  async function surrender(): Promise<RecoveryPoint> {
    const survivors = nodes.map(({ alive }) => alive);
    if (!survivors.includes(true)) throw new RangeError("no node of the subnet runs: there is no state to go on from");
    const { latest, begins } = await end();
    return pointOf(beginning(latest, begins), survivors, begins);
  }
  /** What the nodes begin again with, while somebody makes their orders. */
  let next: ReplicatedState | undefined;
  function pointOf(state: ReplicatedState, survivors: readonly boolean[], begins: Begins): RecoveryPoint {
    next = state;
    return { height: state.height, stateHash: checkpointOf(state).root, time: state.time, survivors: survivors.map((alive, place) => (alive ? stored[place]!.subnet.members[place] : undefined)), begins };
  }
  /** Stops the nodes that run; gives the furthest state that one of them holds, which is on its disk, and a height above all that was ever signed. */
  async function end(): Promise<{ readonly latest: ReplicatedState; readonly begins: Begins }> {
    const left = nodes.filter(({ alive }) => alive);
    await Promise.all(left.map((node) => node.stop()));
    await Promise.all(left.map(({ node }) => node.checkpoint()));
    const best = left.reduce((a, b) => (b.node.stateManager.latest().height > a.node.stateManager.latest().height ? b : a));
    const { stateManager } = best.node, latest = stateManager.latest(), waiting = stateManager.hashesToCertify().find((one) => one.height === latest.height);
    const at = height(Math.max(...left.map(({ node }) => Math.max(node.progress.notarized, node.progress.finalized, node.stateManager.latest().height))) + UNSIGNED_ABOVE);
    return { latest, begins: { places: [nodes.indexOf(best)], height: at, prevStateHash: waiting?.hash ?? stateManager.latestCertified()?.certification.hash ?? latest.prevStateHash } };
  }
  /** Who waits for the nodes to stop at a catch-up package. */
  let onHalted = (): void => undefined;
  async function halve({ destination, ranges }: SplitOrders, into: readonly Store[]): Promise<SplitPoint> {
    const mustRun = (): void => { if (nodes.some((node) => !node.alive || nodes.some((other) => other !== node && links?.reaches(node.id, other.id) === false))) throw new RangeError(UNWHOLE); };
    mustRun();
    while (!nodes.every(({ node }) => node.progress.isHalted)) {
      kick();
      await new Promise<void>((resolve) => { onHalted = resolve; runtime.timers.after(LOOK, "halt", resolve); });
      mustRun();
    }
    const { latest, begins: { cut: _, ...begins } } = await end(), isMoved = (id: CanisterId): boolean => ranges.some(({ start, end: last }) => start <= id && id <= last);
    const state = beginning(latest, begins), halves = splitState(state, isMoved, destination);
    for (const store of into) await store.checkpoint(halves.destination, undefined);
    const { height: at, time: now } = state, streams = [...state.streams].map(([to, { begin, messages }]) => ({ to, end: begin + BigInt(messages.length) }));
    return { streams, source: pointOf(halves.source, nodes.map(() => true), { ...begins, places: [...stores.keys()], cut: { ranges, destination } }), destination: { height: at, stateHash: checkpointOf(halves.destination).root, time: now } };
  }
  /** Begins again as the registry says; resolves when the nodes have certified a state. */
  async function recover(orders: RecoveryOrders): Promise<void> {
    for (const [place, store] of stores.entries()) {
      await followOrders(store, place, orders, next);
      stored[place] = getGenesis(store)!;
    }
    next = undefined;
    const states = loadAll(stores);
    // What a node took from users and has not answered goes on with it.
    for (const place of stores.keys()) nodes[place] = run(place, states[place], undefined, orders.newKeys[place] === undefined ? nodes[place]!.node.handOver().pool : undefined);
    views.clear();
    subnet.changedNode();
    const certified = new Promise<void>((resolve) => { subnet.whenHealthy(resolve); });
    kick();
    await certified;
  }
  /** Before the registry names them. */
  async function keep(orders: RecoveryOrders): Promise<void> {
    for (const [place, store] of stores.entries()) keepOrders(store, place, orders);
    await Promise.all(stores.map((store) => store.flushed()));
  }
  return {
    nodes, subnet, links, kick, keep, viewOf,
    stopNode, surrender, recover, halve,
    startNode(place) {
      if (nodes[place]!.alive) return;
      next = undefined;
      // Of a subnet's only node nobody else keeps what it was told; others are told again.
      nodes[place] = run(place, loadAll([stores[place]!])[0], undefined, links === undefined ? nodes[place]!.node.handOver().pool : undefined);
      choose();
      nodes[place].driver.kick();
    },
    get serving() { return nodes[serving]!; },
    halt: async () => { halted = true; await Promise.all(nodes.map(({ driver }) => driver.halt())); },
    exchange,
    follow(changes, verify) { for (const node of nodes) node.follow(changes, verify); },
  };
}

/** Brings a subnet of one node to its first certified state at once; the nodes of others find theirs together. Nothing can be asked before it. */
export async function certifyFirstState({ nodes, subnet, kick }: RunningSubnet): Promise<void> {
  const [{ node }, other] = nodes as readonly [RunningNode, RunningNode | undefined];
  if (other === undefined) {
    node.prepare();
    node.advance();
    await node.persist();
    node.publish();
    node.prepare();
  } else if (node.stateManager.latestCertified() === undefined) {
    const certified = new Promise<void>((resolve) => { subnet.whenHealthy(resolve); });
    kick();
    await certified;
  }
  assert(node.stateManager.latestCertified() !== undefined || other !== undefined, "a subnet that starts certifies its first state");
}
