import { describe, expect, test } from "vitest";
import type { RewriteRules } from "../../../../../src/replica/execution/wasm/layout.ts";
import type { WasmMemory } from "../../../../../src/replica/interfaces/wasm.ts";
import { Canister, wasm } from "./fixture.ts";
import { randomProgram, seeded } from "./randomProgram.ts";

const SEEDS = 100;
const TRAPS: Readonly<Record<string, string>> = {
  unreachable: "unreachable", "memory access out of bounds": "heap out of bounds", "data segment out of bounds": "heap out of bounds", "divide by zero": "integer division by 0",
  "remainder by zero": "integer division by 0", "divide result unrepresentable": "unknown", "table index is out of bounds": "table out of bounds",
};

interface Picture { readonly memory: Buffer; readonly globals: readonly bigint[] }
interface Raw extends Picture { readonly trap: string | undefined }

function runRaw(bytes: Uint8Array): Raw {
  let globals: bigint[] = [];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { ic0: { stable64_write: (...all: bigint[]) => { globals = all.map((value) => BigInt.asUintN(64, value)); } } });
  let trap: string | undefined;
  try { (exports["canister_update main"] as () => void)(); } catch (thrown) { trap = (thrown as Error).message; }
  (exports["canister_query probe"] as () => void)();
  return { trap, globals, memory: Buffer.from((exports.memory as WebAssembly.Memory).buffer) };
}

/** What the live instance holds, seen from inside a system call. */
function picture(canister: Canister): Picture {
  let seen: Picture | undefined;
  canister.handlers = { stable64_write: (memory: WasmMemory, ...globals: bigint[]) => { seen = { memory: Buffer.from(memory.read(0, canister.state.heap.wasmPages * 65_536)), globals }; } };
  canister.run("canister_query probe", true);
  return seen!;
}

/** Runs one seed; answers with what went wrong, so that a planted fault can be looked for. */
function findings(seed: number, rules: Partial<RewriteRules> = {}): { readonly wrong: readonly string[]; readonly trapped: boolean } {
  const bytes = wasm(randomProgram(seed).text), raw = runRaw(bytes), canister = new Canister(bytes, { rules }), wrong: string[] = [], first = canister.state;
  const fresh = picture(canister), same = (a: Picture, b: Picture): boolean => a.memory.equals(b.memory) && a.globals.every((value, i) => value === b.globals[i]);
  const outcome = canister.run("canister_update main");
  if (outcome.kind === "trapped") {
    const name = /signature mismatch/.test(raw.trap ?? "") ? /unknown|does not match/ : `Canister trapped: ${TRAPS[raw.trap ?? ""]}`;
    if (!(typeof name === "string" ? outcome.error.message === name : name.test(outcome.error.message))) wrong.push(`trap ${outcome.error.message} instead of ${raw.trap}`);
    if (canister.state !== first || !same(picture(canister), fresh)) wrong.push("a trap left a trace");
  } else {
    if (raw.trap !== undefined) wrong.push(`no trap ${raw.trap}`);
    const live = picture(canister), committed = Buffer.from(canister.heap(0, raw.memory.length));
    if (!same(live, raw)) wrong.push("the instance differs from V8");
    if (!committed.equals(raw.memory)) wrong.push("the committed pages differ from V8");
  }
  const next = seeded(seed + 10_000), again = new Canister(bytes, { rules });
  for (let i = 0; i < 4; i++) {
    again.instructions = BigInt(1 + next(Number(outcome.used)));
    const before = again.state, short = again.run("canister_update main", next(2) === 0);
    if (short.kind === "returned") { again.state = before; continue; }
    if (short.error.code !== "IC0522" && outcome.kind === "returned") wrong.push(`${short.error.message} when short of instructions`);
    again.instructions = 10_000n;
    if (!same(picture(again), fresh)) wrong.push("running out of instructions left a trace");
  }
  again.instructions = canister.instructions;
  const repeated = again.run("canister_update main");
  if (repeated.kind !== outcome.kind || repeated.used !== outcome.used) wrong.push("a second run differs");
  return { wrong, trapped: outcome.kind === "trapped" };
}

describe("random programs", () => {
  test(`${SEEDS} of them behave as in V8, and forced traps leave no trace`, () => {
    const results = Array.from({ length: SEEDS }, (_, seed) => ({ seed, ...findings(seed) }));
    expect(results.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    const traps = results.filter(({ trapped }) => trapped).length;
    expect(traps).toBeGreaterThan(SEEDS / 20);
    expect(traps).toBeLessThan(SEEDS * 0.8);
  });
  test("would notice if stores across pages were journaled wrongly", () =>
    expect(Array.from({ length: SEEDS }, (_, seed) => findings(seed, { crossingStores: false }).wrong.length).some((count) => count > 0)).toBe(true));
  test("behave the same with outlined barriers", () =>
    expect(Array.from({ length: 30 }, (_, seed) => findings(seed, { outlineAbove: 0 }).wrong).flat()).toEqual([]));
});
