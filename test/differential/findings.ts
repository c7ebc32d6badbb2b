import { Canister, wasm } from "../unit/replica/execution/wasm/fixture.ts";
import { seeded } from "../unit/replica/execution/wasm/seeded.ts";
import type { RewriteRules } from "../../src/replica/execution/wasm/layout.ts";
import type { WasmMemory, WasmOutcome } from "../../src/replica/interfaces/wasm.ts";
import { generate } from "./generate.ts";
import { HOST_CHARGE, hostBytes, Interpreter } from "./interpreter.ts";
import type { Program } from "./program.ts";
import { runRaw } from "./runRaw.ts";

const LIMIT = 400_000n, MESSAGES = 4,
  /** A heap above 4 GiB is dear to make again after each message that changed a table. */
  HIGH_MESSAGES = 2,
  PAGE = 4096, WASM_PAGE = 65_536;

/** What was tried with one seed, and what went wrong. */
export interface Findings { readonly seed: number; readonly wrong: readonly string[]; readonly trapped: number; readonly returned: number; readonly raw: boolean }

class Comparison {
  readonly wrong: string[] = [];
  trapped = 0;
  returned = 0;
  private readonly program: Program;
  private readonly bytes: Uint8Array;
  private readonly canister: Canister;
  private readonly interpreter: Interpreter;
  private readonly next: (below: number) => number;
  private shown: bigint[] = [];
  private live: Buffer | undefined;

  constructor(seed: number, rules: Partial<RewriteRules>) {
    this.program = generate(seed);
    this.bytes = wasm(this.program.text);
    this.canister = new Canister(this.bytes, { rules });
    if (rules.sliced === true) this.canister.slice = BigInt(1 + seeded(seed)(2_000));
    this.interpreter = new Interpreter(this.program);
    this.next = seeded(seed + 77_777);
    this.canister.handlers = {
      msg_arg_data_copy: (memory: WasmMemory, to: number, offset: number, size: number) => { memory.write(to, hostBytes(offset, size)); },
      performance_counter: (memory: WasmMemory) => memory.instructionsUsed(),
      msg_reply: (memory: WasmMemory) => { memory.charge(HOST_CHARGE); },
      stable64_write: (memory: WasmMemory, ...values: bigint[]) => {
        this.live ??= Buffer.from(memory.read(this.program.window, this.pages * WASM_PAGE));
        this.shown.push(...values);
      },
    };
  }

  /** Wasm pages of the window, as the interpreter has them. */
  private get pages(): number { return this.interpreter.memory.pages - this.program.window / WASM_PAGE; }
  private expect(ok: boolean, what: string): void { if (!ok) this.wrong.push(what); }

  private same(shown: readonly bigint[]): boolean {
    const seen = this.shown.map((value) => BigInt.asIntN(64, value));
    return seen.length === shown.length && seen.every((value, i) => value === BigInt.asIntN(64, shown[i]!));
  }
  private modelled(): Buffer { return Buffer.from(this.interpreter.memory.read(this.program.window, this.pages * WASM_PAGE)); }

  /** Memory, its size, all globals and the tables of the live instance, seen from inside a query. */
  private look(when: string): void {
    const { canister, interpreter } = this, expected = interpreter.message(LIMIT, { main: false, probe: true, discard: true });
    this.shown = [];
    this.live = undefined;
    canister.instructions = LIMIT;
    const outcome = canister.run("canister_query probe", true);
    this.expect(outcome.kind === "returned" && this.same(expected.shown), `globals or tables after ${when}`);
    this.expect(canister.state.heap.wasmPages === interpreter.memory.pages, `size after ${when}`);
    if (this.live !== undefined) this.expect((this.live as Buffer).equals(this.modelled()), `memory after ${when}`);
  }

