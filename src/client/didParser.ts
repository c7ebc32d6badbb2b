import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { CandidSyntaxError, TokenReader } from "./candidLexer.ts";
import { fieldId, primitive, PRIMITIVES, resolveType, type CandidInterface, type CandidType, type FieldType, type FunctionType, type PrimitiveName } from "./candidType.ts";

const MODES = ["query", "composite_query", "oneway"] as const;
const EMPTY: CandidType = { kind: "service", methods: [] };

/** Reads a .did file (candid spec, "Core grammar"). @throws IcxError ICX5006 */
export function parseDid(source: string): CandidInterface {
  try {
    return readInterface(new TokenReader(source));
  } catch (error) {
    if (!(error instanceof CandidSyntaxError)) throw error;
    throw new IcxError(ERRORS.arguments.invalidInterface, { line: source.slice(0, error.at).split("\n").length, problem: error.message }, { cause: error });
  }
}

function readInterface(reader: TokenReader): CandidInterface {
  const types = new Map<string, CandidType>();
  let actor = EMPTY, init: readonly CandidType[] = [];
  while (reader.next.kind !== "end") {
    if (reader.skip("import")) throw reader.fail("imports are not followed; `import` is not supported");
    if (reader.skip("type")) {
      const name = reader.name();
      reader.expect("=");
      if (types.has(name)) throw reader.fail(`the type ${name} is defined twice`);
      types.set(name, readType(reader));
    } else if (reader.skip("service")) {
      if (!reader.is(":")) reader.name();
      reader.expect(":");
      if (reader.is("(")) { init = readTuple(reader); reader.expect("->"); }
      actor = reader.is("{") ? readService(reader) : { kind: "named", name: reader.name() };
    } else throw reader.fail("expected `type` or `service`");
    reader.skip(";");
  }
  for (const [name, type] of types) checkNames(type, types, name);
  checkNames(actor, types, "service");
  init.forEach((type) => checkNames(type, types, "service"));
  const service = resolveType(actor, types);
  if (service?.kind !== "service") throw new CandidSyntaxError("the service is not of a service type", 0);
  const methods = new Map<string, FunctionType>();
  for (const [name, type] of service.methods) {
    const resolved = resolveType(type, types);
    if (resolved?.kind !== "func") throw new CandidSyntaxError(`the method ${name} is not of a function type`, 0);
    methods.set(name, resolved);
  }
  return { types, methods, init };
}

function readType(reader: TokenReader): CandidType {
  return reader.nested(() => {
    if (reader.next.kind !== "name") throw reader.fail("expected a type");
    const word = reader.take().word;
    switch (word) {
      case "opt": case "vec": return { kind: word, of: readType(reader) };
      case "blob": return { kind: "vec", of: primitive("nat8") };
      case "record": return { kind: word, fields: readFields(reader, true) };
      case "variant": return { kind: word, fields: readFields(reader, false) };
      case "func": return readFunction(reader);
      case "service": return readService(reader);
      default: return PRIMITIVES.includes(word as PrimitiveName) ? primitive(word as PrimitiveName) : { kind: "named", name: word };
    }
  });
}

function readFields(reader: TokenReader, positional: boolean): FieldType[] {
  const fields: FieldType[] = [];
  let following = 0;
  reader.expect("{");
  while (!reader.skip("}")) {
    const at = reader.next, field = readField(reader, positional, following);
    if (fields.some(({ id }) => id === field.id)) throw new CandidSyntaxError(`the field ${field.name ?? field.id} appears twice`, at.at);
    following = field.id + 1;
    fields.push(field);
    if (!reader.is("}")) reader.expect(";");
  }
  return fields.sort((a, b) => a.id - b.id);
}

function readField(reader: TokenReader, positional: boolean, following: number): FieldType {
  const labelled = reader.next.kind === "text" || reader.next.kind === "number" || (reader.next.kind === "name" && (!positional || reader.afterNext.word === ":"));
  if (!labelled) return { id: following, type: readType(reader) };
  const named = reader.next.kind !== "number", text = named ? reader.name() : reader.take().word.replaceAll("_", "");
  const id = named ? fieldId(text) : Number(text);
  if (!Number.isInteger(id) || id < 0 || id > 0xffff_ffff) throw reader.fail(`the field number ${text} is not between 0 and 2^32 - 1`);
  const type = reader.skip(":") ? readType(reader) : positional ? undefined : primitive("null");
  if (type === undefined) throw reader.fail("expected `:`");
  return { id, type, ...(named ? { name: text } : {}) };
}

function readTuple(reader: TokenReader): CandidType[] {
  const types: CandidType[] = [];
  reader.expect("(");
  while (!reader.skip(")")) {
    if (reader.afterNext.word === ":" && reader.afterNext.kind === "sign") { reader.name(); reader.expect(":"); } // the argument's name is for people
    types.push(readType(reader));
    if (!reader.is(")")) reader.expect(",");
  }
  return types;
}

function readFunction(reader: TokenReader): FunctionType {
  const args = readTuple(reader);
  reader.expect("->");
  const results = readTuple(reader), modes: FunctionType["modes"][number][] = [];
  for (let mode = MODES.find((word) => reader.is(word)); mode !== undefined; mode = MODES.find((word) => reader.is(word))) { modes.push(mode); reader.take(); }
  return { kind: "func", args, results, modes };
}

function readService(reader: TokenReader): CandidType {
  const methods: [string, CandidType][] = [];
  reader.expect("{");
  while (!reader.skip("}")) {
    const name = reader.name();
    reader.expect(":");
    if (methods.some(([known]) => known === name)) throw reader.fail(`the method ${name} appears twice`);
    methods.push([name, reader.is("(") ? readFunction(reader) : { kind: "named", name: reader.name() }]);
    if (!reader.is("}")) reader.expect(";");
  }
  return { kind: "service", methods };
}

/** Every name has a meaning, and no name means only itself. */
function checkNames(type: CandidType, types: ReadonlyMap<string, CandidType>, where: string): void {
  switch (type.kind) {
    case "primitive": return;
    case "named": if (resolveType(type, types) === undefined) throw new CandidSyntaxError(`the type ${type.name}, used in ${where}, is not defined`, 0); return;
    case "opt": case "vec": checkNames(type.of, types, where); return;
    case "record": case "variant": type.fields.forEach((field) => checkNames(field.type, types, where)); return;
    case "func": [...type.args, ...type.results].forEach((part) => checkNames(part, types, where)); return;
    case "service": type.methods.forEach(([, method]) => checkNames(method, types, where)); return;
  }
}
