import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { EDWARDS_ORDER, addPoints, compressPoint, decompressPoint, EDWARDS_BASE, isTorsionFree, multiplyPoint, pointOfU, sumOfMultiples, uOfPoint } from "../../../../src/replica/crypto/edwards.ts";
import { checkOpening, isEphemeralKey, makeOpening } from "../../../../src/replica/crypto/opening.ts";
import { agree, encryptionKeyOf, openSealed, sealShares } from "../../../../src/replica/crypto/sealing.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { bytesFromHex, hexFromBytes } from "../../../../src/replica/types/index.ts";

const rng = createSeededRng(Buffer.from("openings"));
const flipped = (bytes: Uint8Array, at = 3): Uint8Array => { const copy = bytes.slice(); copy[at]! ^= 4; return copy; };

describe("edwards25519", () => {
  test("is the curve that noble has", () => {
    for (let i = 0; i < 4; i++) {
      const scalar = BigInt(`0x${hexFromBytes(rng.bytes(31))}`) % EDWARDS_ORDER, ours = multiplyPoint(EDWARDS_BASE, scalar), theirs = ed25519.Point.BASE.multiply(scalar);
      expect(hexFromBytes(compressPoint(ours))).toBe(theirs.toHex());
      expect(hexFromBytes(compressPoint(addPoints(ours, EDWARDS_BASE)))).toBe(theirs.add(ed25519.Point.BASE).toHex());
      expect(compressPoint(decompressPoint(theirs.toBytes())!)).toEqual(theirs.toBytes());
    }
    expect(isTorsionFree(EDWARDS_BASE)).toBe(true);
    const point = ed25519.Point.BASE.multiply(77n), own = decompressPoint(point.toBytes())!;
    for (const [a, b] of [[5n, 3n], [1n, EDWARDS_ORDER - 1n], [2n ** 200n + 9n, 12345n], [6n, 2n ** 251n - 7n]] as const)
      expect(hexFromBytes(compressPoint(sumOfMultiples(EDWARDS_BASE, a, own, b)))).toBe(ed25519.Point.BASE.multiply(a).add(point.multiply(b)).toHex());
    expect(compressPoint(sumOfMultiples(EDWARDS_BASE, 0n, own, 1n))).toEqual(point.toBytes());
    expect(compressPoint(multiplyPoint(own, 0n))).toEqual(ed25519.Point.ZERO.toBytes());
    const small = decompressPoint(bytesFromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))!; // of order 8
    expect([isTorsionFree(small), isTorsionFree(addPoints(small, EDWARDS_BASE))]).toEqual([false, false]);
  });
  test("keys of X25519 are its points", () => {
    const secret = rng.bytes(32), key = encryptionKeyOf(secret);
    expect(key).toEqual(x25519.getPublicKey(secret));
    expect(uOfPoint(pointOfU(key)!)).toEqual(key);
  });
});

describe("a sealed share", () => {
  const secrets = [rng.bytes(32), rng.bytes(32), rng.bytes(32)], keys = secrets.map(encryptionKeyOf), shares = secrets.map(() => rng.bytes(32));
  const context = (index: number) => ({ dkgId: "high-5", dealer: "aa", index, encryptionKey: keys[index]! });
  const parts = sealShares(rng.bytes(32), shares, keys, "high-5", "aa");

  test("is opened by its receiver alone, and only as what it is", () => {
    expect(shares.map((_, i) => openSealed(secrets[i]!, parts, context(i)))).toEqual(shares);
    expect(openSealed(secrets[1]!, parts, context(0))).not.toEqual(shares[0]);
    expect(openSealed(secrets[0]!, parts, { ...context(0), dealer: "bb" })).not.toEqual(shares[0]);
    expect(openSealed(secrets[0]!, parts, { ...context(0), dkgId: "high-6" })).not.toEqual(shares[0]);
  });

  test("can be shown to everybody with a proof; nothing else can", () => {
    for (const [i, secret] of secrets.entries()) {
      const opening = makeOpening(secret, parts.ephemeral, "label")!;
      expect(checkOpening(opening, keys[i]!, parts.ephemeral, "label")).toEqual(agree(secret, parts.ephemeral));
      expect(checkOpening(opening, keys[(i + 1) % 3]!, parts.ephemeral, "label")).toBeUndefined();
      expect(checkOpening(opening, keys[i]!, encryptionKeyOf(rng.bytes(32)), "label")).toBeUndefined();
      expect(checkOpening(opening, keys[i]!, parts.ephemeral, "another label")).toBeUndefined();
      for (const part of ["point", "challenge", "response"] as const) expect(checkOpening({ ...opening, [part]: flipped(opening[part], 30) }, keys[i]!, parts.ephemeral, "label")).toBeUndefined();
    }
    const wrong = makeOpening(secrets[0]!, parts.ephemeral, "label")!, small = decompressPoint(bytesFromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))!;
    const moved = { ...wrong, point: compressPoint(addPoints(decompressPoint(wrong.point)!, small)) };
    expect(checkOpening(moved, keys[0]!, parts.ephemeral, "label")).toBeUndefined();
  });

  test("ephemeral keys with which nobody could agree are refused", () => {
    const low = ["00".repeat(32), `01${"00".repeat(31)}`, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"]; // RFC 7748 §6.1: of small order
    expect(low.map((hex) => isEphemeralKey(bytesFromHex(hex)))).toEqual([false, false, false, false]);
    expect([isEphemeralKey(bytesFromHex("ff".repeat(32))), isEphemeralKey(new Uint8Array(31)), isEphemeralKey(parts.ephemeral)]).toEqual([false, false, true]);
    expect([agree(secrets[0]!, new Uint8Array(32)), agree(secrets[0]!, new Uint8Array(3))]).toEqual([undefined, undefined]);
    expect(sealShares(rng.bytes(32), shares, [keys[0]!, new Uint8Array(32), keys[2]!], "a", "b").sealed[1]).toEqual(new Uint8Array(32));
  });
});
