/** What the network's thread and the thread of a subnet tell each other: plain data alone, many sayings in one message. */
import type { CanisterId, MessageId, SubnetId } from "./types/index.ts";
import type { NetworkEvent, NetworkOptions } from "./interfaces/network.ts";
import type { Receipt } from "./interfaces/receipts.ts";
import type { RegistryVersionDelta } from "./interfaces/registry.ts";
import type { StoreError } from "./interfaces/stateManager.ts";
import type { DelegationFormat, PlainAnswer, PlainRequest, SubnetPage } from "./interfaces/subnet.ts";
import type { Delegation } from "./certification/certificate.ts";
import type { SharedPermits } from "./execution/longRuns/permits.ts";
import type { NodeCommands, SubnetStanding } from "./hostedSubnet.ts";

export type StoredRecord = readonly [key: string, bytes: Uint8Array];
/** What a thread begins with. */
export interface WorkerData {
  readonly id: SubnetId;
  /** What the stores of a subnet that is not on disk begin with, one a node. */
  readonly records: readonly (readonly StoredRecord[])[] | undefined;
  readonly options: Pick<NetworkOptions, "stateDir" | "idleBlockIntervalMs" | "dkgInterval">;
  /** 32 bytes: of everything that the thread draws. */
  readonly seed: Uint8Array;
  readonly rootKey: Uint8Array;
  /** The network's first registry version. */
  readonly registry: RegistryVersionDelta;
  readonly adminSeed: Uint8Array;
  readonly permits: SharedPermits;
  /** Whether signatures that will be needed are made by one more thread. */
  readonly signsAhead: boolean;
  /** Whether somebody reads the rooms' lines. */
  readonly logs: boolean;
}

export type Delegations = Readonly<Record<DelegationFormat, Delegation>>;
/** What the network may have a subnet do. */
export interface SubnetCommands extends NodeCommands {
  /** Writes receipts from now on. */
  record(): void;
  receipt(id: MessageId): Receipt | undefined;
  /** The id of its proxy canister, installed when it is missing. */
  proxy(): Promise<CanisterId>;
  page(lines: readonly CanisterId[]): SubnetPage;
  answer(request: PlainRequest): Promise<PlainAnswer>;
  /** Ends its life: everything is on disk, in a checkpoint if wanted. */
  close(withCheckpoint: boolean): Promise<void>;
}

export type ToWorker =
  /** The subnets of the network are these. */
  | { readonly kind: "start"; readonly delegations: Delegations | undefined; readonly others: readonly SubnetId[] }
  | { readonly kind: "command"; readonly id: number; readonly name: keyof SubnetCommands; readonly args: readonly unknown[] }
  | { readonly kind: "stream"; readonly from: SubnetId; readonly bytes: Uint8Array }
  | { readonly kind: "registry"; readonly changes: Uint8Array }
  | { readonly kind: "delegations"; readonly delegations: Delegations }
  /** Writes the hash of its whole state there and wakes whoever waits for it. */
  | { readonly kind: "stateHash"; readonly into: SharedArrayBuffer };
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly text: string; readonly store: StoreError | undefined }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown; readonly error: string | undefined }
  | { readonly kind: "stream"; readonly to: SubnetId; readonly bytes: Uint8Array }
  | { readonly kind: "standing"; readonly standing: SubnetStanding }
  | { readonly kind: "event"; readonly event: NetworkEvent }
  | { readonly kind: "log"; readonly line: Parameters<NonNullable<NetworkOptions["log"]>>[0] };

/** The shared bytes of a `stateHash`: a word that becomes 1, then the hash. */
export const STATE_HASH = { wordBytes: 4, hashBytes: 32 } as const;

/** Gathers what is said in one turn of the event loop and posts it at its end: a message costs more than what it says. */
export function createOutbox<Said>(post: (said: readonly Said[]) => void): (said: Said) => void {
  let waiting: Said[] = [];
  const flush = (): void => { const said = waiting; waiting = []; post(said); };
  return (said) => { if (waiting.push(said) === 1) queueMicrotask(flush); };
}

/** Bytes that are all of their buffer: a view would take its whole buffer along. */
export const ownBytes = (bytes: Uint8Array): Uint8Array => (bytes.byteLength === bytes.buffer.byteLength && !(bytes instanceof Buffer) ? bytes : new Uint8Array(bytes));
