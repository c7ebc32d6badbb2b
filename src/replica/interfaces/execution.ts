import type { Batch, CanisterId, Cycles, Hash, Height, MessageId, NumInstructions, Principal, QueryStats, RegistryVersion, Result, SenderInfo, SignedIngress, Time, UserError } from "../types/index.ts";
import type { CanisterState, CanisterStates, ExecutionState } from "../state/canisterState.ts";
import type { NetworkTopology, ReplicatedState } from "../state/replicatedState.ts";

/** A round gives a new version of the state that shares everything untouched with the old. */
export interface Scheduler { executeRound(state: ReplicatedState, round: Round): ReplicatedState }
export interface Round { readonly height: Height; readonly time: Time; readonly randomness: Hash<"RandomTape">; readonly registryVersion: RegistryVersion; readonly requiresCheckpoint: boolean }

/** Room 11–14 of the walk: induction, round, routing. A pure function of state, batch and the topology at the batch's registry version. */
export interface MessageRouting { processBatch(state: ReplicatedState, batch: Batch, topology: NetworkTopology): ReplicatedState }

export interface UserQuery { readonly sender: Principal; readonly receiver: CanisterId; readonly method: string; readonly arg: Uint8Array; readonly senderInfo?: SenderInfo }
/** `dataCertificate` is what `ic0.data_certificate` gives to the target canister: built only when it is asked for. */
/** Told what a query came to at each canister that had a part in it, once it is answered. */
export type CountQuery = (canister: CanisterId, stats: QueryStats) => void;
export interface QueryHandler {
  query(state: ReplicatedState, query: UserQuery, dataCertificate: (canister: CanisterId) => Uint8Array | undefined, count?: CountQuery): Result<Uint8Array, UserError>;
  /** The same answer: at once, or when a query that takes more than a slice has ended in another thread. */
  ask(...query: Parameters<QueryHandler["query"]>): Result<Uint8Array, UserError> | Promise<Result<Uint8Array, UserError>>;
}
/** Interface spec, "Request: Call", the checks before queueing: receiver exists, runs, is not frozen, and accepts the message. */
export interface IngressFilter { inspect(state: ReplicatedState, message: SignedIngress): Result<void, UserError> }

/** What execution tells the outside about a message without any effect on the state: `debug_print`, traps. */
export interface CanisterLogLine { readonly canister: CanisterId; readonly time: Time; readonly content: Uint8Array; readonly replicated: boolean }

export type { Batch, CanisterState, CanisterStates, Cycles, ExecutionState, MessageId, NumInstructions };
