import { ByteWriter } from "./byteWriter.ts";
import type { GlobalType, Limits, TableType } from "./decodeModule.ts";
import { VALUE } from "./decodeModule.ts";
import type { Layout, RewriteRules } from "./layout.ts";
import { MEMORY, REASON, RECORD_BYTES } from "./layout.ts";

/** Instructions as bytes; numbers and nested lists are flattened. */
type Code = readonly (number | Code)[];

const u32 = (value: number): Code => { const out = new ByteWriter(8); out.u32(value); return [...out.take()]; };
const signed = (value: number): Code => { const out = new ByteWriter(10); out.signed(value); return [...out.take()]; };
const get = (local: number): Code => [0x20, u32(local)], set = (local: number): Code => [0x21, u32(local)], tee = (local: number): Code => [0x22, u32(local)];
const globalGet = (global: number): Code => [0x23, u32(global)], globalSet = (global: number): Code => [0x24, u32(global)];
const call = (target: number): Code => [0x10, u32(target)];
const i32 = (value: number): Code => [0x41, signed(value)], i64 = (value: number): Code => [0x42, signed(value)];
const ADD64 = 0x7c, SUB64 = 0x7d, WRAP = 0xa7, EXTEND = 0xad, UNREACHABLE = 0x00, NOP = 0x01, END = 0x0b, IF = [0x04, 0x40], LOOP = [0x03, 0x40], RETURN = 0x0f;
/** A load or store in a memory other than the module's own. */
const access = (op: number, memory: number, offset = 0): Code => [op, 0x40, u32(memory), u32(offset)];
const LOAD64 = 0x29, STORE64 = 0x37, LOAD8 = 0x2d, STORE8 = 0x3a;
const memoryCopy = (to: number, from: number): Code => [0xfc, 10, u32(to), u32(from)];
const heapBytes: Code = [0x3f, MEMORY.heap];

/** Dead code behind a function's end: V8 inlines what has less than 500 bytes, and seldom work inlined into a hot loop makes the loop slow. */
const OUT_OF_LINE: Code = [RETURN, Array.from({ length: 500 }, () => NOP)];

/** Bytes that a mutable global takes in the spill of `save`. */
export const spillBytes = (type: number): number => (type === VALUE.v128 ? 16 : 8);

function body(locals: readonly number[], code: Code): ByteWriter {
  const out = new ByteWriter(128);
  out.u32(locals.length);
  for (const type of locals) out.op(1, type);
  out.op(...(code as readonly unknown[]).flat(Infinity) as number[]);
  out.u8(END);
  return out;
}

