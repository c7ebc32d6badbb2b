import { seeded } from "../unit/replica/execution/wasm/seeded.ts";
import type { Letter } from "./operations.ts";
import { canonicalShape, OPERATIONS, TYPES } from "./operations.ts";
import type { Instruction, Program, ProgramFunction } from "./program.ts";
import { DATA, ELEMENTS, GLOBALS, IMPORT, TABLE, WHO, WINDOW_BYTES } from "./program.ts";

const LOADS: Readonly<Record<Letter, readonly string[]>> = {
  i: ["i32.load", "i32.load8_s", "i32.load8_u", "i32.load16_s", "i32.load16_u"], l: ["i64.load", "i64.load8_u", "i64.load16_s", "i64.load32_s", "i64.load32_u"],
  f: ["f32.load"], d: ["f64.load"], v: ["v128.load", "v128.load8_splat", "v128.load64_zero"],
};
const STORES: Readonly<Record<Letter, readonly string[]>> = {
  i: ["i32.store", "i32.store8", "i32.store16"], l: ["i64.store", "i64.store8", "i64.store16", "i64.store32"], f: ["f32.store"], d: ["f64.store"], v: ["v128.store"],
};
/** Locals of every function: the parameter, two of each type, three loop counters. */
const LOCALS = ["i32", "i32", "i64", "i64", "f32", "f32", "f64", "f64", "v128", "v128", "i32", "i32", "i32"] as const;
const COUNTERS = 10;
const FUNCTIONS = 5;

