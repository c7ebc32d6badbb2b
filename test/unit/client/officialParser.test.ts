import { IDL } from "@dfinity/candid";
import { generate } from "@icp-sdk/bindgen/core";
import fc from "fast-check";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { fieldId, resolveType, typeText, type CandidInterface, type CandidType } from "../../../src/client/candidType.ts";
import { parseDid } from "../../../src/client/didParser.ts";
import { makeBindings } from "../../../src/client/makeBindings.ts";
import { temporaryFolder } from "../../cli/run.ts";
import { BROKEN_INTERFACES } from "./brokenCandid.ts";
import { NAMED_TYPES, typedValues } from "./candidArbitrary.ts";

/** Real interfaces: those of system canisters, that a package of the checkout carries. */
const CORPUS = resolve("node_modules/azle/src/stable/lib/canisters");
const corpus = existsSync(CORPUS) ? readdirSync(CORPUS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".did")).sort() : [];

type Generated = { readonly idlFactory: (given: { readonly IDL: typeof IDL }) => IDL.ServiceClass; readonly init: (given: { readonly IDL: typeof IDL }) => IDL.Type[] };
/** The official parser's view: the declarations that it generates, run. */
async function official(source: string): Promise<Generated> {
  const script = [...await makeBindings({ name: "it", source }, { layout: "flat" })].find(([path]) => path.endsWith(".did.js"))![1].replace(/^import .*$/m, "");
  return await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(script)}`) as Generated;
}

/** A structure as text, fields by number; `seen` holds what is being written: a type inside itself is a step back. */
function theirs(type: IDL.Type, seen: readonly unknown[] = []): string {
  if (type instanceof IDL.RecClass) return seen.includes(type) ? "self" : theirs((type as unknown as { getType(): IDL.Type }).getType(), [...seen, type]);
  const inner = (part: IDL.Type): string => theirs(part, seen), parts = type as unknown as { readonly _type: IDL.Type; readonly _fields: [string, IDL.Type][] };
  if (type instanceof IDL.OptClass) return `opt ${inner(parts._type)}`;
  if (type instanceof IDL.VecClass) return `vec ${inner(parts._type)}`;
  if (type instanceof IDL.RecordClass || type instanceof IDL.VariantClass) {
    const fields = parts._fields.map(([label, part]) => [/^_\d+_$/.test(label) ? Number(label.slice(1, -1)) : fieldId(label), part] as const).sort(([a], [b]) => a - b);
    return `${type instanceof IDL.RecordClass ? "record" : "variant"} {${fields.map(([id, part]) => `${id}:${inner(part)}`).join(";")}}`;
  }
  if (type instanceof IDL.FuncClass) return `(${type.argTypes.map(inner).join()})->(${type.retTypes.map(inner).join()})${type.annotations.join()}`;
  if (type instanceof IDL.ServiceClass) return `service {${parts._fields.map(([name, part]) => `${name}:${inner(part)}`).sort().join(";")}}`;
  return type.name;
}
/** The same of our types. The generator makes a recursive type of a name; here a name is that type while it is open. */
function ours(type: CandidType, types: CandidInterface["types"], recursive: ReadonlySet<string>, seen: readonly string[] = []): string {
  if (type.kind === "named") {
    if (seen.includes(type.name)) return "self";
    return ours(types.get(type.name)!, types, recursive, recursive.has(type.name) ? [...seen, type.name] : seen);
  }
  const inner = (part: CandidType): string => ours(part, types, recursive, seen);
  switch (type.kind) {
    case "primitive": return type.name;
    case "opt": case "vec": return `${type.kind} ${inner(type.of)}`;
    case "record": case "variant": return `${type.kind} {${type.fields.map((field) => `${field.id}:${inner(field.type)}`).join(";")}}`;
    case "func": return `(${type.args.map(inner).join()})->(${type.results.map(inner).join()})${type.modes.join()}`;
    case "service": return `service {${type.methods.map(([name, part]) => `${name}:${inner(part)}`).sort().join(";")}}`;
  }
}
/** Names that lead back to themselves. */
function recursiveNames(types: CandidInterface["types"]): ReadonlySet<string> {
  const mentions = (type: CandidType): readonly string[] => {
    switch (type.kind) {
      case "primitive": return [];
      case "named": return [type.name];
      case "opt": case "vec": return mentions(type.of);
      case "record": case "variant": return type.fields.flatMap((field) => mentions(field.type));
      case "func": return [...type.args, ...type.results].flatMap(mentions);
      case "service": return type.methods.flatMap(([, method]) => mentions(method));
    }
  };
  const reaches = (from: string): boolean => { const found = new Set<string>(), open = [from]; for (let name = open.pop(); name !== undefined; name = open.pop()) for (const next of mentions(types.get(name)!)) if (!found.has(next)) { found.add(next); open.push(next); } return found.has(from); };
  return new Set([...types.keys()].filter(reaches));
}

async function agree(source: string): Promise<number> {
  const own = parseDid(source), generated = await official(source), recursive = recursiveNames(own.types);
  const methods = (generated.idlFactory({ IDL }) as unknown as { readonly _fields: [string, IDL.Type][] })._fields;
  expect([...own.methods.keys()].sort()).toEqual(methods.map(([name]) => name).sort());
  for (const [name, type] of methods) expect(ours(own.methods.get(name)!, own.types, recursive), name).toBe(theirs(type));
  expect(own.init.map((type) => ours(type, own.types, recursive))).toEqual(generated.init({ IDL }).map((type) => theirs(type)));
  return methods.length;
}

describe("our parser and the official one", () => {
  test.skipIf(corpus.length === 0)(`agree on ${corpus.length} real interfaces`, async () => {
    let methods = 0;
    for (const file of corpus) methods += await agree(readFileSync(join(CORPUS, file), "utf8"));
    expect(methods).toBeGreaterThan(300);
  });
  test("agree on 150 generated types", async () => {
    const types = fc.sample(typedValues(true), { seed: 8, numRuns: 150 }).map(({ type }) => typeText(type)).filter((text) => !/\b_\d+_\b|__proto__/.test(text)); // a name that the generated script takes for a number, and one that it loses
    await agree(`${[...NAMED_TYPES].map(([name, type]) => `type ${name} = ${typeText(type)};\n`).join("")}service : (nat, opt List) -> {\n${types.map((text, index) => `  m${index} : (${text}) -> (vec ${text}) query;`).join("\n")}\n}`);
    expect(types.length).toBeGreaterThan(130);
  });
  test("agree on names, comments, modes and classes", async () => {
    await agree("// c\n/* d /* nested */ */ type A = record { /* x */ nat; a : A2; \"\\u{e9} \" : opt A; 0xff : blob; 1_000 : text };\ntype A2 = variant { a; 5; \"b c\" : A2 };\ntype F = func (x : nat, \"odd name\" : A) -> (text, y : A2) composite_query;\ntype S = service { f : F; g : (S) -> () oneway };\nservice it : (init : A, S) -> { \"q w\" : F; h : () -> (S, F) query }");
  });
  test("refuse the same sources", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "it.did"), accepted: string[] = [];
    for (const [source] of BROKEN_INTERFACES.filter(([text]) => !text.includes("opt opt") && text !== "type nat = text;")) { // deep nesting breaks it for good; it lets a keyword be defined, which the specification does not
      writeFileSync(file, source);
      await generate({ didFile: file, outDir: join(folder.path, "out"), output: { force: true } }).then(() => accepted.push(source), () => undefined);
    }
    expect(accepted).toEqual([]);
  });
});
