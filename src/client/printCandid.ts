import type { Principal } from "@dfinity/principal";
import { fieldKey, isBlob, quotedName, resolveType, type CandidType, type FieldType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";
import { escapeText } from "./escapeText.ts";
import { floatText, groupedText } from "./numberText.ts";
import { concat, enclose, render, text, type Document } from "./prettyDocument.ts";

const WIDTH = 80, DEPTH_MAX = 10, ELEMENTS_MAX = 10; // beyond them a value is written on one line, as `icp` does
type Structure = Exclude<CandidType, { readonly kind: "named" }>;

/** Values as candid text, letter by letter as the `icp` program prints them; what the parser of arguments reads back to the same values. `width` in columns. */
export function printCandid(values: readonly unknown[], kinds: readonly CandidType[], types: TypeEnvironment, width = WIDTH): string {
  return render(enclose("(", values.map((value, index) => layOut(value, kinds[index]!, types, DEPTH_MAX)), ",", ")", ""), width);
}

function layOut(value: unknown, type: CandidType, types: TypeEnvironment, depth: number): Document {
  const kind = resolveType(type, types)!;
  if (depth === 0) return text(oneLine(value, kind, types));
  const inner = (part: unknown, partType: CandidType): Document => layOut(part, partType, types, depth - 1);
  switch (kind.kind) {
    case "primitive": return text(kind.name === "text" ? `"${escapeText(value as string, "display")}"` : primitiveText(value, kind.name));
    case "opt": {
      if ((value as readonly unknown[]).length === 0) return text("null");
      const [some] = value as readonly unknown[], document = inner(some, kind.of);
      return concat(text("opt "), isAnnotated(kind.of, types) ? enclose("(", [document], "", ")", "") : document);
    }
    case "vec": {
      const items = value as ArrayLike<unknown>;
      if (isBlob(kind, types) || items.length > ELEMENTS_MAX) return text(oneLine(value, kind, types));
      return concat(text("vec "), enclose("{", Array.from(items, (item) => inner(item, kind.of)), ";", "}", " "));
    }
    case "record": {
      const tuple = kind.fields.every(({ id }, index) => id === index);
      return concat(text("record "), enclose("{", kind.fields.map((field) => {
        const document = inner(part(value, field), field.type);
        return tuple ? document : concat(text(`${label(field)} = `), document);
      }), ";", "}", " "));
    }
    case "variant": {
      const field = chosen(value, kind.fields);
      return concat(text("variant "), enclose("{", [isNull(field.type, types) ? text(label(field)) : concat(text(`${label(field)} = `), inner(part(value, field), field.type))], "", "}", " "));
    }
    case "func": case "service": return text(oneLine(value, kind, types));
  }
}

/** The form of values in long vectors and deep inside others: every part ends in `;`, nothing is broken. */
function oneLine(value: unknown, kind: Structure, types: TypeEnvironment): string {
  const inner = (part: unknown, type: CandidType): string => oneLine(part, resolveType(type, types)!, types);
  switch (kind.kind) {
    case "primitive": return kind.name === "text" ? `"${escapeText(value as string, "debug")}"` : primitiveText(value, kind.name);
    case "opt": {
      if ((value as readonly unknown[]).length === 0) return "null";
      const [some] = value as readonly unknown[], written = inner(some, kind.of);
      return isAnnotated(kind.of, types) ? `opt (${written})` : `opt ${written}`;
    }
    case "vec": return isBlob(kind, types) ? `blob "${blobText(value as Uint8Array)}"` : `vec {${Array.from(value as ArrayLike<unknown>, (item) => ` ${inner(item, kind.of)};`).join("")}}`;
    case "record": return `record {${kind.fields.map((field, index) => ` ${field.id === index ? "" : `${label(field)} = `}${inner(part(value, field), field.type)};`).join("")}}`;
    case "variant": {
      const field = chosen(value, kind.fields);
      return `variant { ${isNull(field.type, types) ? label(field) : `${label(field)} = ${inner(part(value, field), field.type)}`} }`;
    }
    case "func": { const [principal, method] = value as readonly [Principal, string]; return `func "${principal.toText()}".${quotedName(method)}`; }
    case "service": return `service "${(value as Principal).toText()}"`;
  }
}

function primitiveText(value: unknown, name: Exclude<PrimitiveName, "text">): string {
  switch (name) {
    case "bool": return String(value);
    case "principal": return `principal "${(value as Principal).toText()}"`;
    case "null": case "reserved": case "empty": return `null : ${name}`;
    case "float32": return `${floatText(value as number, 32)} : float32`;
    case "float64": return `${floatText(value as number, 64)} : float64`;
    default: return `${groupedText(value as number | bigint)} : ${name}`;
  }
}

const part = (value: unknown, field: FieldType): unknown => (value as Readonly<Record<string, unknown>>)[fieldKey(field)];
const chosen = (value: unknown, fields: readonly FieldType[]): FieldType => { const [key] = Object.keys(value as object); return fields.find((field) => fieldKey(field) === key)!; };
const label = (field: FieldType): string => (field.name === undefined ? groupedText(field.id) : quotedName(field.name));
const isNull = (type: CandidType, types: TypeEnvironment): boolean => { const kind = resolveType(type, types); return kind?.kind === "primitive" && kind.name === "null"; };

/** Written with `: type`, so that `opt` needs parentheses around it. */
function isAnnotated(type: CandidType, types: TypeEnvironment): boolean {
  const kind = resolveType(type, types);
  return kind?.kind === "primitive" && kind.name !== "text" && kind.name !== "bool" && kind.name !== "principal";
}

/** Readable bytes as they are, but for quotes, backslashes and line ends; all others as pairs of digits. */
function blobText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)) return buffer.toString("hex").replace(/../g, "\\$&");
  return buffer.toString("latin1").replace(/[^ !#-&(-[\]-_a-~]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
