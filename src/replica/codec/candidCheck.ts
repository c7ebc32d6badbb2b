import { type Result, err, ok } from "../types/index.ts";

/* Opcodes of the candid wire format as unsigned bytes of a one-byte SLEB128 (candid specification, "Parameters and results"). */
const NULL = -1, RESERVED = -16, EMPTY = -17, OPT = -18, VEC = -19, RECORD = -20, VARIANT = -21, FUNC = -22, SERVICE = -23;
const TYPES_MAX = 10_000, ARGUMENTS_MAX = 1_000;

/**
 * Looks at the type table only and refuses what no honest message has and what costs a decoder without bound: vectors of types that take no
 * bytes (`vec null`, `vec record {}`), and tables beyond any size.
 */
export function checkCandid(bytes: Uint8Array): Result<void, string> {
  if (bytes.length < 4 || bytes[0] !== 0x44 || bytes[1] !== 0x49 || bytes[2] !== 0x44 || bytes[3] !== 0x4c) return err("no DIDL prefix");
  let at = 4, broken = false;
  const byte = (): number => { const value = bytes[at++]; if (value === undefined) broken = true; return value ?? 0; };
  const leb = (): number => {
    let value = 0, scale = 1;
    for (let i = 0; i < 7; i++) { const next = byte(); value += (next & 0x7f) * scale; if (next < 0x80) return value; scale *= 128; }
    broken = true;
    return 0;
  };
  const sleb = (): number => {
    let value = 0, scale = 1;
    for (let i = 0; i < 7; i++) { const next = byte(); value += (next & 0x7f) * scale; scale *= 128; if (next < 0x80) return (next & 0x40) !== 0 ? value - scale : value; }
    broken = true;
    return 0;
  };
  const count = leb();
  if (count > TYPES_MAX) return err("too many types");
  const vectors: number[] = [], fields: (readonly number[] | undefined)[] = [];
  for (let i = 0; i < count && !broken; i++) {
    const opcode = sleb();
    let parts: number[] | undefined;
    if (opcode === OPT) sleb();
    else if (opcode === VEC) vectors.push(sleb());
    else if (opcode === RECORD || opcode === VARIANT) {
      const types: number[] = [];
      for (let n = leb(); n > 0 && !broken; n--) { leb(); types.push(sleb()); }
      if (opcode === RECORD) parts = types;
    } else if (opcode === FUNC) {
      for (let side = 0; side < 2; side++) for (let n = leb(); n > 0 && !broken; n--) sleb();
      for (let n = leb(); n > 0 && !broken; n--) byte();
    } else if (opcode === SERVICE) {
      for (let n = leb(); n > 0 && !broken; n--) { at += leb(); sleb(); if (at > bytes.length) broken = true; }
    } else if (opcode < SERVICE) at += leb();
    else return err("bad type table");
    fields.push(parts);
  }
  if (leb() > ARGUMENTS_MAX) return err("too many arguments");
  if (broken || at > bytes.length) return err("unexpected end of message");
  const zeroSized = fields.map(() => false);
  const isZero = (type: number): boolean => (type < 0 ? type === NULL || type === RESERVED || type === EMPTY : zeroSized[type] === true);
  for (let changed = true; changed;) {
    changed = false;
    for (const [i, parts] of fields.entries()) if (!zeroSized[i] && parts !== undefined && parts.every(isZero)) { zeroSized[i] = true; changed = true; }
  }
  return vectors.some(isZero) ? err("a vector of values that take no bytes") : ok(undefined);
}
