import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeReply, encodeArguments } from "../../../src/client/candidArguments.ts";
import { typeText } from "../../../src/client/candidType.ts";
import { parseDid } from "../../../src/client/didParser.ts";
import { printCandid } from "../../../src/client/printCandid.ts";
import { NAMED_TYPES, typedValues } from "./candidArbitrary.ts";

const VALUES = 10_000, A_CALL = 20;

describe("generated values over all types", () => {
  test(`text → bytes → text is the identity on ${VALUES} values`, () => {
    let seen = 0;
    fc.assert(fc.property(fc.array(typedValues(true), { minLength: A_CALL, maxLength: A_CALL }), (values) => {
      const kinds = values.map(({ type }) => type), text = printCandid(values.map(({ value }) => value), kinds, NAMED_TYPES);
      expect(decodeReply(encodeArguments(text, "f", { args: kinds }, NAMED_TYPES), kinds, NAMED_TYPES).text).toBe(text);
      seen += values.length;
    }), { seed: 3, numRuns: VALUES / A_CALL });
    expect(seen).toBeGreaterThanOrEqual(VALUES);
  }, 180_000);
  test("a type's own text reads back to the type, and to the same bytes", () => {
    fc.assert(fc.property(typedValues(true), ({ type, value }) => {
      const { methods, types } = parseDid(`${[...NAMED_TYPES].map(([name, named]) => `type ${name} = ${typeText(named)};`).join("\n")} service : { f : (${typeText(type)}) -> () }`);
      const text = printCandid([value], [type], NAMED_TYPES), read = methods.get("f")!;
      expect(typeText(read.args[0]!)).toBe(typeText(type));
      expect(encodeArguments(text, "f", read, types)).toEqual(encodeArguments(text, "f", { args: [type] }, NAMED_TYPES));
    }), { seed: 4, numRuns: 500 });
  });
});
