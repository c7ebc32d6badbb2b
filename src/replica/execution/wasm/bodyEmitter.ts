import { ByteWriter } from "./byteWriter.ts";
import type { ModuleShape } from "./decodeModule.ts";
import { VALUE } from "./decodeModule.ts";
import type { Layout, RewriteRules } from "./layout.ts";
import { CALLEE_TABLE, REASON } from "./layout.ts";

/** Bytes of a frame that V8's baseline compiler needs beyond its slots, rounded up. */
const FRAME_BYTES = 96;
/** Leaf functions with frames up to this size need no depth check of their own: the budget keeps this much in reserve. */
const LEAF_FRAME_BYTES = 1024;
const CANONICAL_NAN32 = [0x43, 0x00, 0x00, 0xc0, 0x7f], CANONICAL_NAN64 = [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f];
const BLOCK_EMPTY = 0x40;

/** What `assemble` must know of the body that was read. */
export interface BodyFacts {
  readonly groups: number;
  readonly groupsStart: number;
  readonly groupsEnd: number;
  /** Parameters and declared locals. */
  readonly locals: number;
  readonly calls: boolean;
  /** Greatest height of the operand stack. */
  readonly tallest: number;
  /** Whether vectors may lie in the frame. */
  readonly wide: boolean;
}

/** Writes one rewritten body: the instructions that stay, and between them what design D3 and D4 inject. */
export class BodyEmitter {
  readonly shape: ModuleShape;
  readonly layout: Layout;
  readonly rules: RewriteRules;
  readonly out: ByteWriter = new ByteWriter(1 << 16);
  /** Barriers call a function instead of standing in the body. */
  outline = false;
  /** Sum of the block that is being read. */
  blockWeight = 0;
  /** Offsets of the last body's `if`s that are seldom taken, for the engine's optimising compiler. */
  unlikely: readonly number[] = [];
  private readonly seldom: number[] = [];
  private readonly added: number[] = [];
  private readonly slots = new Map<string, number>();
  private firstLocal = 0;
  /** Where the block being read starts, where its 5-byte weight stands, and where its body begins. */
  private blockStart = 0;
  private blockAt = -1;
  private blockBody = 0;
  private blockChecked = false;
  /** Whether the global is known to hold what the local holds. */
  synced = false;
  /** The same for the start of the block, which holds as long as the block weighs nothing. */
  private syncedAtStart = false;
  private prologueAt = 0;

  constructor(shape: ModuleShape, layout: Layout, rules: RewriteRules) { this.shape = shape; this.layout = layout; this.rules = rules; }

  /** Starts a body whose function has so many parameters and locals of its own. Even an empty function costs one instruction. */
  begin(locals: number): void {
    this.out.length = 0;
    this.added.length = 0;
    this.seldom.length = 0;
    this.slots.clear();
    this.firstLocal = locals;
    this.openBlock(true, true);
    this.blockWeight = 1;
    this.prologueAt = this.blockBody;
  }

