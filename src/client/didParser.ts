import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { CandidSyntaxError, TokenReader, utf8 } from "./candidLexer.ts";
import { PRIMITIVES, resolveType, type CandidInterface, type CandidType, type FunctionType } from "./candidType.ts";
import { readService, readTuple, readType, readTypeName } from "./candidTypeText.ts";
import { positionOf } from "./sourcePosition.ts";

const SIZE_MAX = 5_000_000, FILES_MAX = 200, NESTING_MAX = 200; // characters of one file, files of one interface, levels of a type: beyond is an attack or a mistake
const KEYWORDS = new Set<string>([...PRIMITIVES.filter((name) => name !== "null"), "null", "opt", "vec", "record", "variant", "blob", "func", "service", "import", "type", "query", "composite_query", "oneway", "true", "false"]);

/** A source that another one imports: what to call it, so that it is read once, and its text. */
export interface ImportedDid { readonly name: string; readonly source: string }
/** Finds what `import "path"` in the source `from` means; undefined when there is nothing. */
export type DidImports = (path: string, from: string) => ImportedDid | undefined;

interface Parsed { readonly types: Map<string, CandidType>; readonly service: CandidType | undefined; readonly init: readonly CandidType[] }
interface Reading { readonly types: Map<string, CandidType>; readonly seen: Set<string>; readonly imports: DidImports | undefined }

/**
 * Reads a .did source (candid spec, "Core grammar"), and the sources that it imports if there is a way to find them.
 * @throws IcxError ICX5006 with the line and the column
 */
export function parseDid(source: string, imports?: DidImports, name = ""): CandidInterface {
  const reading: Reading = { types: new Map(), seen: new Set([name]), imports };
  const { types, service, init } = readSource(source, name, reading), methods = new Map<string, FunctionType>();
  return located(source, name, () => {
    const actor = service === undefined ? undefined : resolveType(service, types);
    if (service !== undefined && actor?.kind !== "service") throw new CandidSyntaxError("the service is not of a service type", placeOf(service));
    for (const [method, type] of actor?.kind === "service" ? actor.methods : []) methods.set(method, methodType(method, type, types));
    return { types, methods, init, ...(service === undefined ? {} : { service }) };
  });
}

const placeOf = (type: CandidType): number => (type.kind === "named" ? type.at ?? 0 : 0);

function methodType(name: string, type: CandidType, types: Reading["types"]): FunctionType {
  const resolved = resolveType(type, types);
  if (resolved?.kind !== "func") throw new CandidSyntaxError(`the method ${name} is not of a function type`, placeOf(type));
  return resolved;
}

function located<T>(source: string, name: string, work: () => T): T {
  try { return work(); } catch (error) {
    if (!(error instanceof CandidSyntaxError)) throw error;
    throw new IcxError(ERRORS.arguments.invalidInterface, { ...positionOf(source, error.at), file: name === "" ? "" : ` of ${name}`, problem: error.message }, { cause: error });
  }
}

function readSource(source: string, name: string, reading: Reading): Parsed {
  return located(source, name, () => {
    if (source.length > SIZE_MAX) throw new CandidSyntaxError(`the source is longer than ${SIZE_MAX} characters`, 0);
    const reader = new TokenReader(source, NESTING_MAX), own: CandidType[] = [], parts: CandidType[] = [];
    let service: CandidType | undefined, init: readonly CandidType[] = [];
    while (!reader.atEnd()) {
      if (service !== undefined) throw reader.fail("expected the end after the service");
      if (reader.is("import")) parts.push(...readImport(reader, name, reading));
      else if (reader.is("type")) own.push(readDefinition(reader, reading.types));
      else if (reader.is("service")) ({ service, init } = readActor(reader));
      else throw reader.fail("expected `type`, `import` or `service`");
      if (!reader.atEnd() && !reader.skip(";") && !reader.is("service")) throw reader.fail("expected `;`");
    }
    for (const type of [...own, ...init, ...(service === undefined ? [] : [service])]) checkNames(type, reading.types);
    return { types: reading.types, service: parts.length === 0 ? service : merged(service, parts, reading.types), init };
  });
}

