import { describe, expect, test } from "vitest";
import { parseCycles, parsePort } from "../../../src/commands/arguments.ts";

describe("amounts and ports", () => {
  test.each([["0", 0n], ["1_000", 1_000n], ["2k", 2_000n], ["0.5t", 500_000_000_000n], ["1.25M", 1_250_000n], ["3b", 3_000_000_000n], ["10T", 10_000_000_000_000n]])("%s cycles", (text, amount) => expect(parseCycles(text)).toBe(amount));
  test.each([["-1"], ["1.5"], ["x"], [""], ["1kk"], ["0.0001k"]])("%s is no amount", (text) => expect(() => parseCycles(text)).toThrow());
  test.each([["0", 0], ["8000", 8000], ["65535", 65_535]])("port %s", (text, port) => expect(parsePort(text)).toBe(port));
  test.each([["65536"], ["-1"], ["8e3"], [" 80"], ["0x50"]])("%s is no port", (text) => expect(() => parsePort(text)).toThrow());
});
