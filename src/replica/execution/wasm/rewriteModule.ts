import { ByteReader } from "./byteReader.ts";
import { ByteWriter } from "./byteWriter.ts";
import type { ModuleShape, Span } from "./decodeModule.ts";
import { readValueType, VALUE } from "./decodeModule.ts";
import type { Layout, RewriteRules } from "./layout.ts";
import { EXPORT, layoutOf } from "./layout.ts";
import { refuse } from "./moduleRefused.ts";
import { FunctionRewriter } from "./rewriteFunction.ts";
import { supportFunctions, supportTypes, TYPE } from "./supportFunctions.ts";

/** Heap pages: 4 GiB for wasm32, 6 GiB for wasm64 (interface spec §7.4). */
export const HEAP_PAGES_MAX = { 32: 65_536, 64: 98_304 } as const;
/** Fuel and depth as i64, then reason, taint and callee as i32. */
const OWN_GLOBALS = 5;
/** V8 refuses larger tables; a declared maximum makes `table.grow` answer -1 there on every machine. */
const TABLE_SIZE_MAX = 10_000_000;

export interface RewrittenModule { readonly bytes: Uint8Array; readonly layout: Layout; readonly instructionCount: number; readonly heapPagesMin: number; readonly heapPagesMax: number }

function limits(out: ByteWriter, is64: boolean, min: number, max: number): void {
  out.u8(is64 ? 5 : 1);
  out.u32(min);
  out.u32(max);
}

function typeSection(out: ByteWriter, shape: ModuleShape): void {
  const rows = new ByteWriter(), appended = supportTypes(shape.memory, shape.tables[0]);
  const all = [...shape.types.map(({ params, results }) => [params, results] as const), ...appended];
  for (const [params, results] of all) { rows.u8(0x60); rows.u32(params.length); rows.op(...params); rows.u32(results.length); rows.op(...results); }
  out.section(1, all.length, rows);
}

function importSection(out: ByteWriter, shape: ModuleShape, layout: Layout, heap: readonly [number, number]): void {
  const rows = new ByteWriter();
  for (const { module, name, type } of shape.imports) { rows.text(module); rows.text(name); rows.u8(0); rows.u32(type); }
  const own = (name: string, kind: number): void => { rows.text(EXPORT.importModule); rows.text(name); rows.u8(kind); };
  own("grow", 0); rows.u32(layout.types + TYPE.grow);
  own("slice", 0); rows.u32(layout.types + TYPE.empty);
  own("heap", 2); limits(rows, layout.is64, heap[0], heap[1]);
  own("dirty", 2); rows.op(0); rows.u32(1);
  own("undo", 2); rows.op(4); rows.u32(1);
  out.section(2, shape.imports.length + 5, rows);
}

function elementSection(out: ByteWriter, shape: ModuleShape, layout: Layout, span: Span): void {
  const reader = new ByteReader(shape.bytes, span.start, span.end), rows = new ByteWriter(), count = reader.u32();
  const shifted = (index: number): number => (index < layout.imports ? index : index + layout.shift);
  const expression = (): void => {
    for (;;) {
      const start = reader.at, op = reader.u8();
      if (op === 0xd2) { rows.u8(op); rows.u32(shifted(reader.u32())); continue; }
      if (op === 0x41) reader.skipLeb(5);
      else if (op === 0x42) reader.skipLeb(10);
      else if (op === 0xd0) readValueType(reader);
      else if (op === 0x23) reader.u32();
      else if (op !== 0x0b && op !== 0x6a && op !== 0x6b && op !== 0x7c && op !== 0x7d) refuse(`Failed to decode wasm module: element expression with opcode 0x${op.toString(16)}`);
      rows.copy(shape.bytes, start, reader.at);
      if (op === 0x0b) return;
    }
  };
  for (let i = 0; i < count; i++) {
    const flags = reader.u32();
    if (flags > 7) refuse("Failed to decode wasm module: unknown element segment");
    rows.u32(flags);
    if ((flags & 1) === 0) { if (flags & 2) rows.u32(reader.u32()); expression(); }
    if (flags & 3) rows.u8(flags & 4 ? readValueType(reader) : reader.u8());
    const items = reader.u32();
    rows.u32(items);
    for (let j = 0; j < items; j++) if (flags & 4) expression(); else rows.u32(shifted(reader.u32()));
  }
  out.section(9, count, rows);
}

function exportSection(out: ByteWriter, shape: ModuleShape, layout: Layout, entries: readonly (readonly [string, number])[]): void {
  const rows = new ByteWriter(), { globals, functions } = layout, shifted = (index: number): number => (index < layout.imports ? index : index + layout.shift);
  const list: (readonly [string, number, number])[] = entries.map(([name, index]) => [name, 0, shifted(index)] as const);
  for (const name of ["fuel", "depth", "reason", "taint", "callee"] as const) list.push([EXPORT[name], 3, globals[name]]);
  for (const name of ["save", "restore", "rollback", "mark", "callback"] as const) list.push([EXPORT[name], 0, functions[name]]);
  shape.tables.forEach((_, table) => list.push([`${EXPORT.table}${table}`, 1, table]));
  if (shape.start !== undefined) list.push([EXPORT.start, 0, shifted(shape.start)]);
  for (const [name, kind, index] of list) { rows.text(name); rows.u8(kind); rows.u32(index); }
  out.section(7, list.length, rows);
}

