/** The network: subnets over their stores, and the public interface in front of them. */
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
import { getGenesis, getNetwork, getRegistryDeltas } from "./genesis.ts";
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
import { openStores, openSubnet, wantedSubnet } from "./networkStores.ts";
import { subnetOfCanister } from "./registry/routingTable.ts";
import { registryChanges } from "./registryFeed.ts";
import type { RunningNode } from "./runningNode.ts";
import { type RunningSubnet, runSubnet } from "./runningSubnet.ts";
import { createRealRuntime } from "./runtime/real.ts";
import { type SubnetLife, createSubnetLife } from "./subnetLife.ts";
import { proxyProgram } from "./systemCanisters/proxy/proxy.ts";
import { REGISTRY_CANISTER_ID, registryProgram } from "./systemCanisters/nns/registry/registry.ts";

/** Nothing listens there: `fetch` takes any host. */
const HOST = "http://icx.localhost";

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
  const root = subnets[0]!.subnet, first = (subnets[1] ?? subnets[0]!).subnet, find = (id: SubnetId): NetworkView["subnets"][number] | undefined => subnets.find(({ subnet }) => subnet.subnetId === id)?.subnet;
  return {
    rootKey, get subnets() { return subnets.map(({ subnet }) => subnet); }, subnet: find, defaultSubnet: first,
    node(id) {
      for (const running of subnets) {
        const place = running.nodes.findIndex((node) => node.id === id);
        if (place >= 0) return { running: running.nodes[place]!.alive, view: running.viewOf(place) };
      }
      return undefined;
    },
    subnetOf(canister) {
      const id = subnetOfCanister(root.certifiedState().topology.routingTable, canister);
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
  let registryRoot: Uint8Array | undefined, life: SubnetLife | undefined;
  /** Everybody follows when the registry canister has certified something new. */
  const onRootPublished = (): void => {
    const certified = root.subnet.certifiedState().canisters.get(REGISTRY_CANISTER_ID)?.system.certifiedData;
    life?.onRootPublished();
    if (certified === undefined || certified === registryRoot) return;
    registryRoot = certified;
    for (const subnet of subnets) subnet.follow((since) => registryChanges(root.subnet, since), verify);
  };
  const find = (id: SubnetId): RunningSubnet | undefined => subnets.find(({ subnet }) => subnet.subnetId === id);
  const run = (ofSubnet: readonly Store[]): RunningSubnet => {
    const isRoot = subnets.length === 0, id = getGenesis(ofSubnet[0]!)!.subnet.id, send = (to: SubnetId, bytes: Uint8Array): void => find(to)?.exchange.receive(id, bytes);
    const delegation = isRoot ? undefined : createDelegations(() => root.serving.node.stateManager, id, () => runtime.clock.now());
    return runSubnet({ stores: ofSubnet, options, report, runtime, verifier, execution, envelopes, receipts, delegation, send, onPublished: isRoot ? onRootPublished : () => undefined, onFailed: fault.reject });
  };
  for (const ofSubnet of stores) subnets.push(run(ofSubnet));
  const root = subnets[0]!;
  for (const store of stores.flat()) for (const repair of store.repairs) report({ kind: "warning", text: repair });
  await certifyFirstStates(subnets);
  for (const running of subnets) running.exchange.greet(subnets.map(({ subnet }) => subnet.subnetId));
  for (const subnet of subnets) subnet.kick();
  const admin = createNetworkAdmin(stored.adminSeed, validator);
  await Promise.race([installRegistry(admin, root.subnet, getRegistryDeltas(rootStore)[0]!), fault.promise]);

  const view = viewOf(subnets, rootKey);
  /** A subnet that comes while the others run: seen when it has certified its first state. */
  async function launch(ofSubnet: readonly Store[]): Promise<void> {
    const running = run(ofSubnet);
    await certifyFirstStates([running]);
    subnets.push(running);
    running.exchange.greet(subnets.map(({ subnet }) => subnet.subnetId));
    running.follow((since) => registryChanges(root.subnet, since), verify);
    running.kick();
  }
  life = createSubnetLife({
    subnets, admin, bls: verifier.bls, rng: runtime.rng, clock: runtime.clock, launch, open: (id, nodes) => openSubnet(options.stateDir, id, nodes), warn: (text) => { report({ kind: "warning", text }); },
  });
  life.onRootPublished();
  const onFault = (error: unknown): void => report({ kind: "warning", text: `a request broke an invariant: ${error instanceof Error ? error.stack ?? error.message : String(error)}` });
  const sockets = new Set<{ close(): Promise<void> }>();
  let stopping: Promise<void> | undefined;
  async function shutDown(withCheckpoint: boolean): Promise<void> {
    await Promise.all([...sockets].map((socket) => socket.close()));
    await life?.close();
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
        id: principalToText(subnet.subnetId), type: subnet.type, pricedAs: subnet.certifiedState().topology.subnets.find(({ id }) => id === subnet.subnetId)!.pricedAs, height: node.stateManager.latest().height, certifiedHeight: subnet.certifiedHeight,
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
    async corruptNode(id) {
      const { subnet, place } = nodeById(id), { alive, node } = subnet.nodes[place]!, flipped = alive ? node.corrupt() : undefined;
      if (flipped === undefined) throw new RangeError(alive ? "no canister of the subnet has written to its memory" : `the node ${id} does not run`);
      return { ...flipped, canister: principalToText(flipped.canister) };
    },
    addSubnet: async (wanted = {}) => principalToText(await life.add(wantedSubnet(wanted, root.nodes.length))),
    async removeSubnet(text) {
      const found = subnets.find(({ subnet }) => principalToText(subnet.subnetId) === text)?.subnet;
      if (found === undefined) throw new RangeError(`the network has no subnet ${text}`);
      if (found === root.subnet || found === view.defaultSubnet) throw new RangeError(`the network cannot do without the subnet ${text}`);
      await life.remove(found.subnetId);
    },
    stateHash: () => subnets.map(({ serving: { node } }) => hexFromBytes(node.stateManager.fullHash(node.stateManager.latest().height)!)).join(""),
    stop: () => (stopping ??= shutDown(true)),
    suspend: () => (stopping ??= shutDown(false)),
    [Symbol.asyncDispose]: () => network.stop(),
  };
  return { network, subnets, admin };
}
