import { CYCLES_MAX, SECONDS_PER_DAY } from "../params/fees.ts";
import { LIMITS } from "../params/limits.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import { type Cycles, cycles } from "../types/index.ts";
import type { CanisterState, ExecutionState, SystemState } from "./canisterState.ts";

/** The parts of a canister that its bill depends on. */
export interface Billed { readonly system: Pick<SystemState, "settings" | "balance" | "reservedBalance" | "chunkStore" | "logs" | "history">; readonly execution: CanisterState["execution"] }

/** Bytes of a canister by kind, as `canister_status` reports them. */
export function memoryMetrics({ system, execution }: Billed): Record<"heap" | "stable" | "globals" | "module" | "customSections" | "history" | "chunks", bigint> {
  return {
    heap: BigInt(execution?.heap.wasmPages ?? 0) << 16n,
    stable: BigInt(execution?.stable.wasmPages ?? 0) << 16n,
    globals: BigInt(execution?.globals.length ?? 0),
    module: BigInt(execution?.module.length ?? 0),
    customSections: BigInt((execution?.metadata ?? []).reduce((sum, { name, content }) => sum + name.length + content.length, 0)),
    history: BigInt(system.history.length * 128),
    chunks: BigInt(system.chunkStore.length * LIMITS.chunkBytesMax),
  };
}
/** Bytes that the canister uses of the subnet's memory. */
export const memoryUsage = (canister: Billed): bigint => Object.values(memoryMetrics(canister)).reduce((sum, bytes) => sum + bytes, 0n);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Price of `bytes` of memory for `seconds` (dfinity/ic, cycles_account_manager, memory_cost). */
export const memoryCost = (params: SubnetParams, bytes: bigint, seconds: bigint): bigint => (bytes * params.fees.gibStorage * seconds) >> 30n;

/** What the canister costs a day without doing anything. */
export function idleCyclesPerDay(params: SubnetParams, canister: Billed): bigint {
  const { memoryAllocation, computeAllocation } = canister.system.settings;
  return memoryCost(params, max(memoryAllocation, memoryUsage(canister)), SECONDS_PER_DAY) + BigInt(computeAllocation) * params.fees.computeAllocation * SECONDS_PER_DAY;
}

/** Cycles that must stay in the main balance so that the canister lives through its freezing threshold. */
export function freezingBalance(params: SubnetParams, canister: Billed): bigint {
  const limit = (idleCyclesPerDay(params, canister) * canister.system.settings.freezingThreshold) / SECONDS_PER_DAY;
  return max(0n, limit - canister.system.reservedBalance);
}
/** Cycles that may be spent now; negative means frozen. */
export const liquidCycles = (params: SubnetParams, canister: Billed): bigint => canister.system.balance - freezingBalance(params, canister);

/** The price of a number of instructions, by pointer width. */
export const instructionCost = (params: SubnetParams, used: bigint, memory64: boolean): bigint => used * (memory64 ? params.fees.instruction64 : params.fees.instruction);
/** The price of one message before it runs: base fee and all the instructions that it may use. */
export const executionPrepayment = (params: SubnetParams, limit: bigint, memory64: boolean): bigint => params.fees.updateMessage + instructionCost(params, limit, memory64);
export const is64 = (execution: ExecutionState | undefined): boolean => execution?.memory64 ?? false;

/** Induction of an ingress message of this many bytes of envelope. */
export const ingressCost = (params: SubnetParams, bytes: number): bigint => params.fees.ingressMessage + params.fees.ingressByte * BigInt(bytes);

/** The three parts of a call's price: sending it, receiving the largest answer, running the callback (spec "cost_call"). */
export function callCost(params: SubnetParams, bytes: bigint, memory64: boolean): { readonly request: bigint; readonly response: bigint; readonly execution: bigint } {
  return {
    request: params.fees.xnetCall + params.fees.xnetByte * bytes,
    response: params.fees.xnetByte * BigInt(LIMITS.payloadBytesMax),
    execution: executionPrepayment(params, params.messageInstructionsMax, memory64),
  };
}

/** Balances saturate (spec, "Cycles"). */
export const addCycles = (balance: Cycles, amount: bigint): Cycles => cycles(balance + amount > CYCLES_MAX ? CYCLES_MAX : balance + amount);
