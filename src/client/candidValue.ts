import { Principal } from "@dfinity/principal";
import type { CandidText } from "./candidText.ts";
import { fieldKey, fieldName, isBlob, primitive, quotedName, resolveType, typeText, type CandidType, type PrimitiveName, type TypeEnvironment } from "./candidType.ts";

/** A written value that does not fit its type; `at` is where it stands, if it stands anywhere. */
export class CandidTypeError extends Error {
  override readonly name = "CandidTypeError";
  readonly at: number | undefined;
  constructor(problem: string, at?: number) {
    super(problem);
    this.at = at;
  }
}

const RANGES: Readonly<Partial<Record<PrimitiveName, readonly [bigint, bigint]>>> = Object.fromEntries([8n, 16n, 32n, 64n].flatMap((bits) =>
  [[`nat${bits}`, [0n, (1n << bits) - 1n]], [`int${bits}`, [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]]]));
const DIGITS_MAX = 4_000; // longer ones cost the square of their length
const isInteger = (name: PrimitiveName): boolean => /^(nat|int)\d*$/.test(name);

/** The value in the form that `@dfinity/candid` encodes, as the type wants it. @throws CandidTypeError */
export function valueOf(written: CandidText, type: CandidType, types: TypeEnvironment): unknown {
  const resolved = resolveType(type, types);
  if (resolved === undefined) throw new CandidTypeError(`the type ${typeText(type)} is not defined`, written.at);
  const misfit = (): CandidTypeError => new CandidTypeError(`${describe(written)} is not a ${typeText(type)}`, written.at);
  if (written.kind === "annotated") { checkAnnotation(written, resolved); return valueOf(written.of, type, types); }
  switch (resolved.kind) {
    case "primitive": return primitiveValue(written, resolved.name, misfit);
    case "opt": return written.kind === "null" || written.kind === "reserved" ? [] : [valueOf(written.kind === "opt" ? written.of : written, resolved.of, types)];
    case "vec":
      if (written.kind === "blob" && isBlob(resolved, types)) return written.value;
      if (written.kind !== "vec") throw misfit();
      return isBlob(resolved, types) ? Uint8Array.from(written.items, (item) => Number(valueOf(item, resolved.of, types))) : written.items.map((item) => valueOf(item, resolved.of, types));
    case "record": {
      if (written.kind !== "record") throw misfit();
      const unknown = written.fields.find(({ id }) => !resolved.fields.some((field) => field.id === id));
      if (unknown !== undefined) throw new CandidTypeError(`the record has no field ${unknown.name ?? unknown.id}; it is ${typeText(resolved)}`, unknown.at);
      return Object.fromEntries(resolved.fields.map((field) => {
        const found = written.fields.find(({ id }) => id === field.id);
        if (found === undefined && !isOptional(field.type, types)) throw new CandidTypeError(`the field ${fieldName(field)} : ${typeText(field.type)} is missing`, written.at);
        return [fieldKey(field), valueOf(found?.value ?? { kind: "null", at: written.at }, field.type, types)];
      }));
    }
    case "variant": {
      if (written.kind !== "variant") throw misfit();
      const { id, name, value } = written.field, field = resolved.fields.find((candidate) => candidate.id === id);
      if (field === undefined) throw new CandidTypeError(`the variant has no case ${name ?? id}; it has ${resolved.fields.map((known) => quotedName(fieldName(known))).join(", ")}`, written.field.at);
      return { [fieldKey(field)]: valueOf(value, field.type, types) };
    }
    case "func": if (written.kind !== "func") throw misfit(); return [principal(written.principal, written.at), written.method];
    case "service": if (written.kind !== "service" && written.kind !== "principal") throw misfit(); return principal(written.value, written.at);
  }
}

/** May be left out: `opt`, `null`, `reserved` (candid spec, "Subtyping"). */
export function isOptional(type: CandidType, types: TypeEnvironment): boolean {
  const resolved = resolveType(type, types);
  return resolved?.kind === "opt" || (resolved?.kind === "primitive" && (resolved.name === "null" || resolved.name === "reserved"));
}

