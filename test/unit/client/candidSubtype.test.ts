import { describe, expect, test } from "vitest";
import { isSubtype, subtypeMismatch, type SubtypeOptions } from "../../../src/client/candidSubtype.ts";
import { parseDid } from "../../../src/client/didParser.ts";
import { brokenMethods } from "../../../src/client/interfaceChanges.ts";

/** Both sides in one file: types may refer to each other, and recursive ones are compared with themselves unrolled. */
function related(sub: string, sup: string, options?: SubtypeOptions, definitions = ""): boolean {
  const { types } = parseDid(`${definitions} type Sub = ${sub}; type Sup = ${sup}; service : {}`);
  return isSubtype({ type: { kind: "named", name: "Sub" }, types }, { type: { kind: "named", name: "Sup" }, types }, options);
}
const RECURSIVE = "type List = opt record { nat; List }; type Wide = opt record { int; Wide }; type Tree = record { left : opt Tree; right : opt Tree }; type Vecs = vec Vecs; type Looped = record { 0 : Looped }; type Mutual = record { 0 : opt Other }; type Other = record { 0 : opt Mutual };"
  + " type Self = service { next : () -> (Self) }; type Choice = variant { 0 : Choice };";

describe("candid spec, subtyping", () => {
  test.each([
    // reflexive, numbers, top and bottom
    ["null", "null"], ["text", "text"], ["nat", "int"], ["empty", "nat"], ["empty", "record { empty }"], ["nat", "reserved"], ["record { a : nat }", "reserved"], ["func () -> ()", "reserved"],
    // options
    ["null", "opt nat"], ["nat", "opt nat"], ["nat", "opt int"], ["opt nat", "opt int"], ["nat", "opt bool"], ["opt bool", "opt opt bool"], ["reserved", "opt nat"], ["opt nat", "opt text"], ["record { a : nat }", "opt variant { b }"],
    // vectors, records, tuples
    ["vec nat", "vec int"], ["blob", "vec nat8"], ["record { a : nat; b : text }", "record { a : int }"], ["record {}", "record { a : opt nat }"], ["record {}", "record { a : null }"], ["record {}", "record { a : reserved }"],
    ["record { nat; text }", "record { int }"], ["record { a : nat }", "record { a : opt nat }"], ["record { a : nat }", "record { a : opt nat; b : opt empty }"],
    // variants
    ["variant {}", "variant { a }"], ["variant { a; b : nat }", "variant { a; b : int; c : text }"], ["variant { a : nat }", "variant { a : opt text }"],
    // functions: more may be asked before, more may be answered now
    ["func () -> ()", "func (nat) -> ()"], ["func (int) -> ()", "func (nat) -> ()"], ["func () -> (nat)", "func () -> (int)"], ["func () -> (nat, text)", "func () -> (nat)"], ["func (opt empty) -> ()", "func () -> ()"],
    ["func (reserved) -> ()", "func () -> ()"], ["func (null) -> ()", "func () -> ()"], ["func () -> ()", "func () -> (opt nat)"], ["func () -> ()", "func () -> (null)"], ["func (record { a : nat; b : opt nat }) -> ()", "func (record { a : nat }) -> ()"],
    ["func () -> (nat) query", "func () -> (int) query"], ["func (func (nat) -> ()) -> ()", "func (func (int) -> ()) -> ()"],
    // services
    ["service { f : () -> (); g : () -> () }", "service { f : () -> () }"], ["service { f : () -> (nat) }", "service { f : (text) -> (int) }"], ["service { f : () -> () }", "principal"],
    // recursion
    ["List", "Wide"], ["List", "opt record { int; Wide }"], ["opt record { nat; List }", "List"], ["Tree", "record { left : opt Tree }"], ["Vecs", "vec vec Vecs"], ["vec vec Vecs", "Vecs"], ["Looped", "record { 0 : Looped }"],
    ["Mutual", "Other"], ["Other", "Mutual"], ["Self", "service { next : () -> (Self) }"], ["Choice", "variant { 0 : Choice; 1 }"], ["Looped", "Mutual"], ["empty", "Choice"],
  ])("%s <: %s", (sub, sup) => expect(related(sub, sup, undefined, RECURSIVE)).toBe(true));

  test.each([
    ["int", "nat"], ["nat", "nat8"], ["nat8", "nat"], ["nat64", "nat"], ["int32", "int"], ["float32", "float64"], ["text", "blob"], ["null", "nat"], ["reserved", "nat"], ["nat", "empty"], ["opt nat", "nat"], ["null", "text"],
    ["vec int", "vec nat"], ["vec nat", "nat"], ["record {}", "record { a : nat }"], ["record {}", "record { a : empty }"], ["record { a : int }", "record { a : nat }"], ["record { a : nat }", "record { b : nat }"], ["record { nat }", "variant { 0 : nat }"],
    ["variant { a }", "variant {}"], ["variant { a; b }", "variant { a }"], ["variant { a : bool }", "variant { a : nat }"], ["variant { 0 : bool }", "variant { 1 : bool }"],
    ["func (nat) -> ()", "func () -> ()"], ["func (nat) -> ()", "func (int) -> ()"], ["func (empty) -> ()", "func () -> ()"], ["func () -> ()", "func () -> (nat)"], ["func () -> ()", "func () -> (empty)"], ["func () -> (int)", "func () -> (nat)"],
    ["func () -> () query", "func () -> ()"], ["func () -> ()", "func () -> () query"], ["func () -> () query", "func () -> () composite_query"], ["func () -> () oneway", "func () -> ()"],
    ["func (func (int) -> ()) -> ()", "func (func (nat) -> ()) -> ()"], ["service {}", "service { f : () -> () }"], ["principal", "service {}"], ["service { f : (nat) -> () }", "service { f : () -> () }"],
    ["vec List", "vec text"], ["Looped", "empty"], ["Choice", "empty"], ["Vecs", "empty"], ["Tree", "record { left : opt Tree; extra : nat }"], ["Self", "service { next : () -> (Self); other : () -> () }"], ["Looped", "record { 0 : record { 0 : nat } }"],
  ])("%s is no subtype of %s", (sub, sup) => expect(related(sub, sup, undefined, RECURSIVE)).toBe(false));

  test("a value that old readers would lose diverges", () => {
    for (const [sub, sup] of [["nat", "opt bool"], ["opt nat", "opt text"], ["opt int", "opt nat"], ["record { a : opt text }", "record { a : opt nat }"], ["nat", "opt opt nat"], ["variant { a : opt nat; b : nat }", "opt variant { a : opt nat }"]] as const) {
      expect(related(sub, sup)).toBe(true);
      expect(related(sub, sup, { diverging: "mismatch" }), `${sub} against ${sup}`).toBe(false);
    }
    for (const [sub, sup] of [["nat", "opt nat"], ["null", "opt text"], ["opt nat", "opt int"], ["record {}", "record { a : opt nat }"], ["List", "Wide"]] as const) expect(related(sub, sup, { diverging: "mismatch" }, RECURSIVE), `${sub} against ${sup}`).toBe(true);
  });
  test("two infinite types that differ far inside", () => {
    const { types } = parseDid("type A = record { next : opt A; value : record { deep : vec nat } }; type B = record { next : opt B; value : record { deep : vec text } }; service : {}");
    const found = subtypeMismatch({ type: { kind: "named", name: "A" }, types }, { type: { kind: "named", name: "B" }, types });
    expect(found).toEqual({ path: ["field `value`", "field `deep`", "element"], reason: "`nat` is not a subtype of `text`" });
  });
  test("names are understood where they were written", () => {
    const before = parseDid("type T = nat; service : { f : () -> (T) }"), after = parseDid("type T = text; service : { f : () -> (T) }");
    expect(brokenMethods(before, after)).toEqual([{ method: "f", before: "() -> (T)", after: "() -> (T)", reason: "result `0`: `text` is not a subtype of `nat`" }]);
  });
  test("wide recursive types are compared in little time", () => {
    const names = Array.from({ length: 60 }, (_, index) => `T${index}`);
    const side = (): string => names.map((name) => `type ${name} = record { ${names.map((other, index) => `f${index} : opt ${other}`).join("; ")} };`).join("\n");
    const one = parseDid(`${side()} service : { f : () -> (T0) }`), other = parseDid(`${side()} service : { f : () -> (T0) }`), began = performance.now();
    expect(brokenMethods(one, other)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe("two interfaces", () => {
  const broken = (before: string, after: string): readonly unknown[] => brokenMethods(parseDid(before), parseDid(after));
  test("more methods, more optional arguments, more in an answer: nothing breaks", () => {
    expect(broken("service : { get : () -> (record { a : nat }) query }", "service : { get : (opt text) -> (record { a : nat; b : text }) query; set : (nat) -> () }")).toEqual([]);
  });
  test("each broken method is told with both signatures and the place", () => {
    expect(broken("service : { a : (nat) -> (); b : () -> (variant { x }); c : () -> () query; d : () -> () }", "service : { a : (text) -> (); b : () -> (variant { x; y : nat }); c : () -> () }")).toEqual([
      { method: "a", before: "(nat) -> ()", after: "(text) -> ()", reason: "argument `0`: `nat` is not a subtype of `text`" },
      { method: "b", before: "() -> (variant { x })", after: "() -> (variant { x; y : nat })", reason: "result `0`: case `y`: the other side does not know this case" },
      { method: "c", before: "() -> () query", after: "() -> ()", reason: "the method is an update, not a query" },
      { method: "d", before: "() -> ()", reason: "the method is gone" },
    ]);
  });
});
