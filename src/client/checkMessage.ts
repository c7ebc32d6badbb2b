import { NESTING_MAX } from "./candidLexer.ts";
import { isBlob, resolveType, type CandidType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";
import { ByteReader, CandidMessageError, readWireTypes, type WireTypes } from "./wireTypes.ts";

const SIZES: Readonly<Partial<Record<PrimitiveName, number>>> = { null: 0, reserved: 0, bool: 1, nat8: 1, int8: 1, nat16: 2, int16: 2, nat32: 4, int32: 4, float32: 4, nat64: 8, int64: 8, float64: 8 };
/** Values that a message may hold beyond the number of its bytes: those of `null` and `record {}` take none, so that few bytes can claim billions. */
export const FREE_VALUES_MAX = 100_000;
const VALUES_MAX = 1_000_000, ARGUMENTS_MAX = 1_000, DIGITS_BYTES_MAX = 2_000; // more would take minutes to put into words; bytes of a blob do not count

/**
 * Walks over a message before a decoder makes values of it: lengths are true, depth is bounded, and so is the number of values.
 * @throws CandidMessageError
 */
export function checkMessage(bytes: Uint8Array): WireTypes {
  const wire = readWireTypes(bytes), reader = new ByteReader(bytes, wire.at);
  let values = 0;
  const count = (more: number): void => { values += more; if (values > FREE_VALUES_MAX + reader.at) throw new CandidMessageError(`it claims more than ${FREE_VALUES_MAX} values that take no bytes`); if (values > VALUES_MAX) throw new CandidMessageError(`it holds more than ${VALUES_MAX} values`); };
  if (wire.args.length > ARGUMENTS_MAX) throw new CandidMessageError(`it holds more than ${ARGUMENTS_MAX} values side by side`);
  const walk = (type: CandidType, depth: number): void => {
    const kind = resolveType(type, wire.types);
    if (kind === undefined) throw new CandidMessageError("a type means nothing but itself");
    if (depth > NESTING_MAX) throw new CandidMessageError(`its values are nested deeper than ${NESTING_MAX} levels`);
    count(1);
    switch (kind.kind) {
      case "primitive": return skipPrimitive(reader, kind.name);
      case "opt": if (flagged(reader)) walk(kind.of, depth + 1); return;
      case "vec": {
        const length = reader.unsigned(), size = fixedSize(kind.of, wire.types);
        if (size !== undefined && size > 0) { reader.skip(length * size); if (!isBlob(kind, wire.types)) count(length); return; }
        for (let left = length; left > 0; left--) walk(kind.of, depth + 1);
        return;
      }
      case "record": for (const field of kind.fields) walk(field.type, depth + 1); return;
      case "variant": {
        const field = kind.fields[reader.unsigned()];
        if (field === undefined) throw new CandidMessageError("a variant has a case that its type does not have");
        return walk(field.type, depth + 1);
      }
      case "service": return skipReference(reader);
      case "func":
        if (!flagged(reader)) throw new CandidMessageError("it holds an opaque reference");
        skipReference(reader);
        return reader.skip(reader.unsigned());
    }
  };
  for (const type of wire.args) walk(type, 0);
  return wire;
}

function fixedSize(type: CandidType, types: TypeEnvironment): number | undefined {
  const kind = resolveType(type, types);
  return kind?.kind === "primitive" ? SIZES[kind.name] : undefined;
}

function skipPrimitive(reader: ByteReader, name: PrimitiveName): void {
  const size = SIZES[name];
  if (size !== undefined) return reader.skip(size);
  if (name === "nat" || name === "int") return reader.skipNumber(DIGITS_BYTES_MAX);
  if (name === "text") return reader.skip(reader.unsigned());
  if (name === "principal") return skipReference(reader);
  throw new CandidMessageError("it holds a value of the type empty, which has none");
}

function skipReference(reader: ByteReader): void {
  if (!flagged(reader)) throw new CandidMessageError("it holds an opaque reference");
  reader.skip(reader.unsigned());
}

function flagged(reader: ByteReader): boolean {
  const flag = reader.byte();
  if (flag > 1) throw new CandidMessageError("a flag is neither 0 nor 1");
  return flag === 1;
}
