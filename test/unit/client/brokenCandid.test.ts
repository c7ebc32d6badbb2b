import { describe, expect, test } from "vitest";
import { encodeArguments } from "../../../src/client/candidArguments.ts";
import { parseDid } from "../../../src/client/didParser.ts";
import { IcxError } from "../../../src/errors/icxError.ts";
import { BROKEN_INTERFACES, BROKEN_TEXTS } from "./brokenCandid.ts";

const failure = (work: () => unknown): { readonly code: string; readonly place: string | undefined } => {
  try { work(); } catch (error) {
    if (!(error instanceof IcxError)) throw error;
    const place = /line (\d+), column (\d+)/.exec(error.message);
    return { code: error.code, place: place === null ? undefined : `${place[1]}:${place[2]}` };
  }
  return { code: "none", place: undefined };
};

describe("what is broken is named with line and column", () => {
  test("there are a hundred", () => expect(BROKEN_TEXTS.length + BROKEN_INTERFACES.length).toBeGreaterThanOrEqual(100));
  test.each(BROKEN_TEXTS.map(([text, place], index) => [index, text.slice(0, 40), place, text] as const))("text %i: %s at %s", (_, __, place, text) => expect(failure(() => encodeArguments(text, "f", undefined))).toEqual({ code: "ICX5003", place }));
  test.each(BROKEN_INTERFACES.map(([source, place], index) => [index, source.slice(0, 40), place, source] as const))("interface %i: %s at %s", (_, __, place, source) => expect(failure(() => parseDid(source, () => undefined))).toEqual({ code: "ICX5006", place }));
  test("a value of the wrong type too", () => {
    const { methods, types } = parseDid("service : { f : (record { a : vec nat8; b : opt variant { x : text } }) -> () }"), encode = (text: string): unknown => encodeArguments(text, "f", methods.get("f"), types);
    expect(failure(() => encode("(record {\n  a = vec { 1; 256 } })"))).toEqual({ code: "ICX5004", place: "2:16" });
    expect(failure(() => encode("(record {\n  a = vec { 1; 2 : nat16 } })"))).toEqual({ code: "ICX5004", place: "2:16" });
    expect(failure(() => encode("(record {\n  a = vec {};\n  b = opt variant { y = \"\" } })"))).toEqual({ code: "ICX5004", place: "3:21" });
    expect(failure(() => encode("(record { b = null })"))).toEqual({ code: "ICX5004", place: "1:2" });
  });
});
