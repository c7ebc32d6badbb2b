import type { BodyEmitter } from "./bodyEmitter.ts";
import type { ByteReader } from "./byteReader.ts";
import { VALUE } from "./decodeModule.ts";
import { bulkHeights, bulkWeights, SIMD, simdHeights, simdKinds, simdWeights } from "./instructionTable.ts";
import { refuse } from "./moduleRefused.ts";
import { isAbsorbed } from "./nanAbsorption.ts";

/** Alignment and offset of an access to the module's own memory. @throws ModuleRefused for another memory */
export function readMemarg(reader: ByteReader, is64: boolean): number {
  if (reader.u32() >= 64) refuse("Wasmtime failed to validate wasm module: multiple memories are not enabled");
  return is64 ? reader.u64() : reader.u32();
}

/** A memory index. @throws ModuleRefused if it is not 0 */
export function readMemoryZero(reader: ByteReader): void {
  if (reader.u32() !== 0) refuse("Wasmtime failed to validate wasm module: multiple memories are not enabled");
}

/** `0xfc`: saturating truncations, bulk memory and tables. Gives the change of the stack's height. @throws ModuleRefused */
export function rewriteBulk(emitter: BodyEmitter, reader: ByteReader, start: number, refuseInstruction: (name: string) => never): number {
  const { out, layout, shape } = emitter, { bytes } = shape, sub = reader.u32();
  if (sub >= bulkWeights.length) refuseInstruction(`0xfc ${sub}`);
  emitter.blockWeight += bulkWeights[sub]!;
  if (sub >= 8) emitter.sync();
  const pointer = layout.is64 ? VALUE.i64 : VALUE.i32, table64 = (table: number): boolean => shape.tables[table]?.is64 ?? false;
  switch (sub) {
    case 8: case 11: { // memory.init, memory.fill
      if (sub === 8) reader.u32();
      readMemoryZero(reader);
      const wide = sub === 11 && layout.is64, count = emitter.chargeTop(wide), middle = emitter.local(`value${VALUE.i32}`, VALUE.i32), address = emitter.local("address", pointer);
      emitter.emit(0x21, count);
      emitter.emit(0x21, middle);
      emitter.emit(0x22, address);
      emitter.emit(0x20, count);
      if (layout.is64 && !wide) out.u8(0xad);
      emitter.emit(0x10, layout.functions.markRange);
      emitter.emit(0x20, address);
      emitter.emit(0x20, middle);
      emitter.emit(0x20, count);
      out.copy(bytes, start, reader.at);
      return bulkHeights[sub]!;
    }
    case 9: case 13: reader.u32(); emitter.taint(); out.copy(bytes, start, reader.at); return bulkHeights[sub]!; // data.drop, elem.drop
    case 10: readMemoryZero(reader); readMemoryZero(reader); emitter.emit(0x10, layout.functions.copy); emitter.reloadFuel(); return bulkHeights[sub]!;
    case 12: reader.u32(); reader.u32(); emitter.taint(); emitter.chargeTop(false); out.copy(bytes, start, reader.at); return bulkHeights[sub]!; // table.init
    case 14: { const to = reader.u32(), from = reader.u32(); emitter.taint(); emitter.chargeTop(table64(to) && table64(from)); out.copy(bytes, start, reader.at); return bulkHeights[sub]!; }
    case 15: reader.u32(); emitter.taint(); out.copy(bytes, start, reader.at); return bulkHeights[sub]!; // table.grow
    case 16: reader.u32(); out.copy(bytes, start, reader.at); return bulkHeights[sub]!;
    case 17: { const table = reader.u32(); emitter.taint(); emitter.chargeTop(table64(table)); out.copy(bytes, start, reader.at); return bulkHeights[sub]!; }
    default: out.copy(bytes, start, reader.at); return bulkHeights[sub]!;
  }
}

/** `0xfd`: fixed-width SIMD. Gives the change of the stack's height. @throws ModuleRefused */
export function rewriteVector(emitter: BodyEmitter, reader: ByteReader, start: number, refuseInstruction: (name: string) => never): number {
  const { out, layout, shape } = emitter, { bytes } = shape, sub = reader.u32();
  const kind = sub < 256 ? simdKinds[sub]! : SIMD.refused;
  if (kind === SIMD.refused) refuseInstruction(`0xfd ${sub}`);
  emitter.blockWeight += simdWeights[sub]!;
  const accesses = kind === SIMD.load || kind === SIMD.store || kind === SIMD.loadLane || kind === SIMD.storeLane;
  const offset = accesses ? readMemarg(reader, layout.is64) : 0;
  if (accesses) { if (layout.is64) emitter.blockWeight++; emitter.sync(); }
  if (kind === SIMD.lane || kind === SIMD.loadLane || kind === SIMD.storeLane) reader.skip(1);
  if (kind === SIMD.bytes16) reader.skip(16);
  if (kind === SIMD.store || kind === SIMD.storeLane) emitter.barrier(offset, VALUE.v128);
  out.copy(bytes, start, reader.at);
  if ((kind === SIMD.float32 || kind === SIMD.float64) && emitter.rules.canonicalNaN && !isAbsorbed(bytes, reader.at, reader.end, kind === SIMD.float32 ? "f32x4" : "f64x2")) {
    emitter.canonicalLanes(kind === SIMD.float64);
  }
  return simdHeights[sub]!;
}
