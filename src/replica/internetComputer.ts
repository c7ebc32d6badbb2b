/** The network: subnets over their stores, the drivers that give them turns, and the public interface in front. */
import { join } from "node:path";
import { NANOSECONDS_PER_MS, type SubnetId, assert, bytesFromHex, hexFromBytes, principalToText, time } from "./types/index.ts";
import type { Bls, Verifier } from "./interfaces/crypto.ts";
import type { Network, NetworkOptions } from "./interfaces/network.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { NetworkView } from "./interfaces/subnet.ts";
import { createCertificateVerifier } from "./certification/verifyCertificate.ts";
import { loadFastBls } from "./crypto/fastBls.ts";
import { derOfBlsKey } from "./crypto/der.ts";
import { createVerifier } from "./crypto/verifier.ts";
import { type Execution, createExecution, createParamsOf } from "./execution/createExecution.ts";
import { type SubnetGenesis, createGenesis, getGenesis, getNetwork, getRegistryDeltas, putGenesis, putNetwork } from "./genesis.ts";
import { adminStatus, adminStop } from "./http/adminDoor.ts";
import { createHttpInterface } from "./http/createHttpInterface.ts";
import { listen } from "./http/listen.ts";
import { createWasmEngine } from "./execution/wasm/createWasmEngine.ts";
import { importSignatures } from "./execution/systemApi/systemCallRows.ts";
import { type EnvelopeReader, createEnvelopeReader } from "./ingress/envelopeReader.ts";
import { createRequestValidator } from "./ingress/requestValidator.ts";
import { createMessageRouting } from "./messaging/messageRouting.ts";
import { type ReplicaNode, createNode } from "./node.ts";
import { createLocalRegistry } from "./registry/localRegistry.ts";
import { subnetOfCanister } from "./registry/routingTable.ts";
import { createRealRuntime } from "./runtime/real.ts";
import { genesisState } from "./state/genesisState.ts";
import { openMemoryStore } from "./stateManager/memoryStore.ts";
import { openStore } from "./stateManager/openStore.ts";
import { type Subnet, createSubnet } from "./subnet.ts";
import { type SubnetDriver, createSubnetDriver } from "./subnetDriver.ts";

const IDLE_BLOCK_INTERVAL_MS = 1000;
const HOST = "http://icx.localhost";

/** One subnet at work. */
interface Running { readonly genesis: SubnetGenesis; readonly store: Store; readonly node: ReplicaNode; readonly subnet: Subnet; readonly driver: SubnetDriver }

/** Opens the stores of a network, or makes a new network in an empty place. The root subnet's store is the first. */
async function openStores(options: NetworkOptions, bls: Bls, runtime: Runtime): Promise<readonly Store[]> {
  const { stateDir } = options;
  const open = (name: string): Promise<Store> => (stateDir === undefined ? Promise.resolve(openMemoryStore()) : openStore(join(stateDir, "subnets", name)));
  const root = await open("root");
  const known = getNetwork(root);
  const storeOf = (id: SubnetId): Promise<Store> => open(principalToText(id));
  try {
    if (known !== undefined) return [root, ...await Promise.all(known.slice(1).map(storeOf))];
    const genesis = createGenesis(bls, runtime.rng.fork("genesis"), ["system", ...(options.subnets ?? [{ type: "application" }]).map(({ type }) => type)], runtime.clock.now());
    const stores = [root, ...await Promise.all(genesis.subnets.slice(1).map(({ id }) => storeOf(id)))];
    for (const [place, subnet] of genesis.subnets.entries()) putGenesis(stores[place]!, subnet, genesis);
    await Promise.all(stores.slice(1).map((store) => store.flushed()));
    putNetwork(root, genesis);
    await root.flushed();
    return stores;
  } catch (error) {
    await root.close();
    throw error;
  }
}

/**
 * Starts a network in this process: a new one, or the one that `stateDir` holds. Resolves when every subnet has certified a state.
 * @throws StoreFailure when the directory is in use, damaged beyond repair, of a newer format, or cannot be written
 */