  /** The pages of the new version are those that differ, no more and no less. */
  private pagesAreExact(before: Canister["state"]): void {
    const { heap } = this.canister.state, base = this.program.window / PAGE, bytes = this.modelled(), old = Buffer.alloc(bytes.length), committed = Buffer.alloc(bytes.length);
    before.heap.read(this.program.window, old.subarray(0, before.heap.wasmPages * WASM_PAGE - this.program.window));
    heap.read(this.program.window, committed);
    this.expect(committed.equals(bytes), "the committed version");
    const differing = Array.from({ length: bytes.length / PAGE }, (_, page) => page).filter((page) => old.compare(bytes, page * PAGE, (page + 1) * PAGE, page * PAGE, (page + 1) * PAGE) !== 0);
    const listed = [...heap.changesSince(before.heap)].map(([page]) => page - base).sort((a, b) => a - b);
    this.expect(listed.join() === differing.join(), `dirty pages ${listed.join()} instead of ${differing.join()}`);
  }

  private run(kind: string, limit: bigint, discard: boolean, probe: boolean): WasmOutcome {
    const { canister, interpreter } = this, before = canister.state, expected = interpreter.message(limit, { discard, probe });
    this.shown = [];
    this.live = Buffer.alloc(0);
    canister.instructions = limit;
    const outcome = canister.run(probe ? "canister_update shown" : "canister_update main", discard), said = outcome.kind === "trapped" ? `${outcome.error.code} ${outcome.error.message}` : undefined;
    if (outcome.kind === "trapped") this.trapped++; else this.returned++;
    this.expect(said === expected.error, `${kind}: ${said} instead of ${expected.error}`);
    if (!probe) this.expect(outcome.used === expected.used, `${kind}: ${outcome.used} instructions instead of ${expected.used}`);
    else if (said === undefined) this.expect(this.same(expected.shown), `${kind}: globals or tables at its end`);
    if (outcome.kind === "trapped" || discard) this.expect(canister.state === before, `${kind}: another version`);
    else this.pagesAreExact(before);
    return outcome;
  }

  /** The first message is the only one that raw V8 runs as well: it knows no rollback. */
  raw(): boolean {
    if (this.program.revealing) return false;
    const { memory, globals } = this.interpreter, expected = this.interpreter.message(LIMIT, { probe: true });
    if (!(expected.error?.startsWith("IC0522") ?? false)) {
      const raw = runRaw(this.bytes, this.program, this.pages);
      this.expect(raw.error === expected.error, `raw V8: ${raw.error} instead of ${expected.error}`);
      if (expected.error === undefined) {
        this.expect(raw.memory.equals(this.modelled()), "raw V8: memory");
        this.shown = [...raw.shown];
        this.expect(this.same(expected.shown), "raw V8: globals or tables");
      }
    }
    this.interpreter.memory = memory;
    this.interpreter.globals = globals;
    return true;
  }

  messages(evicting: boolean): void {
    const { canister, next, program } = this, count = program.window > 0 ? HIGH_MESSAGES : MESSAGES;
    for (let i = 0; i < count; i++) {
      if (evicting) canister.engine.trim(0);
      const whole = this.run(`message ${i}`, LIMIT, false, false);
      this.look(`message ${i}`);
      const limit = BigInt(1 + next(Number(whole.used)));
      this.run(`message ${i} with ${limit} instructions`, limit, next(2) === 0, false);
      if (evicting) canister.engine.trim(0);
      if (i % 2 === 0) this.look(`message ${i} with ${limit} instructions`);
      if (i % 3 === 0) { this.run(`message ${i} as a query`, LIMIT, true, true); this.look(`message ${i} as a query`); }
    }
  }
}

/** Runs one seed: the rewritten module against the plain interpreter over several messages, and where it can agree against raw V8. */
export function findings(seed: number, rules: Partial<RewriteRules> = {}): Findings {
  const comparison = new Comparison(seed, rules), raw = comparison.raw();
  comparison.messages(seed % 10 === 0);
  const { wrong, trapped, returned } = comparison;
  return { seed, wrong, trapped, returned, raw };
}
