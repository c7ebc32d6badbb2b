import { ByteReader } from "./byteReader.ts";
import { refuse } from "./moduleRefused.ts";

export interface FunctionType { readonly params: readonly number[]; readonly results: readonly number[] }
export interface FunctionImport { readonly module: string; readonly name: string; readonly type: number }
export interface Limits { readonly is64: boolean; readonly min: number; readonly max: number | undefined }
export interface TableType extends Limits { readonly element: number }
/** A range `[start, end)` of the module's bytes. */
export interface Span { readonly start: number; readonly end: number }
export interface GlobalType extends Span { readonly type: number; readonly mutable: boolean }
export interface ExportRow { readonly name: string; readonly kind: number; readonly index: number }
export interface DataSegment extends Span { readonly offset: number | undefined }
export interface CustomSection extends Span { readonly name: string }

/** A module's sections as values; bodies and element segments stay bytes. */
export interface ModuleShape {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly FunctionImport[];
  /** Type index of each function that the module defines. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memory: Limits | undefined;
  readonly globals: readonly GlobalType[];
  readonly exports: readonly ExportRow[];
  readonly start: number | undefined;
  readonly elements: Span | undefined;
  readonly bodies: readonly Span[];
  readonly codeBytes: number;
  readonly data: readonly DataSegment[];
  readonly hasDataCount: boolean;
  readonly customs: readonly CustomSection[];
}

export const VALUE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f } as const;
const NUMERIC: ReadonlySet<number> = new Set([VALUE.i32, VALUE.i64, VALUE.f32, VALUE.f64, VALUE.v128]);
const REFERENCE: ReadonlySet<number> = new Set([VALUE.funcref, VALUE.externref]);
const KIND_NAMES = ["functions", "tables", "memories", "globals", "tags"];

/** @throws ModuleRefused for types of proposals that the IC does not enable. */
export function readValueType(reader: ByteReader): number {
  const type = reader.u8();
  if (!NUMERIC.has(type) && !REFERENCE.has(type)) refuse(`Failed to decode wasm module: value type 0x${type.toString(16)} is not supported`);
  return type;
}

function readLimits(reader: ByteReader, what: string): Limits {
  const flags = reader.u8();
  if ((flags & ~0x05) !== 0) refuse(`Wasmtime failed to validate wasm module ${what} flags 0x${flags.toString(16)} need a feature that is not enabled`);
  const is64 = (flags & 4) !== 0, next = (): number => (is64 ? reader.u64() : reader.u32());
  return { is64, min: next(), max: flags & 1 ? next() : undefined };
}

function readTable(reader: ByteReader): TableType {
  const element = reader.u8();
  if (!REFERENCE.has(element)) refuse(`Failed to decode wasm module: table type 0x${element.toString(16)} is not supported`);
  return { element, ...readLimits(reader, "table") };
}

function readImport(reader: ByteReader): FunctionImport {
  const module = reader.text(), name = reader.text(), kind = reader.u8();
  if (kind !== 0) refuse(`Wasm module has an invalid import section. Importing ${KIND_NAMES[kind] ?? "unknown kinds"} is not allowed.`);
  return { module, name, type: reader.u32() };
}

/** Steps over a constant expression with its `end`. */
function skipConstant(reader: ByteReader): void {
  for (;;) {
    const op = reader.u8();
    if (op === 0x0b) return;
    if (op === 0x41) reader.skipLeb(5);
    else if (op === 0x42) reader.skipLeb(10);
    else if (op === 0x43) reader.skip(4);
    else if (op === 0x44) reader.skip(8);
    else if (op === 0x23) reader.u32();
    else if (op === 0xfd && reader.u32() === 12) reader.skip(16);
    else if (![0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e].includes(op)) refuse(`Failed to decode wasm module: constant expression with opcode 0x${op.toString(16)}`);
  }
}

function readGlobal(reader: ByteReader): GlobalType {
  const type = reader.u8(), mutable = reader.u8();
  if (!NUMERIC.has(type)) refuse("Wasm module has an invalid global section. Unsupported global type: Ref");
  if (mutable > 1) refuse("Wasm module has an invalid global section. Shared globals are not supported");
  const start = reader.at;
  skipConstant(reader);
  return { type, mutable: mutable === 1, start, end: reader.at };
}

function readData(reader: ByteReader): DataSegment {
  const flags = reader.u32();
  let offset: number | undefined;
  if (flags > 2 || (flags === 2 && reader.u32() !== 0)) refuse("Wasm module has an invalid data section. Unknown memory");
  if (flags !== 1) {
    const op = reader.u8();
    if (op !== 0x41 && op !== 0x42) refuse("Wasm module has an invalid data section. Invalid offset expression in data segment");
    const value = reader.signed(op === 0x41 ? 32 : 64);
    offset = Number(BigInt.asUintN(op === 0x41 ? 32 : 64, value));
    if (reader.u8() !== 0x0b) refuse("Wasm module has an invalid data section. Invalid offset expression in data segment");
  }
  const length = reader.u32(), start = reader.skip(length);
  return { offset, start, end: start + length };
}

function readRows<Row>(reader: ByteReader, read: (reader: ByteReader) => Row): Row[] {
  const rows: Row[] = [];
  for (let left = reader.u32(); left > 0; left--) rows.push(read(reader));
  return rows;
}

function readType(reader: ByteReader): FunctionType {
  const form = reader.u8();
  if (form !== 0x60) refuse(`Wasmtime failed to validate wasm module: type form 0x${form.toString(16)} needs a feature that is not enabled`);
  return { params: readRows(reader, readValueType), results: readRows(reader, readValueType) };
}

/**
 * Splits a module into its sections. The bytes have passed V8's validation, which knows more features than the IC enables; what is
 * only known to V8 is refused here.
 * @throws ModuleRefused
 */
export function decodeModule(bytes: Uint8Array): ModuleShape {
  const shape: { -readonly [Key in keyof ModuleShape]: ModuleShape[Key] } = {
    bytes, types: [], imports: [], functions: [], tables: [], memory: undefined, globals: [], exports: [], start: undefined, elements: undefined, bodies: [],
    codeBytes: 0, data: [], hasDataCount: false, customs: [],
  };
  const customs: CustomSection[] = [];
  const file = new ByteReader(bytes, 8);
  while (!file.done) {
    const id = file.u8(), length = file.u32(), start = file.skip(length), section = new ByteReader(bytes, start, start + length);
    switch (id) {
      case 0: { const name = section.text(); customs.push({ name, start: section.at, end: section.end }); break; }
      case 1: shape.types = readRows(section, readType); break;
      case 2: shape.imports = readRows(section, readImport); break;
      case 3: shape.functions = readRows(section, (reader) => reader.u32()); break;
      case 4: shape.tables = readRows(section, readTable); break;
      case 5: {
        const memories = readRows(section, (reader) => readLimits(reader, "memory"));
        if (memories.length > 1) refuse("Wasmtime failed to validate wasm module: multiple memories are not enabled");
        shape.memory = memories[0];
        break;
      }
      case 6: shape.globals = readRows(section, readGlobal); break;
      case 7: shape.exports = readRows(section, (reader) => ({ name: reader.text(), kind: reader.u8(), index: reader.u32() })); break;
      case 8: shape.start = section.u32(); break;
      case 9: shape.elements = { start, end: start + length }; break;
      case 10: {
        shape.codeBytes = length;
        shape.bodies = readRows(section, (reader) => { const size = reader.u32(), at = reader.skip(size); return { start: at, end: at + size }; });
        break;
      }
      case 11: shape.data = readRows(section, readData); break;
      case 12: shape.hasDataCount = true; break;
      default: refuse(`Wasmtime failed to validate wasm module: section ${id} needs a feature that is not enabled`);
    }
  }
  shape.customs = customs;
  return shape;
}
