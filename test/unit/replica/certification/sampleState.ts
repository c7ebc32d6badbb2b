import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import { PagedMemory } from "../../../../src/replica/state/pagedMemory.ts";
import { PersistentMap } from "../../../../src/replica/state/persistentMap.ts";
import type { CanisterState } from "../../../../src/replica/state/canisterState.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { type CanisterId, canisterIdFromIndex, cycles, nodeId, subnetId, time } from "../../../../src/replica/types/index.ts";

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
export const SUBNET = subnetId(fill(29, 1));
export const OTHER_SUBNET = subnetId(fill(29, 2));
export const nodePublicKey = fill(44, 6);

const visibility = { kind: "controllers", viewers: [] } as const;

/** A canister as execution keeps it, in plain values that a test can vary. */
export function canister(id: CanisterId, data: number, code: boolean): CanisterState {
  return {
    id,
    system: {
      settings: { controllers: [canisterIdFromIndex(77n)], computeAllocation: 0, memoryAllocation: 0n, freezingThreshold: 2_592_000n, reservedCyclesLimit: 5_000_000_000_000n, minimumIncomingCanisterCallCycles: 0n,
        wasmMemoryLimit: 0n, wasmMemoryThreshold: 0n, logVisibility: visibility, snapshotVisibility: visibility, statusVisibility: visibility, logMemoryLimit: 4096n, environmentVariables: [] },
      status: { kind: "running" }, balance: cycles(10n ** 20n), reservedBalance: cycles(0n), version: 1n, certifiedData: Uint8Array.of(data), onLowWasmMemory: "notSatisfied",
      globalTimer: time(0n), createdAt: time(100n), lastInstalledAt: code ? time(200n) : undefined, lastCharged: time(0n), logs: [], nextLogIndex: 0n, history: [], historyTotal: 0n, chunkStore: [],
      nextCallContext: 0, callContexts: {}, nextCallback: 0, callbacks: {}, queues: { ingress: [], input: [], output: [] }, schedule: { accumulatedPriority: 0, lastFullExecutionRound: 0 },
      queryStats: { calls: 0n, instructions: 0n, requestBytes: 0n, responseBytes: 0n },
    },
    execution: code ? {
      module: fill(100, data), moduleHash: fill(32, data), exports: [], memory64: false, instructionCount: 1, metadata: [{ name: "candid:service", visibility: "public", content: new TextEncoder().encode("service : {}") }],
      globals: fill(16, data), heap: PagedMemory.empty(2).with([[data, fill(4096, data + 1)]]), stable: PagedMemory.empty(),
    } : undefined,
  };
}

/** A state of two subnets; this one has seven ranges, the other none. */
export function sampleState(canisters: readonly CanisterState[] = []): ReplicatedState {
  const node = { id: nodeId(fill(29, 3)), publicKey: nodePublicKey }, subnets = [
    { id: SUBNET, type: "application", publicKey: fill(133, 4), nodes: [node], pricedAs: 13 },
    { id: OTHER_SUBNET, type: "system", publicKey: fill(133, 5), nodes: [], pricedAs: 40 },
  ] as const;
  const routingTable = Array.from({ length: 7 }, (_, i) => ({ start: canisterIdFromIndex(BigInt(i * 100)), end: canisterIdFromIndex(BigInt(i * 100 + 99)), subnet: SUBNET }));
  const state = genesisState({ subnetId: SUBNET, time: time(1n), topology: { rootSubnet: OTHER_SUBNET, rootKey: fill(133, 5), subnets, routingTable } });
  return { ...state, canisters: PersistentMap.from(canisters.map((one) => [one.id, one])), metrics: { updateTransactionsTotal: 3n, consumedCyclesTotal: (1n << 64n) + 5n, canisterStateBytes: 10n } };
}
