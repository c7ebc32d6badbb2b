/** A subnet in a thread of its own, as the network's thread sees it (`subnetWorker.ts` is the other end). */
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { type MessageId, NANOSECONDS_PER_SECOND, type SubnetId, type Time, assert, hexFromBytes, principalToText, registryVersion } from "./types/index.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { Receipt } from "./interfaces/receipts.ts";
import type { PlainAnswer, PlainRequest, RemoteSubnet } from "./interfaces/subnet.ts";
import type { HostedSubnet, SubnetStanding } from "./hostedSubnet.ts";
import { StoreFailure } from "./stateManager/storeFailure.ts";
import { type Delegations, type FromWorker, STATE_HASH, type SubnetCommands, type ToWorker, type WorkerData, createOutbox, ownBytes } from "./workerMessages.ts";

/** Megabytes; as threads of long messages: more than frames of wasm and of the system calls under them take. */
const STACK_MB = 16;
const MIB = 1024 * 1024;
/** A thread that is in the middle of a round answers after it; milliseconds. */
const HASH_PATIENCE_MS = 60_000;
/** Delegations are renewed well before an hour has passed. */
const DELEGATIONS_AGE_MAX = 1800n * NANOSECONDS_PER_SECOND;

export interface WorkerSubnet extends HostedSubnet {
  readonly remote: RemoteSubnet;
  /** False once its thread has died: it answers nothing, and the other subnets go on. */
  readonly alive: boolean;
  /** Begins its life; resolves when it answers. Rejects with `StoreFailure`, or with what ended the thread. */
  start(delegations: Delegations | undefined, others: readonly SubnetId[]): Promise<void>;
  /** Writes receipts from now on. */
  record(): Promise<void>;
  receipt(id: MessageId): Promise<Receipt | undefined>;
  /** Ends the thread as a crash does: what was not yet on disk is lost. */
  end(): Promise<void>;
}

export interface WorkerSubnetParts {
  readonly data: WorkerData;
  /** Tells whoever watches; never throws. */
  readonly report: (event: NetworkEvent) => void;
  readonly log: NetworkOptions["log"];
  readonly now: () => Time;
  /** It has said how it stands. */
  readonly onStanding: () => void;
  /** For another subnet of the network. */
  readonly deliver: (from: SubnetId, to: SubnetId, bytes: Uint8Array) => void;
}

const UNHEALTHY: PlainAnswer = { status: 503, headers: { "content-type": "text/plain; charset=utf-8", "access-control-allow-origin": "*" }, body: "Replica is unhealthy: CertifiedStateBehind. Check the /api/v2/status for more information." };

