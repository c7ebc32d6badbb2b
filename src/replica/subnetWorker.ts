/** The thread of a subnet: the same composition as in the network's own thread, with messages instead of calls (`workerSubnet.ts` is the other end). */
import { parentPort, workerData } from "node:worker_threads";
import { type SubnetId, assert } from "./types/index.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { NetworkView } from "./interfaces/subnet.ts";
import { loadFastBls } from "./crypto/fastBls.ts";
import { createHttpInterface } from "./http/createHttpInterface.ts";
import { subnetPage } from "./http/page/pageFacts.ts";
import { requestFromPlain } from "./http/passOn.ts";
import { closeNodes, nodeCommandsOf, standingOf } from "./hostedSubnet.ts";
import { createLinkControl } from "./linkControl.ts";
import { createNetworkAdmin, installProxy } from "./networkAdmin.ts";
import { openSubnet } from "./networkStores.ts";
import { subnetOfCanister } from "./registry/routingTable.ts";
import { certifyFirstState, runSubnet, type RunningSubnet } from "./runningSubnet.ts";
import { createRealRuntime } from "./runtime/real.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";
import { type ThreadParts, createThreadParts } from "./threadParts.ts";
import { type Delegations, type FromWorker, STATE_HASH, type SubnetCommands, type ToWorker, type WorkerData, createOutbox, ownBytes } from "./workerMessages.ts";

const data = workerData as WorkerData, port = parentPort!;
const say = createOutbox<FromWorker>((said) => { port.postMessage(said); });
const report = (event: NetworkEvent): void => { say({ kind: "event", event }); };
const options: NetworkOptions = { ...data.options, ...(data.logs && { log: (line) => { say({ kind: "log", line }); } }) };

function viewOf(running: RunningSubnet): NetworkView {
  const { subnet } = running, find = (id: SubnetId | undefined): typeof subnet | undefined => (id === subnet.subnetId ? subnet : undefined);
  return {
    rootKey: data.rootKey, subnets: [subnet], defaultSubnet: subnet, subnet: find,
    subnetOf: (canister) => find(subnetOfCanister(subnet.certifiedState().topology.routingTable, canister)),
    node(id) {
      const place = running.nodes.findIndex((node) => node.id === id);
      return place < 0 ? undefined : { running: running.nodes[place]!.alive, view: running.viewOf(place) };
    },
  };
}

function commandsOf(running: RunningSubnet, parts: ThreadParts, runtime: ReturnType<typeof createRealRuntime>): SubnetCommands {
  const view = viewOf(running), admin = createNetworkAdmin(data.adminSeed, parts.validator);
  const http = {
    validator: parts.validator, timers: runtime.timers, ...(options.log && { log: options.log }),
    onFault: (error: unknown) => { report({ kind: "warning", text: `a request broke an invariant: ${error instanceof Error ? error.stack ?? error.message : String(error)}` }); },
  };
  const publicDoor = createHttpInterface(view, http), ownersDoor = createHttpInterface(view, { ...http, validator: parts.ownersValidator });
  let proxy: ReturnType<typeof installProxy> | undefined;
  return {
    ...nodeCommandsOf(running),
    async halve(orders) {
      const stores = await openSubnet(data.options.stateDir, orders.destination, orders.nodes);
      try { return await running.halve(orders, stores); } finally { await Promise.all(stores.map((store) => store.close())); }
    },
    record: () => { parts.receipts.record(); },
    receipt: (id) => parts.receipts.receipt(id),
    proxy: () => (proxy ??= installProxy(admin, running.subnet)),
    page: (lines) => subnetPage(running.subnet, lines),
    async answer(request) {
      const { status, headers, body } = await (request.owner ? ownersDoor : publicDoor).answer(requestFromPlain(request));
      return { status, headers, body: body instanceof Uint8Array ? ownBytes(body) : body };
    },
    async close(withCheckpoint) {
      await running.halt();
      await parts.execution.longRuns.close();
      await closeNodes(running, withCheckpoint);
    },
  };
}

function failed(error: unknown): void {
  say({ kind: "failed", text: error instanceof Error ? error.stack ?? error.message : String(error), store: error instanceof StoreFailure ? error.error : undefined });
}

/** Stores that hold what they are given, durably; those on disk hold it already. */
async function openStoresHere(): Promise<readonly Store[]> {
  const stores = await openSubnet(data.options.stateDir, data.id, data.records?.length);
  for (const [place, records] of (data.records ?? []).entries()) for (const [key, bytes] of records) stores[place]!.putRecord(key, bytes);
  return stores;
}

async function live(): Promise<void> {
  const bls = await loadFastBls(), runtime = createRealRuntime(data.seed), stores = await openStoresHere();
  const parts = createThreadParts({ bls, rootKey: data.rootKey, registry: data.registry, runtime, options, report, permits: data.permits });
  let delegations: Delegations | undefined, running: RunningSubnet | undefined, commands: SubnetCommands | undefined, links: ReturnType<typeof createLinkControl> | undefined;
  const changed = (): void => { if (running !== undefined) say({ kind: "standing", standing: standingOf(running, links?.list()[0]) }); };

  /** How the subnet stands goes ahead of what is told of it: whoever waits for a version looks when it hears of the change. */
  const tell = (event: NetworkEvent): void => { if (event.kind === "upgraded") changed(); report(event); };
  async function start(others: readonly SubnetId[]): Promise<void> {
    running = runSubnet({
      stores, options, report: tell, runtime, ...parts, delegation: (format) => delegations?.[format], send: (to, bytes) => { say({ kind: "stream", to, bytes: ownBytes(bytes) }); },
      onPublished: changed, onFailed: changed, ...(!data.signsAhead && { signer: { announce: () => undefined, sign: (secret, message) => bls.sign(secret, message) } }),
    });
    links = createLinkControl([running]);
    for (const store of stores) for (const repair of store.repairs) report({ kind: "warning", text: repair });
    await certifyFirstState(running);
    running.exchange.greet(others);
    running.kick();
    commands = commandsOf(running, parts, runtime);
    changed();
    say({ kind: "ready" });
  }
  async function obey(id: number, name: keyof SubnetCommands, args: readonly unknown[]): Promise<void> {
    try {
      const command = commands?.[name] as ((...args: readonly unknown[]) => unknown) | undefined;
      assert(command !== undefined, "a subnet is told to do something after its start");
      const value = await command(...args);
      if (name !== "answer" && name !== "close") changed();
      say({ kind: "answer", id, value, error: undefined });
    } catch (error) { say({ kind: "answer", id, value: undefined, error: error instanceof Error ? error.stack ?? error.message : String(error) }); }
  }
  port.on("message", (said: readonly ToWorker[]) => {
    for (const one of said) {
      if (one.kind === "start") { ({ delegations } = one); start(one.others).catch(failed); }
      else if (one.kind === "command") void obey(one.id, one.name, one.args);
      else if (one.kind === "stream") running?.exchange.receive(one.from, one.bytes);
      else if (one.kind === "registry") { running?.follow(() => one.changes, parts.verify); changed(); }
      else if (one.kind === "delegations") { ({ delegations } = one); changed(); }
      else if (running !== undefined) {
        const { stateManager } = running.serving.node, word = new Int32Array(one.into, 0, 1);
        new Uint8Array(one.into, STATE_HASH.wordBytes).set(stateManager.fullHash(stateManager.latest().height)!);
        Atomics.store(word, 0, 1);
        Atomics.notify(word, 0);
      }
    }
  });
}
live().catch(failed);
