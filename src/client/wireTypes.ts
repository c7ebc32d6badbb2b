import { primitive, PRIMITIVES, type CandidType, type FieldType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";

/** A message that is not candid, or not harmless. */
export class CandidMessageError extends Error {
  override readonly name = "CandidMessageError";
}

/** A reader of bytes that may end too early. @throws CandidMessageError */
export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new CandidMessageError("it ends too early");
    return byte;
  }
  skip(length: number): void {
    if (length > this.bytes.length - this.at) throw new CandidMessageError("it ends too early");
    this.at += length;
  }
  /** LEB128, at most 2^53. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new CandidMessageError("a length is beyond all measure");
      if (byte < 128) return value;
    }
  }
  /** SLEB128 of a type: at most 5 bytes. */
  signed(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return byte >= 64 ? value - 2 ** (shift + 7) : value;
    }
    throw new CandidMessageError("a type's number is too long");
  }
  /** Over the bytes of a `nat` or an `int`, at most so many. */
  skipNumber(most: number): void {
    const begin = this.at;
    while (this.byte() >= 128) if (this.at - begin >= most) throw new CandidMessageError(`a number is longer than ${most} bytes`);
  }
}

const OPCODES: Readonly<Record<number, PrimitiveName>> = {
  [-1]: "null", [-2]: "bool", [-3]: "nat", [-4]: "int", [-5]: "nat8", [-6]: "nat16", [-7]: "nat32", [-8]: "nat64", [-9]: "int8", [-10]: "int16", [-11]: "int32", [-12]: "int64",
  [-13]: "float32", [-14]: "float64", [-15]: "text", [-16]: "reserved", [-17]: "empty", [-24]: "principal",
};
const OPT = -18, VEC = -19, RECORD = -20, VARIANT = -21, FUNC = -22, SERVICE = -23;
const MODES: Readonly<Record<number, "query" | "oneway" | "composite_query">> = { 1: "query", 2: "oneway", 3: "composite_query" };

/** The types that a message says of itself (candid spec, "Types"); fields have numbers, no names. `at`: where the values begin. */
export interface WireTypes { readonly types: TypeEnvironment; readonly args: readonly CandidType[]; readonly at: number }

/** Reads a message up to its values. @throws CandidMessageError */
export function readWireTypes(bytes: Uint8Array): WireTypes {
  const reader = new ByteReader(bytes);
  if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") !== "DIDL") throw new CandidMessageError("it does not begin with DIDL");
  reader.at = 4;
  const count = counted(reader), types = new Map<string, CandidType>();
  const reference = (): CandidType => {
    const code = reader.signed(), name = OPCODES[code];
    if (name !== undefined) return primitive(name);
    if (code < 0 || code >= count) throw new CandidMessageError(`it names the type ${code}, which there is not`);
    return { kind: "named", name: `table${code}` };
  };
  const several = (): CandidType[] => Array.from({ length: counted(reader) }, reference);
  for (let index = 0; index < count; index++) types.set(`table${index}`, readEntry(reader, reference, several));
  return { types, args: several(), at: reader.at };
}

/** A number of things of which each takes at least one byte. */
function counted(reader: ByteReader): number {
  const count = reader.unsigned();
  if (count > reader.bytes.length - reader.at) throw new CandidMessageError("it ends too early");
  return count;
}

function readEntry(reader: ByteReader, reference: () => CandidType, several: () => CandidType[]): CandidType {
  const code = reader.signed();
  switch (code) {
    case OPT: return { kind: "opt", of: reference() };
    case VEC: return { kind: "vec", of: reference() };
    case RECORD: case VARIANT: {
      const fields: FieldType[] = [];
      for (let left = counted(reader), last = -1; left > 0; left--) {
        const id = reader.unsigned();
        if (id <= last || id > 0xffff_ffff) throw new CandidMessageError("fields of a type are not in order");
        fields.push({ id, type: reference() });
        last = id;
      }
      return { kind: code === RECORD ? "record" : "variant", fields };
    }
    case FUNC: {
      const args = several(), results = several(), modes = Array.from({ length: counted(reader) }, () => MODES[reader.byte()]);
      return { kind: "func", args, results, modes: modes.filter((mode) => mode !== undefined) };
    }
    case SERVICE: return { kind: "service", methods: Array.from({ length: counted(reader) }, () => {
      const length = counted(reader), name = Buffer.from(reader.bytes.subarray(reader.at, reader.at + length)).toString("utf8");
      reader.skip(length);
      return [name, reference()] as const;
    }) };
    default: throw new CandidMessageError(PRIMITIVES.includes(OPCODES[code]!) ? "its table of types holds a primitive type" : `it has a type of an unknown kind (${code})`);
  }
}
