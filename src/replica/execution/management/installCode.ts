import { hash } from "node:crypto";
import type { CandidPrincipal } from "../../codec/candid.ts";
import type { InstallModeCandid } from "../../codec/candidManagement.ts";
import type { PreparedModule, ProgramState } from "../../interfaces/wasm.ts";
import { PagedMemory } from "../../state/pagedMemory.ts";
import type { ExecutionState } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { consume } from "../../state/consumedCycles.ts";
import { executionPrepayment, executionRefund, liquidCycles, memoryUsage } from "../../state/cyclesAccount.ts";
import { type Result, type UserError, cycles, err, hexFromBytes, ok, principalToText, time, userError } from "../../types/index.ts";
import { appendLog } from "../canisterLog.ts";
import { countHeapDelta, updateLowMemoryHook } from "../applyEffects.ts";
import { trapLine } from "../errorHelp.ts";
import { fromCanister, outOfCycles } from "../executionErrors.ts";
import { executeSliced } from "../executeSliced.ts";
import { changedBytes, heapRefusal } from "../heapDelta.ts";
import { changeMemory } from "../memoryChange.ts";
import type { ExecutionContext } from "../systemApi/executionContext.ts";
import { type ManagementCall, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";
import { recordChange } from "./history.ts";

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash("sha256", bytes, "buffer"));
const moduleHashes = new WeakMap<Uint8Array, Uint8Array>();
/** The hash of a module's bytes, which nobody writes to: remembered, as those of one chunk are installed again and again. */
export function hashOfModule(module: Uint8Array): Uint8Array {
  let known = moduleHashes.get(module);
  if (known === undefined) moduleHashes.set(module, known = sha256(module));
  return known;
}
/** dfinity/ic, DESERIALIZATION_SPEED_UP_FACTOR: what a module that was compiled lately (expected_compiled_wasms) counts in a round, as a part of its price. */
const COMPILED_SHARE = 100n, COMPILED_MODULES_MAX = 100;
const EOP_SECTION = "enhanced-orthogonal-persistence";
/** Compiling costs this many instructions for each wasm instruction (reference/interface-spec.md §3.8). */
export const COMPILE_INSTRUCTIONS = 6_000n;

export interface Installation { /** Instructions for putting the module together from chunks. */ readonly assembly?: bigint; readonly mode: InstallModeCandid; readonly module: Uint8Array; readonly arg: Uint8Array; readonly version: [] | [bigint] }
interface Args { mode: InstallModeCandid; canister_id: CandidPrincipal; wasm_module: Uint8Array; arg: Uint8Array; sender_canister_version: [] | [bigint] }
interface Plan { readonly kind: "install" | "reinstall" | "upgrade"; readonly skipPreUpgrade: boolean; readonly keepHeap: boolean }

/** Spec, "install_code": which modes a canister allows, and the rules of enhanced orthogonal persistence. */
function planFor(canister: CanisterTip, mode: InstallModeCandid, prepared: PreparedModule): Result<Plan, UserError> {
  const name = principalToText(canister.id), old = canister.execution;
  if ("reinstall" in mode) return ok({ kind: "reinstall", skipPreUpgrade: true, keepHeap: false });
  if ("install" in mode) {
    return old === undefined ? ok({ kind: "install", skipPreUpgrade: true, keepHeap: false })
      : err(userError("IC0514", `Canister ${name} cannot be installed because the canister is not empty. Try installing with mode='reinstall' instead.`));
  }
  if (old === undefined) return err(userError("IC0537", `Canister ${name} cannot be upgraded because it contains no Wasm module. Try installing with mode='install' instead.`));
  const [options] = mode.upgrade, persistence = options?.wasm_memory_persistence[0], keepHeap = persistence !== undefined && "keep" in persistence;
  const native = { before: old.metadata.some(({ name: section }) => section === "icx:native-program"), after: prepared.metadata.some(({ name: section }) => section === "icx:native-program") };
  if (native.before !== native.after) return err(userError("IC0504", `Canister ${name} changes between a native program and a wasm module: install with mode='reinstall' instead.`));
  if (persistence === undefined && old.metadata.some(({ name: section, visibility }) => section === EOP_SECTION && visibility === "private")) {
    return err(userError("IC0504", "Missing upgrade option: Enhanced orthogonal persistence requires the `wasm_memory_persistence` upgrade option."));
  }
  if (keepHeap && !prepared.metadata.some(({ name: section, visibility }) => section === EOP_SECTION && visibility === "private")) {
    return err(userError("IC0504", "Invalid upgrade option: The `wasm_memory_persistence: opt Keep` upgrade option requires that the new canister module supports enhanced orthogonal persistence."));
  }
  if (keepHeap && old.heap.wasmPages > prepared.heapPagesMax) {
    return err(fromCanister(canister.id, userError("IC0521", `Canister encountered a Wasm engine error: Failed to instantiate module: memory of ${old.heap.wasmPages} pages is larger than the maximum of ${prepared.heapPagesMax}`)));
  }
  return ok({ kind: "upgrade", skipPreUpgrade: options?.skip_pre_upgrade[0] ?? false, keepHeap });
}

