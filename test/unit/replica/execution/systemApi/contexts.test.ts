import { describe, expect, test } from "vitest";
import { execute } from "../../../../../src/replica/execution/hypervisor.ts";
import { createProgramStore } from "../../../../../src/replica/execution/programs.ts";
import { EXECUTION_CONTEXTS, MODE_NAMES, contextsOf } from "../../../../../src/replica/execution/systemApi/executionContext.ts";
import { createSystemApi } from "../../../../../src/replica/execution/systemApi/importHandlers.ts";
import { importSignatures, systemCallRows } from "../../../../../src/replica/execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import { paramsFor } from "../../../../../src/replica/params/subnetParams.ts";
import type { ExecutionState } from "../../../../../src/replica/state/canisterState.ts";
import { defaultSettings, newCanister } from "../../../../../src/replica/state/newCanister.ts";
import { PagedMemory } from "../../../../../src/replica/state/pagedMemory.ts";
import { canisterIdFromIndex, cycles, principalToText, subnetId, time } from "../../../../../src/replica/types/index.ts";
import { moduleText } from "../testModule.ts";
import { USER, wasmFromText } from "../testSubnet.ts";

const engine = createWasmEngine(importSignatures), programs = createProgramStore(engine, createSystemApi(systemCallRows), new Map());
const params = paramsFor("application", 13), id = canisterIdFromIndex(5n);
const subnet = { subnetId: subnetId(Uint8Array.of(1)), rootKey: new Uint8Array(4), params, time: time(5n), isLocal: () => true };
const { system } = newCanister(id, { settings: defaultSettings([USER]), balance: cycles(10n ** 14n), now: time(1n), origin: { kind: "user", user: USER } });

/** One module that calls every function with zeros, each from its own export. */
function installed(memory64: boolean): ExecutionState {
  const rows = systemCallRows.filter(({ only32 }) => !(memory64 && only32 === true));
  const width = memory64 ? "i64" : "i32", typeOf = (type: string): string => (type === "I" || type === "E" ? width : type);
  const bodies = Object.fromEntries(rows.map(({ name, params: types, results }) => {
    const call = `(call $${name} ${types.map((type) => `(${typeOf(type)}.const 0)`).join(" ")})`;
    return [`update ${name}`, results.length > 0 ? `(drop ${call})` : call];
  }));
  const module = wasmFromText(moduleText(bodies, { memory64 })), prepared = programs.prepare(module, new Uint8Array(32).fill(memory64 ? 64 : 32));
  if (!prepared.ok) expect.fail(prepared.error.message);
  const state = engine.instantiate(prepared.value, PagedMemory.empty());
  if (!state.ok) expect.fail(state.error.message);
  return { module, moduleHash: new Uint8Array(32).fill(memory64 ? 64 : 32), exports: [...prepared.value.exports], memory64, instructionCount: 1, metadata: [], ...state.value };
}

describe.each([["memory32", installed(false)], ["memory64", installed(true)]] as const)("with %s", (_width, execution) => {
  const rows = systemCallRows.filter(({ name }) => execution.exports.includes(`canister_update ${name}`));
  test("every function of this width is imported", () => {
    expect(rows.length).toBe(systemCallRows.filter(({ only32 }) => !(execution.memory64 && only32 === true)).length);
  });
  test.each(rows.map((row) => [row.name, row] as const))("%s can be called in its contexts and in no other", (name, row) => {
    const allowed = contextsOf(row.contexts);
    for (const context of EXECUTION_CONTEXTS) {
      const { outcome } = execute(programs, subnet, { id, system, execution, context, entry: { kind: "export", name: `canister_update ${name}` }, caller: USER, balance: 10n ** 14n, instructionsMax: 10_000_000n });
      const message = outcome.kind === "trapped" ? outcome.error.message : "";
      const refused = `Error from Canister ${principalToText(id)}: Canister violated contract: "ic0_${name}" cannot be executed in ${MODE_NAMES[context]} mode`;
      if (allowed.has(context)) expect(message, `${name} in ${context}`).not.toContain("cannot be executed in");
      else { expect(message, `${name} in ${context}`).toBe(refused); expect(outcome).toMatchObject({ error: { code: "IC0504" } }); }
      if (allowed.has(context)) expect(outcome.used).toBeGreaterThanOrEqual(BigInt(row.cost.fixed));
    }
  });
});