function primitiveValue(written: CandidText, name: PrimitiveName, misfit: () => CandidTypeError): unknown {
  if (name === "reserved") return null;
  if (name === "null" && written.kind === "null") return null;
  if (name === "bool" && written.kind === "bool") return written.value;
  if (name === "text" && written.kind === "text") return written.value;
  if (name === "principal" && (written.kind === "principal" || written.kind === "service")) return principal(written.value, written.at);
  if (written.kind !== "number") throw misfit();
  if (written.digits.length > DIGITS_MAX) throw new CandidTypeError(`a number of more than ${DIGITS_MAX} digits`, written.at);
  if (name === "float32" || name === "float64") return floatOf(written.digits);
  if (!isInteger(name)) throw misfit();
  const value = integerOf(written.digits), range = RANGES[name];
  if (value === undefined || (name === "nat" && value < 0n)) throw misfit();
  if (range !== undefined && (value < range[0] || value > range[1])) throw new CandidTypeError(`${written.digits} is out of the range of ${name}: ${range[0]} to ${range[1]}`, written.at);
  return range === undefined || name.endsWith("64") ? value : Number(value);
}

function integerOf(digits: string): bigint | undefined {
  const match = /^([+-]?)(0x[\da-f]+|\d+)$/i.exec(digits);
  return match === null ? undefined : BigInt(match[2]!.toLowerCase()) * (match[1] === "-" ? -1n : 1n);
}
const floatOf = (digits: string): number => (/inf$/.test(digits) ? (digits.startsWith("-") ? -Infinity : Infinity) : /nan$/i.test(digits) ? NaN : Number(integerOf(digits) ?? digits));

function principal(text: string, at: number): Principal {
  try { return Principal.fromText(text); } catch { throw new CandidTypeError(`"${text}" is not a principal`, at); }
}

/** `1 : nat8` is what it says, and fits where a nat8 fits. */
function checkAnnotation(written: Extract<CandidText, { readonly kind: "annotated" }>, wanted: CandidType): void {
  valueOf(written.of, written.type, new Map());
  const [said, kind] = [written.type, wanted];
  if (said.kind !== "primitive" || kind.kind !== "primitive" || said.name === kind.name || kind.name === "reserved" || (said.name === "nat" && kind.name === "int")) return;
  throw new CandidTypeError(`a value that is marked as ${said.name} is no ${typeText(wanted)}`, written.at);
}

/** The type that a value has when nobody says what it should be. @throws CandidTypeError for mixed lists */
export function inferType(written: CandidText): CandidType {
  switch (written.kind) {
    case "null": case "reserved": case "bool": case "text": case "principal": return primitive(written.kind);
    case "number": return primitive(!/^[+-]?(0x[\da-f]+|\d+)$/i.test(written.digits) ? "float64" : "int");
    case "blob": return { kind: "vec", of: primitive("nat8") };
    case "opt": return { kind: "opt", of: inferType(written.of) };
    case "vec": {
      const kinds = written.items.map(inferType), [first] = kinds;
      if (kinds.some((kind) => typeText(kind) !== typeText(first!))) throw new CandidTypeError("the elements of a vec have different types", written.at);
      return { kind: "vec", of: first ?? primitive("empty") };
    }
    case "record": return { kind: "record", fields: written.fields.map(({ value, at: _, ...key }) => ({ ...key, type: inferType(value) })).sort((a, b) => a.id - b.id) };
    case "variant": { const { value, at: _, ...key } = written.field; return { kind: "variant", fields: [{ ...key, type: inferType(value) }] }; }
    case "service": return { kind: "service", methods: [] };
    case "func": return { kind: "func", args: [], results: [], modes: [] };
    case "annotated": return written.type;
  }
}

function describe(written: CandidText): string {
  switch (written.kind) {
    case "number": return written.digits;
    case "bool": return String(written.value);
    case "text": return JSON.stringify(written.value);
    case "principal": case "service": return `${written.kind} "${written.value}"`;
    default: return `a ${written.kind}`;
  }
}
