import { CYCLES_MAX, REFERENCE_SUBNET_SIZE, SECONDS_PER_DAY } from "../params/fees.ts";
import { LIMITS } from "../params/limits.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import { type Cycles, cycles } from "../types/index.ts";
import type { CanisterState, ExecutionState, SystemState } from "./canisterState.ts";

/** The parts of a canister that its bill depends on. */
export interface Billed { readonly system: Pick<SystemState, "settings" | "balance" | "reservedBalance" | "chunkStore" | "logs" | "history" | "snapshotBytes" | "messageBytes">; readonly execution: CanisterState["execution"] }

/** dfinity/ic: a mutable global counts as its largest kind, and the instruction counter is one more. */
export const GLOBAL_BYTES = 32n;
/** dfinity/ic, CanisterChange::count_bytes: an entry, and each controller that it names. */
const HISTORY_ENTRY_BYTES = 128, CONTROLLER_BYTES = 30;

/** Bytes of a canister by kind, as `canister_status` reports them. */
export function memoryMetrics({ system, execution }: Billed): Record<"heap" | "stable" | "globals" | "module" | "customSections" | "history" | "chunks" | "snapshots" | "logs", bigint> {
  return {
    heap: BigInt(execution?.heap.wasmPages ?? 0) << 16n,
    stable: BigInt(execution?.stable.wasmPages ?? 0) << 16n,
    globals: execution === undefined ? 0n : GLOBAL_BYTES * (BigInt(execution.globals.length / 8) + 1n),
    module: BigInt(execution?.module.length ?? 0),
    customSections: BigInt((execution?.metadata ?? []).reduce((sum, { name, content }) => sum + name.length + 1 + content.length, 0)),
    history: BigInt(system.history.reduce((sum, { details }) => sum + HISTORY_ENTRY_BYTES + ("controllers" in details ? details.controllers.length * CONTROLLER_BYTES : 0), 0)),
    chunks: BigInt(system.chunkStore.length * LIMITS.chunkBytesMax),
    snapshots: system.snapshotBytes ?? 0n,
    logs: BigInt(system.logs.reduce((sum, { content }) => sum + content.length, 0)),
  };
}
/** Bytes that the canister uses of the subnet's memory. */
export function memoryUsage(canister: Billed): bigint {
  const { heap, stable, globals, module, customSections, history, chunks, snapshots, logs } = memoryMetrics(canister);
  return heap + stable + globals + module + customSections + history + chunks + snapshots + logs;
}
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** A price on this subnet: scaled to its size, in whole cycles; nothing on system subnets. `nominal` is for the reference size. */
export const scaled = (params: SubnetParams, nominal: bigint): bigint => (params.free ? 0n : (nominal * BigInt(params.pricedAs)) / BigInt(REFERENCE_SUBNET_SIZE));

/** Price of `bytes` of memory for `seconds` (dfinity/ic, cycles_account_manager, memory_cost). */
export const memoryCost = (params: SubnetParams, bytes: bigint, seconds: bigint): bigint => scaled(params, (bytes * params.prices.gibStorage * seconds) >> 30n);

/** Bytes of the subnet's memory that a canister holds: what it uses, or what is reserved for it. */
export const allocatedBytes = (canister: Billed): bigint => max(canister.system.settings.memoryAllocation, memoryUsage(canister));

/** What memory, messages and compute of a canister cost a day (dfinity/ic, rs/cycles_account_manager, idle_cycles_burned_rate). `bytes` when it would hold others than it does. */
export function idleRates(params: SubnetParams, canister: Billed, bytes: bigint = allocatedBytes(canister)): { readonly memory: bigint; readonly compute: bigint } {
  return {
    memory: memoryCost(params, bytes, SECONDS_PER_DAY) + memoryCost(params, BigInt(canister.system.messageBytes ?? 0), SECONDS_PER_DAY) + (bytes > 0n ? scaled(params, params.prices.canisterBase * SECONDS_PER_DAY) : 0n),
    compute: scaled(params, BigInt(canister.system.settings.computeAllocation) * params.prices.computeAllocation * SECONDS_PER_DAY),
  };
}
/** What the canister costs a day without doing anything. */
export function idleCyclesPerDay(params: SubnetParams, canister: Billed, bytes?: bigint): bigint {
  const { memory, compute } = idleRates(params, canister, bytes);
  return memory + compute;
}

/** Cycles that must stay in the main balance so that the canister lives through its freezing threshold; `bytes` when it would hold others than it does. */
export function freezingBalance(params: SubnetParams, canister: Billed, bytes?: bigint): bigint {
  const limit = (idleCyclesPerDay(params, canister, bytes) * canister.system.settings.freezingThreshold) / SECONDS_PER_DAY;
  return max(0n, limit - canister.system.reservedBalance);
}
/** Cycles that may be spent now; negative means frozen. */
export const liquidCycles = (params: SubnetParams, canister: Billed): bigint => canister.system.balance - freezingBalance(params, canister);

const nominalInstructions = ({ prices }: SubnetParams, count: bigint, memory64: boolean): bigint => count * (memory64 ? prices.instruction64 : prices.instruction);
/** The price of a number of instructions, by pointer width. What the management canister does is priced as 32-bit code. */
export const instructionCost = (params: SubnetParams, used: bigint, memory64: boolean): bigint => scaled(params, nominalInstructions(params, used, memory64));
/** The price of one message before it runs: base fee and all the instructions that it may use (dfinity/ic, execution_cost). */
export const executionPrepayment = (params: SubnetParams, limit: bigint, memory64: boolean): bigint => scaled(params, params.prices.updateMessage + nominalInstructions(params, limit, memory64));
/** What comes back of a prepayment for `limit` instructions when `used` were used. */
export const executionRefund = (params: SubnetParams, limit: bigint, used: bigint, memory64: boolean): bigint => (used < limit ? instructionCost(params, limit - used, memory64) : 0n);
export const is64 = (execution: ExecutionState | undefined): boolean => execution?.memory64 ?? false;

/** Induction of an ingress message of this many bytes of envelope. */
export const ingressCost = (params: SubnetParams, bytes: number): bigint => params.fees.ingressMessage + params.fees.ingressByte * BigInt(bytes);

/** Transmission of this many bytes of a call or an answer. */
export const transmissionCost = (params: SubnetParams, bytes: bigint): bigint => scaled(params, params.prices.xnetByte * bytes);

/** The three parts of a call's price: sending it, receiving the largest answer, running the callback (spec "cost_call"). */
export function callCost(params: SubnetParams, bytes: bigint, memory64: boolean): { readonly request: bigint; readonly response: bigint; readonly execution: bigint } {
  return {
    request: params.fees.xnetCall + transmissionCost(params, bytes),
    response: transmissionCost(params, BigInt(LIMITS.payloadBytesMax)),
    execution: executionPrepayment(params, params.messageInstructionsMax, memory64),
  };
}

/** Balances saturate (spec, "Cycles"). */
export const addCycles = (balance: Cycles, amount: bigint): Cycles => cycles(balance + amount > CYCLES_MAX ? CYCLES_MAX : balance + amount);
