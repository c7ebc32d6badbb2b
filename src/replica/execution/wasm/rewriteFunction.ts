import { ByteReader } from "./byteReader.ts";
import { ByteWriter } from "./byteWriter.ts";
import type { FunctionType, ModuleShape, Span } from "./decodeModule.ts";
import { readValueType, VALUE } from "./decodeModule.ts";
import { bulkHeights, bulkWeights, heights, KIND, kinds, SIMD, simdHeights, simdKinds, simdWeights, weights } from "./instructionTable.ts";
import type { Layout, RewriteRules } from "./layout.ts";
import { CALLEE_TABLE } from "./layout.ts";
import { refuse } from "./moduleRefused.ts";

/** Interface spec §3.8: at most so many instructions in a function. */
const FUNCTION_INSTRUCTIONS_MAX = 1_000_000;
/** Bytes of a frame that V8's baseline compiler needs beyond its slots, rounded up. */
const FRAME_BYTES = 96;
/** Leaf functions with frames up to this size need no depth check of their own: the budget keeps this much in reserve. */
const LEAF_FRAME_BYTES = 1024;
const CANONICAL_NAN32 = [0x43, 0x00, 0x00, 0xc0, 0x7f], CANONICAL_NAN64 = [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f];

const BLOCK_EMPTY = 0x40;
const unsignedFrom = (value: bigint): number => Number(value);

interface Frame { readonly base: number; readonly params: number; readonly results: number }

/** Rewrites the bodies of one module (design D3, D4) and counts their instructions. */
export class FunctionRewriter {
  instructionCount = 0;
  /** Offsets of the last body's `if`s that are seldom taken, for the engine's optimising compiler. */
  unlikely: readonly number[] = [];
  private readonly seldom: number[] = [];
  private readonly shape: ModuleShape;
  private readonly layout: Layout;
  private readonly rules: RewriteRules;
  private readonly out = new ByteWriter(1 << 16);
  private readonly added: number[] = [];
  private readonly slots = new Map<string, number>();
  private firstLocal = 0;
  private outline = false;
  /** Position of the 5-byte weight of the block being read, and its sum. */
  private blockAt = -1;
  private blockStart = 0;
  private blockWeight = 0;
  private blockChecked = false;

  constructor(shape: ModuleShape, layout: Layout, rules: RewriteRules) { this.shape = shape; this.layout = layout; this.rules = rules; }

  /** The rewritten body, without its length. @throws ModuleRefused naming the rule and the function. */
  rewrite(index: number): Uint8Array {
    this.outline = false;
    const body = this.pass(index);
    if (body.length <= this.rules.outlineAbove) return body;
    this.outline = true;
    return this.pass(index);
  }

  private local(name: string, type: number): number {
    let slot = this.slots.get(name);
    if (slot === undefined) {
      slot = this.firstLocal + this.added.length;
      this.added.push(type);
      this.slots.set(name, slot);
    }
    return slot;
  }

  /** An `if` that is seldom taken. */
  private ifSeldom(): void { this.seldom.push(this.out.length); this.out.op(0x04, BLOCK_EMPTY); }

  private emit(op: number, index: number): void { this.out.u8(op); this.out.u32(index); }

  private openBlock(checked: boolean): void {
    const { out, layout } = this;
    this.blockStart = out.length;
    this.blockWeight = 0;
    this.blockChecked = checked;
    this.emit(0x23, layout.globals.fuel);
    out.u8(0x42);
    this.blockAt = out.length;
    out.op(0x80, 0x80, 0x80, 0x80, 0x00, 0x7d);
    if (!checked) { this.emit(0x24, layout.globals.fuel); return; }
    const left = this.local("fuel", VALUE.i64);
    this.emit(0x22, left);
    this.emit(0x24, layout.globals.fuel);
    this.emit(0x20, left);
    out.op(0x42, 0, 0x53);
    this.ifSeldom();
    this.emit(0x10, layout.functions.outOfInstructions);
    out.u8(0x0b);
    this.blockBody = out.length;
  }
  private blockBody = 0;

  private closeBlock(): void {
    const { bytes } = this.out, weight = this.blockWeight, at = this.blockAt;
    for (let i = 0, rest = weight; i < 4; i++, rest = Math.floor(rest / 128)) bytes[at + i] = (rest % 128) | 0x80;
    bytes[at + 4] = Math.floor(weight / 2 ** 28);
    if (weight === 0 && !this.blockChecked) {
      const bodyAt = at + 6 + this.globalSetBytes;
      bytes.copyWithin(this.blockStart, bodyAt, this.out.length);
      this.out.length -= bodyAt - this.blockStart;
    }
  }
  private get globalSetBytes(): number { let n = 2; for (let rest = this.layout.globals.fuel; rest >= 128; rest >>>= 7) n++; return n; }

