import { readFileSync } from "node:fs";
import { assemble, withCustomSection } from "./assemble.ts";

type Row = readonly [name: string, params: string, results: string, ...rest: unknown[]];
const TABLE = JSON.parse(readFileSync(new URL("../spec/ic0-table.json", import.meta.url), "utf8")) as { calls: Row[]; only32: Row[]; replica: Row[] };
const ONLY_32 = new Set(TABLE.only32.map(([name]) => name));

/** Every System API call of the specification's table; its place is its number in programs. */
export const IC0_CALLS: readonly Row[] = [...TABLE.calls, ...TABLE.only32, ...TABLE.replica];
/** Operations of the interpreter besides System API calls, by their byte. Operands are slots of 64 bits; a blob is two: address, size. */
export const OPERATIONS = [
  "const", "blob", "program", "alloc", "dup", "swap", "over", "drop", "add", "sub", "mul", "eq", "less", "divide", "jump", "jumpIfZero", "store64", "load64", "store8", "load8",
  "asBlob", "concat", "setVariable", "getVariable", "setHook", "unreachable", "grow", "pages", "fill", "recurse", "stop", "setGlobal", "getGlobal", "ic0",
] as const;
export type Operation = (typeof OPERATIONS)[number];
/** Entry points that run the program kept under their name; only those of the options are exported. */
export const HOOKS = ["heartbeat", "global_timer", "inspect_message", "pre_upgrade", "on_low_wasm_memory"] as const;
export type Hook = (typeof HOOKS)[number];

export interface UniversalOptions {
  readonly memory64?: boolean;
  readonly hooks?: readonly Hook[];
  /** A start function that runs the program at the beginning of stable memory: its length in 32 bits, then its bytes. */
  readonly start?: boolean;
  /** Custom sections by name. */
  readonly sections?: Readonly<Record<string, string>>;
}

/** Addresses: the heap's end at 8, hooks from 16, variables from 256 (16 bytes each), operands from 4096, allocated memory from 16384. */
const HEAP_END = 8, HOOK_AT = 16, VARIABLES = 256, OPERANDS = 4096, HEAP = 16384;

/**
 * The universal canister: an interpreter for small programs that come as arguments, so that one module can do all that the System API offers.
 * `update`, `query`, `composite`, init and post_upgrade run their argument; callbacks run the program that their environment points at.
 */
