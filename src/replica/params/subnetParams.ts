import { FEES, REFERENCE_SUBNET_SIZE } from "./fees.ts";
import { LIMITS } from "./limits.ts";
import type { Fees } from "./versions.ts";

/** Prices of one subnet, already scaled to its size. */
export type SubnetFees = Fees;

/** What a subnet's type and size decide: instruction limits (spec "Instruction limits", rs/config/src/subnet_config.rs) and prices. */
export interface SubnetParams {
  readonly type: "application" | "system" | "verified_application" | "cloud_engine";
  /** The number of nodes that prices are made for (design D7). */
  readonly pricedAs: number;
  readonly fees: SubnetFees;
  /** The same for the reference size: what products of amounts and prices are scaled from, so that nothing is rounded twice. */
  readonly prices: Fees;
  readonly messageInstructionsMax: bigint;
  readonly queryInstructionsMax: bigint;
  readonly installInstructionsMax: bigint;
  readonly inspectMessageInstructionsMax: bigint;
  /** All executions of one composite query together, and what each nested call adds. */
  readonly queryGraphInstructionsMax: bigint;
  readonly queryCallOverhead: bigint;
  /** A message that uses more goes on in a thread of its own, so many instructions a round (design D6, dfinity/ic max_instructions_per_slice). */
  readonly sliceInstructions: bigint;
  /** A query that uses more goes on in a thread of its own; what it answers does not depend on it. */
  readonly querySliceInstructions: bigint;
  /** Messages that are under way at once in slices; others wait until they may go on. */
  readonly pausedMessagesMax: number;
  /** Canisters are spread over logical cores, the same on every machine (dfinity/ic, NUMBER_OF_EXECUTION_THREADS). */
  readonly cores: number;
  /** A round starts no message on a core beyond this many instructions, nor on any core beyond the total: on mainnet what a round of 4 G (system subnets 7 G) leaves when its last message takes a slice. */
  readonly roundInstructions: bigint;
  readonly roundInstructionsTotal: bigint;
  /** Counted for each message, and for each canister that a round begins to run (dfinity/ic, INSTRUCTION_OVERHEAD_PER_EXECUTION and _PER_CANISTER). */
  readonly messageOverhead: bigint;
  readonly canisterOverhead: bigint;
  /** For management calls besides (dfinity/ic, rs/execution_environment/src/scheduler.rs, SUBNET_MESSAGES_LIMIT_FRACTION). */
  readonly managementRoundInstructions: bigint;
  /** Instructions of installs that a round makes up for (dfinity/ic, install_code_rate_limit); absent: as many installs as one likes. */
  readonly installRate?: bigint;
  /**
   * Bytes of memory that a canister may change a round and those that it changed beyond wait; that one pass over all canisters may change; and
   * that the subnet may change from checkpoint to checkpoint (dfinity/ic, rs/config/src/subnet_config.rs); absent: as many as they like.
   */
  readonly heapDelta?: { readonly rate: number; readonly pass: number; readonly capacity: number; /** Of the capacity what may be used at once; the rest comes evenly over the interval, in rounds. */ readonly reserve: number; readonly interval: number };
  /** Whether copying bytes through the System API costs an instruction each: not on system subnets. */
  readonly chargesBytes: boolean;
  /** Memory of the subnet, and the part of it above which allocations are paid for in advance (dfinity/ic, execution_environment.rs). Bytes. */
  readonly memoryBytes: bigint;
  readonly memoryThreshold: bigint;
  /** Memory of guaranteed and of best-effort messages (bytes), and calls that may be open on the subnet. */
  readonly guaranteedMessageBytes: number;
  readonly bestEffortMessageBytes: number;
  readonly callbacksSoft: number;
  /** System subnets, and those with the cost schedule `free`, take no cycles from their canisters. */
  readonly free: boolean;
}

const G = 1_000_000_000n;
/** Round budgets: mainnet's figures, or small rounds in which nobody waits for another's long message (design D6). */
export type RoundProfile = "local" | "mainnet";

/** Of so many nodes, how many may be faulty. */
export const maxFaulty = (nodes: number): number => Math.floor(Math.max(0, nodes - 1) / 3);
/** Heights of an epoch of query statistics (dfinity/ic, rs/config/src/execution_environment.rs, QUERY_STATS_EPOCH_LENGTH); small where few blocks are made. */
export const queryStatsEpoch = (profile: RoundProfile): number => (profile === "local" ? 20 : 600);

/** Parameters of a subnet of this type whose prices are made for `pricedAs` nodes. @param prices of its replica version */
export function paramsFor(type: SubnetParams["type"], pricedAs: number, profile: RoundProfile = "local", schedule: "normal" | "free" = "normal", prices: Fees = FEES): SubnetParams {
  const system = type === "system", local = profile === "local", free = system || schedule === "free";
  const scaled = Object.fromEntries(Object.entries(prices).map(([name, fee]) => {
    const perInstruction = name.startsWith("instruction");
    return [name, free ? 0n : perInstruction ? fee : (fee * BigInt(pricedAs)) / BigInt(REFERENCE_SUBNET_SIZE)];
  })) as SubnetFees;
  return {
    type, pricedAs, fees: scaled, prices,
    messageInstructionsMax: system ? 50n * G : 40n * G,
    queryInstructionsMax: system ? 50n * G : 5n * G,
    installInstructionsMax: system ? 1_000n * G : 300n * G,
    inspectMessageInstructionsMax: G / 5n,
    queryGraphInstructionsMax: system ? 50n * G : 5n * G,
    queryCallOverhead: 50_000_000n,
    sliceInstructions: local ? G / 5n : 2n * G,
    querySliceInstructions: G / 20n,
    pausedMessagesMax: 4,
    cores: 4,
    roundInstructions: local ? G / 2n : 2n * G + 1n,
    roundInstructionsTotal: local ? G : 8n * G,
    messageOverhead: local ? 200_000n : 2_000_000n,
    canisterOverhead: local ? 0n : 8_000_000n,
    managementRoundInstructions: local ? G : (system ? 7n * G : 4n * G) / 16n,
    ...(!local && !system && { installRate: 2n * G }),
    ...(!local && !system && { heapDelta: { rate: 75 * 1024 * 1024, pass: 200_000_000, capacity: LIMITS.heapDeltaCapacity, reserve: LIMITS.heapDeltaReserve, interval: 500 } }),
    memoryBytes: LIMITS.subnetMemoryBytes, memoryThreshold: LIMITS.subnetMemoryThreshold,
    guaranteedMessageBytes: LIMITS.guaranteedMessageBytes, bestEffortMessageBytes: LIMITS.bestEffortMessageBytes, callbacksSoft: LIMITS.callbacksSoft,
    chargesBytes: !system, free,
  };
}
