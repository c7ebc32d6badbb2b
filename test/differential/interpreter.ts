import type { Bits } from "./arithmetic.ts";
import { compute } from "./arithmetic.ts";
import { operation } from "./operations.ts";
import type { Instruction, Program, ProgramFunction } from "./program.ts";
import { DATA, ELEMENTS, GLOBALS, IMPORT, TABLE } from "./program.ts";
import { SparseMemory } from "./sparseMemory.ts";
import { endsBlock, weightOf } from "./weights.ts";

/** How a message ends: undefined when it returns, else the error's code and message. */
export interface Ended { readonly error: string | undefined; readonly used: bigint; readonly shown: readonly bigint[] }

class Stop extends Error {}
const trap = (name: string): Stop => new Stop(`IC0502 Canister trapped: ${name}`);
const TRAPS: Readonly<Record<string, string>> = { "divide by zero": "integer division by 0", "remainder by zero": "integer division by 0", "divide result unrepresentable": "unknown", "float unrepresentable in integer range": "unknown" };

/** What a function's code needs at run time: where blocks end and what they weigh. */
interface Prepared { readonly code: readonly Instruction[]; readonly otherwise: Int32Array; readonly ends: Int32Array; readonly charge: Int32Array }

function prepare({ code }: ProgramFunction, is64: boolean): Prepared {
  const otherwise = new Int32Array(code.length).fill(-1), ends = new Int32Array(code.length).fill(-1), charge = new Int32Array(code.length + 1), open: number[] = [];
  let start = 0, weight = 1;
  code.forEach(({ op }, at) => {
    if (op === "block" || op === "loop" || op === "if") open.push(at);
    if (op === "else") otherwise[open.at(-1)!] = at;
    if (op === "end" && open.length > 0) { const begin = open.pop()!; ends[begin] = at; if (otherwise[begin]! >= 0) ends[otherwise[begin]!] = at; }
    weight += weightOf(op, is64);
    if (endsBlock(op)) { charge[start] = weight; start = at + 1; weight = 0; }
  });
  return { code, otherwise, ends, charge };
}

/** The data that a host write brings. */
export function hostBytes(offset: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = offset * 7 + i * 13;
  return bytes;
}
/** What the import `charge` takes. */
export const HOST_CHARGE = 50;

/** Runs a program one instruction after the other, counts blocks by the replica's rule, and keeps what a canister keeps between messages. */
export class Interpreter {
  memory: SparseMemory;
  globals: Bits[] = GLOBALS.map(([, , first]) => first);
  private readonly program: Program;
  private readonly functions: readonly Prepared[];
  private table: (number | null)[] = [];
  private dropped = { data: false, elements: false };
  private fuel = 0n;
  private limit = 0n;
  private shown: bigint[] = [];

  constructor(program: Program) {
    this.program = program;
    this.memory = new SparseMemory(program.pagesMin);
    this.functions = program.functions.map((item) => prepare(item, program.is64));
  }

  /** One message: what it did stays only if it returns and is not discarded. `probe` shows globals and table at its end, uncounted. */
  message(limit: bigint, { discard = false, probe = false, main = true } = {}): Ended {
    const before = { memory: this.memory, globals: this.globals };
    this.memory = this.memory.copy();
    this.globals = [...this.globals];
    this.table = Array.from({ length: TABLE.min }, (_, i) => TABLE.first[i] ?? null);
    this.dropped = { data: false, elements: false };
    this.fuel = this.limit = limit;
    this.shown = [];
    let error: string | undefined;
    try {
      if (main) {
        this.charge(1n + 1n + 5n + (probe ? 5n : 0n), true); // the entry: a constant and a call, and the call of the probe
        this.call(this.functions.length - 1, 7);
      }
    } catch (thrown) {
      if (!(thrown instanceof Stop)) throw thrown;
      error = thrown.message;
    }
    const used = this.fuel < 0n ? limit : limit - this.fuel;
    if (error === undefined && probe) this.show();
    if (error !== undefined || discard) { this.memory = before.memory; this.globals = before.globals; }
    return { error, used, shown: this.shown };
  }

  private show(): void {
    const [, g, h, f, d, k] = this.globals as [number, number, bigint, number, bigint, readonly [bigint, bigint]], wide = (bits: number): bigint => BigInt(bits >>> 0);
    this.shown.push(wide(g), h, wide(f), d, k[0], k[1], ...this.table.flatMap((entry) => [BigInt(entry ?? -1), 0n, 0n]));
    this.globals[0] = -1;
  }

  private charge(weight: bigint, checked: boolean): void {
    this.fuel -= weight;
    if (checked && this.fuel < 0n) throw this.outOfInstructions();
  }
  private outOfInstructions(): Stop { this.fuel = -1n; return new Stop(`IC0522 Canister exceeded the limit of ${this.limit} instructions for single message execution.`); }
  private chargeBulk(count: bigint): void { if (count > this.fuel) throw this.outOfInstructions(); this.fuel -= count; }