/** A random terminating program of a seed. */
export function generate(seed: number): Program {
  const next = seeded(seed), pick = <T>(from: readonly T[]): T => from[next(from.length)] as T, chance = (one: number): boolean => next(one) === 0;
  const is64 = chance(2), high = is64 && chance(12), revealing = !chance(3), P: Letter = is64 ? "l" : "i";
  const pagesMin = high ? 65_539 : 3, window = high ? 2 ** 32 : 0;
  let code: Instruction[] = [], callees = 0, loops = 0;
  /** Labels that a branch may lead to: inside a loop only those inside it, so that the loop ends. */
  let reach = 0;
  const emit = (op: string, rest: Omit<Instruction, "op"> = {}): void => { code.push({ op, ...rest }); };
  const integer = (letter: Letter, value: number): void => emit(letter === "l" ? "i64.const" : "i32.const", { immediate: String(value), value: letter === "l" ? BigInt(value) : value | 0 });
  const local = (op: "get" | "set" | "tee", index: number): void => emit(`local.${op}`, { immediate: String(index), value: index });
  const slots = (letter: Letter): readonly number[] => LOCALS.flatMap((type, i) => (type === TYPES[letter] && i < COUNTERS ? [i + 1] : []));
  const global = (op: "get" | "set", letter: Letter): void => { const index = GLOBALS.findIndex(([name, type]) => name !== "tag" && type === TYPES[letter]); emit(`global.${op}`, { immediate: String(index), value: index }); };
  const call = (imported: boolean, index: number): void => emit("call", { immediate: String(imported ? index : index + 4), value: imported ? index : index + 4 });
  const readable = OPERATIONS.filter(({ takes, gives }) => revealing || ![...takes, gives].includes("v") || !takes.concat(gives).some((letter) => letter === "f" || letter === "d"))
    .filter(({ name }) => revealing || !/^f\d+x/.test(name));
  const byResult = (letter: Letter): typeof readable => readable.filter(({ gives }) => gives === letter);

  const address = (): void => {
    if (chance(400)) { integer(P, window + WINDOW_BYTES - next(10)); return; }
    if (chance(1500)) { emit(is64 ? "i64.const" : "i32.const", is64 ? { immediate: "-1", value: -1n } : { immediate: "-1", value: -1 }); return; }
    integer(P, window + (chance(2) ? Math.max(next(40) * 4096 + next(40) - 20, 0) : next(WINDOW_BYTES - 20_000)));
    if (!chance(3)) return;
    local("get", pick(slots("i")));
    integer("i", 63);
    emit("i32.and");
    if (is64) emit("i64.extend_i32_u");
    emit(`${TYPES[P]}.add`);
  };
  const access = (op: string, lane = ""): void => { const offset = chance(3) ? pick([1, 7, 4090, 4096, 9999]) : 0; emit(op, { immediate: `offset=${offset}${op.endsWith("_splat") || op.endsWith("_zero") || lane !== "" ? "" : " align=1"}${lane}`, offset, ...(lane === "" ? {} : { value: Number(lane) }) }); };
  const constant = (letter: Letter): void => {
    if (letter === "i" || letter === "l") return emit(`${TYPES[letter]}.const`, ((value) => ({ immediate: String(value), value: letter === "l" ? BigInt(value) : value }))(pick([0, 1, -1, next(2 ** 31), -next(2 ** 31), next(40)])));
    if (letter === "v") { const a = BigInt(next(2 ** 31)) * 0x1_0000_0003n, b = BigInt(pick([0, 1, 0x7fc00001, 0x7fc00001, 0x3f800000])) << BigInt(pick([0, 32])); return emit("v128.const", { immediate: `i64x2 ${a} ${b}`, value: [BigInt.asIntN(64, a), BigInt.asIntN(64, b)] }); }
    const literal = pick(revealing ? ["0", "-0", "1.5", "-3", "inf", "-inf", "nan", "-nan", "-nan", "nan:0x200001", "1e30", String(next(1000) / 8)] : ["0", "-0", "1.5", "-3", "inf", "nan", "1e30", String(next(1000) / 8)]);
    const payload = literal === "nan:0x200001", number = literal.endsWith("inf") ? (literal[0] === "-" ? -Infinity : Infinity) : Number(literal);
    if (letter === "f") return emit("f32.const", { immediate: literal, value: payload ? 0x7fa00001 : literal.endsWith("nan") ? (literal[0] === "-" ? 0xffc00000 | 0 : 0x7fc00000) : new Int32Array(new Float32Array([number]).buffer)[0]! });
    emit("f64.const", { immediate: literal, value: payload ? 0x7ff0000000200001n : literal.endsWith("nan") ? (literal[0] === "-" ? BigInt.asIntN(64, 0xfff8000000000000n) : 0x7ff8000000000000n) : new BigInt64Array(new Float64Array([number]).buffer)[0]! });
  };
  /** In a program that must agree with raw V8 each float result is made canonical by hand. */
  const canonical = (letter: Letter): void => {
    if (revealing) return;
    const slot = slots(letter)[1]!;
    local("tee", slot);
    if (letter === "f") emit("f32.const", { immediate: "nan", value: 0x7fc00000 }); else emit("f64.const", { immediate: "nan", value: 0x7ff8000000000000n });
    local("get", slot);
    local("get", slot);
    emit(`${TYPES[letter]}.eq`);
    emit("select");
    local("tee", slot);
  };
  const value = (letter: Letter, depth: number): void => {
    if (depth <= 0 || chance(6)) { if (chance(2)) constant(letter); else if (chance(3)) global("get", letter); else local("get", pick(slots(letter))); return; }
    if (chance(6)) { address(); return access(pick(revealing || (letter !== "f" && letter !== "d") ? LOADS[letter] : LOADS[letter].slice(0, 1))), void (letter === "f" || letter === "d" ? canonical(letter) : 0); }
    if (chance(12)) { value(letter, depth - 1); value(letter, depth - 1); value("i", depth - 1); if (letter === "v") emit("select", { immediate: "(result v128)" }); else emit("select"); return; }
    if (chance(12)) {
      value("i", depth - 1);
      emit("if", { immediate: `(result ${TYPES[letter]})` });
      value(letter, depth - 1);
      emit("else");
      value(letter, depth - 1);
      return emit("end");
    }
    if (letter === "v" && chance(8)) { address(); value("v", depth - 1); const size = pick([8, 16, 32, 64]); return access(`v128.load${size}_lane`, ` ${next(128 / size)}`); }
    if (letter === "i" && chance(20)) { emit("table.size"); return; }
    if (letter === "i" && chance(20)) { integer("i", next(chance(40) ? 12 : TABLE.min)); emit("table.get", { immediate: "0" }); emit("ref.is_null"); return; }
    if (letter === P && chance(20)) { emit("memory.size"); return; }
    if (letter === "l" && revealing && chance(12)) { integer("i", 0); return call(true, IMPORT.count); }
    const row = pick(byResult(letter));
    if (row.rare && !chance(25)) return value(letter, depth);
    for (const taken of row.takes) value(taken, depth - 1);
    emit(row.name);
    if (canonicalShape(row.name) !== undefined) canonical(row.gives);
  };
  const size = (): void => integer(P, chance(150) ? 400_000 : next(9000));
  const branch = (): void => {
    if (reach === 0) return emit("nop");
    const target = next(reach);
    if (chance(2)) { value("i", 1); emit("br_if", { immediate: String(target), value: target }); return; }
    if (chance(3)) { value("i", 1); const all = [next(reach), next(reach), target]; emit("br_table", { immediate: all.join(" "), labels: all }); return; }
    if (chance(2)) emit("br", { immediate: String(target), value: target }); else emit(chance(6) ? "unreachable" : "return");
  };
  const statement = (depth: number): void => {
    switch (next(depth > 0 ? 26 : 18)) {
      case 0: case 1: case 2: case 3: case 4: { const letter = pick(["i", "l", "f", "d", "v"] as const); address(); value(letter, 3); return access(pick(STORES[letter])); }
      case 5: { const width = pick([8, 16, 32, 64]); address(); value("v", 2); return access(`v128.store${width}_lane`, ` ${next(128 / width)}`); }
      case 6: { const letter = pick(["i", "l", "f", "d", "v"] as const); value(letter, 3); return global("set", letter); }
      case 7: case 8: { const letter = pick(["i", "l", "f", "d", "v"] as const); value(letter, 3); return local("set", pick(slots(letter))); }
      case 9: address(); value("i", 1); size(); return emit("memory.fill");
      case 10: address(); address(); size(); return emit("memory.copy");
      case 11: address(); integer("i", next(2)); integer("i", next(chance(10) ? 5 : 3)); emit("memory.init", { immediate: "0" }); if (chance(9)) emit("data.drop", { immediate: "0" }); return;
      case 12: integer(P, next(3)); emit("memory.grow"); return emit("drop");
      case 13: switch (next(6)) {
        case 0: emit("ref.func", { immediate: "4", value: 0 }); integer("i", next(4)); emit("table.grow", { immediate: "0" }); return emit("drop");
        case 1: integer("i", next(chance(8) ? 8 : 4)); emit("ref.null", { immediate: "func" }); integer("i", next(3)); return emit("table.fill", { immediate: "0" });
        case 2: integer("i", next(chance(8) ? 7 : 4)); integer("i", next(4)); integer("i", next(3)); return emit("table.copy");
        case 3: integer("i", next(4)); integer("i", 0); integer("i", next(chance(8) ? 4 : 3)); emit("table.init", { immediate: "1" }); if (chance(9)) emit("elem.drop", { immediate: "1" }); return;
        default: { const which = next(3); integer("i", next(chance(20) ? 12 : 6)); emit("ref.func", { immediate: String(which + 4), value: which }); return emit("table.set", { immediate: "0" }); }
      }
      case 14: address(); integer(P, next(1000)); integer(P, next(5000)); return call(true, IMPORT.write);
      case 15: if (revealing && chance(2)) return call(true, IMPORT.charge); return emit("nop");
      case 16: case 17: if (callees === 0) return emit("nop"); if (callees > 2 && chance(2)) { value("i", 1); integer("i", next(chance(20) ? 8 : 3)); return emit("call_indirect", { immediate: "(type $t)" }); } value("i", 2); return call(false, next(callees));
      case 18: case 19: value("i", 2); emit("if"); reach++; block(depth - 1); if (chance(2)) { emit("else"); block(depth - 1); } reach--; return emit("end");
      case 20: case 21: {
        if (loops >= 3) return emit("nop");
        const counter = COUNTERS + 1 + loops++;
        integer("i", 1 + next(6));
        local("set", counter);
        emit("loop");
        const outer = reach;
        reach = 0;
        block(depth - 1);
        reach = outer;
        local("get", counter); integer("i", 1); emit("i32.sub"); local("tee", counter);
        emit("br_if", { immediate: "0", value: 0 });
        loops--;
        return emit("end");
      }
      case 22: case 23: emit("block"); reach++; block(depth - 1); if (chance(2)) branch(); block(depth - 1); reach--; return emit("end");
      case 24: if (!chance(4)) return emit("nop"); return branch();
      default: emit("block"); emit("block"); emit("block"); value("i", 2); emit("br_table", { immediate: "0 1 2", labels: [0, 1, 2] }); emit("end"); reach += 2; block(depth - 1); emit("end"); reach--; block(depth - 1); reach--; return emit("end");
    }
  };
  const block = (depth: number): void => { for (let i = 1 + next(4); i > 0; i--) statement(depth); };
  const functions: ProgramFunction[] = [];
  for (let index = 0; index < FUNCTIONS; index++) {
    code = [];
    callees = index;
    loops = 0;
    reach = 1;
    local("get", 0); integer("i", WHO); emit("i32.eq"); emit("if"); integer("i", index); emit("global.set", { immediate: "0", value: 0 }); emit("return"); emit("end");
    if (index === 0) { local("get", 0); global("set", "i"); } else { block(3); block(index === FUNCTIONS - 1 ? 4 : 2); if (index === FUNCTIONS - 1) block(4); }
    if (index > 0 && index < FUNCTIONS - 1 && chance(3)) { value("i", 1); const to = next(index); emit("return_call", { immediate: String(to + 4), value: to + 4 }); }
    emit("end");
    functions.push({ name: `f${index}`, params: ["i32"], locals: LOCALS, code });
  }
  const pagesMax = pagesMin + 4;
  return { seed, is64, revealing, pagesMin, pagesMax, window, functions, text: print(is64, pagesMin, pagesMax, functions) };
}

