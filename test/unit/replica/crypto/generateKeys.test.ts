import { beforeAll, describe, expect, test } from "vitest";
import type { Bls } from "../../../../src/replica/crypto/bls.ts";
import { checkShare, deal } from "../../../../src/replica/crypto/dealing.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { type SubnetKeys, generateSubnetKeys } from "../../../../src/replica/crypto/generateKeys.ts";
import { type KeyStore, checkProofOfPossession, createNodeKeys } from "../../../../src/replica/crypto/keyStore.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { hexFromBytes } from "../../../../src/replica/types/index.ts";
import { linearBls } from "../../../sim/linearBls.ts";

const message = Buffer.from("a root hash");
let fast: Bls, real: SubnetKeys;
beforeAll(async () => {
  fast = await loadFastBls();
  real = generateSubnetKeys(fast, createSeededRng(Buffer.from("real")), 4);
});
const shares = (bls: Bls, keys: SubnetKeys, tag: "low" | "high") => {
  const transcripts = [keys.transcripts.low, keys.transcripts.high];
  return keys.stores.map((store, index) => ({ index, signature: createNodeKeys(store, transcripts, createVerifier(bls)).signThreshold(keys.transcripts[tag].id, message) }));
};

describe("four nodes", () => {
  test("any n-f shares give the same signature, and fewer give none", () => {
    const { high } = real.transcripts, all = shares(fast, real, "high"), key = high.publicCoefficients[0]!;
    const signatures = [[0, 1, 2], [0, 1, 3], [1, 2, 3], [3, 0, 2]].map((pick) => hexFromBytes(fast.combine(pick.map((i) => all[i]!))));
    expect(new Set(signatures).size).toBe(1);
    expect(fast.verify(key, message, fast.combine(all.slice(1)))).toBe(true);
    expect(fast.verify(key, message, fast.combine(all.slice(2)))).toBe(false);
    expect(all.some(({ signature }) => fast.verify(key, message, signature))).toBe(false);
  });

  test("a bad share is attributed to its maker, and the good ones still combine", () => {
    const verifier = createVerifier(fast), { high } = real.transcripts, all = shares(fast, real, "high");
    const spoiled = all.map((share) => (share.index === 1 ? { ...share, signature: all[0]!.signature } : share));
    expect(verifier.combineShares(high, message, spoiled)).toEqual({ kind: "bad", indices: [1] });
    expect(verifier.combineShares(high, message, [spoiled[0]!, spoiled[2]!, spoiled[3]!]).kind).toBe("combined");
  });

  test("a key store is plain data that holds its own shares and nobody else's", () => {
    for (const [i, store] of real.stores.entries()) {
      const text = JSON.stringify(store);
      expect(JSON.parse(text)).toEqual(store);
      for (const [j, other] of real.stores.entries())
        if (i !== j) for (const secret of [other.basic, other.multiSig, ...Object.values(other.shares)]) expect(text).not.toContain(secret);
    }
    const restored = JSON.parse(JSON.stringify(real.stores[0])) as KeyStore;
    expect(createNodeKeys(restored, [], createVerifier(fast)).nodeId).toBe(real.members[0]!.nodeId);
  });

  test("multi-signature keys come with a proof of possession", () => {
    const verifier = createVerifier(fast);
    expect(real.members.every((member) => checkProofOfPossession(verifier, member))).toBe(true);
    expect(checkProofOfPossession(verifier, { ...real.members[0]!, proofOfPossession: real.members[1]!.proofOfPossession })).toBe(false);
  });
});

test.each([[1, 1, 1], [2, 1, 2], [3, 1, 3], [4, 2, 3], [7, 3, 5], [13, 5, 9], [40, 14, 27]])("%i nodes: thresholds %i and %i", (nodes, low, high) => {
  const { transcripts, stores, members } = generateSubnetKeys(linearBls, createSeededRng(Buffer.from("sizes")), nodes);
  expect([transcripts.low.threshold, transcripts.high.threshold, transcripts.high.publicCoefficients.length]).toEqual([low, high, high]);
  expect(members.map((member) => member.nodeId)).toEqual([...transcripts.low.committee]);
  expect([...transcripts.low.committee].sort()).toEqual([...transcripts.low.committee]);
  expect(new Set(stores.map((store) => store.nodeId)).size).toBe(nodes);
});

test("equal seeds give equal keys, other seeds others", () => {
  const keys = (seed: string) => JSON.stringify(generateSubnetKeys(linearBls, createSeededRng(Buffer.from(seed)), 4).stores);
  expect(keys("a")).toBe(keys("a"));
  expect(keys("a")).not.toBe(keys("b"));
});

test("a dealt share fits the dealer's commitments, another's does not", () => {
  const dealing = deal(fast, createSeededRng(Buffer.from("deal")), 3, 4);
  expect(checkShare(fast, dealing.commitments, 2, dealing.shares[2]!)).toBe(true);
  expect(checkShare(fast, dealing.commitments, 2, dealing.shares[1]!)).toBe(false);
});

test("the verifier computes an answer once, and a signer's own signature never", () => {
  const verifier = createVerifier(linearBls), keys = generateSubnetKeys(linearBls, createSeededRng(Buffer.from("memo")), 1), [store] = keys.stores;
  const node = createNodeKeys(store!, [keys.transcripts.low, keys.transcripts.high], verifier);
  const own = node.signThreshold(keys.transcripts.high.id, message);
  expect(verifier.verifyBls(keys.transcripts.high.publicCoefficients[0]!, message, own)).toBe(true);
  expect(verifier.counters).toEqual({ checked: 0, remembered: 1 });
  const forged = new Uint8Array(48);
  expect([verifier.verifyBls(node.multiSigPublicKey, message, forged), verifier.verifyBls(node.multiSigPublicKey, message, forged)]).toEqual([false, false]);
  expect(verifier.counters).toEqual({ checked: 1, remembered: 2 });
});