export function startWorkerSubnet({ data, report, log, now, onStanding, deliver }: WorkerSubnetParts): WorkerSubnet {
  const worker = new Worker(new URL("./subnetWorker.ts", import.meta.url), {
    workerData: data, name: `icx subnet ${principalToText(data.id).slice(0, 5)}`,
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: Math.floor(getHeapStatistics().heap_size_limit / MIB) },
  });
  const say = createOutbox<ToWorker>((said) => { if (alive) worker.postMessage(said); });
  const ready = Promise.withResolvers<void>(), waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>(), name = principalToText(data.id);
  ready.promise.catch(() => undefined);
  let known: SubnetStanding | undefined, alive = true, closing = false, next = 0, delegated = { registryVersion: 0, at: 0n };
  const standing = (): SubnetStanding => {
    assert(known !== undefined, "a subnet says how it stands before it is ready");
    return alive ? known : { ...known, health: "certified_state_behind", nodes: known.nodes.map((node) => ({ ...node, alive: false, serving: false, reaches: 0 })) };
  };

  /** Nobody waits for a thread that will not answer. */
  function gone(reason: Error): void {
    if (!alive) return;
    alive = false;
    ready.reject(reason);
    for (const { reject } of waiting.values()) reject(reason);
    waiting.clear();
    if (!closing) report({ kind: "warning", text: `Subnet ${name} lost its thread and answers nothing; the other subnets go on. Nothing acknowledged is lost: stop the network and start it again. ${reason.message}` });
  }
  function hear(one: FromWorker): void {
    if (one.kind === "standing") {
      known = one.standing;
      onStanding();
    } else if (one.kind === "answer") {
      const asked = waiting.get(one.id);
      waiting.delete(one.id);
      if (one.error === undefined) asked?.resolve(one.value); else asked?.reject(new RangeError(one.error));
    } else if (one.kind === "stream") deliver(data.id, one.to, one.bytes);
    else if (one.kind === "event") report(one.event);
    else if (one.kind === "log") log?.(one.line);
    else if (one.kind === "ready") ready.resolve();
    else ready.reject(one.store === undefined ? new RangeError(one.text) : new StoreFailure(one.store));
  }
  worker.on("message", (said: readonly FromWorker[]) => { for (const one of said) hear(one); });
  worker.on("error", (error) => { gone(error instanceof Error ? error : new RangeError(String(error))); });
  worker.on("exit", (code) => { gone(new RangeError(`its thread ended with code ${code}`)); });

  function command<Name extends keyof SubnetCommands>(name: Name, ...args: Parameters<SubnetCommands[Name]>): Promise<Awaited<ReturnType<SubnetCommands[Name]>>> {
    if (!alive) return Promise.reject(new RangeError(`subnet ${principalToText(data.id)} has lost its thread`));
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      say({ kind: "command", id, name, args });
    });
  }
  const remote: RemoteSubnet = {
    subnetId: data.id,
    get type() { return standing().type; },
    get nodeId() { return standing().nodeId; },
    get health() { return standing().health; },
    get certifiedHeight() { return standing().certifiedHeight; },
    async answer(request: PlainRequest) {
      if (!alive) return UNHEALTHY;
      try { return await command("answer", { ...request, body: ownBytes(request.body) }); } catch (error) {
        if (alive) throw error;
        return UNHEALTHY;
      }
    },
    page: (lines) => command("page", lines),
  };
  return {
    id: data.id, running: undefined, remote,
    get standing() { return standing(); },
    get alive() { return alive; },
    start(delegations, others) {
      say({ kind: "start", delegations, others });
      return ready.promise;
    },
    stopNode: (place) => command("stopNode", place), startNode: (place) => command("startNode", place), isolate: (place) => command("isolate", place), corrupt: (place) => command("corrupt", place),
    surrender: () => command("surrender"), keep: (orders) => command("keep", orders), recover: (orders) => command("recover", orders), halve: (orders) => command("halve", orders), canister: (id) => command("canister", id),
    partition: (nodes) => command("partition", nodes), heal: () => command("heal"), delay: (delayMs, jitterMs) => command("delay", delayMs, jitterMs),
    record: () => command("record"), receipt: (id) => command("receipt", id), proxy: () => command("proxy"),
    receive(from, bytes) { say({ kind: "stream", from, bytes: ownBytes(bytes) }); },
    follow(changes) {
      const certified = known && changes(registryVersion(known.registryVersion));
      if (certified !== undefined) say({ kind: "registry", changes: ownBytes(certified) });
    },
    delegate(version, make) {
      const at = now();
      if (version === delegated.registryVersion && at - delegated.at < DELEGATIONS_AGE_MAX) return;
      const delegations = make();
      if (delegations === undefined) return;
      delegated = { registryVersion: version, at };
      say({ kind: "delegations", delegations });
    },
    stateHash() {
      if (!alive) return "";
      const into = new SharedArrayBuffer(STATE_HASH.wordBytes + STATE_HASH.hashBytes), word = new Int32Array(into, 0, 1);
      worker.postMessage([{ kind: "stateHash", into }] satisfies readonly ToWorker[]);
      return Atomics.wait(word, 0, 0, HASH_PATIENCE_MS) === "timed-out" ? "" : hexFromBytes(new Uint8Array(into, STATE_HASH.wordBytes).slice());
    },
    async end() { await worker.terminate(); },
    halt: () => Promise.resolve(),
    async close(withCheckpoint) {
      if (!alive) return;
      closing = true;
      try { await command("close", withCheckpoint); } finally { alive = false; await worker.terminate(); }
    },
  };
}
