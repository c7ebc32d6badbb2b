import type { Principal } from "@dfinity/principal";
import { fieldKey, fieldName, isBlob, resolveType, type CandidType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";

/**
 * A decoded value as JSON, by its type: `nat`, `int` and the 64-bit numbers are strings of digits, smaller ones and floats numbers (`"NaN"`, `"inf"` and `"-inf"`
 * are strings), principals and services their text, a blob hex, a function `{principal, method}`, `opt` a list of none or one, a variant `{tag: value}` (null for a
 * bare tag), a record an object, a record without names a list; a field that only has a number is called by it.
 */
export function candidJson(value: unknown, type: CandidType, types: TypeEnvironment): unknown {
  const kind = resolveType(type, types)!;
  switch (kind.kind) {
    case "primitive": return primitiveJson(value, kind.name);
    case "opt": return (value as readonly unknown[]).map((some) => candidJson(some, kind.of, types));
    case "vec": return isBlob(kind, types) ? Buffer.from(value as Uint8Array).toString("hex") : Array.from(value as ArrayLike<unknown>, (item) => candidJson(item, kind.of, types));
    case "record": {
      const parts = kind.fields.map((field) => [fieldName(field), candidJson((value as Readonly<Record<string, unknown>>)[fieldKey(field)], field.type, types)] as const);
      return kind.fields.length > 0 && kind.fields.every(({ id, name }, index) => id === index && name === undefined) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
    }
    case "variant": {
      const [key] = Object.keys(value as object), field = kind.fields.find((candidate) => fieldKey(candidate) === key)!;
      return Object.fromEntries([[fieldName(field), candidJson((value as Readonly<Record<string, unknown>>)[key!], field.type, types)]]);
    }
    case "func": { const [principal, method] = value as readonly [Principal, string]; return { principal: principal.toText(), method }; }
    case "service": return (value as Principal).toText();
  }
}

function primitiveJson(value: unknown, name: PrimitiveName): unknown {
  switch (name) {
    case "nat": case "int": case "nat64": case "int64": return String(value);
    case "float32": case "float64": return Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : (value as number) > 0 ? "inf" : "-inf";
    case "principal": return (value as Principal).toText();
    default: return value;
  }
}
