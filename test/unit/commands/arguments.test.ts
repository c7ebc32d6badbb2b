import { describe, expect, test } from "vitest";
import { parseBytes, parseCycles, parsePercent, parsePort, parseSeconds, parseWhole } from "../../../src/commands/arguments.ts";

describe("amounts and ports", () => {
  test.each([["0", 0n], ["1_000", 1_000n], ["2k", 2_000n], ["0.5t", 500_000_000_000n], ["1.25M", 1_250_000n], ["3b", 3_000_000_000n], ["10T", 10_000_000_000_000n]])("%s cycles", (text, amount) => expect(parseCycles(text)).toBe(amount));
  test.each([["-1"], ["1.5"], ["x"], [""], ["1kk"], ["0.0001k"]])("%s is no amount", (text) => expect(() => parseCycles(text)).toThrow());
  test.each([["0", 0], ["8000", 8000], ["65535", 65_535]])("port %s", (text, port) => expect(parsePort(text)).toBe(port));
  test.each([["65536"], ["-1"], ["8e3"], [" 80"], ["0x50"]])("%s is no port", (text) => expect(() => parsePort(text)).toThrow());
  test.each([["4gib", 4_294_967_296n], ["2.5kb", 2_500n], ["2.5KiB", 2_560n], ["1_024", 1_024n], ["7b", 7n], ["1mb", 1_000_000n]])("%s is a size", (text, size) => expect(parseBytes(text)).toBe(size));
  test.each([["1tb"], ["0.3b"], ["-1kb"], ["1 000"], ["kb"], ["_1"]])("%s is no size", (text) => expect(() => parseBytes(text)).toThrow());
  test.each([["600", 600n], ["90d", 7_776_000n], ["1.5h", 5_400n], ["2w", 1_209_600n], ["1M", 60n]])("%s is a time span", (text, span) => expect(parseSeconds(text)).toBe(span));
  test.each([["1y"], ["soon"], ["0.3s"], ["1e3"]])("%s is no time span", (text) => expect(() => parseSeconds(text)).toThrow());
  test.each([["0", 0n], ["100", 100n]])("%s percent", (text, share) => expect(parsePercent(text)).toBe(share));
  test.each([["101"], ["1%"], ["0.5"]])("%s is no percentage", (text) => expect(() => parsePercent(text)).toThrow());
  test.each([["12", 12n], ["1_000", 1_000n]])("%s is whole", (text, number) => expect(parseWhole(text)).toBe(number));
  test.each([["1k"], ["1.5"], ["x"], [""]])("%s is not whole", (text) => expect(() => parseWhole(text)).toThrow());
});