/** What an installation gathers while its parts run; applied when all of them returned. */
interface Progress { taken: bigint; reserved: bigint; burned: bigint; execution: ExecutionState; balance: bigint; certifiedData: Uint8Array; timer: bigint; used: bigint; readonly logs: Uint8Array[] }

function runPart(call: ManagementCall, canister: CanisterTip, progress: Progress, context: ExecutionContext, entry: "start" | string, arg: Uint8Array, version: bigint): UserError | undefined {
  const { round } = call;
  const { outcome, host } = executeSliced(round, canister, {
    id: canister.id, execution: progress.execution, context, caller: call.caller, arg, version, balance: progress.balance, responded: true,
    system: { ...canister.system, globalTimer: time(progress.timer), reservedBalance: cycles(canister.system.reservedBalance + progress.reserved) }, entry: entry === "start" ? { kind: "start" } : { kind: "export", name: entry },
    instructionsMax: round.params.installInstructionsMax - progress.used,
  });
  progress.used += outcome.used;
  progress.logs.push(...host.logs);
  if (outcome.kind === "trapped") { progress.logs.push(new TextEncoder().encode(trapLine(host.failure!, host.backtrace))); return outcome.error; }
  progress.execution = withState(progress.execution, outcome.state);
  progress.balance = host.balance;
  progress.reserved += host.reserved;
  progress.taken += host.taken;
  progress.burned += host.burned;
  if (host.certifiedData !== undefined) progress.certifiedData = host.certifiedData;
  if (host.timer !== undefined) progress.timer = host.timer;
  return undefined;
}
const withState = (execution: ExecutionState, { heap, stable, globals }: ProgramState): ExecutionState => ({ ...execution, heap, stable, globals });

/** The memory that a fresh instance takes beyond what the canister had: there, paid for until the freezing threshold, and reserved for. */
function makeRoom({ round }: ManagementCall, canister: CanisterTip, progress: Progress, before: bigint): Result<void, UserError> {
  const system = { ...canister.system, balance: cycles(progress.balance), reservedBalance: cycles(canister.system.reservedBalance + progress.reserved) };
  const probe = { params: round.params, tip: { memoryTaken: round.tip.memoryTaken + progress.taken } }, subject = { id: canister.id, execution: progress.execution, system };
  const changed = changeMemory(probe, subject, { before, after: memoryUsage(subject), price: 0n });
  if (!changed.ok) return changed;
  progress.taken = probe.tip.memoryTaken - round.tip.memoryTaken;
  progress.balance = system.balance;
  progress.reserved = system.reservedBalance - canister.system.reservedBalance;
  return changed;
}

/** What is left of a canister's install debit at this height; 0 where installs are not limited. */
function debitOf({ params: { installRate }, tip }: ManagementCall["round"], { system: { installDebit } }: CanisterTip): bigint {
  if (installRate === undefined || installDebit === undefined) return 0n;
  const left = installDebit.instructions - installRate * BigInt(tip.height - installDebit.since);
  return left > 0n ? left : 0n;
}

