import { describe, expect, test } from "vitest";
import { cyclesAmount, dfxBytes, dfxDuration, durationAmount, memoryAmount } from "../../../src/project/amounts.ts";
import { parseManifest, type ManifestNode } from "../../../src/project/manifestNode.ts";

const node = (text: string): ManifestNode => parseManifest("x.yaml", `v: ${text}\n`).get("v");
const READERS = { memory: memoryAmount, cycles: cyclesAmount, duration: durationAmount, "dfx bytes": dfxBytes, "dfx duration": dfxDuration } as const;
type Reader = keyof typeof READERS;

describe("amounts with units", () => {
  const good: readonly (readonly [Reader, string, bigint])[] = [
    ["memory", "1024", 1024n], ["memory", "2gib", 2n << 30n], ["memory", "2.5 GiB", 5n << 29n], ["memory", "1_000kb", 1_000_000n], ["memory", "0.5mb", 500_000n], ["memory", "18446744073709551615", (1n << 64n) - 1n],
    ["cycles", "1.5t", 1_500_000_000_000n], ["cycles", "4B", 4_000_000_000n], ["cycles", "10m", 10_000_000n], ["cycles", "7k", 7_000n], ["cycles", "340282366920938463463374607431768211455", (1n << 128n) - 1n],
    ["duration", "30d", 2_592_000n], ["duration", "90m", 5_400n], ["duration", "1_0h", 36_000n], ["duration", "2w", 1_209_600n], ["duration", "5", 5n], ["duration", "5s", 5n],
    ["dfx bytes", "\"2 GiB\"", 2n << 30n], ["dfx bytes", "\"4KB\"", 4_000n], ["dfx bytes", "72", 72n], ["dfx bytes", "\"1 B\"", 1n],
    ["dfx duration", "\"30 days\"", 2_592_000n], ["dfx duration", "\"15days 2min 2s\"", 1_296_122n], ["dfx duration", "\"3600\"", 3_600n], ["dfx duration", "3600", 3_600n], ["dfx duration", "\"1M\"", 2_630_016n], ["dfx duration", "\"1 month 1 m\"", 2_630_076n], ["dfx duration", "\"1y\"", 31_557_600n],
  ];
  test.each(good)("%s: %s", (reader, text, expected) => expect(READERS[reader](node(text))).toBe(expected));
  test.each(Object.keys(READERS) as Reader[])("%s: absent", (reader) => expect(READERS[reader](node("null"))).toBeUndefined());
  const bad: readonly (readonly [Reader, string])[] = [
    ["memory", "2 tib"], ["memory", "-1"], ["memory", "1.0001kb"], ["memory", "lots"], ["memory", "_"], ["memory", "[1]"], ["memory", `"${"9".repeat(100)}"`], ["memory", "1e3"], ["memory", "0x10"],
    ["cycles", "0.5"], ["cycles", "1d"], ["duration", "1.5d"], ["duration", "d"], ["duration", "1mo"], ["dfx bytes", "\"1 QB\""], ["dfx duration", "\"soon\""], ["dfx duration", "\"1 day and a half\""], ["dfx duration", "\"1constructor\""],
  ];
  test.each(bad)("%s: %s is refused with its place", (reader, text) => expect(() => READERS[reader](node(text))).toThrow(expect.objectContaining({ code: "ICX1003", message: expect.stringContaining("x.yaml:1: `v`") as unknown })));
});
