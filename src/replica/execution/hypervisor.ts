import type { RunLimits, WasmOutcome } from "../interfaces/wasm.ts";
import { Trap } from "../interfaces/wasm.ts";
import { LIMITS } from "../params/limits.ts";
import type { ExecutionState, SystemState } from "../state/canisterState.ts";
import { freezingBalance, memoryUsage } from "../state/cyclesAccount.ts";
import { type CanisterId, type Principal, type SenderInfo, type Time, type UserError, cycles, shownCycles, time, userError } from "../types/index.ts";
import { storageReservation } from "./memoryChange.ts";
import type { EntryPoint, Programs } from "./program.ts";
import { withBacktrace } from "./errorHelp.ts";
import { fromCanister } from "./executionErrors.ts";
import { mayCall } from "./management/permission.ts";
import { type ExecutionContext, isReplicated } from "./systemApi/executionContext.ts";
import { type Host, type MessageInput, type SubnetView, createHost } from "./systemApi/host.ts";

type Subject = Pick<SystemState, "settings" | "status" | "balance" | "reservedBalance" | "version" | "globalTimer" | "chunkStore" | "logs" | "history" | "snapshotBytes" | "messageBytes">;

/** One execution: which code, in which context, with what. Balance is what the canister may see, without prepayments. */
export interface Execution {
  readonly id: CanisterId;
  readonly system: Subject;
  readonly execution: ExecutionState;
  readonly context: ExecutionContext;
  readonly entry: EntryPoint;
  readonly caller: Principal;
  readonly senderInfo?: SenderInfo;
  readonly arg?: Uint8Array;
  readonly methodName?: string;
  readonly rejectCode?: number;
  readonly rejectMessage?: string;
  readonly deadline?: Time;
  readonly refunded?: bigint;
  readonly available?: bigint;
  readonly responded?: boolean;
  readonly version?: bigint;
  readonly balance: bigint;
  readonly contextInstructions?: bigint;
  readonly instructionsMax: bigint;
  readonly callsInFlight?: (peer: CanisterId) => number;
  readonly callbacksOpen?: number;
  readonly dataCertificate?: () => Uint8Array | undefined;
  /** Rolls memory and globals back after a return. */
  readonly discard?: boolean;
  /** Another version of the canister than the latest: composite queries. */
  readonly variant?: string;
  /** Where the execution may be held up between its slices. */
  readonly slice?: RunLimits["slice"];
}
/** The outcome with the record of effects. A trap's error names the canister; its record holds only the logs. */
export interface Executed { readonly outcome: WasmOutcome; readonly host: Host }

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const none = (): number => 0;
const NOTHING = new Uint8Array(0);

/** The record of an execution before it runs: what the message brings, what the canister is. */
export function hostOf(subnet: SubnetView, what: Execution): Host {
  const { id, system, execution, context } = what, billed = { system, execution };
  const input: MessageInput = {
    context, canisterId: id, caller: what.caller, arg: what.arg ?? NOTHING, methodName: what.methodName ?? "", rejectCode: what.rejectCode ?? 0,
    rejectMessage: what.rejectMessage, deadline: what.deadline ?? time(0n), refunded: what.refunded ?? 0n, responded: what.responded ?? false,
    version: what.version ?? system.version, status: system.status.kind, settings: system.settings, memory64: execution.memory64,
    freezingBalance: freezingBalance(subnet.params, billed), callbacksOpen: what.callbacksOpen ?? 0,
    freezingWith: (bytes) => freezingBalance(subnet.params, { execution, system: { ...system, messageBytes: (system.messageBytes ?? 0) + bytes } }), globalTimer: system.globalTimer, contextInstructions: what.contextInstructions ?? 0n, subnet,
    ...(what.senderInfo !== undefined && { senderInfo: what.senderInfo }), ...(what.dataCertificate !== undefined && { dataCertificate: what.dataCertificate }), callsInFlight: what.callsInFlight ?? none,
  };
  return createHost(input, what.balance, what.available ?? 0n);
}