/** Installs, reinstalls or upgrades: all of it, or nothing but the cost of trying. */
export function install(call: ManagementCall, canister: CanisterTip, { mode, module, arg, version, assembly = 0n }: Installation): Result<readonly unknown[], UserError> {
  const { round } = call, { params, programs } = round, { system } = canister;
  const debit = debitOf(round, canister);
  if (debit > 0n) {
    return err(userError("IC0209", `Canister ${principalToText(canister.id)} is rate limited because it executed too many instructions in the previous install_code messages. Please retry installation after several minutes.`));
  }
  const refused = heapRefusal(params, canister, round.tip.height);
  if (refused !== undefined) return err(refused);
  const moduleHash = hashOfModule(module), hashName = hexFromBytes(moduleHash), prepared = programs.prepare(module, moduleHash);
  if (!prepared.ok) return err(fromCanister(canister.id, prepared.error));
  const plan = planFor(canister, mode, prepared.value);
  if (!plan.ok) return plan;
  const { kind, skipPreUpgrade, keepHeap } = plan.value, { memory64 } = prepared.value;
  const prepaid = executionPrepayment(params, params.installInstructionsMax, memory64), missing = prepaid - liquidCycles(params, canister);
  if (missing > 0n && !params.free) return err(userError("IC0207", `Canister installation failed with \`${outOfCycles(canister.id, missing).message}\`.`));
  const old = canister.execution, compilation = BigInt(prepared.value.instructionCount) * COMPILE_INSTRUCTIONS;
  const progress: Progress = {
    execution: old!, balance: system.balance - prepaid, certifiedData: kind === "upgrade" ? system.certifiedData : new Uint8Array(0), timer: kind === "upgrade" ? system.globalTimer : 0n,
    used: assembly + compilation, logs: [], taken: 0n, reserved: 0n, burned: 0n,
  };
  const failure = (() => {
    if (kind === "upgrade" && !skipPreUpgrade && old!.exports.includes("canister_pre_upgrade")) {
      const error = runPart(call, canister, progress, "G", "canister_pre_upgrade", new Uint8Array(0), system.version);
      if (error !== undefined) return error;
    }
    progress.timer = 0n;
    const stable = kind === "upgrade" ? progress.execution.stable : PagedMemory.empty();
    const fresh = programs.instantiate(prepared.value, stable, keepHeap ? { heap: progress.execution.heap } : undefined);
    if (!fresh.ok) return fromCanister(canister.id, fresh.error);
    const before = memoryUsage({ system, execution: kind === "upgrade" ? progress.execution : old });
    progress.execution = { ...programs.installed(module, moduleHash), ...fresh.value };
    const room = makeRoom(call, canister, progress, before);
    if (!room.ok) return room.error;
    const entries: readonly (readonly [ExecutionContext, string])[] = [["s", "start"], ["I", kind === "upgrade" ? "canister_post_upgrade" : "canister_init"]];
    for (const [context, entry] of entries) {
      if (!prepared.value.exports.has(entry)) continue;
      const error = runPart(call, canister, progress, context, entry, arg, system.version + 1n);
      if (error !== undefined) return error;
    }
    return undefined;
  })();
  call.used += progress.used;
  if (round.tip.compiledModules.includes(hashName)) call.spared = compilation - compilation / COMPILED_SHARE;
  if (params.installRate !== undefined) system.installDebit = { instructions: progress.used, since: round.tip.height };
  const refund = executionRefund(params, params.installInstructionsMax, progress.used, memory64);
  consume(system, "instructions", prepaid - refund);
  if (failure !== undefined) {
    system.balance = cycles(system.balance - prepaid + refund);
    appendLog(round, canister, progress.logs);
    return err(failure);
  }
  if (kind === "reinstall") system.logs = [];
  if (params.heapDelta !== undefined) countHeapDelta(round, canister, changedBytes(old ?? { heap: PagedMemory.empty(), stable: PagedMemory.empty() }, progress.execution));
  canister.execution = progress.execution;
  round.tip.compiledModules = [...round.tip.compiledModules.filter((known) => known !== hashName), hashName].slice(-COMPILED_MODULES_MAX);
  round.tip.memoryTaken += progress.taken;
  system.balance = cycles(progress.balance + refund);
  system.reservedBalance = cycles(system.reservedBalance + progress.reserved);
  consume(system, "burned", progress.burned);
  system.certifiedData = progress.certifiedData;
  system.globalTimer = time(progress.timer);
  system.version += 1n;
  system.lastInstalledAt = round.tip.time;
  system.onLowWasmMemory = "notSatisfied";
  appendLog(round, canister, progress.logs);
  recordChange(call, canister, version, { kind: "codeDeployment", mode: kind, moduleHash });
  updateLowMemoryHook(canister);
  return ok([]);
}

/** Spec, "install_code". */
export const installCode = defineTargetMethod<Args>({
  name: "install_code", ingress: true, callers: "controllers", target: byCanisterId,
  run: (call, { mode, wasm_module, arg, sender_canister_version }, canister) =>
    install(call, canister, { mode, module: Uint8Array.from(wasm_module), arg: Uint8Array.from(arg), version: sender_canister_version }),
});
