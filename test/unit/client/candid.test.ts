import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { describe, expect, test } from "vitest";
import { decodeReply, encodeArguments } from "../../../src/client/candidArguments.ts";
import { fieldId, signatureText } from "../../../src/client/candidType.ts";
import { parseDid } from "../../../src/client/didParser.ts";

const LEDGER = "ryjl3-tyaaa-aaaaa-aaaba-cai";
/** Parses a method type, encodes the text, decodes the bytes again: gives the printed text. */
function throughBytes(types: string, text: string, definitions = ""): string {
  const { methods, types: names } = parseDid(`${definitions} service : { f : (${types}) -> (${types}) }`), signature = methods.get("f")!;
  return decodeReply(encodeArguments(text, "f", signature, names), signature.results, names).text;
}

describe("values in both directions", () => {
  test.each([
    ["nat", "(2)", "(2 : nat)"],
    ["nat", "(1_000_000)", "(1_000_000 : nat)"],
    ["nat", "(0xff)", "(255 : nat)"],
    ["nat", "123456789012345678901234567890", "(123_456_789_012_345_678_901_234_567_890 : nat)"],
    ["int", "(-5)", "(-5 : int)"],
    ["nat8, int8", "(255, -128)", "(255 : nat8, -128 : int8)"],
    ["nat64", "(18446744073709551615)", "(18_446_744_073_709_551_615 : nat64)"],
    ["text", "(\"h\\u{e9}llo \\n \\\"x\\\" \\e2\\98\\83\")", "(\"héllo \\n \\\"x\\\" ☃\")"],
    ["bool, null", "(true, null)", "(true, null : null)"],
    ["float64", "(1)", "(1.0 : float64)"],
    ["float64", "(-1.5e3)", "(-1500.0 : float64)"],
    ["float64, float64", "(inf, nan)", "(inf : float64, NaN : float64)"],
    ["float32", "(0.5)", "(0.5 : float32)"],
    ["principal", `(principal "${LEDGER}")`, `(principal "${LEDGER}")`],
    ["blob", "(blob \"a\\00\\ff\\\\\")", "(blob \"\\61\\00\\ff\\5c\")"],
    ["vec nat8", "(vec { 1; 2; 255 })", "(blob \"\\01\\02\\ff\")"],
    ["vec text", "(vec { \"a\"; \"b\" })", "(vec { \"a\"; \"b\" })"],
    ["vec nat16", "(vec { 1; 65535 })", "(vec { 1 : nat16; 65_535 : nat16 })"],
    ["opt nat", "(opt 5)", "(opt (5 : nat))"],
    ["opt nat", "(null)", "(null)"],
    ["opt nat", "5", "(opt (5 : nat))"],
    ["opt opt text", "(opt null)", "(opt null)"],
    ["record { name : text; age : nat8 }", "(record { age = 7; name = \"x\" })", "(record { age = 7 : nat8; name = \"x\" })"],
    ["record { nat; text }", "(record { 1; \"x\" })", "(record { 1 : nat; \"x\" })"],
    ["record { a : opt nat; b : text }", "(record { b = \"x\" })", "(record { a = null; b = \"x\" })"],
    ["record { \"odd name\" : nat; record : bool }", "(record { \"odd name\" = 1; \"record\" = true })", "(record { \"odd name\" = 1 : nat; \"record\" = true })"],
    ["record { 5 : nat }", "(record { 5 = 1 })", "(record { 5 = 1 : nat })"],
    ["variant { ok : nat; err : text }", "(variant { ok = 1 })", "(variant { ok = 1 : nat })"],
    ["variant { red; green }", "(variant { green })", "(variant { green })"],
    ["func (nat) -> () query", `(func "${LEDGER}".transfer)`, `(func "${LEDGER}".transfer)`],
    ["service {}", `(service "${LEDGER}")`, `(service "${LEDGER}")`],
    ["reserved", "(\"anything\")", "(null : reserved)"],
    ["nat", "(1 : nat)", "(1 : nat)"],
    ["nat", "( /* one /* nested */ */ 1 // and no more\n )", "(1 : nat)"],
    ["", "()", "()"],
    ["", "", "()"],
  ])("%s: %s → %s", (types, written, printed) => {
    expect(throughBytes(types, written)).toBe(printed);
    expect(throughBytes(types, printed)).toBe(printed); // what is printed can be pasted
  });
  test("a recursive type", () => {
    const list = "type List = opt record { head : nat; tail : List };";
    expect(throughBytes("List", "(opt record { head = 1; tail = opt record { head = 2; tail = null } })", list))
      .toBe("(\n  opt record {\n    head = 1 : nat;\n    tail = opt record { head = 2 : nat; tail = null };\n  },\n)");
  });
  test("long values stand one part a line and read back", () => {
    const text = `(record { ${Array.from({ length: 12 }, (_, index) => `field_${index} = ${index}`).join("; ")} })`, type = `record { ${Array.from({ length: 12 }, (_, index) => `field_${index} : nat`).join("; ")} }`;
    const printed = throughBytes(type, text);
    expect(printed.split("\n").length).toBeGreaterThan(12);
    expect(throughBytes(type, printed)).toBe(printed);
  });
  test("bytes are those of the official encoder", () => {
    const { methods, types } = parseDid("service : { f : (record { owner : principal; amount : nat64; memo : opt blob }) -> () }");
    const official = IDL.encode([IDL.Record({ owner: IDL.Principal, amount: IDL.Nat64, memo: IDL.Opt(IDL.Vec(IDL.Nat8)) })], [{ owner: Principal.fromText(LEDGER), amount: 7n, memo: [Uint8Array.of(1, 2)] }]);
    expect(encodeArguments(`(record { owner = principal "${LEDGER}"; amount = 7; memo = opt blob "\\01\\02" })`, "f", methods.get("f"), types)).toEqual(official);
  });
  test("without an interface the types are inferred", () => {
    expect(encodeArguments("(1, \"x\", vec { true }, 2 : nat8)", "f", undefined)).toEqual(IDL.encode([IDL.Int, IDL.Text, IDL.Vec(IDL.Bool), IDL.Nat8], [1n, "x", [true], 2]));
  });
  test("field numbers of the candid specification", () => {
    expect(fieldId("")).toBe(0);
    expect(fieldId("id")).toBe(23515);
    expect(fieldId("description")).toBe(1595738364);
  });
});

