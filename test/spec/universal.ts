import { strict as assert } from "node:assert";
import { HOOKS, type Hook, IC0_CALLS, OPERATIONS, type Operation } from "../canisters/universal.ts";

const NUMBERS = new Map(IC0_CALLS.map(([name], i) => [name, i]));
/** What may stand as an operand: a number (one slot), text or bytes (address and size), a program (the address that callbacks take as environment). */
export type Operand = number | bigint | string | Uint8Array | Program;
export interface CallOptions {
  /** Hexadecimal id, or a program that leaves the id as a blob. */
  readonly callee: string | Program;
  readonly method: string;
  /** A program that leaves a blob, or bytes. Another universal canister runs it. */
  readonly arg?: Program | Uint8Array;
  /** What runs with the answer: by default the reply is passed on, a reject as its code (one byte) and message. */
  readonly onReply?: Program; readonly onReject?: Program; readonly onCleanup?: Program;
  readonly cycles?: bigint; readonly timeoutSeconds?: number;
  /** Leaves the answer of `call_perform` on the stack. */
  readonly keep?: boolean;
}
const utf8 = new TextEncoder();

/** A program of the universal canister (test/canisters/universal.ts), put together call by call. */
export class Program {
  readonly #parts: Uint8Array[] = [];

  get bytes(): Uint8Array { return new Uint8Array(Buffer.concat(this.#parts)); }
  #emit(operation: Operation, operand: Uint8Array = new Uint8Array(0)): this {
    this.#parts.push(Uint8Array.of(OPERATIONS.indexOf(operation)), operand);
    return this;
  }
  #sized(operation: "blob" | "program", content: Uint8Array): this { return this.#emit(operation, Buffer.concat([number32(content.length), content])); }

  /** Pushes operands. */
  push(...operands: readonly Operand[]): this {
    for (const operand of operands) {
      if (typeof operand === "number" || typeof operand === "bigint") this.#emit("const", number64(BigInt(operand)));
      else if (operand instanceof Program) this.#sized("program", operand.bytes);
      else this.#sized("blob", typeof operand === "string" ? utf8.encode(operand) : operand);
    }
    return this;
  }
  /** An operation without immediate. */
  do(...operations: readonly Exclude<Operation, "const" | "blob" | "program" | "jump" | "jumpIfZero" | "setVariable" | "getVariable" | "setHook" | "ic0">[]): this {
    for (const operation of operations) this.#emit(operation);
    return this;
  }
  /** One System API call with these operands; its result, if it has one, stays on the stack. */
  ic0(name: string, ...operands: readonly Operand[]): this {
    const number = NUMBERS.get(name);
    assert(number !== undefined, `no System API call has the name ${name}`);
    return this.push(...operands).#emit("ic0", Uint8Array.of(number));
  }
  /** Leaves the whole of what a `_size` and `_copy` pair gives, as a blob. `operands` come before those of both calls. */
  take(name: string, ...operands: readonly Operand[]): this {
    this.ic0(`${name}_size`, ...operands).do("alloc").setVariable(63).push(...operands).getVariable(63).do("drop").push(0).getVariable(63).do("swap", "drop");
    return this.ic0(`${name}_copy`).getVariable(63);
  }
  /** Leaves the 16 bytes that a call writes, as a blob. */
  take128(name: string, ...operands: readonly Operand[]): this {
    return this.push(16).do("alloc").setVariable(62).push(...operands).getVariable(62).drop().ic0(name).getVariable(62);
  }
  /** Leaves what a call answers, as 8 bytes. */
  number(name: string, ...operands: readonly Operand[]): this { return this.ic0(name, ...operands).do("asBlob"); }

  drop(): this { return this.do("drop"); }
  concat(): this { return this.do("concat"); }
  /** Keeps the blob on the stack in the heap, under a number from 0 to 60. */
  setVariable(index: number): this { return this.#emit("setVariable", Uint8Array.of(index)); }
  getVariable(index: number): this { return this.#emit("getVariable", Uint8Array.of(index)); }
  /** Keeps a number in a variable, as its address. */
  setVariableFrom(index: number): this { return this.push(16).setVariable(index); }
  /** The program that runs at this entry point from now on. */
  hook(hook: Hook, program: Program): this { return this.push(program).#emit("setHook", Uint8Array.of(HOOKS.indexOf(hook))); }

  /** Runs `body` when the number on the stack is not zero. */
  when(body: Program): this {
    this.#emit("jumpIfZero", number32(body.bytes.length + 4));
    this.#parts.push(body.bytes);
    return this;
  }
  /** Runs `body` again and again: it ends by `stop`, a trap or the instruction limit. */
  forever(body: Program): this {
    this.#parts.push(body.bytes);
    return this.#emit("jump", number32(-body.bytes.length - 1));
  }
  /** Runs `body` this often; a variable (61) counts. */
  times(count: number, body: Program): this {
    const loop = run().splice(body).getVariable(61).drop().push(-1).do("add", "dup").setVariableFrom(61).push(0).do("eq").bytes;
    this.push(count).setVariableFrom(61).#parts.push(loop);
    return this.#emit("jumpIfZero", number32(-loop.length - 1));
  }
  /** Bytes of no known operation. */
  raw(...bytes: readonly number[]): this { this.#parts.push(Uint8Array.from(bytes)); return this; }
  splice(program: Program): this { this.#parts.push(program.bytes); return this; }

  /** Adds the blob on the stack to the reply. */
  append(): this { return this.ic0("msg_reply_data_append"); }
  /** Replies with the operand, or with the blob on the stack. */
  reply(...operand: readonly [] | readonly [string | Uint8Array]): this { return this.push(...operand).append().ic0("msg_reply"); }
  reject(message: string): this { return this.ic0("msg_reject", message); }
  trap(message: string): this { return this.ic0("trap", message); }

  /** Calls a canister. */
  call({ callee, method, arg, onReply = PASS_ON, onReject = TELL_REJECT, onCleanup, cycles, timeoutSeconds, keep = false }: CallOptions): this {
    if (callee instanceof Program) this.splice(callee); else this.push(Buffer.from(callee, "hex"));
    this.ic0("call_new", method, 0, onReply, 0, onReject);
    if (arg instanceof Program) this.ic0("call_data_append", arg.bytes); else if (arg !== undefined) this.ic0("call_data_append", arg);
    if (onCleanup !== undefined) this.ic0("call_on_cleanup", 0, onCleanup);
    if (cycles !== undefined) this.ic0("call_cycles_add128", cycles >> 64n, BigInt.asIntN(64, cycles));
    if (timeoutSeconds !== undefined) this.ic0("call_with_best_effort_response", timeoutSeconds);
    this.ic0("call_perform");
    return keep ? this : this.drop();
  }
}
function number32(value: number): Uint8Array { const bytes = Buffer.alloc(4); bytes.writeInt32LE(value | 0); return bytes; }
function number64(value: bigint): Uint8Array { const bytes = Buffer.alloc(8); bytes.writeBigUInt64LE(BigInt.asUintN(64, value)); return bytes; }

/** An empty program. */
export const run = (): Program => new Program();
/** Replies with the answer that came. */
export const PASS_ON = run().take("msg_arg_data").reply();
/** Replies with the reject's code and message. */
export const TELL_REJECT = run().ic0("msg_reject_code").do("asBlob", "drop").push(1).take("msg_reject_msg").concat().reply();