/** The functions that the rewriter appends, in the order of `Layout.functions`, each with the index of its type behind `layout.types`. */
export function supportFunctions(layout: Layout, globals: readonly GlobalType[], table: TableType | undefined, rules: RewriteRules): { readonly type: number; readonly body: ByteWriter }[] {
  const { is64, globals: own, functions } = layout;
  const wide: Code = is64 ? [] : [EXTEND], narrow: Code = is64 ? [] : [WRAP];
  const heapSize: Code = [heapBytes, wide, i64(16), 0x86]; // memory.size << 16 as i64
  const trap = (reason: number): Code => [i32(reason), globalSet(own.reason), UNREACHABLE];
  const top: Code = [i64(0), access(LOAD64, MEMORY.undo)];
  const setTop = (value: Code): Code => [i64(0), value, access(STORE64, MEMORY.undo)];
  const address = (page: Code): Code => [page, EXTEND, i64(12), 0x86];
  const saved = rules.crossingStores ? 4096 + 16 : 4096;

  // stop(fuel): a check failed; without instructions left that is the reason, with some it is the stack
  const stop = body([], [get(0), globalSet(own.fuel), get(0), i64(0), 0x53, IF, rules.sliced ? [call(functions.outOfInstructions), RETURN] : trap(REASON.outOfInstructions), END, trap(REASON.stackOverflow)]);
  // outOfInstructions(): the trap; in slices only when the host has none left
  const outOfInstructions = body([], rules.sliced ? [call(functions.slice), globalGet(own.fuel), i64(0), 0x53, IF, trap(REASON.outOfInstructions), END] : trap(REASON.outOfInstructions));
  // mark(page): saves the page and the head of the next into the undo memory, then sets its byte in the dirty map
  const mark = body([VALUE.i64, VALUE.i64], [
    heapSize, address(get(0)), SUB64, tee(2), i64(0), 0x57, IF, RETURN, END, // beyond the heap: the store itself will trap
    get(2), i64(saved), 0x55, IF, i64(saved), set(2), END,
    top, tee(1), i64(RECORD_BYTES), ADD64, [0x3f, MEMORY.undo], i64(16), 0x86, 0x56, IF,
    i64(64), [0x40, MEMORY.undo], i64(0), 0x53, IF, trap(REASON.undoMemory), END, END,
    get(1), get(0), EXTEND, access(STORE64, MEMORY.undo),
    get(1), get(2), access(STORE64, MEMORY.undo, 8),
    get(1), i64(16), ADD64, address(get(0)), narrow, get(2), narrow, memoryCopy(MEMORY.undo, MEMORY.heap),
    get(0), i32(1), access(STORE8, MEMORY.dirty),
    setTop([get(1), i64(RECORD_BYTES), ADD64]), OUT_OF_LINE,
  ]);
  // barrier(page): the outlined test
  const barrier = body([], [get(0), access(LOAD8, MEMORY.dirty), 0x45, IF, get(0), call(functions.mark), END]);
  // markRange(address, count): every page of a range; one that ends behind the heap is left to trap
  const markRange = body([VALUE.i64, VALUE.i64, VALUE.i32], [
    get(1), wide, tee(2), 0x50, IF, RETURN, END,
    get(2), heapSize, 0x56, IF, RETURN, END,
    get(0), wide, heapSize, get(2), SUB64, 0x56, IF, RETURN, END,
    get(0), wide, get(2), ADD64, i64(1), SUB64, i64(12), 0x88, set(3),
    get(0), wide, i64(12), 0x88, WRAP, set(4),
    LOOP, get(4), call(functions.barrier), get(4), i32(1), 0x6a, tee(4), EXTEND, get(3), 0x58, 0x0d, 0, END,
  ]);
  // charge(count): takes instructions before a bulk operation runs; too few, and none is left
  const charge = body([], rules.sliced ? [
    get(0), i64(0), 0x53, IF, i64(-1), i64(62), 0x86, globalSet(own.fuel), call(functions.outOfInstructions), END,
    globalGet(own.fuel), get(0), SUB64, globalSet(own.fuel), globalGet(own.fuel), i64(0), 0x53, IF, call(functions.outOfInstructions), END,
  ] : [
    get(0), i64(0), 0x53, get(0), globalGet(own.fuel), 0x55, 0x72, IF, i64(-1), globalSet(own.fuel), call(functions.outOfInstructions), END,
    globalGet(own.fuel), get(0), SUB64, globalSet(own.fuel),
  ]);
  const copy = body([], [
    get(2), wide, call(functions.charge), get(0), get(2), call(functions.markRange), get(0), get(1), get(2), memoryCopy(MEMORY.heap, MEMORY.heap),
  ]);
  const spill = (each: (index: number, type: number, offset: number) => Code): Code => {
    let offset = 0;
    return globals.flatMap(({ type, mutable }, index) => {
      if (!mutable) return [];
      const code = each(index, type, offset);
      offset += spillBytes(type);
      return [code];
    });
  };
  const MOVES: Readonly<Record<number, { readonly load: Code; readonly store: Code }>> = {
    [VALUE.i32]: { load: [0x28], store: [0x36] }, [VALUE.i64]: { load: [0x29], store: [0x37] }, [VALUE.f32]: { load: [0x2a], store: [0x38] },
    [VALUE.f64]: { load: [0x2b], store: [0x39] }, [VALUE.v128]: { load: [0xfd, 0], store: [0xfd, 11] },
  };
  const save = body([], spill((index, type, offset) => [get(0), globalGet(index), MOVES[type]!.store, 0x40, MEMORY.undo, u32(offset)]));
  const restore = body([], spill((index, type, offset) => [get(0), MOVES[type]!.load, 0x40, MEMORY.undo, u32(offset), globalSet(index)]));
  // rollback(base): plays the log back, the youngest record first
  const rollback = body([VALUE.i64, VALUE.i64], [
    [0x02, 0x40], LOOP, top, tee(1), get(0), 0x58, 0x0d, 1,
    get(1), i64(RECORD_BYTES), SUB64, tee(1), access(LOAD64, MEMORY.undo), set(2),
    get(2), i64(12), 0x86, narrow, get(1), i64(16), ADD64, get(1), access(LOAD64, MEMORY.undo, 8), narrow, memoryCopy(MEMORY.heap, MEMORY.undo),
    get(2), WRAP, i32(0), access(STORE8, MEMORY.dirty),
    setTop(get(1)), 0x0c, 0, END, END,
  ]);
  // callback(fun, env): through table 0 with the type (env) -> ()
  const tableWide = table?.is64 ?? false;
  const callback = table === undefined || table.element !== VALUE.funcref ? body([], trap(REASON.noSuchFunction)) : body([], [
    get(0), [0xfc, 16, 0], tableWide ? 0x5a : 0x4f, IF, trap(REASON.noSuchFunction), END,
    get(0), [0x25, 0], 0xd1, IF, trap(REASON.noSuchFunction), END,
    get(0), tableWide ? [WRAP] : [], globalSet(own.callee),
    get(1), get(0), [0x11, u32(layout.types + TYPE.pointer), 0],
  ]);
  return [
    { type: TYPE.empty, body: outOfInstructions }, { type: TYPE.i64, body: stop },
    { type: TYPE.i32, body: mark }, { type: TYPE.pointerPair, body: markRange }, { type: TYPE.i64, body: charge }, { type: TYPE.pointerTriple, body: copy },
    { type: TYPE.i64, body: save }, { type: TYPE.i64, body: restore }, { type: TYPE.i64, body: rollback }, { type: TYPE.callback, body: callback },
    { type: TYPE.i32, body: barrier },
  ];
}

/** Indexes of the appended types, behind `layout.types`. */
export const TYPE = { empty: 0, i32: 1, i64: 2, pointer: 3, pointerPair: 4, pointerTriple: 5, grow: 6, callback: 7 } as const;

/** Parameters and results of the appended types in the order of `TYPE`. */
export function supportTypes(memory: Limits | undefined, table: TableType | undefined): readonly (readonly [readonly number[], readonly number[]])[] {
  const pointer = memory?.is64 ? VALUE.i64 : VALUE.i32, slot = table?.is64 ? VALUE.i64 : VALUE.i32;
  return [[[], []], [[VALUE.i32], []], [[VALUE.i64], []], [[pointer], []], [[pointer, pointer], []], [[pointer, pointer, pointer], []], [[pointer], [pointer]], [[slot, pointer], []]];
}