describe("wrong arguments are coded errors", () => {
  test.each([
    ["nat", "(1", "ICX5003", "expected `,`, found the end"], ["nat", "(", "ICX5003", "ends too early"], ["nat", "(1))", "ICX5003", "end of the argument"], ["text", "(hello)", "ICX5003", "double quotes"], ["text", "(\"open)", "ICX5003", "does not end"],
    ["text", "(\"\\q\")", "ICX5003", "unknown escape"], ["text", "(\"\\ff\")", "ICX5003", "not UTF-8"], ["nat", "(@)", "ICX5003", "unexpected"], ["nat", `${"(".repeat(5000)}1`, "ICX5003", "nested too deeply"], ["nat", "/* 1", "ICX5003", "does not end"],
    ["nat", "(-1)", "ICX5004", "-1 is not a nat"], ["nat", "(1.5)", "ICX5004", "1.5 is not a nat"], ["nat8", "(256)", "ICX5004", "out of the range of nat8"], ["text", "(1)", "ICX5004", "1 is not a text"],
    ["nat", "(1, 2)", "ICX5004", "2 values are given, 1 are expected"], ["nat", "()", "ICX5004", "no argument"], ["nat, nat", "(1)", "ICX5004", "1 values are given"], ["principal", "(principal \"aaaaa\")", "ICX5004", "not a principal"],
    ["record { a : nat }", "(record {})", "ICX5004", "field a : nat is missing"], ["record { a : nat }", "(record { b = 1; a = 1 })", "ICX5004", "no field b"], ["record { a : nat }", "(record { a = 1; a = 2 })", "ICX5003", "appears twice"],
    ["variant { x }", "(variant { y })", "ICX5004", "no case y; it has x"], ["vec nat", "(opt 1)", "ICX5004", "a opt is not a vec nat"],
  ])("%s: %s → %s %s", (types, text, code, words) => {
    expect(() => throughBytes(types, text)).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(words) as unknown }) as Error);
  });
  test("bytes that are no candid", () => {
    expect(() => decodeReply(Uint8Array.of(1, 2, 3), [{ kind: "primitive", name: "nat" }], new Map())).toThrowError(expect.objectContaining({ code: "ICX5011" }) as Error);
  });
});

describe("interfaces", () => {
  test("signatures, names of arguments, modes, constructors", () => {
    const { methods, init } = parseDid(`// a comment
      type Id = principal; type Shape = variant { circle : float64; unit; };
      service counter : (owner : Id, opt nat) -> { increment : (by : nat) -> (nat); "odd name" : (Shape, vec record { text; blob }) -> () oneway; get : () -> (nat) query; }`);
    expect([...methods].map(([name, signature]) => `${name} ${signatureText(signature)}`)).toEqual(["increment (nat) -> (nat)", "odd name (Shape, vec record { text; blob }) -> () oneway", "get () -> (nat) query"]);
    expect(init.length).toBe(2);
  });
  test("a service and a method by name", () => {
    expect([...parseDid("type F = func (text) -> (text) query; type S = service { f : F }; service : S").methods.keys()]).toEqual(["f"]);
  });
  test.each([
    ["service : { f : () -> ", 1, "expected"], ["type A = A; service : {}", 1, "but itself"], ["\n\nservice : { f : (B) -> () }", 3, "B"], ["service : { f : () -> (); f : () -> () }", 1, "twice"], ["type A = record { a : nat; 97 : text }; service : {}", 1, "twice"],
    ["type A = nat; service : A", 1, "service"], [`type A = ${"vec ".repeat(5000)}nat; service : {}`, 1, "nested too deeply"], ["import \"x.did\"; service : {}", 1, "not a file"], ["service : {\n\n ? }", 3, "unexpected"], ["type A = record { 4294967296 : nat }; service : {}", 1, "2^32"],
  ])("%# is refused", (source, line, words) => {
    expect(() => parseDid(source)).toThrowError(expect.objectContaining({ code: "ICX5006", message: expect.stringMatching(new RegExp(`line ${line}, column \\d+: [\\s\\S]*${words.replace(/[\^$]/g, "\\$&")}`)) as unknown }) as Error);
  });
});
