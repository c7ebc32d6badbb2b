import { describe, expect, test } from "vitest";
import { bytesFromHex, canisterIdFromIndex, hexFromBytes, principalFromBytes, principalFromText, principalToText } from "../../src/replica/types/index.ts";

/** The specification's example, the ids that everybody knows, and those of the system canisters. */
const KNOWN: readonly (readonly [hex: string, text: string])[] = [
  ["abcd01", "em77e-bvlzu-aq"], ["", "aaaaa-aa"], ["04", "2vxsx-fae"], [canisterIdFromIndex(0n), "rwlgt-iiaaa-aaaaa-aaaaa-cai"], [canisterIdFromIndex(2n), "ryjl3-tyaaa-aaaaa-aaaba-cai"],
  [canisterIdFromIndex(7n), "rdmx6-jaaaa-aaaaa-aaadq-cai"], [canisterIdFromIndex(0x2100002n), "um5iw-rqaaa-aaaaq-qaaba-cai"], [canisterIdFromIndex(0xffff_ffff_ffe0_0000n), "lxzze-o7777-77777-aaaaa-cai"],
];

describe("Textual representation of principals", () => {
  test.each(KNOWN)("%s is %s, and back", (hex, text) => {
    expect(principalToText(principalFromBytes(bytesFromHex(hex)))).toBe(text);
    expect(principalFromText(text)).toBe(hex);
  });
  test.each(["em77e-bvlzu-ar", "em77ebvlzuaq", "em77e-bvlzu", "em77e-bvlzu-aq-", "em77e--bvlzu-aq", "em77e-bvlz1-aq", "", "aaaaa-aa ", "a".repeat(70)])("`%s` is none", (text) => { expect(principalFromText(text)).toBeUndefined(); });
  test("every length has a text of its own", () => {
    const texts = Array.from({ length: 30 }, (_, n) => principalToText(principalFromBytes(new Uint8Array(n).fill(n))));
    expect(new Set(texts).size).toBe(30);
    texts.forEach((text, n) => { expect(principalFromText(text)).toBe(hexFromBytes(new Uint8Array(n).fill(n))); expect(text.length).toBeLessThanOrEqual(63); });
  });
});
