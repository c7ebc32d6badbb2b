import { isTuple, resolveType, signatureText, typeText, type CandidType, type FieldType, type FunctionType, type TypeEnvironment } from "./candidType.ts";

/** A type with the meaning of the names in it. */
export interface Scoped { readonly type: CandidType; readonly types: TypeEnvironment }
/** Why one type is not a subtype of another: where, and the two parts that do not fit. */
export interface Mismatch { readonly path: readonly string[]; readonly reason: string }

/**
 * `diverging`: a value that fits neither `null` nor the content of an `opt` is still a subtype of it by the spec (it decodes as `null`), but whoever relies on the value loses it. Strict comparison counts that as
 * a mismatch, as icp-cli does.
 */
export interface SubtypeOptions { readonly diverging: "allowed" | "mismatch" }

type Structure = Exclude<CandidType, { readonly kind: "named" }>;
const DEPTH_MAX = 500; // deeper than any interface that was written; a hostile one ends in a mismatch, not in an overflow

/** The first reason why `sub` is not a subtype of `sup` (candid spec, "Rules"); undefined when it is. Recursive types are compared coinductively: what is being compared is assumed. */
export function subtypeMismatch(sub: Scoped, sup: Scoped, options: SubtypeOptions = { diverging: "allowed" }): Mismatch | undefined {
  return new Comparison(options).compare(sub, sup, [], 0);
}
export const isSubtype = (sub: Scoped, sup: Scoped, options?: SubtypeOptions): boolean => subtypeMismatch(sub, sup, options) === undefined;