  private imported(which: number, pop: () => Bits, push: (value: Bits) => void): void {
    if (which === IMPORT.count) { pop(); push(this.fuel < 0n ? this.limit : this.limit - this.fuel); }
    if (which === IMPORT.charge) { this.fuel -= BigInt(HOST_CHARGE); if (this.fuel < 0n) throw this.outOfInstructions(); }
    if (which === IMPORT.write) {
      const size = this.pointer(pop()), offset = this.pointer(pop()), at = this.pointer(pop());
      if (this.program.is64 && at > BigInt(Number.MAX_SAFE_INTEGER)) throw trap("heap out of bounds");
      if (!this.memory.holds(at, size)) throw trap("heap out of bounds");
      this.memory.write(Number(at), hostBytes(Number(offset), Number(size)));
    }
  }

  private pointer(value: Bits): bigint { return this.program.is64 ? BigInt.asUintN(64, value as bigint) : BigInt((value as number) >>> 0); }

  private call(index: number, argument: number): void {
    for (let callee: number | undefined = index, given = argument; callee !== undefined;) {
      const result: { readonly callee: number; readonly argument: number } | undefined = this.run(this.functions[callee]!, this.program.functions[callee]!, given);
      callee = result?.callee;
      given = result?.argument ?? 0;
    }
  }

  /** The body of one function; answers with the tail call that it ends in, if it does. */
  private run({ code, otherwise, ends, charge }: Prepared, { locals: types }: ProgramFunction, argument: number): { callee: number; argument: number } | undefined {
    const stack: Bits[] = [], open: { readonly at: number; readonly height: number }[] = [], zero = (type: string): Bits => (type === "v128" ? [0n, 0n] : type === "i64" || type === "f64" ? 0n : 0);
    const locals: Bits[] = [argument, ...types.map(zero)], pop = (): Bits => stack.pop()!, push = (value: Bits): void => { stack.push(value); }, number = (): number => pop() as number;
    let at = 0;
    const enter = (to: number, checked: boolean): void => { at = to; this.charge(BigInt(charge[to]!), checked); };
    /** Leads to the label; true if that is the function's end. */
    const branch = (depth: number): boolean => {
      if (depth === open.length) return true;
      open.length -= depth;
      const target = open.at(-1)!, loop = code[target.at]!.op === "loop";
      stack.length = target.height;
      if (!loop) open.pop();
      enter((loop ? target.at : ends[target.at]!) + 1, loop);
      return false;
    };
    enter(0, true);
    for (;;) {
      const instruction = code[at]!, { op, value } = instruction;
      switch (op) {
        case "nop": at++; break;
        case "block": open.push({ at, height: stack.length }); at++; break;
        case "loop": open.push({ at, height: stack.length }); enter(at + 1, true); break;
        case "if": {
          const taken = number() !== 0, other = otherwise[at]!;
          if (taken || other >= 0) open.push({ at, height: stack.length });
          enter((taken ? at : other >= 0 ? other : ends[at]!) + 1, false);
          break;
        }
        case "else": open.pop(); enter(ends[at]! + 1, false); break;
        case "end": if (open.length === 0) return undefined; open.pop(); enter(at + 1, false); break;
        case "br": if (branch(value as number)) return undefined; break;
        case "br_if": if (number() === 0) enter(at + 1, false); else if (branch(value as number)) return undefined; break;
        case "br_table": { const labels = instruction.labels!, index = number() >>> 0; if (branch(labels[Math.min(index, labels.length - 1)]!)) return undefined; break; }
        case "return": return undefined;
        case "unreachable": throw trap("unreachable");
        case "call": if ((value as number) < 4) this.imported(value as number, pop, push); else this.call((value as number) - 4, number()); at++; break;
        case "return_call": return { callee: (value as number) - 4, argument: number() };
        case "call_indirect": {
          const index = number() >>> 0, argumentOf = number();
          if (index >= this.table.length) throw trap("table out of bounds");
          const callee = this.table[index];
          if (callee === null || callee === undefined) throw trap("unknown");
          this.call(callee, argumentOf);
          at++;
          break;
        }
        case "drop": pop(); at++; break;
        case "select": { const condition = number(), second = pop(), first = pop(); push(condition !== 0 ? first : second); at++; break; }
        case "local.get": push(locals[value as number]!); at++; break;
        case "local.set": locals[value as number] = pop(); at++; break;
        case "local.tee": locals[value as number] = stack.at(-1)!; at++; break;
        case "global.get": push(this.globals[value as number]!); at++; break;
        case "global.set": this.globals[value as number] = pop(); at++; break;
        default:
          if (value !== undefined && op.endsWith(".const")) push(value);
          else if (op.startsWith("memory.") || op === "data.drop") this.bulkMemory(op, pop, push);
          else if (op.startsWith("table.") || op.startsWith("ref.") || op === "elem.drop") this.tables(instruction, pop, push);
          else if (/\.(load|store)/.test(op)) this.access(instruction, pop, push);
          else this.arithmetic(op, stack);
          at++;
      }
    }
  }

