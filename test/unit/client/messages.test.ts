import { IDL } from "@dfinity/candid";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeReply, encodeArguments } from "../../../src/client/candidArguments.ts";
import { candidJson } from "../../../src/client/candidJson.ts";
import { primitive, type CandidType } from "../../../src/client/candidType.ts";
import { checkMessage, FREE_VALUES_MAX } from "../../../src/client/checkMessage.ts";
import { escapeText } from "../../../src/client/escapeText.ts";
import { floatText, groupedText } from "../../../src/client/numberText.ts";
import { idlTypes } from "../../../src/client/idlType.ts";
import { parseDid } from "../../../src/client/didParser.ts";
import { NAMED_TYPES, typedValues } from "./candidArbitrary.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const leb = (value: number): string => (value < 128 ? value.toString(16).padStart(2, "0") : `${((value & 127) | 128).toString(16)}${leb(Math.floor(value / 128))}`);

describe("hostile messages", () => {
  test.each([
    ["nothing", "", "does not begin with DIDL"], ["another magic", "4449444d0000", "does not begin"], ["cut in the table", "4449444c01", "too early"], ["cut in the values", "4449444c000171 05", "too early"], ["a table of a billion types", `4449444c${leb(1e9)}`, "too early"],
    ["a type that there is not", "4449444c000105", "names the type 5"], ["an unknown kind of type", "4449444c01 60 00", "unknown kind"], ["a primitive in the table", "4449444c01 7f 00", "primitive type"], ["a billion arguments", `4449444c00${leb(1e9)}`, "too early"],
    ["a text of a billion bytes", `4449444c000171${leb(1e9)}`, "too early"], ["a length beyond all measure", "4449444c000171 ffffffffffffffffffff01", "beyond all measure"], ["a billion nulls", `4449444c016d7f0100${leb(1e9)}`, "take no bytes"],
    ["a billion empty records", `4449444c026c006d000101${leb(1e9)}`, "take no bytes"], ["a billion reserved values", `4449444c016d700100${leb(1e9)}`, "take no bytes"],
    ["records of records of records without end", "4449444c016c01000001 00", "nested deeper"], ["a type that is two of itself, thirty times", `4449444c1f${Array.from({ length: 30 }, (_, index) => `6c0200${leb(index + 1)}01${leb(index + 1)}`).join("")}6c000100`, "take no bytes"],
    ["an option in an option, ten thousand deep", `4449444c016e000100${"01".repeat(10_000)}00`, "nested deeper"], ["fields out of order", "4449444c016c02017100710100", "not in order"], ["a case that there is not", "4449444c016b01007f010005", "a case that its type"], ["a value of empty", "4449444c00016f", "empty"],
    ["a number of 3,000 bytes", `4449444c00017d${"80".repeat(2_999)}01`, "longer than 2000 bytes"], ["a million and more values", `4449444c016d7e0100${leb(1_000_001)}${"01".repeat(1_000_001)}`, "more than 1000000 values"], ["two thousand values side by side", `4449444c00${leb(2_000)}${"7e".repeat(2_000)}${"01".repeat(2_000)}`, "side by side"],
    ["a flag of 7", "4449444c016e710100 07", "neither 0 nor 1"], ["an opaque reference", "4449444c000168 00", "opaque"],
  ])("%s", (_, hex, words) => {
    const began = performance.now();
    expect(() => checkMessage(bytes(hex))).toThrowError(expect.objectContaining({ name: "CandidMessageError", message: expect.stringContaining(words) as unknown }) as Error);
    expect(() => decodeReply(bytes(hex), undefined, new Map())).toThrowError(expect.objectContaining({ code: "ICX5011" }) as Error);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
  test("random bytes are an error or a value, never a crash", () => {
    const table = fc.uint8Array({ maxLength: 60 }), message = table.map((tail) => Uint8Array.from([0x44, 0x49, 0x44, 0x4c, ...tail]));
    fc.assert(fc.property(message, (given) => {
      try { decodeReply(given, undefined, new Map()); } catch (error) { expect(error).toMatchObject({ code: "ICX5011" }); }
    }), { seed: 6, numRuns: 3_000 });
  });
  test("every honest message passes, and nulls up to the bound", () => {
    fc.assert(fc.property(typedValues(true), ({ type, value }) => { checkMessage(IDL.encode(idlTypes([type], NAMED_TYPES), [value])); }), { seed: 7, numRuns: 1_000 });
    checkMessage(bytes(`4449444c016d7f0100${leb(FREE_VALUES_MAX - 10)}`));
    checkMessage(IDL.encode([IDL.Vec(IDL.Nat8), IDL.Vec(IDL.Bool)], [new Uint8Array(2_000_000), Array<boolean>(500_000).fill(true)]));
    expect(() => encodeArguments(`(${"9".repeat(500_000)})`, "f", undefined)).toThrowError(expect.objectContaining({ code: "ICX5004" }) as Error);
  });
});

describe("the words of values", () => {
  test.each([[0.1, 64, "0.1"], [0.1, 32, "0.1"], [Math.fround(0.1), 64, "0.10000000149011612"], [1e21, 64, "1000000000000000000000.0"], [5e-324, 64, `0.${"0".repeat(323)}5`], [-0, 64, "-0.0"], [16_777_216, 32, "16777216.0"], [123.456, 64, "123.456"], [NaN, 32, "NaN"], [-Infinity, 64, "-inf"]] as const)(
    "the float %d of %i bits is %s", (value, bits, text) => expect(floatText(bits === 32 ? Math.fround(value) : value, bits)).toBe(text));
  test("floats mean themselves", () => fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.float({ noNaN: true, noDefaultInfinity: true }), (wide, narrow) => {
    expect(Object.is(Number(floatText(wide, 64)), wide)).toBe(true);
    expect(Object.is(Math.fround(Number(floatText(narrow, 32))), narrow)).toBe(true);
  }), { seed: 9 }));
  test("whole numbers are grouped", () => expect([0, 999, 1_000, -1_000n, 12_345_678n, -999].map(groupedText)).toEqual(["0", "999", "1_000", "-1_000", "12_345_678", "-999"]));
  test("what `icp` writes so that nobody can read it back is written in full", () => {
    expect(escapeText("a\0z", "display")).toBe("a\\0z");
    expect(escapeText("a\0b", "display")).toBe("a\\u{0}b"); // \0b is a vertical tab
    expect(escapeText("it's \u0301\u200b", "display")).toBe("it\\'s \u0301\\u{200b}");
    expect(escapeText("it's \u0301", "debug")).toBe("it's \\u{301}");
  });
  test("JSON by type", () => {
    const { methods, types } = parseDid("type V = variant { ok : nat; none; 7 : text }; service : { f : (record { a : nat64; b : nat8; c : opt int; d : opt opt int; e : blob; f : principal; g : vec V; h : record { text; float64 }; 9 : reserved; i : func () -> (); j : service {}; k : int64; l : float32 }) -> () }");
    const [type] = methods.get("f")!.args as [CandidType];
    const text = "(record { a = 5; b = 6; c = opt 7; d = opt null; e = blob \"\\ff\"; f = principal \"aaaaa-aa\"; g = vec { variant { ok = 1 }; variant { none }; variant { 7 = \"x\" } }; h = record { \"t\"; 0.5 }; 9 = 1; i = func \"aaaaa-aa\".m; j = service \"aaaaa-aa\"; k = -9; l = nan })";
    const [value] = decodeReply(encodeArguments(text, "f", { args: [type] }, types), [type], types).values;
    expect(candidJson(value, type, types)).toEqual({
      a: "5", b: 6, c: ["7"], d: [[]], e: "ff", f: "aaaaa-aa", g: [{ ok: "1" }, { none: null }, { 7: "x" }], h: ["t", 0.5], 9: null, i: { principal: "aaaaa-aa", method: "m" }, j: "aaaaa-aa", k: "-9", l: "NaN",
    });
    expect(JSON.stringify(candidJson({ _3047398098_: 1 }, { kind: "record", fields: [{ id: 3_047_398_098, name: "__proto__", type: primitive("nat8") }] }, types))).toBe("{\"__proto__\":1}");
  });
});