  private pass(index: number): Uint8Array {
    const { shape, layout, out } = this, span = shape.bodies[index] as Span, type = shape.types[shape.functions[index] as number] as FunctionType;
    const reader = new ByteReader(shape.bytes, span.start, span.end), { bytes } = shape;
    out.length = 0;
    this.added.length = 0;
    this.seldom.length = 0;
    this.slots.clear();
    let declared = 0, wide = false;
    const groups = reader.u32(), groupsStart = reader.at;
    for (let i = 0; i < groups; i++) { declared += reader.u32(); if (readValueType(reader) === VALUE.v128) wide = true; }
    const groupsEnd = reader.at;
    this.firstLocal = type.params.length + declared;

    const frames: Frame[] = [{ base: 0, params: 0, results: type.results.length }];
    let height = 0, tallest = 0, instructions = 0, calls = false, stores = false;
    const refuseInstruction = (name: string): never => refuse(`Wasm module contains a function at index ${index} with unsupported instruction ${name}.`);
    const enter = (params: number, results: number): void => { frames.push({ base: Math.max(height - params, 0), params, results }); };
    const blockType = (): FunctionType | undefined => {
      const code = reader.signed(33);
      if (code >= 0n) return shape.types[unsignedFrom(code)] ?? refuse("Failed to decode wasm module: unknown type");
      if (code === -64n) return undefined;
      reader.at--;
      return { params: [], results: [readValueType(reader)] };
    };
    const functionType = (target: number): FunctionType =>
      shape.types[target < layout.imports ? shape.imports[target]!.type : shape.functions[target - layout.imports]!] ?? refuse("Failed to decode wasm module: unknown function");
    const calling = (target: FunctionType): void => { height += target.results.length - target.params.length; };

    this.openBlock(true);
    this.blockWeight = 1; // even an empty function costs one instruction
    const prologueAt = this.blockBody;

    while (!reader.done) {
      const start = reader.at, op = reader.u8(), kind = kinds[op]!;
      instructions++;
      this.blockWeight += weights[op]!;
      height += heights[op]!;
      switch (kind) {
        case KIND.plain: out.u8(op); break;
        case KIND.index: reader.u32(); out.copy(bytes, start, reader.at); break;
        case KIND.leb32: reader.skipLeb(5); out.copy(bytes, start, reader.at); break;
        case KIND.leb64: reader.skipLeb(10); out.copy(bytes, start, reader.at); break;
        case KIND.bytes4: reader.skip(4); out.copy(bytes, start, reader.at); break;
        case KIND.bytes8: reader.skip(8); out.copy(bytes, start, reader.at); break;
        case KIND.load: this.memarg(reader); if (layout.is64) this.blockWeight++; out.copy(bytes, start, reader.at); break;
        case KIND.store: {
          const offset = this.memarg(reader);
          if (layout.is64) this.blockWeight++;
          stores = true;
          this.barrier(offset, op === 0x36 || op === 0x3a || op === 0x3b ? VALUE.i32 : op === 0x38 ? VALUE.f32 : op === 0x39 ? VALUE.f64 : VALUE.i64);
          out.copy(bytes, start, reader.at);
          break;
        }
        case KIND.float32: case KIND.float64:
          out.u8(op);
          this.canonical(kind === KIND.float32 ? VALUE.f32 : VALUE.f64, bytes[reader.at]!);
          break;
        case KIND.block: case KIND.loop: case KIND.if: {
          const block = blockType();
          out.copy(bytes, start, reader.at);
          enter(block?.params.length ?? 0, block?.results.length ?? 0);
          if (kind !== KIND.block) { this.closeBlock(); this.openBlock(kind === KIND.loop); }
          break;
        }
        case KIND.else: {
          const frame = frames.at(-1) ?? refuse("Failed to decode wasm module: else without if");
          height = frame.base + frame.params;
          out.u8(op);
          this.closeBlock();
          this.openBlock(false);
          break;
        }
        case KIND.end: {
          const frame = frames.pop() ?? refuse("Failed to decode wasm module: end without block");
          height = frame.base + frame.results;
          if (frames.length === 0) { this.closeBlock(); out.u8(op); if (!reader.done) refuse("Failed to decode wasm module: code behind the end"); break; }
          out.u8(op);
          this.closeBlock();
          this.openBlock(false);
          break;
        }
        case KIND.br: case KIND.brIf: reader.u32(); out.copy(bytes, start, reader.at); this.closeBlock(); this.openBlock(false); break;
        case KIND.brTable: for (let n = reader.u32(); n >= 0; n--) reader.u32(); out.copy(bytes, start, reader.at); this.closeBlock(); this.openBlock(false); break;
        case KIND.leave: out.u8(op); this.closeBlock(); this.openBlock(false); break;
        case KIND.call: case KIND.returnCall: {
          const target = reader.u32();
          calling(functionType(target));
          if (target >= layout.imports) { calls = true; this.enterCallee(kind === KIND.returnCall); }
          out.u8(op);
          out.u32(target < layout.imports ? target : target + layout.shift);
          if (kind === KIND.returnCall) { this.closeBlock(); this.openBlock(false); }
          break;
        }
        case KIND.callIndirect: case KIND.returnCallIndirect: {
          const target = shape.types[reader.u32()] ?? refuse("Failed to decode wasm module: unknown type");
          const table = reader.u32();
          calling(target);
          calls = true;
          this.noteCallee(table);
          this.enterCallee(kind === KIND.returnCallIndirect);
          out.copy(bytes, start, reader.at);
          if (kind === KIND.returnCallIndirect) { this.closeBlock(); this.openBlock(false); }
          break;
        }
        case KIND.typedSelect: for (let n = reader.u32(); n > 0; n--) readValueType(reader); out.copy(bytes, start, reader.at); break;
        case KIND.memorySize: this.memoryZero(reader); out.copy(bytes, start, reader.at); break;
        case KIND.memoryGrow: this.memoryZero(reader); this.emit(0x10, layout.functions.grow); break;
        case KIND.refNull: readValueType(reader); out.copy(bytes, start, reader.at); break;
        case KIND.refFunc: { const target = reader.u32(); this.emit(op, target < layout.imports ? target : target + layout.shift); break; }
        case KIND.tableSet: reader.u32(); this.taint(); out.copy(bytes, start, reader.at); break;
        case KIND.prefixFc: if (this.bulk(reader, start, refuseInstruction)) stores = true; height += bulkHeights[this.lastSub]!; break;
        case KIND.prefixFd: if (this.vector(reader, start, refuseInstruction)) stores = true; height += simdHeights[this.lastSub]!; wide = true; break;
        default: refuseInstruction(`0x${op.toString(16).padStart(2, "0")}`);
      }
      if (height > tallest) tallest = height;
      if (instructions > FUNCTION_INSTRUCTIONS_MAX) refuse(`Wasm module contains a function at index ${index} of size ${instructions} that exceeds the maximum allowed size of ${FUNCTION_INSTRUCTIONS_MAX}.`);
    }
    if (frames.length > 0) refuse("Failed to decode wasm module: function body without end");
    this.instructionCount += instructions;
    return this.assemble({ bytes, groups, groupsStart, groupsEnd, prologueAt, calls, stores, tallest, declared: this.firstLocal, wide });
  }

