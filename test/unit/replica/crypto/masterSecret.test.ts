import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Bls, DkgConfig, NodeKeys, Transcript } from "../../../../src/replica/crypto/bls.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { generateNodeKeys, generateSubnetKeys, publicKeysOf } from "../../../../src/replica/crypto/generateKeys.ts";
import { type KeyStore, createNodeKeys } from "../../../../src/replica/crypto/keyStore.ts";
import { addScalars, evaluatePolynomial, lagrangeAtZero, mulScalars, scalarFromBytes } from "../../../../src/replica/crypto/scalar.ts";
import { dealingsNeeded, makeTranscript } from "../../../../src/replica/crypto/transcript.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { bytesFromHex, hexFromBytes } from "../../../../src/replica/types/index.ts";

/**
 * The instrument: every scalar that src/replica/crypto ever computes passes through `modulo`, and is written down here. What is a secret of
 * a key, f(0), is computed by the test alone, with arithmetic of its own, and must not have been written down.
 */
const instrument = vi.hoisted(() => ({ constructed: new Set<bigint>() }));
vi.mock("../../../../src/replica/crypto/modulo.ts", async (original) => {
  const { modulo, ...rest } = await original<typeof import("../../../../src/replica/crypto/modulo.ts")>();
  return { ...rest, modulo: (value: bigint) => { const result = modulo(value); instrument.constructed.add(result); return result; } };
});

const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
const mod = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER;
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n, square = base;
  for (let left = exponent; left > 0n; left >>= 1n, square = mod(square * square)) if ((left & 1n) === 1n) result = mod(result * square);
  return result;
}
/** f(0) from all shares. */
const secretOf = (shares: readonly bigint[]): bigint => shares.reduce((sum, share, i) => {
  let weight = 1n;
  for (let j = 0; j < shares.length; j++) if (j !== i) weight = mod(weight * BigInt(j + 1) * power(mod(BigInt(j - i)), ORDER - 2n));
  return mod(sum + share * weight);
}, 0n);

/** A subnet of key stores: each node's keys, its disk, and what it knows of it; nothing else holds a share. */
interface Party { readonly store: KeyStore; readonly keys: NodeKeys; readonly disk: Map<string, string> }
let bls: Bls, four: ReturnType<typeof life>;
beforeAll(async () => { bls = await loadFastBls(); });

function partyOf(store: KeyStore): Party {
  const disk = new Map(Object.entries(store.shares));
  const keys = createNodeKeys(store, [], createVerifier(bls), undefined, (id, share) => { if (share === undefined) disk.delete(id); else disk.set(id, share); });
  return { store, keys, disk };
}
/** One generation among parties, as an interval runs it: dealt, reviewed, combined, learned. */
function generate(config: DkgConfig, dealers: readonly Party[], receivers: readonly Party[]): Transcript {
  const dealings = dealers.map(({ keys, store }) => ({ dealer: store.nodeId, dealing: keys.deal(config)! }));
  const placed = dealings.map(({ dealer, dealing }) => ({ place: config.dealers.indexOf(dealer), dealing }));
  for (const { keys } of receivers) expect(keys.review(config, placed)).toEqual({ good: placed.map(({ place }) => place), bad: [] });
  const transcript = makeTranscript(bls, config, dealings) ?? expect.fail("no transcript");
  for (const { keys } of receivers) expect(keys.learnShare(transcript)).toBe(true);
  return transcript;
}
const receiversOf = (parties: readonly Party[]): DkgConfig["receivers"] => parties.map(({ store, keys }) => ({ nodeId: store.nodeId, encryptionKey: keys.encryptionKey! }));
const sorted = (parties: readonly Party[]): Party[] => [...parties].sort((a, b) => (a.store.nodeId < b.store.nodeId ? -1 : 1));
const secretOfTranscript = (parties: readonly Party[], { id, publicCoefficients }: Transcript): bigint => {
  const secret = secretOf(parties.map(({ disk }) => BigInt(`0x${disk.get(id)!}`)));
  expect(hexFromBytes(bls.publicKey(bytesFromHex(secret.toString(16).padStart(64, "0"))))).toBe(hexFromBytes(publicCoefficients[0]!)); // it is the secret indeed
  return secret;
};

