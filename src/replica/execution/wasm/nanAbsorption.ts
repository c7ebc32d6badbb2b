import { KIND, kinds, heights, SIMD, simdHeights, simdKinds } from "./instructionTable.ts";

/** Whose lanes a NaN lies in: a scalar (its type checks), or one of the two shapes of a vector. */
export type NanShape = "scalar" | "f32x4" | "f64x2";

/** How many instructions are looked at before the answer is no. */
const WINDOW = 24;
const isScalarReader = (op: number): boolean => kinds[op] === KIND.float32 || kinds[op] === KIND.float64 || (op >= 0x5b && op <= 0x66) || (op >= 0xa8 && op <= 0xab) || (op >= 0xae && op <= 0xb1);

/** The shape that a vector instruction takes as floats without showing their bits, if it does. */
function readShape(sub: number): NanShape | undefined {
  if (sub === 94) return "f64x2"; // demote
  if (sub === 95) return "f32x4"; // promote
  if (sub === 248 || sub === 249 || (sub >= 65 && sub <= 70)) return "f32x4";
  if (sub === 252 || sub === 253 || (sub >= 71 && sub <= 76)) return "f64x2";
  return simdKinds[sub] === SIMD.float32 ? "f32x4" : simdKinds[sub] === SIMD.float64 ? "f64x2" : undefined;
}

/**
 * Whether the float on top of the operand stack is consumed by an instruction that asks only whether it is a NaN: arithmetic, whose own
 * result is made canonical, comparisons, truncations and `drop`. Then nobody can see its bits. `at` is behind the instruction that made it;
 * only instructions that cannot branch or call are passed over.
 */
export function isAbsorbed(bytes: Uint8Array, at: number, end: number, shape: NanShape): boolean {
  const skipLeb = (): void => { while (at < end && bytes[at++]! >= 0x80); };
  let above = 0;
  for (let seen = 0; seen < WINDOW && at < end; seen++) {
    const op = bytes[at++]!;
    let change = heights[op]!, results = 1, reads = shape === "scalar" && isScalarReader(op);
    switch (kinds[op]) {
      case KIND.plain: if (op === 0x01) results = 0; if (op === 0x1a) { results = 0; reads = true; } break;
      case KIND.float32: case KIND.float64: break;
      case KIND.index: if (op === 0x21 || op === 0x24) results = 0; skipLeb(); break;
      case KIND.leb32: case KIND.leb64: skipLeb(); break;
      case KIND.bytes4: at += 4; break;
      case KIND.bytes8: at += 8; break;
      case KIND.load: skipLeb(); skipLeb(); break;
      case KIND.prefixFc: if (bytes[at++]! > 7) return false; change = 0; reads = shape === "scalar"; break;
      case KIND.prefixFd: {
        const low = bytes[at++]!, sub = low < 0x80 ? low : (low & 0x7f) | (bytes[at++]! << 7), kind = sub < 256 ? simdKinds[sub]! : SIMD.refused;
        if (kind === SIMD.refused || kind === SIMD.store || kind === SIMD.storeLane || kind === SIMD.loadLane) return false;
        if (kind === SIMD.load) { skipLeb(); skipLeb(); }
        if (kind === SIMD.lane) at++;
        if (kind === SIMD.bytes16) at += 16;
        change = simdHeights[sub]!;
        reads = readShape(sub) === shape;
        break;
      }
      default: return false;
    }
    if (results - change > above) return reads;
    above += change;
  }
  return false;
}