  /** Locals, the prologue with depth check, and the body. */
  private assemble(body: { bytes: Uint8Array; groups: number; groupsStart: number; groupsEnd: number; prologueAt: number; calls: boolean; stores: boolean; tallest: number; declared: number; wide: boolean }): Uint8Array {
    const { layout, out } = this, frameBytes = FRAME_BYTES + (body.declared + this.added.length + body.tallest) * (body.wide ? 16 : 8);
    const prologue = new ByteWriter(64);
    let depthCheck = -1;
    if (body.calls || frameBytes > LEAF_FRAME_BYTES) {
      const depth = this.local("depth", VALUE.i32);
      prologue.u8(0x23); prologue.u32(layout.globals.depth);
      if (this.slots.has("depthAtEntry")) { prologue.u8(0x22); prologue.u32(this.slots.get("depthAtEntry")!); }
      prologue.u8(0x41); prologue.signed(frameBytes);
      prologue.op(0x6b, 0x22); prologue.u32(depth);
      prologue.op(0x41, 0, 0x48);
      depthCheck = prologue.length;
      prologue.op(0x04, BLOCK_EMPTY, 0x10); prologue.u32(layout.functions.stackOverflow);
      prologue.u8(0x0b);
    }
    if (this.slots.has("last")) { prologue.op(0x41, 0x7f, 0x21); prologue.u32(this.slots.get("last")!); }
    const result = new ByteWriter(out.length + prologue.length + 64 + body.groupsEnd - body.groupsStart);
    result.u32(body.groups + this.added.length);
    result.copy(body.bytes, body.groupsStart, body.groupsEnd);
    for (const type of this.added) { result.u8(1); result.u8(type); }
    const head = result.length, at = head + body.prologueAt;
    this.unlikely = [...this.seldom.filter((position) => position < body.prologueAt).map((position) => head + position), ...(depthCheck < 0 ? [] : [at + depthCheck]),
      ...this.seldom.filter((position) => position >= body.prologueAt).map((position) => head + prologue.length + position)];
    result.copy(out.bytes, 0, body.prologueAt);
    result.copy(prologue.bytes, 0, prologue.length);
    result.copy(out.bytes, body.prologueAt, out.length);
    return result.bytes.subarray(0, result.length);
  }