function readDefinition(reader: TokenReader, types: Reading["types"]): CandidType {
  reader.take();
  const token = reader.take();
  if (token.kind !== "name" || KEYWORDS.has(token.word)) throw new CandidSyntaxError("expected a name for the type", token.at);
  reader.expect("=");
  if (types.has(token.word)) throw new CandidSyntaxError(`the type ${token.word} is defined twice`, token.at);
  const type = readType(reader);
  types.set(token.word, type);
  return type.kind === "named" ? { ...type } : type;
}

function readActor(reader: TokenReader): Pick<Parsed, "init"> & { readonly service: CandidType } {
  reader.take();
  if (reader.next.kind === "name") reader.take();
  reader.expect(":");
  let init: readonly CandidType[] = [];
  if (reader.is("(")) { init = readTuple(reader); reader.expect("->"); }
  return { init, service: reader.is("{") ? readService(reader) : readTypeName(reader) };
}

/** `import "types.did"` brings types, `import service "other.did"` the methods too; a source is read once, so circles end. */
function readImport(reader: TokenReader, name: string, reading: Reading): readonly CandidType[] {
  reader.take();
  const withService = reader.skip("service"), token = reader.take();
  if (token.kind !== "text") throw new CandidSyntaxError("expected the path of a .did file in double quotes", token.at);
  const path = utf8(token);
  if (reading.imports === undefined) throw new CandidSyntaxError(`the import of ${JSON.stringify(path)} cannot be followed: this interface is not a file`, token.at);
  const found = reading.imports(path, name);
  if (found === undefined) throw new CandidSyntaxError(`there is no file ${JSON.stringify(path)} to import`, token.at);
  if (reading.seen.has(found.name)) return [];
  if (reading.seen.size >= FILES_MAX) throw new CandidSyntaxError(`more than ${FILES_MAX} files are imported`, token.at);
  reading.seen.add(found.name);
  const { service } = reader.nested(() => readSource(found.source, found.name, reading));
  if (withService && service === undefined) throw new CandidSyntaxError(`${JSON.stringify(path)} has no service`, token.at);
  return withService && service !== undefined ? [service] : [];
}

function merged(service: CandidType | undefined, parts: readonly CandidType[], types: Reading["types"]): CandidType {
  const methods = new Map<string, CandidType>();
  for (const part of [...parts, ...(service === undefined ? [] : [service])]) {
    const resolved = resolveType(part, types);
    if (resolved?.kind !== "service") throw new CandidSyntaxError("the service is not of a service type", placeOf(part));
    for (const [method, type] of resolved.methods) {
      if (methods.has(method)) throw new CandidSyntaxError(`the method ${method} is imported and declared`, 0);
      methods.set(method, type);
    }
  }
  return { kind: "service", methods: [...methods] };
}

/** Every name has a meaning, no name means only itself, methods are functions. */
function checkNames(type: CandidType, types: Reading["types"]): void {
  switch (type.kind) {
    case "primitive": return;
    case "named":
      if (!types.has(type.name)) throw new CandidSyntaxError(`the type ${type.name} is not defined`, placeOf(type));
      if (resolveType(type, types) === undefined) throw new CandidSyntaxError(`the type ${type.name} is not defined by anything but itself`, placeOf(type));
      return;
    case "opt": case "vec": checkNames(type.of, types); return;
    case "record": case "variant": type.fields.forEach((field) => checkNames(field.type, types)); return;
    case "func": [...type.args, ...type.results].forEach((part) => checkNames(part, types)); return;
    case "service": type.methods.forEach(([name, method]) => { checkNames(method, types); methodType(name, method, types); }); return;
  }
}