/** Runs one entry point to its end. Nothing of the state changes here: the caller applies the record when the outcome is a return. */
export function execute(programs: Programs, subnet: SubnetView, what: Execution): Executed {
  const { id, execution } = what, host = hostOf(subnet, what);
  const state = { heap: execution.heap, stable: execution.stable, globals: execution.globals };
  let outcome: WasmOutcome;
  try { outcome = programs.programOf(execution).run(id, state, what.entry, host, limitsFor(subnet, what, host), what.discard ?? false, what.variant); }
  catch (error) {
    if (!(error instanceof Trap)) throw error;
    outcome = { kind: "trapped", used: 0n, error: error.error };
  }
  if (outcome.kind === "returned") return { outcome, host };
  host.failure = outcome.error;
  host.backtrace = outcome.backtrace;
  const shown = outcome.backtrace !== undefined && mayCall("logs", { id, system: what.system }, what.caller, undefined).ok ? outcome.backtrace : undefined;
  return { outcome: { kind: "trapped", used: outcome.used, error: fromCanister(id, withBacktrace(outcome.error, shown)) }, host };
}

/** Limits of heap and growth: the setting counts in update, init and post_upgrade only (spec, "wasm_memory_limit"). */
function limitsFor(subnet: SubnetView, { caller, context, execution, system, instructionsMax, slice }: Execution, host: Host): RunLimits {
  const { params } = subnet, architecture = execution.memory64 ? LIMITS.heapBytesMax64 : LIMITS.heapBytesMax32;
  const limit = Number(system.settings.wasmMemoryLimit), counts = context === "U" || context === "I";
  const { settings, reservedBalance } = system, usage = memoryUsage({ system, execution }), held = max(settings.memoryAllocation, usage);
  const pages = { heap: execution.heap.wasmPages, stable: execution.stable.wasmPages };
  let grown = 0n;
  const required = (missing: bigint): string => (settings.controllers.includes(caller) ? ` At least ${shownCycles(missing)} additional cycles are required.` : ""); // told to controllers
  const onGrow = (kind: "heap" | "stable", pagesAfter: number): UserError | "refuse" | undefined => {
    if (pagesAfter <= pages[kind]) return undefined;
    const delta = BigInt(pagesAfter - pages[kind]) << 16n, more = max(settings.memoryAllocation, usage + grown + delta) - held - host.taken;
    const already = (subnet.memoryTaken?.() ?? 0n) + host.taken;
    if (already + more > params.memoryBytes) return "refuse";
    const reservation = storageReservation(params, already, more);
    if (more > 0n && !params.free) {
      const needed = max(0n, freezingBalance(params, { system: { ...system, reservedBalance: cycles(reservedBalance + host.reserved) }, execution }, held + host.taken + more));
      if (host.balance < needed) return userError("IC0532", `Canister cannot grow memory by ${delta} bytes due to insufficient cycles.${required(needed - host.balance)}`);
      const reserved = reservedBalance + host.reserved + reservation;
      if (reservation > 0n && reserved > settings.reservedCyclesLimit) {
        return userError("IC0534", `Canister cannot grow memory by ${delta} bytes due to its reserved cycles limit. The current limit (${shownCycles(settings.reservedCyclesLimit)}) would be exceeded by ${shownCycles(reserved - settings.reservedCyclesLimit)}.`);
      }
      if (reservation > host.balance) return userError("IC0532", `Canister cannot grow memory by ${delta} bytes due to insufficient cycles.${required(reservation - host.balance)}`);
    }
    host.balance -= reservation;
    host.reserved += reservation;
    host.taken += more;
    grown += delta;
    pages[kind] = pagesAfter;
    return undefined;
  };
  return { instructions: instructionsMax, heapBytesMax: counts && limit > 0 ? Math.min(limit, architecture) : architecture, ...(isReplicated(context) && { onGrow }), ...(slice !== undefined && { slice }) };
}