  /** The extra local of that name; the first use adds it. */
  local(name: string, type: number): number {
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

  /** An instruction with one index. */
  emit(op: number, index: number): void { this.out.u8(op); this.out.u32(index); }

  /**
   * Begins a metered block; `checked` ones stop the message when nothing is left: function entries and loop heads. What is left is kept in
   * a local; the global that everybody else reads follows by `sync`, where it can be seen.
   */
  openBlock(checked: boolean, entry = false): void {
    const { out, layout } = this, fuel = this.local("fuel", VALUE.i64);
    this.blockStart = out.length;
    this.blockWeight = 0;
    this.blockChecked = checked;
    this.synced = this.syncedAtStart = false;
    if (entry) this.emit(0x23, layout.globals.fuel); else this.emit(0x20, fuel);
    out.u8(0x42);
    this.blockAt = out.length;
    out.op(0x80, 0x80, 0x80, 0x80, 0x00, 0x7d);
    if (checked && !entry) {
      this.emit(0x22, fuel);
      out.op(0x42, 0, 0x53);
      this.ifSeldom();
      this.emit(0x20, fuel);
      this.emit(0x24, layout.globals.fuel);
      if (this.rules.sliced) {
        this.emit(0x10, layout.functions.outOfInstructions);
        this.emit(0x23, layout.globals.fuel);
        this.emit(0x21, fuel);
        out.u8(0x0b);
      } else {
        out.op(0x41, REASON.outOfInstructions);
        this.emit(0x24, layout.globals.reason);
        out.op(0x00, 0x0b);
      }
    } else this.emit(0x21, fuel);
    this.blockBody = out.length;
  }

  /** Before whatever may trap, call, or leave the function: the counter is seen there. */
  sync(): void {
    if (this.synced || (this.syncedAtStart && this.blockWeight === 0)) return;
    this.synced = true;
    this.emit(0x20, this.local("fuel", VALUE.i64));
    this.emit(0x24, this.layout.globals.fuel);
  }

  /**
   * Where the two arms of an `if` meet and the function ends: if one of them left the counter in step, the other does so itself, so that what a
   * callee stored is not stored again. `thenEnd` is where the first arm ends. Called between blocks; answers whether both are in step now.
   */
  joinArms(thenEnd: number, thenSynced: boolean, elseSynced: boolean): boolean {
    if (thenSynced || !elseSynced) return thenSynced && elseSynced;
    const { out } = this, end = out.length;
    this.emit(0x20, this.local("fuel", VALUE.i64));
    this.emit(0x24, this.layout.globals.fuel);
    const code = out.bytes.slice(end, out.length);
    out.bytes.copyWithin(thenEnd + code.length, thenEnd, end);
    out.bytes.set(code, thenEnd);
    for (let i = this.seldom.length - 1; i >= 0 && this.seldom[i]! >= thenEnd; i--) this.seldom[i]! += code.length;
    return true;
  }

  /** The block that was just opened starts with the counter in step. */
  startInStep(): void { this.syncedAtStart = true; }

  /** Ends a block: its weight is known now, and one that weighs nothing needs no charge. */
  closeBlock(): void {
    const { bytes } = this.out, weight = this.blockWeight, at = this.blockAt;
    for (let i = 0, rest = weight; i < 4; i++, rest = Math.floor(rest / 128)) bytes[at + i] = (rest % 128) | 0x80;
    bytes[at + 4] = Math.floor(weight / 2 ** 28);
    if (weight > 0 || this.blockChecked) return;
    bytes.copyWithin(this.blockStart, this.blockBody, this.out.length);
    this.out.length -= this.blockBody - this.blockStart;
  }

  /** After a call or a charge. */
  reloadFuel(): void {
    this.synced = true;
    this.emit(0x23, this.layout.globals.fuel);
    this.emit(0x21, this.local("fuel", VALUE.i64));
  }

  /** Locals, the prologue with depth check, and the body. */
  assemble(body: BodyFacts): Uint8Array {
    const { layout, out } = this, frameBytes = FRAME_BYTES + (body.locals + this.added.length + body.tallest) * (body.wide ? 16 : 8);
    const prologue = new ByteWriter(64), fuel = this.local("fuel", VALUE.i64), deep = body.calls || frameBytes > LEAF_FRAME_BYTES;
    if (deep) {
      const depth = this.local("depth", VALUE.i64);
      prologue.u8(0x23); prologue.u32(layout.globals.depth);
      if (this.slots.has("depthAtEntry")) { prologue.u8(0x22); prologue.u32(this.slots.get("depthAtEntry")!); }
      prologue.u8(0x42); prologue.signed(frameBytes);
      prologue.op(0x7d, 0x22); prologue.u32(depth);
    }
    prologue.u8(0x20); prologue.u32(fuel);
    if (deep) prologue.u8(0x84);
    prologue.op(0x42, 0, 0x53);
    const check = prologue.length;
    prologue.op(0x04, BLOCK_EMPTY, 0x20); prologue.u32(fuel);
    prologue.u8(0x10); prologue.u32(layout.functions.stop);
    if (this.rules.sliced) {
      prologue.u8(0x23); prologue.u32(layout.globals.fuel); prologue.u8(0x21); prologue.u32(fuel);
      if (deep) {
        prologue.u8(0x20); prologue.u32(this.local("depth", VALUE.i64)); prologue.op(0x42, 0, 0x53, 0x04, BLOCK_EMPTY, 0x20); prologue.u32(fuel);
        prologue.u8(0x10); prologue.u32(layout.functions.stop); prologue.op(0x00, 0x0b);
      }
      prologue.u8(0x0b);
    } else prologue.op(0x00, 0x0b);
    if (this.slots.has("last")) { prologue.op(layout.is64 ? 0x42 : 0x41, 0x7f, 0x21); prologue.u32(this.slots.get("last")!); }
    const result = new ByteWriter(out.length + prologue.length + 64 + body.groupsEnd - body.groupsStart);
    result.u32(body.groups + this.added.length);
    result.copy(this.shape.bytes, body.groupsStart, body.groupsEnd);
    for (const type of this.added) { result.u8(1); result.u8(type); }
    const head = result.length, at = head + this.prologueAt;
    this.unlikely = [...this.seldom.filter((position) => position < this.prologueAt).map((position) => head + position), at + check,
      ...this.seldom.filter((position) => position >= this.prologueAt).map((position) => head + prologue.length + position)];
    result.copy(out.bytes, 0, this.prologueAt);
    result.copy(prologue.bytes, 0, prologue.length);
    result.copy(out.bytes, this.prologueAt, out.length);
    return result.bytes.subarray(0, result.length);
  }

  /** Tells the callee where the stack stands; a tail call gives this frame back first. */
  enterCallee(tail: boolean): void {
    this.emit(0x20, this.local(tail ? "depthAtEntry" : "depth", VALUE.i64));
    this.emit(0x24, this.layout.globals.depth);
  }

  /** Remembers the table entry that is called, because V8 has one message for an empty entry and a wrong signature. */
  noteCallee(table: number): void {
    const { out } = this, wide = this.shape.tables[table]?.is64 ?? false, index = this.local(wide ? "count64" : "count32", wide ? VALUE.i64 : VALUE.i32);
    this.emit(0x22, index);
    this.emit(0x20, index);
    if (wide) out.u8(0xa7);
    if (table > 0) { out.u8(0x41); out.signed(table * CALLEE_TABLE); out.u8(0x6a); }
    this.emit(0x24, this.layout.globals.callee);
  }

  /** From here on the instance holds more than memory and globals: it is thrown away after the message (design D5). */
  taint(): void { this.out.op(0x41, 1); this.emit(0x24, this.layout.globals.taint); }

  /** Design D4: the page of the store is saved on first touch. Operands `address value` stay on the stack. */
  barrier(offset: number, type: number): void {
    const { out, layout } = this, pointer = layout.is64 ? VALUE.i64 : VALUE.i32;
    const value = this.local(`value${type}`, type), address = this.local("address", pointer), page = this.local("page", pointer);
    this.sync();
    this.emit(0x21, value);
    this.emit(0x22, address);
    if (offset > 0) {
      out.u8(layout.is64 ? 0x42 : 0x41);
      out.signed(layout.is64 ? BigInt.asIntN(64, BigInt(offset)) : offset | 0);
      out.u8(layout.is64 ? 0x7c : 0x6a);
    }
    if (layout.is64) out.op(0x42, 12, 0x88); else out.op(0x41, 12, 0x76);
    const narrow = (): void => { if (layout.is64) out.u8(0xa7); };
    if (this.outline) { narrow(); this.emit(0x10, layout.functions.barrier); }
    else {
      const last = this.local("last", pointer);
      this.emit(0x22, page);
      this.emit(0x20, last);
      out.u8(layout.is64 ? 0x52 : 0x47);
      this.ifSeldom();
      this.emit(0x20, page);
      narrow();
      out.op(0x2d, 0x40, 0x01, 0x00, 0x45);
      this.ifSeldom();
      this.emit(0x20, page);
      narrow();
      this.emit(0x10, layout.functions.mark);
      out.u8(0x0b);
      this.emit(0x20, page);
      this.emit(0x21, last);
      out.u8(0x0b);
    }
    this.emit(0x20, address);
    this.emit(0x20, value);
  }

  /** The result on the stack becomes the canonical NaN if it is one. A branch: it is predicted, and no chain of results waits for it. */
  canonical(type: number): void {
    const { out } = this, value = this.local(`value${type}`, type);
    this.emit(0x22, value);
    this.emit(0x20, value);
    out.u8(type === VALUE.f32 ? 0x5c : 0x62);
    this.ifSeldom();
    out.op(...(type === VALUE.f32 ? CANONICAL_NAN32 : CANONICAL_NAN64));
    this.emit(0x21, value);
    out.u8(0x0b);
    this.emit(0x20, value);
  }

  /** The same for each lane of a vector. */
  canonicalLanes(wide: boolean): void {
    const { out } = this, value = this.local(`value${VALUE.v128}`, VALUE.v128), unordered = wide ? 72 : 66;
    this.emit(0x22, value);
    this.emit(0x20, value);
    out.op(0xfd, unordered, 0xfd, 83);
    this.ifSeldom();
    out.op(0xfd, 12);
    for (let i = 0; i < 2; i++) out.op(...(wide ? CANONICAL_NAN64.slice(1) : [...CANONICAL_NAN32.slice(1), ...CANONICAL_NAN32.slice(1)]));
    this.emit(0x20, value);
    this.emit(0x20, value);
    this.emit(0x20, value);
    out.op(0xfd, unordered, 0xfd, 82);
    this.emit(0x21, value);
    out.u8(0x0b);
    this.emit(0x20, value);
  }

  /** Charges one instruction for each byte or element that the operand on top of the stack counts, before the work. */
  chargeTop(wide: boolean): number {
    const { out, layout } = this, count = this.local(wide ? "count64" : "count32", wide ? VALUE.i64 : VALUE.i32);
    this.sync();
    this.emit(0x22, count);
    this.emit(0x20, count);
    if (!wide) out.u8(0xad);
    this.emit(0x10, layout.functions.charge);
    this.reloadFuel();
    return count;
  }
}
