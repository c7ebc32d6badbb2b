import { escapeText } from "./escapeText.ts";

/** The types without parts (candid spec, "Primitive types"). */
export const PRIMITIVES = ["nat", "nat8", "nat16", "nat32", "nat64", "int", "int8", "int16", "int32", "int64", "float32", "float64", "bool", "text", "null", "reserved", "empty", "principal"] as const;
export type PrimitiveName = (typeof PRIMITIVES)[number];

export interface FieldType { readonly id: number; /** Absent for a field written by number. */ readonly name?: string; readonly type: CandidType }
export interface FunctionType { readonly kind: "func"; readonly args: readonly CandidType[]; readonly results: readonly CandidType[]; readonly modes: readonly ("query" | "composite_query" | "oneway")[] }
export type CandidType =
  | { readonly kind: "primitive"; readonly name: PrimitiveName }
  | { readonly kind: "opt" | "vec"; readonly of: CandidType }
  | { readonly kind: "record" | "variant"; readonly fields: readonly FieldType[] }
  | FunctionType
  | { readonly kind: "service"; readonly methods: readonly (readonly [name: string, type: CandidType])[] }
  | { readonly kind: "named"; readonly name: string; /** Offset of the name in its source. */ readonly at?: number };

/** A name's meaning. */
export type TypeEnvironment = ReadonlyMap<string, CandidType>;

/** What a .did file says of a canister. */
export interface CandidInterface {
  readonly types: TypeEnvironment;
  readonly methods: ReadonlyMap<string, FunctionType>;
  /** Types of the install argument. */
  readonly init: readonly CandidType[];
  /** The service as declared; absent for a source that has types alone. */
  readonly service?: CandidType;
}

export const primitive = (name: PrimitiveName): CandidType => ({ kind: "primitive", name });

/** The number of a field name: sum of bytes × 223^k modulo 2^32 (candid spec, "Records"). */
export function fieldId(name: string): number {
  let id = 0;
  for (const byte of new TextEncoder().encode(name)) id = (Math.imul(id, 223) + byte) >>> 0;
  return id;
}

const ALIASES_MAX = 100; // names for names for names: more are a loop, or made to cost time

/** Follows names to a structure; undefined for a name without meaning or one that means itself. */
export function resolveType(type: CandidType, types: TypeEnvironment): Exclude<CandidType, { kind: "named" }> | undefined {
  let at: CandidType | undefined = type;
  for (let steps = 0; at !== undefined && steps <= ALIASES_MAX; steps++) {
    if (at.kind !== "named") return at;
    at = types.get(at.name);
  }
  return undefined;
}

/** `vec nat8`, which has a notation of its own. */
export function isBlob(type: CandidType, types: TypeEnvironment): boolean {
  if (type.kind !== "vec") return false;
  const element = resolveType(type.of, types);
  return element?.kind === "primitive" && element.name === "nat8";
}

/** Fields 0, 1, 2 …: written without names. */
export const isTuple = (fields: readonly FieldType[]): boolean => fields.length > 0 && fields.every(({ id, name }, index) => id === index && name === undefined);

/** The property that holds a field in `@dfinity/candid`'s values: by number, because names such as `__proto__` are no safe keys. */
export const fieldKey = ({ id }: Pick<FieldType, "id">): string => `_${id}_`;
/** A field as people call it. */
export const fieldName = ({ id, name }: Pick<FieldType, "id" | "name">): string => name ?? String(id);

/** A type as candid text. */
export function typeText(type: CandidType): string {
  switch (type.kind) {
    case "primitive": case "named": return type.name;
    case "opt": return `opt ${typeText(type.of)}`;
    case "vec": return type.of.kind === "primitive" && type.of.name === "nat8" ? "blob" : `vec ${typeText(type.of)}`;
    case "record": return `record { ${type.fields.map((field) => (isTuple(type.fields) ? typeText(field.type) : `${label(field)} : ${typeText(field.type)}`)).join("; ")} }`;
    case "variant": return `variant { ${type.fields.map((field) => (field.type.kind === "primitive" && field.type.name === "null" ? label(field) : `${label(field)} : ${typeText(field.type)}`)).join("; ")} }`;
    case "func": return `func ${signatureText(type)}`;
    case "service": return `service { ${type.methods.map(([name, method]) => `${typeName(name)} : ${typeText(method).replace(/^func /, "")}`).join("; ")} }`;
  }
}
/** `(nat) -> (nat) query`. */
export const signatureText = ({ args, results, modes }: FunctionType): string => `(${args.map(typeText).join(", ")}) -> (${results.map(typeText).join(", ")})${modes.map((mode) => ` ${mode}`).join("")}`;

const KEYWORDS = new Set<string>([...PRIMITIVES, "opt", "vec", "record", "variant", "blob", "func", "service", "type", "import", "query", "composite_query", "oneway"]);
/** A name, in quotes where candid needs them. */
export const quotedName = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name) ? name : `"${escapeText(name, "display")}"`);
const label = ({ id, name }: Pick<FieldType, "id" | "name">): string => (name === undefined ? String(id) : typeName(name));
/** In types the words `true` and `false` are no names either. */
const typeName = (name: string): string => (name === "true" || name === "false" ? `"${name}"` : quotedName(name));