  /** Tells the callee where the stack stands; a tail call gives this frame back first. */
  private enterCallee(tail: boolean): void {
    this.emit(0x20, this.local(tail ? "depthAtEntry" : "depth", VALUE.i32));
    this.emit(0x24, this.layout.globals.depth);
  }

  /** Remembers the table entry that is called, because V8 has one message for an empty entry and a wrong signature. */
  private noteCallee(table: number): void {
    const { out } = this, wide = this.shape.tables[table]?.is64 ?? false, index = this.local(wide ? "count64" : "count32", wide ? VALUE.i64 : VALUE.i32);
    this.emit(0x22, index);
    this.emit(0x20, index);
    if (wide) out.u8(0xa7);
    if (table > 0) { out.u8(0x41); out.signed(table * CALLEE_TABLE); out.u8(0x6a); }
    this.emit(0x24, this.layout.globals.callee);
  }

  private memarg(reader: ByteReader): number {
    if (reader.u32() >= 64) refuse("Wasmtime failed to validate wasm module: multiple memories are not enabled");
    return this.layout.is64 ? reader.u64() : reader.u32();
  }

  private memoryZero(reader: ByteReader): void {
    if (reader.u32() !== 0) refuse("Wasmtime failed to validate wasm module: multiple memories are not enabled");
  }

  private taint(): void { this.out.op(0x41, 1); this.emit(0x24, this.layout.globals.taint); }

  /** Design D4: the page of the store is saved on first touch. Operands `address value` stay on the stack. */
  private barrier(offset: number, type: number): void {
    const { out, layout } = this, pointer = layout.is64 ? VALUE.i64 : VALUE.i32;
    const value = this.local(`value${type}`, type), address = this.local("address", pointer), page = this.local("page", VALUE.i32);
    this.emit(0x21, value);
    this.emit(0x22, address);
    if (offset > 0) {
      out.u8(layout.is64 ? 0x42 : 0x41);
      out.signed(layout.is64 ? BigInt.asIntN(64, BigInt(offset)) : offset | 0);
      out.u8(layout.is64 ? 0x7c : 0x6a);
    }
    if (layout.is64) out.op(0x42, 12, 0x88, 0xa7); else out.op(0x41, 12, 0x76);
    if (this.outline) this.emit(0x10, layout.functions.barrier);
    else {
      const last = this.local("last", VALUE.i32);
      this.emit(0x22, page);
      this.emit(0x20, last);
      out.u8(0x47);
      this.ifSeldom();
      this.emit(0x20, page);
      out.op(0x2d, 0x40, 0x01, 0x00, 0x45);
      this.ifSeldom();
      this.emit(0x20, page);
      this.emit(0x10, layout.functions.mark);
      out.u8(0x0b);
      this.emit(0x20, page);
      this.emit(0x21, last);
      out.u8(0x0b);
    }
    this.emit(0x20, address);
    this.emit(0x20, value);
  }

  /** The result on the stack becomes the canonical NaN if it is one; not needed when the next instruction only asks whether it is. */
  private canonical(type: number, next: number): void {
    if (!this.rules.canonicalNaN) return;
    const kind = kinds[next]!;
    if (kind === KIND.float32 || kind === KIND.float64 || (next >= 0x5b && next <= 0x66) || (next >= 0xa8 && next <= 0xab) || (next >= 0xae && next <= 0xb1)) return;
    const { out } = this, value = this.local(`value${type}`, type);
    this.emit(0x22, value);
    out.op(...(type === VALUE.f32 ? CANONICAL_NAN32 : CANONICAL_NAN64));
    this.emit(0x20, value);
    this.emit(0x20, value);
    out.op(type === VALUE.f32 ? 0x5b : 0x61, 0x1b);
  }

