import type { WasmMemory } from "../../interfaces/wasm.ts";
import { Trap } from "../../interfaces/wasm.ts";
import type { LiveInstance } from "./liveInstance.ts";
import { STABLE_PAGES_MAX, type StableOverlay } from "./stableOverlay.ts";
import { instructionLimit, trapError } from "./trapErrors.ts";

/** The running message as its system calls see it: heap, stable memory and the instruction counter, all bounds checked. */
export class RunMemory implements WasmMemory {
  private readonly instance: LiveInstance;
  private readonly stable: StableOverlay;
  private readonly limit: bigint;
  constructor(instance: LiveInstance, stable: StableOverlay, limit: bigint) { this.instance = instance; this.stable = stable; this.limit = limit; }

  private checkHeap(offset: number, size: number): void {
    if (offset + size > this.instance.bytes.length) throw new Trap(trapError("heap out of bounds"));
  }
  private checkStable(offset: number, size: number): void {
    if (!this.stable.holds(offset, size)) throw new Trap(trapError("stable memory out of bounds"));
  }

  read(offset: number, size: number): Uint8Array {
    this.checkHeap(offset, size);
    return new Uint8Array(this.instance.bytes.subarray(offset, offset + size));
  }

  write(offset: number, bytes: Uint8Array): void {
    this.checkHeap(offset, bytes.length);
    this.instance.touch(offset, bytes.length);
    this.instance.bytes.set(bytes, offset);
  }

  stablePages(): number { return this.stable.wasmPages; }

  stableGrow(pages: number): number {
    const before = this.stable.wasmPages, after = before + pages;
    if (after > STABLE_PAGES_MAX) return -1;
    if (pages === 0) return before;
    const verdict = this.instance.limits?.onGrow?.("stable", after);
    if (verdict === "refuse") return -1;
    if (verdict !== undefined) throw new Trap(verdict);
    this.stable.wasmPages = after;
    return before;
  }

  stableRead(heapOffset: number, stableOffset: number, size: number): void {
    this.checkStable(stableOffset, size);
    this.checkHeap(heapOffset, size);
    this.instance.touch(heapOffset, size);
    this.stable.read(stableOffset, this.instance.bytes.subarray(heapOffset, heapOffset + size));
  }

  stableWrite(stableOffset: number, heapOffset: number, size: number): number {
    this.checkStable(stableOffset, size);
    this.checkHeap(heapOffset, size);
    return this.stable.write(stableOffset, this.instance.bytes.subarray(heapOffset, heapOffset + size));
  }

  instructionsUsed(): bigint {
    const left = this.instance.exports.fuel.value + this.instance.reserve;
    return left < 0n ? this.limit : this.limit - left;
  }

  charge(instructions: number): void {
    const { fuel } = this.instance.exports, left = fuel.value - BigInt(instructions);
    fuel.value = left;
    if (left < 0n) this.instance.nextSlice();
    if (fuel.value < 0n) throw new Trap(instructionLimit(this.limit));
  }
}