/** Genesis, two intervals with the same members, one with a node exchanged, and signatures of all shares. */
function life(nodes: number): { readonly secrets: readonly bigint[]; readonly parties: readonly Party[]; readonly everything: string } {
  const rng = createSeededRng(Buffer.from(`life of ${nodes}`)), genesis = generateSubnetKeys(bls, rng.fork("genesis"), nodes), faults = Math.floor((nodes - 1) / 3);
  let parties = genesis.stores.map(partyOf), newest = genesis.transcripts.high;
  const secrets = [secretOfTranscript(parties, genesis.transcripts.low), secretOfTranscript(parties, newest)], disks: string[] = [];
  for (let interval = 1; interval <= 3; interval++) {
    const next = interval === 3 ? sorted([...parties.slice(1), partyOf(generateNodeKeys(rng.fork("joiner")))]) : parties;
    const low = generate({ id: `low-${interval}`, tag: "lowThreshold", threshold: faults + 1, dealers: receiversOf(next).map(({ nodeId }) => nodeId), receivers: receiversOf(next) }, next, next);
    const config: DkgConfig = { id: `high-${interval}`, tag: "highThreshold", threshold: nodes - faults, dealers: newest.committee, receivers: receiversOf(next), resharing: newest };
    expect(dealingsNeeded(config)).toBe(nodes - faults);
    newest = generate(config, parties, next);
    parties = next;
    secrets.push(secretOfTranscript(parties, low), secretOfTranscript(parties, newest));
    const message = Buffer.from(`interval ${interval}`), shares = parties.map(({ keys }, index) => ({ index, signature: keys.signThreshold(newest.id, message) }));
    const verifier = createVerifier(bls);
    expect(verifier.combineShares(newest, message, shares).kind).toBe("combined");
    // t-1 shares sign nothing, however they are combined.
    expect(bls.verify(newest.publicCoefficients[0]!, message, bls.combine(shares.slice(0, newest.threshold - 1)))).toBe(false);
    disks.push(JSON.stringify([parties.map(({ store, disk }) => [store, [...disk]]), newest, low].map((part) => JSON.stringify(part, (_, value: unknown) => (value instanceof Uint8Array ? hexFromBytes(value) : value)))));
  }
  return { secrets, parties, everything: disks.join() };
}

describe("the secret of a key", () => {
  test.each([4, 5])("is constructed by nobody: %i nodes through genesis, three intervals and a change of members", (nodes) => {
    instrument.constructed.clear();
    const lived = life(nodes), { secrets, everything } = lived;
    if (nodes === 4) four = lived;
    expect(new Set(secrets).size).toBe(5); // four low-threshold keys, and one subnet key all the time
    expect(instrument.constructed.size).toBeGreaterThan(250);
    expect(secrets.filter((secret) => instrument.constructed.has(secret))).toEqual([]);
    for (const secret of secrets) expect(everything).not.toContain(secret.toString(16).padStart(64, "0"));
  });

  test("the instrument sees each way to construct it", () => {
    const { parties } = four, id = [...parties[0]!.disk.keys()].filter((name) => name.startsWith("high-3"))[0]!;
    const shares = parties.map(({ disk }) => scalarFromBytes(bytesFromHex(disk.get(id)!))), secret = secretOf(shares);
    const seen = (construct: () => void): boolean => { instrument.constructed.clear(); construct(); return instrument.constructed.has(secret); };
    expect(seen(() => undefined)).toBe(false);
    expect(seen(() => { lagrangeAtZero([0, 1, 2, 3]).reduce((sum, weight, i) => addScalars(sum, mulScalars(weight, shares[i]!)), 0n); })).toBe(true);
    expect(seen(() => { evaluatePolynomial([secret, 5n, 7n], 0n); })).toBe(true);
    expect(seen(() => { scalarFromBytes(bytesFromHex(secret.toString(16).padStart(64, "0"))); })).toBe(true);
  });

  test("up to three nodes the low threshold is one: every node holds that secret, and the test says so", () => {
    for (const nodes of [1, 2, 3]) {
      const { stores, transcripts } = generateSubnetKeys(bls, createSeededRng(Buffer.from("small")), nodes), shares = stores.map((store) => store.shares[transcripts.low.id]!);
      expect(new Set(shares).size).toBe(1);
      expect(hexFromBytes(bls.publicKey(bytesFromHex(shares[0]!)))).toBe(hexFromBytes(transcripts.low.publicCoefficients[0]!));
      expect(new Set(stores.map((store) => store.shares[transcripts.high.id]!)).size).toBe(nodes);
    }
  });

  test("a key store holds one node's shares and no other's", () => {
    const { parties } = four, texts = parties.map(({ store, disk }) => JSON.stringify([store, [...disk]]));
    for (const [i, { store, disk }] of parties.entries())
      for (const [j, text] of texts.entries()) if (i !== j) for (const secret of [store.basic, store.multiSig, store.encryption!, ...disk.values()]) expect(text).not.toContain(secret);
    expect(parties.every(({ store }) => publicKeysOf(bls, store).encryptionKey?.length === 32)).toBe(true);
  });
});