  /** Charges one instruction for each byte or element that the operand on top of the stack counts, before the work. */
  private chargeTop(wide: boolean): number {
    const { out, layout } = this, count = this.local(wide ? "count64" : "count32", wide ? VALUE.i64 : VALUE.i32);
    this.emit(0x22, count);
    this.emit(0x20, count);
    if (!wide) out.u8(0xad);
    this.emit(0x10, layout.functions.charge);
    return count;
  }

  private lastSub = 0;

  /** `0xfc`. True if it writes to the heap. */
  private bulk(reader: ByteReader, start: number, refuseInstruction: (name: string) => never): boolean {
    const { out, layout, shape } = this, { bytes } = shape, sub = reader.u32();
    if (sub >= bulkWeights.length) refuseInstruction(`0xfc ${sub}`);
    this.lastSub = sub;
    this.blockWeight += bulkWeights[sub]!;
    const pointer = layout.is64 ? VALUE.i64 : VALUE.i32, table64 = (table: number): boolean => shape.tables[table]?.is64 ?? false;
    switch (sub) {
      case 8: case 11: { // memory.init, memory.fill
        if (sub === 8) reader.u32();
        this.memoryZero(reader);
        const wide = sub === 11 && layout.is64, count = this.chargeTop(wide), middle = this.local(`value${VALUE.i32}`, VALUE.i32), address = this.local("address", pointer);
        this.emit(0x21, count);
        this.emit(0x21, middle);
        this.emit(0x22, address);
        this.emit(0x20, count);
        if (layout.is64 && !wide) out.u8(0xad);
        this.emit(0x10, layout.functions.markRange);
        this.emit(0x20, address);
        this.emit(0x20, middle);
        this.emit(0x20, count);
        out.copy(bytes, start, reader.at);
        return true;
      }
      case 9: case 13: reader.u32(); this.taint(); out.copy(bytes, start, reader.at); return false; // data.drop, elem.drop
      case 10: this.memoryZero(reader); this.memoryZero(reader); this.emit(0x10, layout.functions.copy); return true;
      case 12: reader.u32(); reader.u32(); this.taint(); this.chargeTop(false); out.copy(bytes, start, reader.at); return false; // table.init
      case 14: { const to = reader.u32(), from = reader.u32(); this.taint(); this.chargeTop(table64(to) && table64(from)); out.copy(bytes, start, reader.at); return false; }
      case 15: reader.u32(); this.taint(); out.copy(bytes, start, reader.at); return false; // table.grow
      case 16: reader.u32(); out.copy(bytes, start, reader.at); return false;
      case 17: { const table = reader.u32(); this.taint(); this.chargeTop(table64(table)); out.copy(bytes, start, reader.at); return false; }
      default: out.copy(bytes, start, reader.at); return false;
    }
  }

  /** `0xfd`. True if it writes to the heap. */
  private vector(reader: ByteReader, start: number, refuseInstruction: (name: string) => never): boolean {
    const { out, layout, shape } = this, { bytes } = shape, sub = reader.u32();
    const kind = sub < 256 ? simdKinds[sub]! : SIMD.refused;
    if (kind === SIMD.refused) refuseInstruction(`0xfd ${sub}`);
    this.lastSub = sub;
    this.blockWeight += simdWeights[sub]!;
    const accesses = kind === SIMD.load || kind === SIMD.store || kind === SIMD.loadLane || kind === SIMD.storeLane;
    const offset = accesses ? this.memarg(reader) : 0;
    if (accesses && layout.is64) this.blockWeight++;
    if (kind === SIMD.lane || kind === SIMD.loadLane || kind === SIMD.storeLane) reader.skip(1);
    if (kind === SIMD.bytes16) reader.skip(16);
    if (kind === SIMD.store || kind === SIMD.storeLane) this.barrier(offset, VALUE.v128);
    out.copy(bytes, start, reader.at);
    if ((kind === SIMD.float32 || kind === SIMD.float64) && this.rules.canonicalNaN) {
      const value = this.local(`value${VALUE.v128}`, VALUE.v128);
      this.emit(0x22, value);
      out.op(0xfd, 12);
      for (let lane = 0; lane < 2; lane++) out.op(...(kind === SIMD.float32 ? [0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f] : [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]));
      this.emit(0x20, value);
      this.emit(0x20, value);
      out.op(0xfd, kind === SIMD.float32 ? 65 : 71, 0xfd, 82);
    }
    return kind === SIMD.store || kind === SIMD.storeLane;
  }
}