/** Branch hinting proposal, section 2: which injected branches are unlikely. An engine that does not know it skips it. */
function hintSection(out: ByteWriter, functions: number, rows: ByteWriter): void {
  const content = new ByteWriter(rows.length + 40);
  content.text("metadata.code.branch_hint");
  content.u32(functions);
  content.copy(rows.bytes, 0, rows.length);
  out.u8(0);
  out.sized(content);
}

/** Active segments are written by the host at install: they become passive and empty, as they are after an instantiation. */
function dataSection(out: ByteWriter, shape: ModuleShape): void {
  const rows = new ByteWriter();
  for (const { offset, start, end } of shape.data) {
    rows.u8(1);
    rows.u32(offset === undefined ? end - start : 0);
    if (offset === undefined) rows.copy(shape.bytes, start, end);
  }
  out.section(11, shape.data.length, rows);
}

/**
 * Rewrites a decoded module (design D3–D5). `entries` are the exports that stay, by name and function index.
 * @throws ModuleRefused for instructions outside the allow-list and functions that are too large.
 */
export function rewriteModule(shape: ModuleShape, entries: readonly (readonly [string, number])[], rules: RewriteRules): RewrittenModule {
  const layout = layoutOf(shape), out = new ByteWriter(shape.bytes.length * 2 + 4096), { memory } = shape;
  const heapPagesMax = Math.min(memory?.max ?? Infinity, HEAP_PAGES_MAX[layout.is64 ? 64 : 32]), heapPagesMin = memory?.min ?? 0;
  if (heapPagesMin > heapPagesMax) refuse(`Wasmtime failed to validate wasm module: memory of ${heapPagesMin} pages is larger than the maximum of ${heapPagesMax}`);
  const support = supportFunctions(layout, shape.globals, shape.tables[0], rules);
  out.op(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  typeSection(out, shape);
  importSection(out, shape, layout, [heapPagesMin, memory === undefined ? 0 : heapPagesMax]);
  const functions = new ByteWriter();
  for (const type of shape.functions) functions.u32(type);
  for (const { type } of support) functions.u32(layout.types + type);
  out.section(3, shape.functions.length + support.length, functions);
  if (shape.tables.length > 0) {
    const tables = new ByteWriter();
    for (const { element, is64, min, max } of shape.tables) {
      if (min > TABLE_SIZE_MAX) refuse(`Wasmtime failed to validate wasm module: table of ${min} elements is larger than the maximum of ${TABLE_SIZE_MAX}`);
      tables.u8(element);
      limits(tables, is64, min, Math.min(max ?? TABLE_SIZE_MAX, TABLE_SIZE_MAX));
    }
    out.section(4, shape.tables.length, tables);
  }
  const globals = new ByteWriter();
  for (const { type, mutable, start, end } of shape.globals) { globals.op(type, mutable ? 1 : 0); globals.copy(shape.bytes, start, end); }
  for (let i = 0; i < 2; i++) globals.op(VALUE.i64, 1, 0x42, 0, 0x0b);
  for (let i = 2; i < OWN_GLOBALS; i++) globals.op(VALUE.i32, 1, 0x41, 0, 0x0b);
  out.section(6, shape.globals.length + OWN_GLOBALS, globals);
  exportSection(out, shape, layout, entries);
  if (shape.elements !== undefined) elementSection(out, shape, layout, shape.elements);
  if (shape.hasDataCount) { out.op(12); const count = new ByteWriter(8); count.u32(shape.data.length); out.sized(count); }
  const rewriter = new FunctionRewriter(shape, layout, rules), code = new ByteWriter(shape.codeBytes * 2 + 1024);
  const hints = new ByteWriter(1024);
  let hinted = 0;
  for (let i = 0; i < shape.bodies.length; i++) {
    const body = rewriter.rewrite(i), { unlikely } = rewriter;
    code.u32(body.length);
    code.copy(body, 0, body.length);
    if (unlikely.length === 0) continue;
    hinted++;
    hints.u32(layout.imports + layout.shift + i);
    hints.u32(unlikely.length);
    for (const offset of unlikely) { hints.u32(offset); hints.op(1, 0); }
  }
  for (const { body } of support) code.sized(body);
  hintSection(out, hinted, hints);
  out.section(10, shape.bodies.length + support.length, code);
  if (shape.data.length > 0) dataSection(out, shape);
  return { bytes: out.bytes.subarray(0, out.length), layout, instructionCount: rewriter.instructionCount, heapPagesMin, heapPagesMax: memory === undefined ? 0 : heapPagesMax };
}