  private arithmetic(op: string, stack: Bits[]): void {
    const { takes } = operation.get(op)!, operands = stack.splice(stack.length - takes.length);
    try { stack.push(compute(op, operands)); } catch (thrown) {
      const name = TRAPS[(thrown as Error).message];
      if (name === undefined) throw thrown;
      throw trap(name);
    }
  }

  private access({ op, offset = 0, value: lane }: Instruction, pop: () => Bits, push: (value: Bits) => void): void {
    const [type, name] = op.split(".") as [string, string], store = name.startsWith("store"), laned = name.endsWith("_lane");
    const whole = { i32: 4, f32: 4, i64: 8, f64: 8, v128: 16 }[type]!, size = Number(/\d+/.exec(name)?.[0] ?? whole * 8) / 8;
    const operand = store || laned ? pop() : 0, at = this.pointer(pop()) + BigInt(offset);
    if (!this.memory.holds(at, BigInt(size))) throw trap("heap out of bounds");
    const wide = new Uint8Array(16), view = new DataView(wide.buffer);
    const bits = (): Bits => (whole === 16 ? [view.getBigInt64(0, true), view.getBigInt64(8, true)] : whole === 8 ? view.getBigInt64(0, true) : view.getInt32(0, true));
    if (store || laned) {
      const halves = typeof operand === "object" ? operand : [BigInt(operand as number | bigint), 0n] as const;
      view.setBigInt64(0, halves[0], true);
      view.setBigInt64(8, halves[1], true);
    }
    const from = laned ? (lane as number) * size : 0;
    if (store) { this.memory.write(Number(at), wide.subarray(from, from + size)); return; }
    const bytes = this.memory.read(Number(at), size);
    wide.set(bytes, from);
    if (name.endsWith("_splat")) for (let i = 0; i < 16; i += size) wide.set(bytes, i);
    if (name.endsWith("_s") && bytes.at(-1)! >= 128) wide.fill(255, size);
    push(bits());
  }

  private bulkMemory(op: string, pop: () => Bits, push: (value: Bits) => void): void {
    const { memory, program } = this, index = (value: number): Bits => (program.is64 ? BigInt(value) : value);
    switch (op) {
      case "memory.size": push(index(memory.pages)); return;
      case "memory.grow": {
        const more = this.pointer(pop()), before = memory.pages;
        if (BigInt(before) + more > BigInt(program.pagesMax)) { push(index(-1)); return; }
        memory.pages += Number(more);
        push(index(before));
        return;
      }
      case "data.drop": this.dropped.data = true; return;
    }
    const count = op === "memory.init" ? BigInt((pop() as number) >>> 0) : this.pointer(pop());
    const second = op === "memory.copy" ? this.pointer(pop()) : BigInt((pop() as number) >>> 0), to = this.pointer(pop());
    this.chargeBulk(count);
    if (!memory.holds(to, count)) throw trap("heap out of bounds");
    if (op === "memory.fill") { memory.write(Number(to), new Uint8Array(Number(count)).fill(Number(second))); return; }
    if (op === "memory.copy") {
      if (!memory.holds(second, count)) throw trap("heap out of bounds");
      memory.write(Number(to), memory.read(Number(second), Number(count)));
      return;
    }
    const data = new TextEncoder().encode(this.dropped.data ? "" : DATA);
    if (second + count > BigInt(data.length)) throw trap("heap out of bounds");
    memory.write(Number(to), data.subarray(Number(second), Number(second + count)));
  }

  private tables({ op, value }: Instruction, pop: () => Bits, push: (value: Bits) => void): void {
    const { table } = this, number = (): number => (pop() as number) >>> 0, reference = (): number | null => { const found = pop() as number; return found < 0 ? null : found; };
    const within = (at: number, count: number, length: number): void => { if (at + count > length) throw trap("table out of bounds"); };
    switch (op) {
      case "ref.null": push(-1); return;
      case "ref.func": push(value as number); return;
      case "ref.is_null": push((pop() as number) < 0 ? 1 : 0); return;
      case "table.size": push(table.length); return;
      case "table.get": { const at = number(); within(at, 1, table.length); push(table[at] ?? -1); return; }
      case "table.set": { const entry = reference(), at = number(); within(at, 1, table.length); table[at] = entry; return; }
      case "table.grow": {
        const count = number(), entry = reference(), before = table.length;
        if (before + count > TABLE.max) { push(-1); return; }
        for (let i = 0; i < count; i++) table.push(entry);
        push(before);
        return;
      }
      case "elem.drop": this.dropped.elements = true; return;
    }
    const count = number();
    if (op === "table.fill") {
      const entry = reference(), at = number();
      this.chargeBulk(BigInt(count));
      within(at, count, table.length);
      table.fill(entry, at, at + count);
      return;
    }
    const from = number(), to = number(), source: readonly (number | null)[] = op === "table.copy" ? table : this.dropped.elements ? [] : ELEMENTS;
    this.chargeBulk(BigInt(count));
    within(from, count, source.length);
    within(to, count, table.length);
    source.slice(from, from + count).forEach((entry, i) => { table[to + i] = entry; });
  }
}