export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
  const runtime = createRealRuntime(options.seed === undefined ? undefined : bytesFromHex(options.seed));
  const bls = await loadFastBls(), verifier = createVerifier(bls);
  const stores = await openStores(options, bls, runtime);
  const execution = createExecution({
    engine: createWasmEngine(importSignatures),
    onCanisterLog: (line) => options.onEvent?.({ kind: "canisterLog", canister: principalToText(line.canister), timestampNanos: line.time, content: line.content }),
  });
  const rootGenesis = getGenesis(stores[0]!);
  assert(rootGenesis !== undefined, "a store that opened holds the genesis of its subnet");
  const rootKey = derOfBlsKey(rootGenesis.subnet.transcripts.high.publicCoefficients[0]!);
  const verifyCertificate = createCertificateVerifier(verifier, () => rootKey), validator = createRequestValidator(verifyCertificate);
  const envelopes = createEnvelopeReader(validator);
  const subnets: Running[] = [];
  for (const store of stores) subnets.push(runSubnet({ store, options, runtime, verifier, execution, envelopes, root: subnets[0] }));
  for (const { store } of subnets) for (const repair of store.repairs) options.onEvent?.({ kind: "warning", text: repair });

  // The first certified state of each: nothing can be asked before it.
  for (const { node, subnet } of subnets) {
    node.prepare();
    node.advance();
    await node.persist();
    node.publish();
    node.prepare();
    assert(subnet.health === "healthy", "a new subnet certifies its first state");
  }
  for (const { driver } of subnets) driver.kick();

  const view: NetworkView = {
    rootKey, subnets: subnets.map(({ subnet }) => subnet),
    subnetOf: (canister) => { const id = subnetOfCanister(topology().routingTable, canister); return id && view.subnet(id); },
    subnet: (id) => subnets.find(({ subnet }) => subnet.subnetId === id)?.subnet,
    defaultSubnet: (subnets[1] ?? subnets[0]!).subnet,
  };
  const topology = (): ReturnType<Subnet["certifiedState"]>["topology"] => subnets[0]!.subnet.certifiedState().topology;
  const onFault = (error: unknown): void => options.onEvent?.({ kind: "warning", text: `a request broke an invariant: ${error instanceof Error ? error.stack ?? error.message : String(error)}` });
  const http = createHttpInterface(view, { validator, timers: runtime.timers, onFault });

  const sockets = new Set<{ close(): Promise<void> }>();
  let stopping: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    await Promise.all([...sockets].map((socket) => socket.close()));
    await Promise.all(subnets.map(({ driver }) => driver.halt()));
    for (const { node, store } of subnets) {
      await node.checkpoint();
      await store.close();
    }
  }
  const network: Network = {
    fetch: http, url: HOST, rootKey,
    get subnets() {
      return subnets.map(({ subnet, node }) => ({
        id: principalToText(subnet.subnetId), type: subnet.type, height: node.stateManager.latest().height, certifiedHeight: subnet.certifiedHeight,
        canisters: node.stateManager.latest().canisters.size, nodes: [principalToText(subnet.nodeId)],
      }));
    },
    defaultEffectiveCanisterId: principalToText(topology().routingTable.find(({ subnet }) => subnet === view.defaultSubnet.subnetId)!.start),
    async listen(where = {}) {
      const admin = where.adminToken === undefined ? {} : { admin: { token: where.adminToken, rows: [adminStatus, adminStop(() => { void network.stop(); })] } };
      const socket = await listen(createHttpInterface(view, { validator, timers: runtime.timers, onFault, ...admin }), where);
      sockets.add(socket);
      return { ...socket, async close() { sockets.delete(socket); await socket.close(); } };
    },
    stateHash: () => subnets.map(({ node }) => hexFromBytes(node.stateManager.fullHash(node.stateManager.latest().height)!)).join(""),
    stop: () => (stopping ??= shutDown()),
    [Symbol.asyncDispose]: () => network.stop(),
  };
  return network;
}

interface SubnetParts {
  readonly store: Store; readonly options: NetworkOptions; readonly runtime: Runtime; readonly verifier: Verifier; readonly execution: Execution;
  readonly envelopes: EnvelopeReader; readonly root: Running | undefined;
}

/** Composes one subnet from its store. */
function runSubnet({ store, options, runtime, verifier, execution, envelopes, root }: SubnetParts): Running {
  const stored = getGenesis(store), loaded = store.load();
  assert(stored !== undefined && loaded.ok, "a store that opened holds the genesis of its subnet");
  const { subnet: genesis } = stored;
  const registry = createLocalRegistry(getRegistryDeltas(store));
  const record = registry.at(registry.latestVersion)!.subnet(genesis.id)!;
  const ms = (value: number): ReturnType<typeof time> => time(BigInt(Math.round(value)) * NANOSECONDS_PER_MS);
  const node = createNode({
    subnetId: genesis.id, keyStore: genesis.keyStores[0]!, membership: genesis.members, transcripts: genesis.transcripts, verifier, clock: runtime.clock,
    params: {
      unitDelay: ms(record.unitDelayMs), initialNotaryDelay: ms(record.initialNotaryDelayMs), idleBlockInterval: ms(options.idleBlockIntervalMs ?? IDLE_BLOCK_INTERVAL_MS),
      dkgIntervalLength: record.dkgIntervalLength, dkgIntervalTime: ms(record.dkgIntervalMs),
    },
    genesis: genesisState({ subnetId: genesis.id, topology: registry.at(1 as typeof registry.latestVersion)!.topology, time: stored.time }),
    loaded: loaded.value, registry, envelopes, messageRouting: createMessageRouting({ scheduler: execution.scheduler, paramsOf: createParamsOf("local") }), ingressFilter: execution.ingressFilter, store,
    onBlock: (block, batch) => options.onEvent?.({ kind: "block", subnet: principalToText(genesis.id), height: block.height, messages: batch.ingress.length, timeNanos: batch.time }),
    ...(options.log && { log: options.log }),
  });
  const subnet: Subnet = createSubnet({
    node, type: genesis.type, subnetId: genesis.id, root: root && root.node, queryHandler: execution.queryHandler, clock: runtime.clock, kick: () => driver.kick(),
    ...(options.log && { log: options.log }),
  });
  const driver = createSubnetDriver({ ...node, publish() { node.publish(); subnet.wakeAnswered(); } }, runtime.clock, runtime.timers, (error) => {
    subnet.fail();
    options.onEvent?.({ kind: "warning", text: `subnet ${principalToText(genesis.id)} stopped at height ${node.stateManager.latest().height}: ${error instanceof Error ? error.stack ?? error.message : String(error)}` });
  });
  return { genesis, store, node, subnet, driver };
}