function print(is64: boolean, pagesMin: number, pagesMax: number, functions: readonly ProgramFunction[]): string {
  const P = is64 ? "i64" : "i32";
  const initial: Readonly<Record<string, string>> = { i32: "i32.const", i64: "i64.const", f32: "f32.const", f64: "f64.const", v128: "v128.const i64x2" };
  const bodies = functions.map(({ name, locals, code }) => `(func $${name} (type $t) (local ${locals.join(" ")})\n${code.slice(0, -1).map(({ op, immediate }) => `${op}${immediate === undefined ? "" : ` ${immediate}`}`).join("\n")})`);
  return `(module (type $t (func (param i32)))
    (import "ic0" "msg_arg_data_copy" (func (param ${P} ${P} ${P}))) (import "ic0" "performance_counter" (func (param i32) (result i64)))
    (import "ic0" "msg_reply" (func)) (import "ic0" "stable64_write" (func $show (param i64 i64 i64)))
    ${bodies.join("\n")}
    (memory (export "memory") ${P} ${pagesMin} ${pagesMax}) (table ${TABLE.min} ${TABLE.max} funcref) (elem (i32.const 0) ${TABLE.first.map((index) => `$f${index}`).join(" ")})
    (elem $e func ${ELEMENTS.map((index) => `$f${index}`).join(" ")}) (data $d "${DATA}")
    ${GLOBALS.map(([name, type, first]) => `(global $${name} (export "${name}") (mut ${type}) (${initial[type]} ${typeof first === "object" ? first.join(" ") : first}))`).join("\n")}
    (func $probe (local $i i32)
      (call $show (i64.extend_i32_u (global.get $g)) (global.get $h) (i64.extend_i32_u (i32.reinterpret_f32 (global.get $f))))
      (call $show (i64.reinterpret_f64 (global.get $d)) (i64x2.extract_lane 0 (global.get $k)) (i64x2.extract_lane 1 (global.get $k)))
      (loop $each
        (global.set $tag (i32.const -1))
        (if (i32.eqz (ref.is_null (table.get (local.get $i)))) (then (call_indirect (type $t) (i32.const ${WHO}) (local.get $i))))
        (call $show (i64.extend_i32_s (global.get $tag)) (i64.const 0) (i64.const 0))
        (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (table.size))))
      (global.set $tag (i32.const -1)))
    (func (export "canister_query probe") call $probe)
    (func (export "canister_update main") (call $f${functions.length - 1} (i32.const 7)))
    (func (export "canister_update shown") (call $f${functions.length - 1} (i32.const 7)) call $probe))`;
}
