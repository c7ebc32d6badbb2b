import { BodyEmitter } from "./bodyEmitter.ts";
import { ByteReader } from "./byteReader.ts";
import type { FunctionType, ModuleShape, Span } from "./decodeModule.ts";
import { readValueType, VALUE } from "./decodeModule.ts";
import { heights, KIND, kinds, traps, weights } from "./instructionTable.ts";
import type { Layout, RewriteRules } from "./layout.ts";
import { refuse } from "./moduleRefused.ts";
import { isAbsorbed } from "./nanAbsorption.ts";
import { readMemarg, readMemoryZero, rewriteBulk, rewriteVector } from "./rewritePrefixed.ts";

/** Interface spec §3.8: at most so many instructions in a function. */
const FUNCTION_INSTRUCTIONS_MAX = 1_000_000;

/** A block that is open: height of the operand stack below it, and what it takes and gives. */
interface Frame {
  readonly base: number; readonly params: number; readonly results: number;
  /** Where the first arm of an `if` ends in the output, or -1; whether the counter was in step there; whether a branch leads to the end. */
  thenEnd: number; thenSynced: boolean; branched: boolean;
}

/** Rewrites the bodies of one module (design D3, D4) and counts their instructions. */
export class FunctionRewriter {
  instructionCount = 0;
  private readonly shape: ModuleShape;
  private readonly layout: Layout;
  private readonly emitter: BodyEmitter;

  constructor(shape: ModuleShape, layout: Layout, rules: RewriteRules) {
    this.shape = shape;
    this.layout = layout;
    this.emitter = new BodyEmitter(shape, layout, rules);
  }

  /** Offsets of the last body's `if`s that are seldom taken. */
  get unlikely(): readonly number[] { return this.emitter.unlikely; }

  /** The rewritten body, without its length. @throws ModuleRefused naming the rule and the function. */
  rewrite(index: number): Uint8Array {
    this.emitter.outline = false;
    const body = this.pass(index);
    if (body.length <= this.emitter.rules.outlineAbove) return body;
    this.emitter.outline = true;
    return this.pass(index);
  }

