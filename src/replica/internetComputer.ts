/** The network: subnets over their stores, here or in threads of their own, and the public interface in front of them. */
import { type CanisterId, type NodeId, type SubnetId, type Time, assert, bytesFromHex, principalFromText, principalToText } from "./types/index.ts";
import type { Bls } from "./interfaces/crypto.ts";
import type { Network, NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { NetworkView, SubnetFacts } from "./interfaces/subnet.ts";
import { createDelegations } from "./certification/delegation.ts";
import { derOfBlsKey } from "./crypto/der.ts";
import { loadFastBls } from "./crypto/fastBls.ts";
import { createPermits } from "./execution/longRuns/permits.ts";
import { RUNNING_MAX } from "./execution/longRuns/threadRunner.ts";
import { getGenesis, getNetwork, getRegistryDeltas } from "./genesis.ts";
import { type HostedSubnet, hostHere } from "./hostedSubnet.ts";
import { adminStatus, adminStop } from "./http/adminDoor.ts";
import { adminNodes } from "./http/adminNodes.ts";
import { adminLinks } from "./http/adminLinks.ts";
import { adminProxy } from "./http/adminProxy.ts";
import { adminReceipts } from "./http/adminReceipts.ts";
import { adminSubnets } from "./http/adminSubnets.ts";
import { adminWatch, recentBlocks } from "./http/adminWatch.ts";
import { createHttpInterface } from "./http/createHttpInterface.ts";
import { isLoopback } from "./http/hostNames.ts";
import { listen } from "./http/listen.ts";
import { recentLines } from "./http/page/recentLines.ts";
import { type NetworkAdmin, createNetworkAdmin, installProxy, installRegistry } from "./networkAdmin.ts";
import { FIRST_REPLICA_VERSION, NEWEST_REPLICA_VERSION } from "./params/versions.ts";
import { knownVersion, openStores, openSubnet, wantedSubnet } from "./networkStores.ts";
import { type IdRange, subnetOfCanister } from "./registry/routingTable.ts";
import { idRanges } from "./registry/idRanges.ts";
import { registryChanges } from "./registryFeed.ts";
import type { RegistryChanges } from "./runningNode.ts";
import { type RunningSubnet, certifyFirstState, runSubnet } from "./runningSubnet.ts";
import { createRealRuntime } from "./runtime/real.ts";
import { createThreadParts } from "./threadParts.ts";
import { type SubnetThreads, createSubnetThreads } from "./subnetThreads.ts";
import { linksOf, nodesOf, placeOf, receiptsOf, subnetsOf } from "./workerControl.ts";
import { type SubnetLife, createSubnetLife } from "./subnetLife.ts";
import { REGISTRY_CANISTER_ID } from "./systemCanisters/nns/registry/registry.ts";

/** Nothing listens there: `fetch` takes any host. */
const HOST = "http://icx.localhost";

function viewOf(hosts: readonly HostedSubnet[], root: RunningSubnet, rootKey: Uint8Array): NetworkView {
  const first = (hosts[1] ?? hosts[0]!), host = (id: SubnetId | undefined): HostedSubnet | undefined => hosts.find((known) => known.id === id);
  const routed = (canister: CanisterId): HostedSubnet | undefined => host(subnetOfCanister(root.subnet.certifiedState().topology.routingTable, canister)), owner = (id: NodeId): HostedSubnet | undefined => hosts.find(({ standing }) => standing.nodes.some((node) => node.id === id));
  const facts = ({ running, remote }: HostedSubnet): SubnetFacts => running?.subnet ?? remote!;
  return {
    rootKey, get subnets() { return hosts.map(facts); }, subnet: (id) => host(id)?.running?.subnet, defaultSubnet: facts(first), subnetOf: (canister) => routed(canister)?.running?.subnet,
    node(id) {
      const running = owner(id)?.running, place = running?.nodes.findIndex((node) => node.id === id) ?? -1;
      return running && { running: running.nodes[place]!.alive, view: running.viewOf(place) };
    },
    elsewhere: { canister: (id) => routed(id)?.remote, subnet: (id) => host(id)?.remote, node: (id) => owner(id)?.remote },
  };
}

/**
 * Starts a network in this process: a new one, or the one that `stateDir` holds. Resolves when every subnet answers.
 * @throws StoreFailure when the directory is in use, damaged beyond repair, of a newer format, or cannot be written
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
  const runtime = createRealRuntime(options.seed === undefined ? undefined : bytesFromHex(options.seed));
  return (await startNetworkOn(runtime, options)).network;
}

/** A network with its parts: what is behind the public door. */
export interface OpenNetwork { readonly network: Network; /** Those of this thread. */ readonly subnets: readonly RunningSubnet[]; readonly hosts: readonly HostedSubnet[]; readonly threads: SubnetThreads; readonly admin: NetworkAdmin }

/** Brings bytes of one subnet to another. */
export type Deliver = (from: SubnetId, to: SubnetId, bytes: Uint8Array) => void;

/**
 * The same on a runtime of the caller's: time, chance and waiting are what it says, so that equal inputs make equal networks. `between` puts
 * something between subnets: what one sends may get lost there, come late, twice, or changed.
 */
export async function startNetworkOn(runtime: Runtime, options: NetworkOptions, between: (deliver: Deliver) => Deliver = (deliver) => deliver): Promise<OpenNetwork> {
  assert(options.workers !== true || runtime.threads === true, "threads of subnets have the time of this machine");
  const bls = await loadFastBls(), stores = await openStores(options, bls, runtime), hosts: HostedSubnet[] = [];
  try { return await compose({ options, runtime, bls, stores, hosts, between }); } catch (error) {
    await Promise.all(hosts.map((host) => host.halt()));
    await Promise.allSettled(stores.flat().map((store) => store.close()));
    throw error;
  }
}

interface Parts { readonly options: NetworkOptions; readonly runtime: Runtime; readonly bls: Bls; readonly stores: readonly (readonly Store[])[]; /** Filled while the network is put together. */ readonly hosts: HostedSubnet[]; readonly between: (deliver: Deliver) => Deliver }

async function compose({ options, runtime, bls, stores, hosts, between }: Parts): Promise<OpenNetwork> {
  const rootStore = stores[0]![0]!, printed = recentLines(), finalized = recentBlocks();
  /** What a listener throws is its own: it neither stops a subnet nor passes unseen. */
  const report = (event: NetworkEvent): void => {
    if (event.kind === "block" && !finalized.add(event)) return; // each node tells of each block
    if (event.kind === "upgraded") queueMicrotask(() => { life?.onStanding(); });
    if (event.kind === "canisterLog") printed.add({ canister: principalFromText(event.canister) as CanisterId, timeNanos: event.timestampNanos, content: event.content });
    try { options.onEvent?.(event); } catch (error) { queueMicrotask(() => { throw error; }); }
  };
  const rootGenesis = getGenesis(rootStore), stored = getNetwork(rootStore), registry = getRegistryDeltas(rootStore)[0];
  assert(rootGenesis !== undefined && stored !== undefined && registry !== undefined, "a store that opened holds the genesis of its subnet");
  const rootKey = derOfBlsKey(rootGenesis.subnet.transcripts.high.publicCoefficients[0]!), permits = createPermits(RUNNING_MAX);
  const parts = createThreadParts({ bls, rootKey, registry, runtime, options, report, permits: { permits, firstOwner: 0 } }), { verify, validator, ownersValidator, receipts, execution } = parts;

  /** A subnet that stops while the network starts would never answer. */
  const fault = Promise.withResolvers<never>();
  fault.promise.catch(() => undefined);
  let registryRoot: Uint8Array | undefined, life: SubnetLife | undefined;
  /** Everybody follows when the registry canister has certified something new. */
  const onRootPublished = (): void => {
    const certified = root.subnet.certifiedState().canisters.get(REGISTRY_CANISTER_ID)?.system.certifiedData;
    life?.onRootPublished();
    threads.renewDelegations(root.subnet.certifiedState().registryVersion);
    if (certified === undefined || certified === registryRoot) return;
    registryRoot = certified;
    for (const host of hosts) host.follow(changes);
  };
  const now = (): Time => runtime.clock.now(), admin = createNetworkAdmin(stored.adminSeed, validator);
  const deliver = between((from, to, bytes) => { hosts.find(({ id }) => id === to)?.receive(from, bytes); });
  const delegationsTo = (id: SubnetId): ReturnType<typeof createDelegations> => createDelegations(() => root.serving.node.stateManager, id, now);
  function runHere(ofSubnet: readonly Store[]): HostedSubnet {
    const isRoot = hosts.length === 0, { id } = getGenesis(ofSubnet[0]!)!.subnet;
    const running = runSubnet({
      stores: ofSubnet, options, report, runtime, ...parts, delegation: isRoot ? undefined : delegationsTo(id), send: (to, bytes) => { deliver(id, to, bytes); },
      onPublished: isRoot ? onRootPublished : () => undefined, onFailed: fault.reject,
    });
    for (const store of ofSubnet) for (const repair of store.repairs) report({ kind: "warning", text: repair });
    return hostHere(running, verify, () => installProxy(admin, running.subnet));
  }
  const threads = createSubnetThreads({ options, runtime, report, deliver, onStanding: () => { life?.onStanding(); }, rootKey, registry, adminSeed: stored.adminSeed, permits, delegationsTo });
  const first = runHere(stores[0]!), root = first.running!;
  hosts.push(first);
  const changes: RegistryChanges = (since) => registryChanges(root.subnet, since);
  /** A subnet over its stores, here or in a thread of its own; seen when it has certified its first state. */
  async function launch(ofSubnet: readonly Store[]): Promise<void> {
    const host = options.workers === true ? await threads.launch(ofSubnet, hosts.map(({ id }) => id)) : runHere(ofSubnet);
    if (host.running !== undefined) await certifyFirstState(host.running);
    hosts.push(host);
    host.running?.exchange.greet(hosts.map(({ id }) => id));
    host.follow(changes);
    host.running?.kick();
  }
  await certifyFirstState(root);
  root.kick();
  await Promise.race([installRegistry(admin, root.subnet, registry), fault.promise]);
  try { await Promise.race([Promise.all(stores.slice(1).map(launch)), fault.promise]); } catch (error) {
    await threads.abandon();
    throw error;
  }
  // They are ready in any order; the first of them is the one that new canisters go to.
  const places = stores.map(([store]) => getGenesis(store!)!.subnet.id);
  hosts.sort((a, b) => places.indexOf(a.id) - places.indexOf(b.id));

  const view = viewOf(hosts, root, rootKey);
  life = createSubnetLife({
    hosts, root, admin, bls, rng: runtime.rng, clock: runtime.clock, timers: runtime.timers, inMemory: options.stateDir === undefined, launch, open: (id, nodes) => openSubnet(options.stateDir, id, nodes), warn: (text) => { report({ kind: "warning", text }); },
  });
  life.onRootPublished();
  life.resume();
  const onFault = (error: unknown): void => report({ kind: "warning", text: `a request broke an invariant: ${error instanceof Error ? error.stack ?? error.message : String(error)}` });
  const sockets = new Set<{ close(): Promise<void> }>();
  let stopping: Promise<void> | undefined;
  async function shutDown(withCheckpoint: boolean): Promise<void> {
    await Promise.all([...sockets].map((socket) => socket.close()));
    await life?.close();
    await Promise.all(hosts.map((host) => host.halt()));
    await execution.longRuns.close();
    const ends = await Promise.allSettled(hosts.map((host) => host.close(withCheckpoint)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
  const firstIdOf = (id: SubnetId): string => principalToText(root.subnet.certifiedState().topology.routingTable.find(({ subnet }) => subnet === id)!.start);
  const http = { validator, timers: runtime.timers, onFault, ...(options.log && { log: options.log }) };
  const nodes = nodesOf(hosts, (host) => { host.follow(changes); });
  const adminRows = [adminStatus, ...adminReceipts(receiptsOf(receipts, () => threads.alive)), adminProxy(() => (hosts[1] ?? first).proxy()), ...adminNodes({ ...nodes, corrupt: (id) => network.corruptNode(id) }), ...adminLinks(linksOf(hosts)), ...adminSubnets(subnetsOf(hosts, root, () => network)), adminWatch(finalized, () => nodes.list(), runtime.timers), adminStop(() => { network.stop().catch(onFault); })];
  const network: Network = {
    fetch: createHttpInterface(view, http), ownerFetch: createHttpInterface(view, { ...http, admin: { token: undefined, rows: adminRows, validator: ownersValidator } }), url: HOST, rootKey,
    get subnets() {
      const { topology } = root.subnet.certifiedState();
      return hosts.map(({ id, standing: { type, height, certifiedHeight, certifiedTime, checkpointHeight, canisters, nodes: members } }) => ({
        id: principalToText(id), type, pricedAs: topology.subnets.find((subnet) => subnet.id === id)?.pricedAs ?? members.length, height, certifiedHeight, certifiedTimeNanos: certifiedTime, checkpointHeight,
        canisters, replicaVersion: members.find(({ serving }) => serving)?.replicaVersion ?? FIRST_REPLICA_VERSION, nodes: members.map((node) => principalToText(node.id)), effectiveCanisterId: firstIdOf(id),
      }));
    },
    defaultEffectiveCanisterId: firstIdOf(view.defaultSubnet.subnetId),
    async listen(where = {}) {
      const door = where.adminToken === undefined ? {} : { admin: { token: where.adminToken, rows: adminRows, validator: ownersValidator } };
      const page = { names: where.names ?? ((): Readonly<Record<string, string>> => ({})), lines: () => printed.all, trusted: isLoopback(where.host ?? "127.0.0.1") };
      const socket = await listen(createHttpInterface(view, { ...http, ...door, page }), where);
      sockets.add(socket);
      return { ...socket, async close() { sockets.delete(socket); await socket.close(); } };
    },
    stopNode: (id) => nodes.stop(id),
    startNode(id) { Promise.resolve(nodes.start(id)).catch(onFault); },
    async corruptNode(id) {
      const { host, place } = placeOf(hosts, id), runs = host.standing.nodes[place]!.alive, flipped = runs ? await host.corrupt(place) : undefined;
      if (flipped === undefined) throw new RangeError(runs ? "no canister of the subnet has written to its memory" : `the node ${id} does not run`);
      return { ...flipped, canister: principalToText(flipped.canister) };
    },
    addSubnet: async (wanted = {}) => principalToText(await life.add(wantedSubnet(wanted, root.nodes.length))),
    async removeSubnet(text) {
      const found = hosts.find(({ id }) => principalToText(id) === text)?.id;
      if (found === undefined) throw new RangeError(`the network has no subnet ${text}`);
      if (found === root.subnet.subnetId || found === view.defaultSubnet.subnetId) throw new RangeError(`the network cannot do without the subnet ${text}`);
      await life.remove(found);
    },
    async upgradeSubnet(text, version = NEWEST_REPLICA_VERSION) {
      const found = hosts.find(({ id }) => principalToText(id) === text)?.id;
      if (found === undefined) throw new RangeError(`the network has no subnet ${text}`);
      await life.upgrade(found, knownVersion(version));
      return version;
    },
    async recoverSubnet(text) {
      const found = hosts.find(({ id }) => principalToText(id) === text)?.id;
      if (found === undefined) throw new RangeError(`the network has no subnet ${text}`);
      if (found === root.subnet.subnetId) throw new RangeError("the root subnet cannot be recovered: everybody trusts its key, and a new one would be another network");
      const { height, lost, replacements } = await life.recover(found);
      return { height, lost: lost.map(principalToText), replacements: replacements.map(principalToText) };
    },
    async splitSubnet({ subnet: text, canisters = [], ranges = [], nodes: count }) {
      const source = hosts.find(({ id }) => principalToText(id) === text)?.id;
      if (source === undefined) throw new RangeError(`the network has no subnet ${text}`);
      if (source === root.subnet.subnetId) throw new RangeError("the root subnet cannot be split");
      const { destination, height } = await life.split({ source, ranges: idRanges([...ranges, ...canisters.map((id) => ({ start: id, end: id }))]), ...(count !== undefined && { nodes: count }) });
      return { subnet: text, destination: principalToText(destination), height };
    },
    async migrateCanister({ canister, replaces }) {
      const [[id], [place]] = [canister, replaces].map((text) => idRanges([{ start: text, end: text }])) as [readonly [IdRange], readonly [IdRange]];
      await life.migrate({ canister: id.start, replaces: place.start });
    },
    stateHash: () => hosts.map((host) => host.stateHash()).join(""),
    stop: () => (stopping ??= shutDown(true)),
    suspend: () => (stopping ??= shutDown(false)),
    [Symbol.asyncDispose]: () => network.stop(),
  };
  return { network, get subnets() { return hosts.flatMap(({ running }) => running ?? []); }, hosts, threads, admin };
}
