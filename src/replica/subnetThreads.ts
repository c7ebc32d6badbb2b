/** The threads that subnets live in: made when a subnet comes, gone when it goes. */
import { availableParallelism } from "node:os";
import type { SubnetId } from "./types/index.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { RegistryVersionDelta } from "./interfaces/registry.ts";
import type { Runtime } from "./interfaces/runtime.ts";
import type { Store } from "./interfaces/stateManager.ts";
import type { DelegationFormat } from "./interfaces/subnet.ts";
import type { Delegation } from "./certification/certificate.ts";
import type { Permits } from "./execution/longRuns/permits.ts";
import { getGenesis } from "./genesis.ts";
import type { Delegations } from "./workerMessages.ts";
import { type WorkerSubnet, startWorkerSubnet } from "./workerSubnet.ts";

export interface SubnetThreads {
  /** Takes over a subnet's stores and runs it in a thread of its own; resolves when it answers. Rejects with `StoreFailure`. */
  launch(stores: readonly Store[], others: readonly SubnetId[]): Promise<WorkerSubnet>;
  /** The root subnet has certified something new. */
  renewDelegations(registryVersion: number): void;
  readonly alive: readonly WorkerSubnet[];
  /** Ends all of them at once: what they had not yet on disk is lost. */
  abandon(): Promise<void>;
}

export interface SubnetThreadsParts {
  readonly options: NetworkOptions;
  readonly runtime: Runtime;
  readonly report: (event: NetworkEvent) => void;
  readonly deliver: (from: SubnetId, to: SubnetId, bytes: Uint8Array) => void;
  /** A subnet has said how it stands. */
  readonly onStanding: () => void;
  readonly rootKey: Uint8Array;
  readonly registry: RegistryVersionDelta;
  readonly adminSeed: Uint8Array;
  /** To run long messages: one set for all threads. */
  readonly permits: Permits;
  readonly delegationsTo: (subnet: SubnetId) => (format: DelegationFormat) => Delegation | undefined;
}

/** Numbers that each thread has for the long messages that it starts. */
const OWNERS_A_THREAD = 2 ** 24;

export function createSubnetThreads({ options, runtime, report, deliver, onStanding, rootKey, registry, adminSeed, permits, delegationsTo }: SubnetThreadsParts): SubnetThreads {
  const { stateDir, idleBlockIntervalMs, dkgInterval } = options, workers: WorkerSubnet[] = [], words = new Map<SubnetId, () => Delegations | undefined>();
  const plain = { ...(stateDir !== undefined && { stateDir }), ...(idleBlockIntervalMs !== undefined && { idleBlockIntervalMs }), ...(dkgInterval !== undefined && { dkgInterval }) };
  let started = 0;
  return {
    async launch(stores, others) {
      const { id } = getGenesis(stores[0]!)!.subnet, records = stateDir === undefined ? stores.map((store) => store.records("")) : undefined, word = delegationsTo(id);
      await Promise.all(stores.map((store) => store.close()));
      const worker = startWorkerSubnet({
        report, log: options.log, deliver, onStanding, now: () => runtime.clock.now(),
        data: {
          id, records, options: plain, seed: runtime.rng.fork(`thread ${id}`).bytes(32), rootKey, registry, adminSeed, logs: options.log !== undefined,
          permits: { permits, firstOwner: ++started * OWNERS_A_THREAD }, signsAhead: others.length < availableParallelism(),
        },
      });
      words.set(id, () => { const flat = word("flat"), sharded = word("sharded"); return flat && sharded && { flat, sharded }; });
      workers.push(worker);
      await worker.start(words.get(id)!(), others);
      return worker;
    },
    renewDelegations(version) { for (const worker of workers) if (worker.alive) worker.delegate(version, words.get(worker.id)!); },
    get alive() { return workers.filter(({ alive }) => alive); },
    async abandon() { await Promise.all(workers.map((worker) => worker.end())); },
  };
}