  private pass(index: number): Uint8Array {
    const { shape, layout, emitter } = this, { out } = emitter, span = shape.bodies[index] as Span, type = shape.types[shape.functions[index] as number] as FunctionType;
    const reader = new ByteReader(shape.bytes, span.start, span.end), { bytes } = shape;
    let declared = 0, wide = type.params.includes(VALUE.v128);
    const groups = reader.u32(), groupsStart = reader.at;
    for (let i = 0; i < groups; i++) { declared += reader.u32(); if (readValueType(reader) === VALUE.v128) wide = true; }
    const groupsEnd = reader.at;
    const locals = type.params.length + declared;

    const opened = (base: number, params: number, results: number): Frame => ({ base, params, results, thenEnd: -1, thenSynced: false, branched: false });
    const frames: Frame[] = [opened(0, 0, type.results.length)];
    let height = 0, tallest = 0, instructions = 0, calls = false;
    const refuseInstruction = (name: string): never => refuse(`Wasm module contains a function at index ${index} with unsupported instruction ${name}.`);
    const enter = (params: number, results: number): void => { frames.push(opened(Math.max(height - params, 0), params, results)); };
    const branch = (): void => {
      const target = frames[frames.length - 1 - reader.u32()];
      if (target === undefined) return;
      target.branched = true;
      if (target === frames[0]) emitter.sync();
    };
    const blockType = (): FunctionType | undefined => {
      const code = reader.signed(33);
      if (code >= 0n) return shape.types[Number(code)] ?? refuse("Failed to decode wasm module: unknown type");
      if (code === -64n) return undefined;
      reader.at--;
      return { params: [], results: [readValueType(reader)] };
    };
    const functionType = (target: number): FunctionType =>
      shape.types[target < layout.imports ? shape.imports[target]!.type : shape.functions[target - layout.imports]!] ?? refuse("Failed to decode wasm module: unknown function");
    const calling = (target: FunctionType): void => { height += target.results.length - target.params.length; };

    emitter.begin(locals);

    while (!reader.done) {
      const start = reader.at, op = reader.u8(), kind = kinds[op]!;
      instructions++;
      emitter.blockWeight += weights[op]!;
      height += heights[op]!;
      switch (kind) {
        case KIND.plain: if (traps[op] === 1) emitter.sync(); out.u8(op); break;
        case KIND.index: if (traps[op] === 1) emitter.sync(); reader.u32(); out.copy(bytes, start, reader.at); break;
        case KIND.leb32: reader.skipLeb(5); out.copy(bytes, start, reader.at); break;
        case KIND.leb64: reader.skipLeb(10); out.copy(bytes, start, reader.at); break;
        case KIND.bytes4: reader.skip(4); out.copy(bytes, start, reader.at); break;
        case KIND.bytes8: reader.skip(8); out.copy(bytes, start, reader.at); break;
        case KIND.load: readMemarg(reader, layout.is64); if (layout.is64) emitter.blockWeight++; emitter.sync(); out.copy(bytes, start, reader.at); break;
        case KIND.store: {
          const offset = readMemarg(reader, layout.is64);
          if (layout.is64) emitter.blockWeight++;
          emitter.barrier(offset, op === 0x36 || op === 0x3a || op === 0x3b ? VALUE.i32 : op === 0x38 ? VALUE.f32 : op === 0x39 ? VALUE.f64 : VALUE.i64);
          out.copy(bytes, start, reader.at);
          break;
        }
        case KIND.float32: case KIND.float64:
          out.u8(op);
          if (emitter.rules.canonicalNaN && !isAbsorbed(bytes, reader.at, span.end, "scalar")) emitter.canonical(kind === KIND.float32 ? VALUE.f32 : VALUE.f64);
          break;
        case KIND.block: case KIND.loop: case KIND.if: {
          const block = blockType();
          out.copy(bytes, start, reader.at);
          enter(block?.params.length ?? 0, block?.results.length ?? 0);
          if (kind !== KIND.block) { emitter.closeBlock(); emitter.openBlock(kind === KIND.loop); }
          break;
        }
        case KIND.else: {
          const frame = frames.at(-1) ?? refuse("Failed to decode wasm module: else without if");
          height = frame.base + frame.params;
          frame.thenSynced = emitter.synced;
          out.u8(op);
          emitter.closeBlock();
          frame.thenEnd = out.length - 1;
          emitter.openBlock(false);
          break;
        }
        case KIND.end: {
          const frame = frames.pop() ?? refuse("Failed to decode wasm module: end without block");
          height = frame.base + frame.results;
          if (frames.length === 0) { emitter.sync(); emitter.closeBlock(); out.u8(op); if (!reader.done) refuse("Failed to decode wasm module: code behind the end"); break; }
          const joins = frame.thenEnd >= 0 && !frame.branched && frames.length === 1 && reader.at === span.end - 1;
          if (joins && frame.thenSynced) emitter.sync();
          const { synced } = emitter;
          out.u8(op);
          emitter.closeBlock();
          const inStep = joins && emitter.joinArms(frame.thenEnd, frame.thenSynced, synced);
          emitter.openBlock(false);
          if (inStep) emitter.startInStep();
          break;
        }
        case KIND.br: case KIND.brIf: branch(); out.copy(bytes, start, reader.at); emitter.closeBlock(); emitter.openBlock(false); break;
        case KIND.brTable: for (let n = reader.u32(); n >= 0; n--) branch(); out.copy(bytes, start, reader.at); emitter.closeBlock(); emitter.openBlock(false); break;
        case KIND.leave: emitter.sync(); out.u8(op); emitter.closeBlock(); emitter.openBlock(false); break;
        case KIND.call: case KIND.returnCall: {
          const target = reader.u32();
          calling(functionType(target));
          emitter.sync();
          if (target >= layout.imports) { calls = true; emitter.enterCallee(kind === KIND.returnCall); }
          out.u8(op);
          out.u32(target < layout.imports ? target : target + layout.shift);
          if (kind === KIND.returnCall) { emitter.closeBlock(); emitter.openBlock(false); } else emitter.reloadFuel();
          break;
        }
        case KIND.callIndirect: case KIND.returnCallIndirect: {
          const target = shape.types[reader.u32()] ?? refuse("Failed to decode wasm module: unknown type");
          const table = reader.u32();
          calling(target);
          calls = true;
          emitter.sync();
          emitter.noteCallee(table);
          emitter.enterCallee(kind === KIND.returnCallIndirect);
          out.copy(bytes, start, reader.at);
          if (kind === KIND.returnCallIndirect) { emitter.closeBlock(); emitter.openBlock(false); } else emitter.reloadFuel();
          break;
        }
        case KIND.typedSelect: for (let n = reader.u32(); n > 0; n--) readValueType(reader); out.copy(bytes, start, reader.at); break;
        case KIND.memorySize: readMemoryZero(reader); out.copy(bytes, start, reader.at); break;
        case KIND.memoryGrow: readMemoryZero(reader); emitter.sync(); emitter.emit(0x10, layout.functions.grow); break;
        case KIND.refNull: readValueType(reader); out.copy(bytes, start, reader.at); break;
        case KIND.refFunc: { const target = reader.u32(); emitter.emit(op, target < layout.imports ? target : target + layout.shift); break; }
        case KIND.tableSet: reader.u32(); emitter.sync(); emitter.taint(); out.copy(bytes, start, reader.at); break;
        case KIND.prefixFc: height += rewriteBulk(emitter, reader, start, refuseInstruction); break;
        case KIND.prefixFd: height += rewriteVector(emitter, reader, start, refuseInstruction); wide = true; break;
        default: refuseInstruction(`0x${op.toString(16).padStart(2, "0")}`);
      }
      if (height > tallest) tallest = height;
      if (instructions > FUNCTION_INSTRUCTIONS_MAX) refuse(`Wasm module contains a function at index ${index} of size ${instructions} that exceeds the maximum allowed size of ${FUNCTION_INSTRUCTIONS_MAX}.`);
    }
    if (frames.length > 0) refuse("Failed to decode wasm module: function body without end");
    this.instructionCount += instructions;
    return emitter.assemble({ groups, groupsStart, groupsEnd, locals, calls, tallest, wide });
  }
}
