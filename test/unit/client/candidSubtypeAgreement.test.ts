import { IDL } from "@dfinity/candid";
import { describe, expect, test } from "vitest";
import { isSubtype } from "../../../src/client/candidSubtype.ts";
import { primitive, PRIMITIVES, typeText, type CandidType, type FunctionType } from "../../../src/client/candidType.ts";
import { idlTypes } from "../../../src/client/idlType.ts";

/** A generator that gives the same types in every run. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
/** Without `principal`: the library does not know yet that every service type is a subtype of it. */
const COMPARED = PRIMITIVES.filter((name) => name !== "principal");
const NAMES = ["Tree", "List"], LABELS = ["a", "b", "c"];

function randomType(below: (limit: number) => number, depth: number): CandidType {
  const part = (): CandidType => randomType(below, depth - 1), some = <T>(make: (index: number) => T): T[] => Array.from({ length: below(3) }, (_, index) => make(index));
  const fields = (): { readonly id: number; readonly name: string; readonly type: CandidType }[] => LABELS.filter(() => below(2) === 0).map((name) => ({ id: name.charCodeAt(0), name, type: part() })); // candid: one letter is its own number
  switch (depth === 0 ? below(2) : below(9)) {
    case 0: return primitive(COMPARED[below(COMPARED.length)]!);
    case 1: return depth === 0 ? primitive((["nat", "int", "null", "reserved", "empty"] as const)[below(5)]!) : { kind: "named", name: NAMES[below(2)]! };
    case 2: case 3: return { kind: "opt", of: part() };
    case 4: return { kind: "vec", of: part() };
    case 5: return { kind: "record", fields: fields() };
    case 6: return { kind: "variant", fields: fields() };
    case 7: return randomFunction(some(part), some(part), below);
    default: return { kind: "service", methods: LABELS.filter(() => below(2) === 0).map((name) => [name, randomFunction(some(part), some(part), below)] as const) };
  }
}
const randomFunction = (args: readonly CandidType[], results: readonly CandidType[], below: (limit: number) => number): FunctionType => ({ kind: "func", args, results, modes: below(3) === 0 ? ["query"] : [] });

/** A relative of a type: most of it alike, here and there another one. */
function relative(type: CandidType, below: (limit: number) => number): CandidType {
  if (below(6) === 0) return below(2) === 0 ? { kind: "opt", of: type } : randomType(below, 1);
  const of = (part: CandidType): CandidType => relative(part, below);
  switch (type.kind) {
    case "primitive": return type.name === "nat" && below(2) === 0 ? primitive("int") : type;
    case "named": return type;
    case "opt": case "vec": return { kind: type.kind, of: of(type.of) };
    case "record": case "variant": return { kind: type.kind, fields: type.fields.filter(() => below(5) > 0).map((field) => ({ ...field, type: of(field.type) })) };
    case "func": return { ...type, args: type.args.map(of), results: type.results.map(of) };
    case "service": return { kind: "service", methods: type.methods.filter(() => below(5) > 0).map(([name, method]) => [name, of(method)] as const).filter(([, method]) => method.kind === "func") };
  }
}

describe("the official library agrees", () => {
  test("on 2,000 pairs of related types, recursive ones among them", () => {
    const below = chance(20_261_122), types = new Map<string, CandidType>([
      ["Tree", { kind: "record", fields: [{ id: 97, name: "a", type: { kind: "opt", of: { kind: "named", name: "Tree" } } }, { id: 98, name: "b", type: primitive("nat") }] }],
      ["List", { kind: "opt", of: { kind: "record", fields: [{ id: 97, name: "a", type: primitive("int") }, { id: 98, name: "b", type: { kind: "named", name: "List" } }] } }],
    ]);
    const counts = { yes: 0, no: 0 };
    for (let round = 0; round < 2_000; round++) {
      const sub = randomType(below, 3), sup = relative(sub, below), [a, b] = idlTypes([sub, sup], types) as [IDL.Type, IDL.Type];
      const ours = isSubtype({ type: sub, types }, { type: sup, types });
      counts[ours ? "yes" : "no"]++;
      expect(ours, `${typeText(sub)} against ${typeText(sup)}`).toBe(IDL.subtype(a, b));
    }
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(400);
  });
});
