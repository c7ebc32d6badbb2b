import { CandidSyntaxError, TokenReader, utf8, type Token } from "./candidLexer.ts";
import { fieldId, type CandidType } from "./candidType.ts";
import { readFieldNumber, readType } from "./candidTypeText.ts";

/** A value as written, before a type gives it a meaning; `at` is where it stands. */
export type CandidText = { readonly at: number } & (
  | { readonly kind: "null" | "reserved" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly digits: string }
  | { readonly kind: "text" | "principal" | "service"; readonly value: string }
  | { readonly kind: "blob"; readonly value: Uint8Array }
  | { readonly kind: "opt"; readonly of: CandidText }
  | { readonly kind: "vec"; readonly items: readonly CandidText[] }
  | { readonly kind: "record"; readonly fields: readonly WrittenField[] }
  | { readonly kind: "variant"; readonly field: WrittenField }
  | { readonly kind: "func"; readonly principal: string; readonly method: string }
  | { readonly kind: "annotated"; readonly of: CandidText; readonly type: CandidType });
export interface WrittenField { readonly id: number; readonly name?: string; readonly value: CandidText; readonly at: number }

/** Reads `(1, "two")`; a single value may stand without its parentheses. @throws CandidSyntaxError */
export function parseCandidText(source: string): readonly CandidText[] {
  const reader = new TokenReader(source), values: CandidText[] = [];
  if (reader.atEnd()) return values;
  if (!reader.skip("(")) values.push(readAnnotated(reader));
  else while (!reader.skip(")")) {
    values.push(readAnnotated(reader));
    if (!reader.is(")")) reader.expect(",");
  }
  if (!reader.atEnd()) throw reader.fail("expected the end of the argument");
  return values;
}

function readAnnotated(reader: TokenReader): CandidText {
  const { at } = reader.next, of = readValue(reader);
  return reader.skip(":") ? { kind: "annotated", of, type: readType(reader), at } : of;
}

function readValue(reader: TokenReader): CandidText {
  return reader.nested(() => {
    const token = reader.take(), { at } = token;
    if (token.kind === "number") return { kind: "number", digits: token.word.replaceAll("_", ""), at };
    if (token.kind === "text") return { kind: "text", value: utf8(token), at };
    if (token.word === "(") { const inner = readAnnotated(reader); reader.expect(")"); return inner; }
    switch (token.kind === "name" ? token.word : "") {
      case "true": case "false": return { kind: "bool", value: token.word === "true", at };
      case "null": return { kind: "null", at };
      case "reserved": return { kind: "reserved", at };
      case "inf": case "nan": case "NaN": return { kind: "number", digits: token.word, at };
      case "principal": return { kind: "principal", value: quoted(reader, "a principal"), at };
      case "service": return { kind: "service", value: quoted(reader, "a principal"), at };
      case "blob": return { kind: "blob", value: quotedBytes(reader), at };
      case "opt": return { kind: "opt", of: readValue(reader), at };
      case "vec": return { kind: "vec", items: readItems(reader), at };
      case "record": return { kind: "record", fields: readFields(reader), at };
      case "variant": return readVariant(reader, at);
      case "func": { const principal = quoted(reader, "a principal"); reader.expect("."); return { kind: "func", principal, method: reader.name(), at }; }
      default: throw new CandidSyntaxError(token.word === "" ? "the argument ends too early" : `\`${token.word}\` does not begin a value${/^[a-z]/i.test(token.word) ? "; texts stand in double quotes" : ""}`, at);
    }
  });
}

function quotedToken(reader: TokenReader, what: string): Token {
  const token = reader.take();
  if (token.kind !== "text") throw new CandidSyntaxError(`expected ${what} in double quotes`, token.at);
  return token;
}
const quoted = (reader: TokenReader, what: string): string => utf8(quotedToken(reader, what));
const quotedBytes = (reader: TokenReader): Uint8Array => quotedToken(reader, "bytes").bytes!;

function readItems(reader: TokenReader): CandidText[] {
  const items: CandidText[] = [];
  reader.expect("{");
  while (!reader.skip("}")) {
    items.push(readAnnotated(reader));
    if (!reader.is("}")) reader.expect(";");
  }
  return items;
}

function readFields(reader: TokenReader): WrittenField[] {
  const fields: WrittenField[] = [], ids = new Set<number>();
  let following = 0;
  reader.expect("{");
  while (!reader.skip("}")) {
    const { at } = reader.next, labelled = reader.afterNext.kind === "sign" && reader.afterNext.word === "=";
    const key = labelled ? readLabel(reader) : { id: following };
    if (labelled) reader.expect("=");
    if (ids.has(key.id)) throw new CandidSyntaxError("a field appears twice", at);
    if (key.id > 0xffff_ffff) throw new CandidSyntaxError("a field number is at most 2^32 - 1", at);
    ids.add(key.id);
    fields.push({ ...key, value: readAnnotated(reader), at });
    following = key.id + 1;
    if (!reader.is("}")) reader.expect(";");
  }
  return fields;
}

function readVariant(reader: TokenReader, at: number): CandidText {
  reader.expect("{");
  const start = reader.next.at, key = readLabel(reader);
  const value: CandidText = reader.skip("=") ? readAnnotated(reader) : { kind: "null", at: start };
  reader.skip(";");
  reader.expect("}");
  return { kind: "variant", field: { ...key, value, at: start }, at };
}

function readLabel(reader: TokenReader): { readonly id: number; readonly name?: string } {
  if (reader.next.kind !== "number") { const name = reader.name(); return { id: fieldId(name), name }; }
  return { id: readFieldNumber(reader) };
}
