import { CandidSyntaxError, type TokenReader } from "./candidLexer.ts";
import { fieldId, primitive, PRIMITIVES, type CandidType, type FieldType, type FunctionType, type PrimitiveName } from "./candidType.ts";

const MODES = ["query", "composite_query", "oneway"] as const;
const RESERVED = new Set(["import", "type", "query", "composite_query", "oneway", "true", "false"]);

/** Reads a type (candid spec, "Core grammar"): of a definition, a method, or an annotation. @throws CandidSyntaxError */
export function readType(reader: TokenReader): CandidType {
  return reader.nested(() => {
    const token = reader.next;
    if (token.kind !== "name" || RESERVED.has(token.word)) throw reader.fail("expected a type");
    const { word } = reader.take();
    switch (word) {
      case "opt": case "vec": return { kind: word, of: readType(reader) };
      case "blob": return { kind: "vec", of: primitive("nat8") };
      case "record": return { kind: word, fields: readFields(reader, true) };
      case "variant": return { kind: word, fields: readFields(reader, false) };
      case "func": return readFunction(reader);
      case "service": return readService(reader);
      default: return PRIMITIVES.includes(word as PrimitiveName) ? primitive(word as PrimitiveName) : { kind: "named", name: word, at: token.at };
    }
  });
}

/** The number of a field as written: `5`, `0xff`, `1_000`. @throws CandidSyntaxError beyond 32 bits */
export function readFieldNumber(reader: TokenReader): number {
  const token = reader.take(), id = /^(0x[\da-f_]+|[\d_]+)$/i.test(token.word) ? Number(token.word.replaceAll("_", "")) : -1;
  if (id < 0 || id > 0xffff_ffff) throw new CandidSyntaxError(`the field number ${token.word} is not between 0 and 2^32 - 1`, token.at);
  return id;
}

function readFields(reader: TokenReader, positional: boolean): FieldType[] {
  const fields: FieldType[] = [], ids = new Set<number>();
  let following = 0;
  reader.expect("{");
  while (!reader.skip("}")) {
    const at = reader.next, field = readField(reader, positional, following);
    if (ids.has(field.id)) throw new CandidSyntaxError(`the field ${field.name ?? field.id} appears twice, or has the number of another field`, at.at);
    ids.add(field.id);
    following = field.id + 1;
    fields.push(field);
    if (!reader.is("}")) reader.expect(";");
  }
  return fields.sort((a, b) => a.id - b.id);
}

function readField(reader: TokenReader, positional: boolean, following: number): FieldType {
  const labelled = reader.next.kind === "text" || reader.next.kind === "number" || (reader.next.kind === "name" && (!positional || reader.afterNext.word === ":"));
  if (!labelled) {
    if (following > 0xffff_ffff) throw reader.fail("a field number is at most 2^32 - 1");
    return { id: following, type: readType(reader) };
  }
  const named = reader.next.kind !== "number", name = named ? reader.name() : undefined, id = name === undefined ? readFieldNumber(reader) : fieldId(name);
  if (!reader.is(":") && positional) throw reader.fail("expected `:`");
  const type = reader.skip(":") ? readType(reader) : primitive("null");
  return { id, type, ...(name === undefined ? {} : { name }) };
}

/** `(name : nat, text)`; the names are for people. @throws CandidSyntaxError */
export function readTuple(reader: TokenReader): CandidType[] {
  const types: CandidType[] = [], names = new Set<string>();
  reader.expect("(");
  while (!reader.skip(")")) {
    if (reader.afterNext.word === ":" && reader.afterNext.kind === "sign") {
      const { at } = reader.next, name = reader.name();
      if (names.has(name)) throw new CandidSyntaxError(`the argument ${name} appears twice`, at);
      names.add(name);
      reader.expect(":");
    }
    types.push(readType(reader));
    if (!reader.is(")")) reader.expect(",");
  }
  return types;
}

/** `(nat) -> (nat) query`. @throws CandidSyntaxError */
export function readFunction(reader: TokenReader): FunctionType {
  const args = readTuple(reader);
  reader.expect("->");
  const { at } = reader.next, results = readTuple(reader), modes: FunctionType["modes"][number][] = [];
  for (let mode = MODES.find((word) => reader.is(word)); mode !== undefined; mode = MODES.find((word) => reader.is(word))) {
    if (modes.length > 0) throw reader.fail("a function has one mode");
    modes.push(mode);
    reader.take();
  }
  if (modes[0] === "oneway" && results.length > 0) throw new CandidSyntaxError("a oneway function has no results", at);
  return { kind: "func", args, results, modes };
}

/** `{ get : () -> (nat) query }`. @throws CandidSyntaxError */
export function readService(reader: TokenReader): Extract<CandidType, { readonly kind: "service" }> {
  const methods: [string, CandidType][] = [], names = new Set<string>();
  reader.expect("{");
  while (!reader.skip("}")) {
    const { at } = reader.next, name = reader.name();
    reader.expect(":");
    if (names.has(name)) throw new CandidSyntaxError(`the method ${name} appears twice`, at);
    names.add(name);
    methods.push([name, reader.is("(") ? readFunction(reader) : readTypeName(reader)]);
    if (!reader.is("}")) reader.expect(";");
  }
  return { kind: "service", methods };
}

/** A name that stands for a type. @throws CandidSyntaxError */
export function readTypeName(reader: TokenReader): Extract<CandidType, { readonly kind: "named" }> {
  const token = reader.take();
  if (token.kind !== "name" || RESERVED.has(token.word)) throw new CandidSyntaxError(`expected the name of a type, found ${token.word === "" ? "something else" : `\`${token.word}\``}`, token.at);
  return { kind: "named", name: token.word, at: token.at };
}
