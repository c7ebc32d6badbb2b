import { operation } from "./operations.ts";

const WEIGHTS: Readonly<Record<string, number>> = {
  block: 0, loop: 0, else: 0, end: 0, if: 2, br: 2, br_if: 2, br_table: 2, return: 1, unreachable: 1, nop: 1, call: 5, call_indirect: 10, return_call: 3, drop: 1, select: 1,
  "local.get": 1, "local.set": 1, "local.tee": 1, "global.get": 2, "global.set": 2, "table.get": 5, "table.set": 5, "memory.size": 20, "memory.grow": 300,
  "i32.const": 1, "i64.const": 1, "f32.const": 1, "f64.const": 1, "v128.const": 1, "ref.null": 1, "ref.is_null": 5, "ref.func": 130, "memory.init": 100, "data.drop": 300, "memory.copy": 100, "memory.fill": 100,
  "table.init": 100, "elem.drop": 300, "table.copy": 100, "table.grow": 300, "table.size": 100, "table.fill": 100,
};

/** Weight of an instruction by interface spec §7.3; accesses to a 64-bit memory weigh one more. */
export function weightOf(op: string, is64: boolean): number {
  if (/\.(load|store)/.test(op)) return is64 ? 2 : 1;
  const weight = operation.get(op)?.weight ?? WEIGHTS[op];
  if (weight === undefined) throw new RangeError(`no weight for ${op}`);
  return weight;
}

const ENDS = /^(loop|if|else|end|br|br_if|br_table|return|unreachable|return_call)$/;
/** Whether a metered block ends behind the instruction. */
export const endsBlock = (op: string): boolean => ENDS.test(op);