class Comparison {
  readonly #strict: boolean;
  readonly #assumed = new Map<CandidType, Set<CandidType>>();
  constructor({ diverging }: SubtypeOptions) { this.#strict = diverging === "mismatch"; }

  /** Pairs are known by the identity of their structures. The first mismatch ends the comparison, so an assumption never has to be taken back. */
  compare(sub: Scoped, sup: Scoped, path: readonly string[], depth: number): Mismatch | undefined {
    const a = resolveType(sub.type, sub.types), b = resolveType(sup.type, sup.types);
    if (a === undefined || b === undefined || depth > DEPTH_MAX) return { path, reason: a === undefined || b === undefined ? "a type is not defined" : "the types are nested too deeply to be compared" };
    const assumed = this.#assumed.get(a) ?? new Set<CandidType>();
    if (assumed.has(b)) return undefined;
    this.#assumed.set(a, assumed.add(b));
    return this.#structures({ type: a, types: sub.types }, { type: b, types: sup.types }, path, depth + 1);
  }

  #structures(sub: Scoped & { readonly type: Structure }, sup: Scoped & { readonly type: Structure }, path: readonly string[], depth: number): Mismatch | undefined {
    const { type: a } = sub, { type: b } = sup, part = (of: CandidType, scope: Scoped): Scoped => ({ type: of, types: scope.types });
    const no = (): Mismatch => ({ path, reason: `\`${shortText(a)}\` is not a subtype of \`${shortText(b)}\`` });
    if (b.kind === "primitive" && b.name === "reserved") return undefined;
    if (a.kind === "primitive" && a.name === "empty") return undefined;
    if (b.kind === "opt") return this.#option(sub, part(b.of, sup), sup, path, depth);
    if (a.kind === "primitive" && b.kind === "primitive") return a.name === b.name || (a.name === "nat" && b.name === "int") ? undefined : no();
    if (a.kind === "service" && b.kind === "primitive" && b.name === "principal") return undefined;
    if (a.kind === "vec" && b.kind === "vec") return this.compare(part(a.of, sub), part(b.of, sup), [...path, "element"], depth);
    if (a.kind === "record" && b.kind === "record") return this.#record(a.fields, b.fields, sub.types, sup.types, path, depth, "field");
    if (a.kind === "variant" && b.kind === "variant") return this.#variant(a.fields, b.fields, sub.types, sup.types, path, depth);
    if (a.kind === "func" && b.kind === "func") return this.#function(a, b, sub.types, sup.types, path, depth);
    if (a.kind === "service" && b.kind === "service") {
      const methods = new Map(a.methods);
      for (const [name, type] of b.methods) {
        const mine = methods.get(name), where = [...path, `method \`${name}\``];
        const found = mine === undefined ? { path: where, reason: "the method is gone" } : this.compare(part(mine, sub), part(type, sup), where, depth);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    return no();
  }

  /** Everything is a subtype of an `opt`; only what decodes to more than `null` by plain rules does not diverge. */
  #option(sub: Scoped & { readonly type: Structure }, content: Scoped, sup: Scoped, path: readonly string[], depth: number): Mismatch | undefined {
    const { type: a } = sub;
    if (!this.#strict || (a.kind === "primitive" && a.name === "null")) return undefined;
    if (a.kind === "opt") return this.compare({ type: a.of, types: sub.types }, content, [...path, "opt"], depth);
    const inner = resolveType(content.type, content.types);
    if (inner !== undefined && absent(inner)) return { path, reason: `\`${shortText(a)}\` would always be read as \`null\` of \`${shortText(sup.type)}\`` };
    return this.compare(sub, content, path, depth);
  }

  #record(a: readonly FieldType[], b: readonly FieldType[], subTypes: TypeEnvironment, supTypes: TypeEnvironment, path: readonly string[], depth: number, word: string): Mismatch | undefined {
    const mine = new Map(a.map((field) => [field.id, field]));
    for (const field of b) {
      const own = mine.get(field.id), where = [...path, `${word} \`${labelOf(field, own)}\``];
      if (own === undefined) {
        const resolved = resolveType(field.type, supTypes);
        if (resolved === undefined || !absent(resolved)) return { path: where, reason: `it is missing, and \`${shortText(field.type)}\` is not optional` };
        continue;
      }
      const found = this.compare({ type: own.type, types: subTypes }, { type: field.type, types: supTypes }, where, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #variant(a: readonly FieldType[], b: readonly FieldType[], subTypes: TypeEnvironment, supTypes: TypeEnvironment, path: readonly string[], depth: number): Mismatch | undefined {
    const theirs = new Map(b.map((field) => [field.id, field]));
    for (const field of a) {
      const other = theirs.get(field.id), where = [...path, `case \`${labelOf(field, other)}\``];
      const found = other === undefined ? { path: where, reason: "the other side does not know this case" } : this.compare({ type: field.type, types: subTypes }, { type: other.type, types: supTypes }, where, depth);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Arguments are compared the other way round; lists of types are records of numbered fields. */
  #function(a: FunctionType, b: FunctionType, subTypes: TypeEnvironment, supTypes: TypeEnvironment, path: readonly string[], depth: number): Mismatch | undefined {
    if (new Set([...a.modes, ...b.modes]).size !== new Set(a.modes).size || a.modes.length !== b.modes.length) return { path, reason: `the method is ${modesText(a)}, not ${modesText(b)}` };
    return this.#record(numbered(b.args), numbered(a.args), supTypes, subTypes, path, depth, "argument") ?? this.#record(numbered(a.results), numbered(b.results), subTypes, supTypes, path, depth, "result");
  }
}

/** A value of it may be left out of a record. */
const absent = (type: Structure): boolean => type.kind === "opt" || (type.kind === "primitive" && (type.name === "null" || type.name === "reserved"));
const numbered = (types: readonly CandidType[]): readonly FieldType[] => types.map((type, id) => ({ id, type }));
const labelOf = (field: FieldType, other: FieldType | undefined): string => field.name ?? other?.name ?? String(field.id);
const modesText = ({ modes }: FunctionType): string => (modes.length === 0 ? "an update" : modes.length === 1 && modes[0] !== "oneway" ? `a ${modes[0]!.replace("_", " ")}` : modes.join(" "));

const TEXT_MAX = 200;
const shortText = (type: CandidType): string => {
  const text = type.kind === "func" ? signatureText(type) : type.kind === "record" && isTuple(type.fields) && type.fields.length > 20 ? "record { … }" : typeText(type);
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
};
