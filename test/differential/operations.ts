/** One letter for each value type in signatures. */
export const TYPES = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" } as const;
export type Letter = keyof typeof TYPES;

/** An operation on values alone: what it takes, what it gives, its weight by interface spec §7.3. */
export interface Operation { readonly name: string; readonly takes: readonly Letter[]; readonly gives: Letter; readonly weight: number; readonly rare: boolean }

const list: Operation[] = [];
function rows(names: string, signature: string, weight: number, rare = false): void {
  const [takes, gives] = signature.split(">") as [string, Letter];
  for (const name of names.split(" ")) list.push({ name: name.replace("_@", " "), takes: [...takes] as Letter[], gives, weight, rare });
}
const each = (prefix: string, names: string): string => names.split(" ").map((name) => `${prefix}.${name}`).join(" ");

for (const [type, letter] of [["i32", "i"], ["i64", "l"]] as const) {
  rows(each(type, "add sub mul and or xor shl shr_s shr_u rotl rotr"), `${letter}${letter}>${letter}`, 1);
  rows(each(type, "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"), `${letter}${letter}>i`, 1);
  rows(each(type, "div_s div_u rem_s rem_u"), `${letter}${letter}>${letter}`, 10, true);
  rows(each(type, "clz ctz popcnt extend8_s extend16_s"), `${letter}>${letter}`, 1);
  rows(each(type, "eqz"), `${letter}>i`, 1);
}
for (const [type, letter, div, sqrt, copysign] of [["f32", "f", 3, 5, 2], ["f64", "d", 5, 8, 3]] as const) {
  const two = `${letter}${letter}>${letter}`, one = `${letter}>${letter}`;
  rows(each(type, "add sub mul"), two, 2);
  rows(each(type, "div"), two, div);
  rows(each(type, "min max"), two, 18);
  rows(each(type, "copysign"), two, copysign);
  rows(each(type, "abs neg"), one, 1);
  rows(each(type, "ceil floor trunc nearest"), one, 2);
  rows(each(type, "sqrt"), one, sqrt);
  rows(each(type, "eq ne lt gt le ge"), `${letter}${letter}>i`, 3);
  rows(each(type, "convert_i32_s"), `i>${letter}`, 3);
  rows(each(type, "convert_i64_s"), `l>${letter}`, 3);
  rows(each(type, "convert_i32_u"), `i>${letter}`, 16);
  rows(each(type, "convert_i64_u"), `l>${letter}`, 16);
  for (const [whole, wide] of [["i32", "i"], ["i64", "l"]] as const) {
    rows(each(whole, `trunc_sat_${type}_s trunc_sat_${type}_u`), `${letter}>${wide}`, 20);
    rows(each(whole, `trunc_${type}_s trunc_${type}_u`), `${letter}>${wide}`, 20, true);
  }
}
rows("i32.wrap_i64", "l>i", 1);
rows("i64.extend_i32_s i64.extend_i32_u", "i>l", 1);
rows("f32.demote_f64", "d>f", 1);
rows("f64.promote_f32", "f>d", 1);
rows("i32.reinterpret_f32", "f>i", 1);
rows("i64.reinterpret_f64", "d>l", 1);
rows("f32.reinterpret_i32", "i>f", 1);
rows("f64.reinterpret_i64", "l>d", 1);
rows("i8x16.splat i32x4.splat", "i>v", 1);
rows("i64x2.splat", "l>v", 1);
rows("f32x4.splat", "f>v", 1);
rows("f64x2.splat", "d>v", 1);
rows("i8x16.add i16x8.add i32x4.add v128.and v128.or v128.xor f32x4.eq f32x4.lt f64x2.eq f64x2.lt f32x4.pmin f32x4.pmax f64x2.pmin f64x2.pmax", "vv>v", 1);
rows("i32x4.mul", "vv>v", 2);
rows("v128.bitselect", "vvv>v", 1);
rows("i8x16.shuffle_@0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31".replaceAll(" ", "~"), "vv>v", 3);
rows("f32x4.add f32x4.sub f32x4.mul f64x2.add f64x2.sub f64x2.mul", "vv>v", 2);
rows("f32x4.min f32x4.max f64x2.min", "vv>v", 4);
rows("f64x2.max", "vv>v", 5);
rows("f32x4.div", "vv>v", 10);
rows("f64x2.div", "vv>v", 12);
rows("f32x4.sqrt", "v>v", 5);
rows("f64x2.sqrt", "v>v", 14);
rows("f32x4.abs f32x4.neg f64x2.abs f64x2.neg f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest f64x2.ceil f64x2.floor f64x2.trunc f64x2.nearest i32x4.trunc_sat_f32x4_s", "v>v", 2);
rows("f32x4.demote_f64x2_zero f64x2.promote_low_f32x4 f32x4.convert_i32x4_s", "v>v", 1);
rows("i8x16.extract_lane_s_@3 i32x4.extract_lane_@2", "v>i", 1);
rows("i64x2.extract_lane_@1", "v>l", 1);
rows("f32x4.extract_lane_@2", "v>f", 1);
rows("f64x2.extract_lane_@1", "v>d", 1);
rows("i32x4.replace_lane_@1", "vi>v", 1);
rows("f32x4.replace_lane_@3", "vf>v", 1);
rows("f64x2.replace_lane_@0", "vd>v", 1);

export const OPERATIONS: readonly Operation[] = list.map((row) => ({ ...row, name: row.name.replaceAll("~", " ") }));
export const operation: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map((row) => [row.name, row]));

/** Shape in which an operation's result is made canonical: floats that arithmetic and conversions between floats make. */
export function canonicalShape(name: string): "f32" | "f64" | "f32x4" | "f64x2" | undefined {
  const [shape, op] = name.split(".") as [string, string];
  return /^(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote_\w+|promote_\w+)$/.test(op) && /^f(32|64)/.test(shape) ? shape as "f32" : undefined;
}