export function universalText({ memory64 = false, hooks = ["pre_upgrade"], start = false }: UniversalOptions = {}): string {
  const w = memory64 ? "i64" : "i32", typeOf = (type: string): string => (type === "I" || type === "E" ? w : type);
  const words = (list: string): string[] => (list === "" ? [] : list.split(" "));
  const at = (value: number | bigint): string => `(${w}.const ${value})`;
  const pointer = (i64: string): string => (memory64 ? i64 : `(i32.wrap_i64 ${i64})`), wide = (p: string): string => (memory64 ? p : `(i64.extend_i32_u ${p})`);
  const known = IC0_CALLS.map(([name]) => !(memory64 && ONLY_32.has(name)));
  const imports = IC0_CALLS.filter((_, i) => known[i]).map(([name, params, results]) =>
    `(import "ic0" "${name}" (func $${name} ${words(params).map((type) => `(param ${typeOf(type)})`).join(" ")} ${words(results).map((type) => `(result ${typeOf(type)})`).join(" ")}))`);
  /** Operand `i` of those that `take` removed. */
  const arg = (i: number, type = "i64"): string => {
    const slot = `(i64.load offset=${8 * i} (global.get $sp))`;
    return typeOf(type) === "i32" ? `(i32.wrap_i64 ${slot})` : slot;
  };
  const push = (value: string): string => `(call $push ${value})`, take = (n: number): string => (n === 0 ? "" : `(call $take ${at(8 * n)})`);
  const number = (size: 1 | 4 | 8): string => (size === 8 ? "(i64.load (local.get $pc))" : `(${size === 1 ? "i32.load8_u" : "i32.load"} (local.get $pc))`);
  const skip = (n: string): string => `(local.set $pc (${w}.add (local.get $pc) ${n}))`;
  const length = memory64 ? `(i64.extend_i32_u ${number(4)})` : number(4), signed = memory64 ? `(i64.extend_i32_s ${number(4)})` : number(4);
  const slot = (base: number, size: number): string => { const index = `(i32.add (i32.const ${base}) (i32.mul ${number(1)} (i32.const ${size})))`; return memory64 ? `(i64.extend_i32_u ${index})` : index; };
  const binary = (op: string): string => `${take(2)}${push(`(${op} ${arg(0)} ${arg(1)})`)}`;
  const code: Record<Operation, string> = {
    const: `${push(number(8))}${skip(at(8))}`,
    blob: `${push(wide(`(${w}.add (local.get $pc) ${at(4)})`))}${push(wide(length))}${skip(`(${w}.add ${length} ${at(4)})`)}`,
    program: `${push(wide("(local.get $pc)"))}${skip(`(${w}.add ${length} ${at(4)})`)}`,
    alloc: `${take(1)}(local.set $n ${pointer(arg(0))})${push(wide("(call $alloc (local.get $n))"))}${push(wide("(local.get $n)"))}`,
    dup: `${take(1)}(local.set $a ${arg(0)})${push("(local.get $a)")}${push("(local.get $a)")}`,
    swap: `${take(2)}(local.set $a ${arg(0)})(local.set $b ${arg(1)})${push("(local.get $b)")}${push("(local.get $a)")}`,
    over: `${take(2)}(local.set $a ${arg(0)})(local.set $b ${arg(1)})${push("(local.get $a)")}${push("(local.get $b)")}${push("(local.get $a)")}`,
    drop: take(1), add: binary("i64.add"), sub: binary("i64.sub"), mul: binary("i64.mul"), divide: binary("i64.div_u"),
    eq: `${take(2)}${push(`(i64.extend_i32_u (i64.eq ${arg(0)} ${arg(1)}))`)}`, less: `${take(2)}${push(`(i64.extend_i32_u (i64.lt_u ${arg(0)} ${arg(1)}))`)}`,
    jump: skip(signed),
    jumpIfZero: `${take(1)}(if (i64.eqz ${arg(0)}) (then ${skip(signed)}) (else ${skip(at(4))}))`,
    store64: `${take(2)}(i64.store ${pointer(arg(0))} ${arg(1)})`, load64: `${take(1)}${push(`(i64.load ${pointer(arg(0))})`)}`,
    store8: `${take(2)}(i64.store8 ${pointer(arg(0))} ${arg(1)})`, load8: `${take(1)}${push(`(i64.load8_u ${pointer(arg(0))})`)}`,
    asBlob: `${take(1)}(local.set $a ${arg(0)})(local.set $n (call $alloc ${at(8)}))(i64.store (local.get $n) (local.get $a))${push(wide("(local.get $n)"))}${push("(i64.const 8)")}`,
    concat: `${take(4)}(local.set $a ${arg(1)})(local.set $b ${arg(3)})(local.set $n (call $alloc ${pointer("(i64.add (local.get $a) (local.get $b))")}))
      (memory.copy (local.get $n) ${pointer(arg(0))} ${pointer("(local.get $a)")})
      (memory.copy (${w}.add (local.get $n) ${pointer("(local.get $a)")}) ${pointer(arg(2))} ${pointer("(local.get $b)")})${push(wide("(local.get $n)"))}${push("(i64.add (local.get $a) (local.get $b))")}`,
    setVariable: `${take(2)}(i64.store ${slot(VARIABLES, 16)} ${arg(0)})(i64.store offset=8 ${slot(VARIABLES, 16)} ${arg(1)})${skip(at(1))}`,
    getVariable: `${push(`(i64.load ${slot(VARIABLES, 16)})`)}${push(`(i64.load offset=8 ${slot(VARIABLES, 16)})`)}${skip(at(1))}`,
    setHook: `${take(1)}(i64.store ${slot(HOOK_AT, 8)} ${arg(0)})${skip(at(1))}`,
    unreachable: "(unreachable)", grow: `${take(1)}${push(wide(`(memory.grow ${pointer(arg(0))})`))}`, pages: push(wide("(memory.size)")),
    fill: `${take(3)}(memory.fill ${pointer(arg(0))} (i32.wrap_i64 ${arg(1)}) ${pointer(arg(2))})`,
    recurse: "(call $recurse)", stop: "(return)", setGlobal: `${take(1)}(global.set $number ${arg(0)})`, getGlobal: push("(global.get $number)"),
    ic0: `(local.set $op ${number(1)})${skip(at(1))}(call $ic0 (local.get $op))`,
  };
  /** One body for each number, and a trap for every other. */
  const dispatch = (bodies: readonly string[], on: string, next: string): string =>
    [...bodies, "(unreachable)"].reduce((inner, body) => `(block ${inner}) ${body} (br ${next})\n`, `(br_table ${bodies.map((_, i) => i).join(" ")} ${bodies.length} ${on})`);
  const calls = IC0_CALLS.map(([name, params, results], i) => {
    if (!known[i]) return "(unreachable)";
    const call = `(call $${name} ${words(params).map((type, k) => arg(k, type)).join(" ")})`, result = words(results).map(typeOf)[0];
    return `${take(words(params).length)}${result === undefined ? call : push(result === "i64" ? call : `(i64.extend_i32_u ${call})`)}`;
  });
  const exported = (name: string, body: string): string => `(func $canister_${name.replace(" ", "_")} ${body}) (export "canister_${name}" (func $canister_${name.replace(" ", "_")}))`;
  return `(module ${imports.join("\n")}
    (memory ${memory64 ? "i64 " : ""}1)
    (table funcref (elem $callback))
    (global $sp (mut ${w}) ${at(OPERANDS)}) (global $number (mut i64) (i64.const 0))
    (func $push (param $value i64) (i64.store (global.get $sp) (local.get $value)) (global.set $sp (${w}.add (global.get $sp) ${at(8)})))
    (func $take (param $bytes ${w}) (global.set $sp (${w}.sub (global.get $sp) (local.get $bytes))))
    (func $recurse (call $recurse))
    (func $alloc (param $n ${w}) (result ${w}) (local $p ${w}) (local $end ${w}) (local $have ${w})
      (local.set $p (${w}.load ${at(HEAP_END)}))
      (if (${w}.eqz (local.get $p)) (then (local.set $p ${at(HEAP)})))
      (local.set $end (${w}.and (${w}.add (${w}.add (local.get $p) (local.get $n)) ${at(7)}) ${at(-8)}))
      (local.set $have (${w}.shl (memory.size) ${at(16)}))
      (if (${w}.gt_u (local.get $end) (local.get $have)) (then (if (${w}.eq (memory.grow (${w}.shr_u (${w}.add (${w}.sub (local.get $end) (local.get $have)) ${at(65535)}) ${at(16)})) ${at(-1)}) (then (unreachable)))))
      (${w}.store ${at(HEAP_END)} (local.get $end)) (local.get $p))
    (func $ic0 (param $index i32) (block $done ${dispatch(calls, "(local.get $index)", "$done")} (unreachable)))
    (func $run (param $pc ${w}) (param $size ${w}) (local $end ${w}) (local $op i32) (local $n ${w}) (local $a i64) (local $b i64)
      (global.set $sp ${at(OPERANDS)}) (local.set $end (${w}.add (local.get $pc) (local.get $size)))
      (loop $next (if (${w}.ge_u (local.get $pc) (local.get $end)) (then (return)))
        (local.set $op ${number(1)}) ${skip(at(1))}
        ${dispatch(OPERATIONS.map((name) => code[name]), "(local.get $op)", "$next")} (unreachable)))
    (func $run_argument (local $n ${w}) (local $p ${w}) (local.set $n (call $msg_arg_data_size)) (local.set $p (call $alloc (local.get $n)))
      (call $msg_arg_data_copy (local.get $p) ${at(0)} (local.get $n)) (call $run (local.get $p) (local.get $n)))
    (func $callback (param $env ${w}) (if (${w}.eqz (local.get $env)) (then (return)))
      (call $run (${w}.add (local.get $env) ${at(4)}) ${memory64 ? "(i64.load32_u (local.get $env))" : "(i32.load (local.get $env))"}))
    ${["update update", "query query", "composite_query composite", "init", "post_upgrade"].map((name) => exported(name, "(call $run_argument)")).join("\n")}
    ${hooks.map((name) => exported(name, `(call $callback (${w}.load ${at(HOOK_AT + 8 * HOOKS.indexOf(name))}))`)).join("\n")}
    ${start ? `(func $start (local $n i64) (local $p ${w}) (if (i64.eqz (call $stable64_size)) (then (return)))
      (call $stable64_read (i64.const 0) (i64.const 0) (i64.const 4)) (local.set $n (i64.load32_u ${at(0)})) (local.set $p (call $alloc ${pointer("(local.get $n)")}))
      (call $stable64_read ${wide("(local.get $p)")} (i64.const 4) (local.get $n)) (call $run (local.get $p) ${pointer("(local.get $n)")})) (start $start)` : ""})`;
}

/** The universal canister's bytes. */
export async function universalModule(options: UniversalOptions = {}): Promise<Uint8Array> {
  const module = await assemble(universalText(options), "universal.wat", false);
  return Object.entries(options.sections ?? {}).reduce((made, [name, content]) => withCustomSection(made, name, Buffer.from(content)), module);
}
