import { Principal } from "@dfinity/principal";
import { fieldKey, isBlob, isTuple, quotedName, resolveType, type CandidType, type FieldType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";

const WIDTH = 80;

/** Values as candid text, `(2 : nat)`: what the parser of arguments reads back to the same bytes. */
export function printCandid(values: readonly unknown[], kinds: readonly CandidType[], types: TypeEnvironment): string {
  return enclose("(", values.map((value, index) => printValue(value, kinds[index]!, types)), ",", ")");
}

function printValue(value: unknown, type: CandidType, types: TypeEnvironment): string {
  const resolved = resolveType(type, types)!;
  switch (resolved.kind) {
    case "primitive": return printPrimitive(value, resolved.name);
    case "opt": { const [inner] = value as readonly unknown[]; return (value as readonly unknown[]).length === 0 ? "null" : `opt ${parenthesized(printValue(inner, resolved.of, types))}`; }
    case "vec": return isBlob(resolved, types) ? `blob ${blobText(value as Iterable<number>)}` : enclose("vec {", Array.from(value as Iterable<unknown>, (item) => printValue(item, resolved.of, types)), ";", "}");
    case "record": return enclose("record {", resolved.fields.map((field) => {
      const text = printValue((value as Readonly<Record<string, unknown>>)[fieldKey(field)], field.type, types);
      return isTuple(resolved.fields) ? text : `${label(field)} = ${text}`;
    }), ";", "}");
    case "variant": {
      const [key] = Object.keys(value as object), field = resolved.fields.find((candidate) => fieldKey(candidate) === key)!;
      const kind = resolveType(field.type, types)!, inner = (value as Readonly<Record<string, unknown>>)[key!];
      return kind.kind === "primitive" && kind.name === "null" ? `variant { ${label(field)} }` : enclose("variant {", [`${label(field)} = ${printValue(inner, field.type, types)}`], ";", "}");
    }
    case "func": { const [principal, method] = value as readonly [Principal, string]; return `func "${principal.toText()}".${quotedName(method)}`; }
    case "service": return `service "${(value as Principal).toText()}"`;
  }
}

function printPrimitive(value: unknown, name: PrimitiveName): string {
  switch (name) {
    case "text": return quotedText(value as string);
    case "bool": return String(value);
    case "principal": return `principal "${(value as Principal).toText()}"`;
    case "null": return "null";
    case "reserved": case "empty": return `null : ${name}`;
    case "float32": case "float64": return `${floatText(value as number)} : ${name}`;
    default: return `${String(value).replace(/\B(?=(\d{3})+$)/g, "_")} : ${name}`;
  }
}

const floatText = (value: number): string => (Number.isNaN(value) ? "nan" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : Object.is(value, -0) ? "-0.0" : Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value));
const parenthesized = (text: string): string => (/ : \w+$/.test(text) && !/[}"]$/.test(text) ? `(${text})` : text);
const label = (field: FieldType): string => (field.name === undefined ? String(field.id) : quotedName(field.name));
const quotedText = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t").replace(/[\u0000-\u001f\u007f]/g, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`)}"`;
const blobText = (bytes: Iterable<number>): string => `"${Array.from(bytes, (byte) => (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, "0")}`)).join("")}"`;

/** On one line if it fits, else one part a line. */
function enclose(open: string, parts: readonly string[], separator: string, close: string): string {
  if (parts.length === 0) return `${open}${close}`;
  const space = open === "(" ? "" : " ", line = `${open}${space}${parts.join(`${separator} `)}${space}${close}`;
  if (line.length <= WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `  ${part.replaceAll("\n", "\n  ")}${separator}\n`).join("")}${close}`;
}
