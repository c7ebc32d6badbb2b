/** The network: subnets over their stores, and the public interface in front of them. */
import { join } from "node:path";
import { type CanisterId, type SubnetId, assert, bytesFromHex, hexFromBytes, principalToText } from "./types/index.ts";
import type { Bls, Verifier } from "./interfaces/crypto.ts";
import type { Network, NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { NetworkView } from "./interfaces/subnet.ts";
import { createDelegations } from "./certification/delegation.ts";
import { createCertificateVerifier } from "./certification/verifyCertificate.ts";
import { derOfBlsKey } from "./crypto/der.ts";
import { loadFastBls } from "./crypto/fastBls.ts";
import { createVerifier } from "./crypto/verifier.ts";
import { createExecution } from "./execution/createExecution.ts";
import { createReceipts } from "./execution/receipts.ts";
import { importSignatures } from "./execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "./execution/wasm/createWasmEngine.ts";
import { createGenesis, getGenesis, getNetwork, getRegistryDeltas, ofNode, putGenesis, putNetwork } from "./genesis.ts";
import { adminStatus, adminStop } from "./http/adminDoor.ts";
import { type NodeControl, adminNodes } from "./http/adminNodes.ts";
import { adminLinks } from "./http/adminLinks.ts";
import { adminProxy } from "./http/adminProxy.ts";
import { adminReceipts } from "./http/adminReceipts.ts";
import { createHttpInterface } from "./http/createHttpInterface.ts";
import { isLoopback } from "./http/hostNames.ts";
import { listen } from "./http/listen.ts";
import { recentLines } from "./http/page/recentLines.ts";
import { createEnvelopeReader } from "./ingress/envelopeReader.ts";
import { createRequestValidator } from "./ingress/requestValidator.ts";
import { localRulesOf } from "./registry/genesis.ts";
import { createLinkControl } from "./linkControl.ts";
import { type NetworkAdmin, createNetworkAdmin, installProxy, installRegistry } from "./networkAdmin.ts";
import { subnetOfCanister } from "./registry/routingTable.ts";
import { registryChanges } from "./registryFeed.ts";
import type { RunningNode } from "./runningNode.ts";
import { type RunningSubnet, runSubnet } from "./runningSubnet.ts";
import { createRealRuntime } from "./runtime/real.ts";
import { openMemoryStore } from "./stateManager/memoryStore.ts";
import { openStore } from "./stateManager/openStore.ts";
import { proxyProgram } from "./systemCanisters/proxy/proxy.ts";
import { REGISTRY_CANISTER_ID, registryProgram } from "./systemCanisters/nns/registry/registry.ts";

/** Nothing listens there: `fetch` takes any host. */
const HOST = "http://icx.localhost";

/** Folder of a node's store: that of its subnet, with the node's place for all but the first. */
const storeName = (subnet: string, place: number): string => (place === 0 ? subnet : `${subnet}.${place}`);

/** Opens the stores of a network, one a node, or makes a new network in an empty place. The root subnet's are the first. */
async function openStores({ stateDir, nodes = 1, subnets = [{ type: "application" }], unsigned }: NetworkOptions, bls: Bls, runtime: Runtime): Promise<readonly (readonly Store[])[]> {
  const opened: Store[][] = [];
  const open = async (name: string, place: number): Promise<Store> => {
    const store = stateDir === undefined ? openMemoryStore() : await openStore(join(stateDir, "subnets", storeName(name, place)));
    if (place === 0) opened.push([store]); else opened.at(-1)!.push(store);
    return store;
  };
  const openOthers = async (name: string, count: number): Promise<void> => { for (let place = 1; place < count; place++) await open(name, place); };
  try {
    const rootStore = await open("root", 0), known = getNetwork(rootStore);
    if (known !== undefined) {
      const members = (store: Store): number => getGenesis(store)?.subnet.members.length ?? 1;
      await openOthers("root", members(rootStore));
      for (const id of known.subnets.slice(1)) await openOthers(principalToText(id), members(await open(principalToText(id), 0)));
      return opened;
    }
    const genesis = createGenesis(bls, runtime.rng.fork("genesis"), [{ type: "system", nodes }, ...subnets.map((subnet) => ({ type: subnet.type, nodes: subnet.nodes ?? nodes }))], runtime.clock.now(), unsigned);
    await openOthers("root", nodes);
    for (const { id, members } of genesis.subnets.slice(1)) {
      await open(principalToText(id), 0);
      await openOthers(principalToText(id), members.length);
    }
    for (const [i, subnet] of genesis.subnets.entries()) for (const [place, store] of opened[i]!.entries()) putGenesis(store, ofNode(subnet, place), genesis);
    await Promise.all(opened.flat().slice(1).map((store) => store.flushed()));
    putNetwork(rootStore, genesis);
    await rootStore.flushed();
    return opened;
  } catch (error) {
    await Promise.allSettled(opened.flat().map((store) => store.close()));
    throw error;
  }
}

/** Brings every subnet of one node to its first certified state at once; those of several nodes find theirs together. Nothing can be asked before it. */
async function certifyFirstStates(subnets: readonly RunningSubnet[]): Promise<void> {
  for (const { nodes, subnet, kick } of subnets) {
    const [{ node }, other] = nodes as readonly [RunningNode, RunningNode | undefined];
    if (other === undefined) {
      node.prepare();
      node.advance();
      await node.persist();
      node.publish();
      node.prepare();
    } else if (subnet.health !== "healthy") {
      const healthy = new Promise<void>((resolve) => { subnet.whenHealthy(resolve); });
      kick();
      await healthy;
    }
    assert(subnet.health === "healthy", "a subnet that starts certifies its first state");
  }
}

function viewOf(subnets: readonly RunningSubnet[], rootKey: Uint8Array): NetworkView {
  const views = subnets.map(({ subnet }) => subnet), find = (id: SubnetId): NetworkView["subnets"][number] | undefined => views.find(({ subnetId }) => subnetId === id);
  return {
    rootKey, subnets: views, subnet: find, defaultSubnet: views[1] ?? views[0]!,
    node(id) {
      for (const running of subnets) {
        const place = running.nodes.findIndex((node) => node.id === id);
        if (place >= 0) return { running: running.nodes[place]!.alive, view: running.viewOf(place) };
      }
      return undefined;
    },
    subnetOf(canister) {
      const id = subnetOfCanister(views[0]!.certifiedState().topology.routingTable, canister);
      return id && find(id);
    },
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
export interface OpenNetwork { readonly network: Network; readonly subnets: readonly RunningSubnet[]; readonly admin: NetworkAdmin }

/** The same on a runtime of the caller's: time, chance and waiting are what it says, so that equal inputs make equal networks. */
export async function startNetworkOn(runtime: Runtime, options: NetworkOptions): Promise<OpenNetwork> {
  const bls = await loadFastBls();
  const stores = await openStores(options, bls, runtime), subnets: RunningSubnet[] = [];
  try { return await compose({ options, runtime, verifier: createVerifier(bls), stores, subnets }); } catch (error) {
    await Promise.all(subnets.map((subnet) => subnet.halt()));
    await Promise.allSettled(stores.flat().map((store) => store.close()));
    throw error;
  }
}

interface Parts { readonly options: NetworkOptions; readonly runtime: Runtime; readonly verifier: Verifier; readonly stores: readonly (readonly Store[])[]; /** Filled while the network is put together. */ readonly subnets: RunningSubnet[] }

async function compose({ options, runtime, verifier, stores, subnets }: Parts): Promise<OpenNetwork> {
  const rootStore = stores[0]![0]!;
  /** What a listener throws is its own: it neither stops a subnet nor passes unseen. */
  const report = (event: NetworkEvent): void => { try { options.onEvent?.(event); } catch (error) { queueMicrotask(() => { throw error; }); } };
  const rootGenesis = getGenesis(rootStore), stored = getNetwork(rootStore);
  assert(rootGenesis !== undefined && stored !== undefined, "a store that opened holds the genesis of its subnet");
  const rootKey = derOfBlsKey(rootGenesis.subnet.transcripts.high.publicCoefficients[0]!);
  const verify = createCertificateVerifier(verifier, () => rootKey), validator = createRequestValidator(verify);
  /** Blocks hold what the owner sent too: the rule is the genesis registry's, the same at every height and in every replay. */
  const rules = localRulesOf(getRegistryDeltas(rootStore)[0]!), ownersValidator = rules.unsigned ? createRequestValidator(verify, rules) : validator, envelopes = createEnvelopeReader(ownersValidator);
  const printed = recentLines(), receipts = createReceipts();
  const execution = createExecution({
    engine: createWasmEngine(importSignatures), nativePrograms: [registryProgram, proxyProgram], receipts, threads: runtime.threads === true,
    onCanisterLog: (line) => {
      printed.add({ canister: line.canister, timeNanos: line.time, content: line.content });
      report({ kind: "canisterLog", canister: principalToText(line.canister), timestampNanos: line.time, content: line.content });
    },
    ...(options.log && { log: options.log }),
  });

  /** A subnet that stops while the network starts would never answer. */
  const fault = Promise.withResolvers<never>();
  fault.promise.catch(() => undefined);
  let registryRoot: Uint8Array | undefined;
  /** Everybody follows when the registry canister has certified something new. */
  const onRootPublished = (): void => {
    const certified = root.subnet.certifiedState().canisters.get(REGISTRY_CANISTER_ID)?.system.certifiedData;
    if (certified === undefined || certified === registryRoot) return;
    registryRoot = certified;
    for (const subnet of subnets) subnet.follow((since) => registryChanges(root.subnet, since), verify);
  };
  const find = (id: SubnetId): RunningSubnet | undefined => subnets.find(({ subnet }) => subnet.subnetId === id);
  for (const ofSubnet of stores) {
    const isRoot = subnets.length === 0;
    const id = getGenesis(ofSubnet[0]!)!.subnet.id, send = (to: SubnetId, bytes: Uint8Array): void => find(to)?.exchange.receive(id, bytes);
    const delegation = isRoot ? undefined : createDelegations(() => root.serving.node.stateManager, id, () => runtime.clock.now());
    const running = runSubnet({ stores: ofSubnet, options, report, runtime, verifier, execution, envelopes, receipts, delegation, send, onPublished: isRoot ? onRootPublished : () => undefined, onFailed: fault.reject });
    subnets.push(running);
  }
  const root = subnets[0]!;
  for (const store of stores.flat()) for (const repair of store.repairs) report({ kind: "warning", text: repair });
  await certifyFirstStates(subnets);
  for (const running of subnets) running.exchange.greet(subnets.map(({ subnet }) => subnet.subnetId));
  for (const subnet of subnets) subnet.kick();
  const admin = createNetworkAdmin(stored.adminSeed, validator);
  await Promise.race([installRegistry(admin, root.subnet, getRegistryDeltas(rootStore)[0]!), fault.promise]);

  const view = viewOf(subnets, rootKey);
  const onFault = (error: unknown): void => report({ kind: "warning", text: `a request broke an invariant: ${error instanceof Error ? error.stack ?? error.message : String(error)}` });
  const sockets = new Set<{ close(): Promise<void> }>();
  let stopping: Promise<void> | undefined;
  async function shutDown(withCheckpoint: boolean): Promise<void> {
    await Promise.all([...sockets].map((socket) => socket.close()));
    await Promise.all(subnets.map((subnet) => subnet.halt()));
    await execution.longRuns.close();
    const ends = await Promise.allSettled(subnets.flatMap(({ nodes }) => nodes).map(async ({ node, store }) => { try { await (withCheckpoint ? node.checkpoint() : node.persist()); } finally { await store.close(); } }));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
  const firstIdOf = (id: SubnetId): string => principalToText(root.subnet.certifiedState().topology.routingTable.find(({ subnet }) => subnet === id)!.start);
  const nodeById = (text: string): { readonly subnet: RunningSubnet; readonly place: number } => {
    for (const subnet of subnets) {
      const place = subnet.nodes.findIndex(({ id }) => principalToText(id) === text);
      if (place >= 0) return { subnet, place };
    }
    throw new RangeError(`the network has no node ${text}`);
  };
  const http = { validator, timers: runtime.timers, onFault, ...(options.log && { log: options.log }) };
  let proxy: Promise<CanisterId> | undefined;
  const nodeControl: NodeControl = {
    list: () => subnets.flatMap((running) => running.nodes.map((node) => ({
      id: principalToText(node.id), subnet: principalToText(running.subnet.subnetId), subnetType: running.subnet.type, running: node.alive, serving: node === running.serving,
      height: node.node.stateManager.latest().height, certifiedHeight: node.node.stateManager.latestCertified()?.state.height ?? 0,
      reaches: running.nodes.filter((other) => node.alive && other.alive && (running.links?.reaches(node.id, other.id) ?? true)).length,
    }))),
    stop: (id) => network.stopNode(id), start: (id) => { network.startNode(id); }, isolate(id) { const { subnet, place } = nodeById(id); subnet.links?.isolate(subnet.nodes[place]!.id); },
  };
  const adminRows = [adminStatus, ...adminReceipts(receipts), adminProxy(() => (proxy ??= installProxy(admin, view.defaultSubnet))), ...adminNodes(nodeControl), ...adminLinks(createLinkControl(subnets)), adminStop(() => { network.stop().catch(onFault); })];
  const network: Network = {
    fetch: createHttpInterface(view, http), ownerFetch: createHttpInterface(view, { ...http, admin: { token: undefined, rows: adminRows, validator: ownersValidator } }), url: HOST, rootKey,
    get subnets() {
      return subnets.map(({ subnet, nodes, serving: { node } }) => ({
        id: principalToText(subnet.subnetId), type: subnet.type, height: node.stateManager.latest().height, certifiedHeight: subnet.certifiedHeight,
        certifiedTimeNanos: subnet.certifiedState().time, checkpointHeight: node.checkpointHeight,
        canisters: node.stateManager.latest().canisters.size, nodes: nodes.map(({ id }) => principalToText(id)), effectiveCanisterId: firstIdOf(subnet.subnetId),
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
    stopNode(id) { const { subnet, place } = nodeById(id); return subnet.stopNode(place); },
    startNode(id) { const { subnet, place } = nodeById(id); subnet.startNode(place); },
    stateHash: () => subnets.map(({ serving: { node } }) => hexFromBytes(node.stateManager.fullHash(node.stateManager.latest().height)!)).join(""),
    stop: () => (stopping ??= shutDown(true)),
    suspend: () => (stopping ??= shutDown(false)),
    [Symbol.asyncDispose]: () => network.stop(),
  };
  return { network, subnets, admin };
}
