import { bls12_381 } from "@noble/curves/bls12-381.js";
import { beforeAll, describe, expect, test } from "vitest";
import type { Bls } from "../../../../src/replica/crypto/bls.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { nobleBls } from "../../../../src/replica/crypto/nobleBls.ts";
import { BLS_ORDER, evaluatePolynomial, invertScalar, lagrangeAtZero, mulScalars, scalarBytes } from "../../../../src/replica/crypto/scalar.ts";
import { bytesFromHex, hexFromBytes } from "../../../../src/replica/types/index.ts";

let fast: Bls;
beforeAll(async () => { fast = await loadFastBls(); });
const both = (): [string, Bls][] => [["noble", nobleBls], ["mcl", fast]];
const message = Buffer.from("hello");
const secrets = [3n, 2n ** 200n + 17n, BLS_ORDER - 1n].map(scalarBytes);

/** From agent-js's own tests of BLS verification. */
const PUBLISHED = {
  key: bytesFromHex("a7623a93cdb56c4d23d99c14216afaab3dfd6d4f9eb3db23d038280b6d5cb2caaee2a19dd92c9df7001dede23bf036bc0f33982dfb41e8fa9b8e96b5dc3e83d55ca4dd146c7eb2e8b6859cb5a5db815db86810b8d12cee1588b5dbf34a4dc9a5"),
  signature: bytesFromHex("b89e13a212c830586eaa9ad53946cd968718ebecc27eda849d9232673dcd4f440e8b5df39bf14a88048c15e16cbcaabe"),
};

test("a published signature of the Internet Computer verifies, and not under another message", () => {
  for (const [name, bls] of both()) {
    expect([name, bls.verify(PUBLISHED.key, message, PUBLISHED.signature)]).toEqual([name, true]);
    expect([name, bls.verify(PUBLISHED.key, Buffer.from("hallo"), PUBLISHED.signature)]).toEqual([name, false]);
  }
});

test("starting mcl leaves Uint8Array.from as it was", () => {
  expect(Object.hasOwn(Uint8Array, "from")).toBe(false);
  expect([...Uint8Array.from("12", Number), ...Uint8Array.from([3])]).toEqual([1, 2, 3]);
});

test("both implementations give the same bytes for the same input", () => {
  const keys = secrets.map((secret) => nobleBls.publicKey(secret)), signatures = secrets.map((secret) => nobleBls.sign(secret, message));
  expect(secrets.map((secret) => hexFromBytes(fast.publicKey(secret)))).toEqual(keys.map(hexFromBytes));
  expect(secrets.map((secret) => hexFromBytes(fast.sign(secret, message)))).toEqual(signatures.map(hexFromBytes));
  const shares = signatures.map((signature, i) => ({ index: 2 * i, signature }));
  expect(hexFromBytes(fast.combine(shares))).toBe(hexFromBytes(nobleBls.combine(shares)));
  expect(hexFromBytes(fast.aggregateSignatures(signatures))).toBe(hexFromBytes(nobleBls.aggregateSignatures(signatures)));
  expect(hexFromBytes(fast.aggregateKeys(keys))).toBe(hexFromBytes(nobleBls.aggregateKeys(keys)));
  expect(hexFromBytes(fast.shareKey(keys, 4))).toBe(hexFromBytes(nobleBls.shareKey(keys, 4)));
  expect(nobleBls.verify(keys[1]!, message, fast.sign(secrets[1]!, message))).toBe(true);
});

describe("bytes from outside", () => {
  const infinitySignature = Uint8Array.of(0xc0, ...new Uint8Array(47)), infinityKey = Uint8Array.of(0xc0, ...new Uint8Array(95));
  /** A point of the curve that is not in the group of prime order: the cofactor is large, so the first x on the curve gives one. */
  function outsideTheGroup(): Uint8Array {
    const { Fp } = bls12_381.fields;
    for (let x = 1n; ; x++) {
      const square = Fp.add(Fp.mul(Fp.sqr(x), x), 4n);
      let y: bigint;
      try { y = Fp.sqrt(square); } catch { continue; }
      const bytes = bytesFromHex(x.toString(16).padStart(96, "0"));
      bytes[0]! |= 0x80 | (y > (Fp.ORDER - 1n) / 2n ? 0x20 : 0);
      return bytes;
    }
  }

  test("verify answers false, aggregation throws RangeError", () => {
    const key = nobleBls.publicKey(secrets[0]!), signature = nobleBls.sign(secrets[0]!, message);
    const badSignatures = [new Uint8Array(0), new Uint8Array(48), new Uint8Array(48).fill(0xff), signature.slice(0, 47), Uint8Array.of(...signature, 0), outsideTheGroup()];
    const badKeys = [new Uint8Array(0), new Uint8Array(96), new Uint8Array(96).fill(0xff), infinityKey, key.slice(1)];
    for (const [name, bls] of both()) {
      for (const bad of [...badSignatures, infinitySignature]) expect([name, hexFromBytes(bad), bls.verify(key, message, bad)]).toEqual([name, hexFromBytes(bad), false]);
      for (const bad of badKeys) expect([name, bls.verify(bad, message, signature)]).toEqual([name, false]);
      for (const bad of badSignatures) expect(() => bls.aggregateSignatures([signature, bad])).toThrow(RangeError);
      for (const bad of badKeys) expect(() => bls.aggregateKeys([key, bad])).toThrow(RangeError);
      expect(() => bls.combine([])).toThrow(RangeError);
      expect(() => bls.combine([{ index: 1, signature }, { index: 1, signature }])).toThrow(RangeError);
      // Infinity as key and as signature would verify everything.
      expect(bls.verify(infinityKey, message, infinitySignature)).toBe(false);
    }
  });

  test.each([["zero", 0n], ["the order", BLS_ORDER]])("%s is no secret", (_, value) => {
    const secret = bytesFromHex(value.toString(16).padStart(64, "0"));
    for (const [, bls] of both()) expect(() => bls.sign(secret, message)).toThrow(RangeError);
  });
});

test("Lagrange weights give a polynomial's value at zero from any points", () => {
  const polynomial = [42n, 7n, BLS_ORDER - 5n], indices = [0, 3, 8];
  const weights = lagrangeAtZero(indices);
  const at0 = indices.reduce((sum, index, i) => (sum + mulScalars(weights[i]!, evaluatePolynomial(polynomial, BigInt(index + 1)))) % BLS_ORDER, 0n);
  expect(at0).toBe(42n);
  expect(mulScalars(invertScalar(12345n), 12345n)).toBe(1n);
});
