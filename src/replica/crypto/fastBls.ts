import mcl from "mcl-wasm";
import { assert, bytesFromHex, createCache } from "../types/index.ts";
import type { Bls } from "./bls.ts";
import { BLS_DST, BLS_ORDER, lagrangeAtZero, scalarBytes } from "./scalar.ts";

/**
 * BLS12-381 through mcl compiled to wasm: five times the reference's speed, checked against it in tests (design D9).
 * One module instance is one curve, and its hash-to-curve tag is a global setting: nothing else in the process may use mcl.
 */

/** The parts of mcl's wasm module that its types leave out. */
interface MclModule {
  _malloc(size: number): number;
  _free(pointer: number): void;
  readonly HEAP8: Int8Array;
  _mclBnG1_setDst(pointer: number, length: number): number;
}
type G1 = InstanceType<typeof mcl.G1>;
type G2 = InstanceType<typeof mcl.G2>;

const HASHES_KEPT = 64, KEYS_KEPT = 256, POINTS_KEPT = 1024;
/** The generator of G2, compressed (draft-irtf-cfrg-pairing-friendly-curves §4.2.1). */
const G2_GENERATOR = "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8";

function setHashTag(module: MclModule): void {
  const tag = Buffer.from(BLS_DST);
  const pointer = module._malloc(tag.length);
  module.HEAP8.set(tag, pointer);
  const status = module._mclBnG1_setDst(pointer, tag.length);
  module._free(pointer);
  assert(status === 0, "mcl takes the hash-to-curve tag");
}

function scalar(secret: Uint8Array): InstanceType<typeof mcl.Fr> {
  const value = BigInt(`0x${Buffer.from(secret).toString("hex") || "0"}`);
  if (secret.length !== 32 || value === 0n || value >= BLS_ORDER) throw new RangeError("a BLS secret is a scalar between 1 and the group order, 32 bytes");
  const fr = new mcl.Fr();
  fr.setBigEndianMod(secret);
  return fr;
}

/** Bit 7 of the first byte marks a compressed point; mcl reads 48 and 96 bytes only this way in Ethereum's format. */
function signaturePoint(bytes: Uint8Array): G1 {
  const point = new mcl.G1();
  try {
    if (bytes.length === 48 && (bytes[0]! & 0x80) !== 0) { point.deserialize(bytes); return point; }
  } catch { /* below */ }
  throw new RangeError("not a BLS signature");
}

function keyPoint(bytes: Uint8Array): G2 {
  const point = new mcl.G2();
  try {
    if (bytes.length === 96 && (bytes[0]! & 0x80) !== 0) {
      point.deserialize(bytes);
      if (!point.isZero()) return point;
    }
  } catch { /* below */ }
  throw new RangeError("not a BLS public key");
}

function sum<P extends G1 | G2>(points: readonly P[]): Uint8Array {
  if (points.length === 0) throw new RangeError("nothing to aggregate");
  return Uint8Array.from(points.reduce((total, point) => mcl.add(total, point)).serialize());
}

function createFastBls(): Bls {
  const base = keyPoint(bytesFromHex(G2_GENERATOR));
  const minusBase = new mcl.PrecomputedG2(mcl.neg(base));
  const hashes = createCache<G1>(HASHES_KEPT);
  const keys = createCache<G2>(KEYS_KEPT);
  // A dealing, its check, and the node that signs with the share all ask for the same one.
  const publicKeys = createCache<Uint8Array>(KEYS_KEPT);
  /** Signatures as points, known to be in the group: those that were made here, and those that were read before. */
  const points = createCache<G1>(POINTS_KEPT);
  const point = (bytes: Uint8Array): G1 => points.get(Buffer.from(bytes).toString("latin1"), () => signaturePoint(bytes));
  const made = (value: G1): Uint8Array => {
    const bytes = Uint8Array.from(value.serialize());
    points.set(Buffer.from(bytes).toString("latin1"), value);
    return bytes;
  };
  const hashed = (message: Uint8Array): G1 => hashes.get(Buffer.from(message).toString("latin1"), () => mcl.hashAndMapToG1(message));
  const key = (bytes: Uint8Array): G2 => keys.get(Buffer.from(bytes).toString("latin1"), () => keyPoint(bytes));
  return {
    publicKey: (secret) => publicKeys.get(Buffer.from(secret).toString("latin1"), () => Uint8Array.from(mcl.mul(base, scalar(secret)).serialize())),
    sign: (secret, message) => made(mcl.mul(hashed(message), scalar(secret))),
    verify(publicKey, message, signature) {
      try {
        const pairings = mcl.precomputedMillerLoop2mixed(hashed(message), key(publicKey), point(signature), minusBase);
        return mcl.finalExp(pairings).isOne();
      } catch (error) {
        if (error instanceof RangeError) return false;
        throw error;
      }
    },
    combine(shares) {
      const weights = lagrangeAtZero(shares.map((share) => share.index)).map((weight) => scalar(scalarBytes(weight)));
      const signatures = shares.map((share) => point(share.signature));
      return made(signatures.length === 1 ? mcl.mul(signatures[0]!, weights[0]!) : mcl.mulVec(signatures, weights));
    },
    aggregateSignatures: (signatures) => sum(signatures.map(point)),
    aggregateKeys: (publicKeys) => sum(publicKeys.map(key)),
    combineKeys(publicKeys, weights) {
      const points = publicKeys.map(key), factors = weights.map(scalar);
      if (points.length === 0) throw new RangeError("nothing to combine");
      const total = points.length === 1 ? mcl.mul(points[0]!, factors[0]!) : mcl.mulVec(points, factors);
      if (total.isZero()) throw new RangeError("the sum is no key");
      return Uint8Array.from(total.serialize());
    },
    shareKey(publicCoefficients, index) {
      const x = scalar(scalarBytes(BigInt(index + 1)));
      const value = publicCoefficients.map(key).reduceRight((total, coefficient) => mcl.add(mcl.mul(total, x), coefficient));
      return Uint8Array.from(value.serialize());
    },
  };
}

/**
 * mcl turns its wasm from base64 into bytes with a call of JavaScript for each of 436,000 characters, some 100 ms of a
 * start. That happens before `init` gives its promise; for as long, this one conversion of `Uint8Array.from` is a buffer's.
 */
function initMcl(): Promise<void> {
  const from = Uint8Array.from.bind(Uint8Array) as (...args: readonly unknown[]) => Uint8Array;
  const quick = (...args: readonly unknown[]): Uint8Array => typeof args[0] === "string" && args.length === 2 ? new Uint8Array(Buffer.from(args[0], "latin1")) : from(...args);
  Object.defineProperty(Uint8Array, "from", { value: quick, configurable: true });
  try { return mcl.init(mcl.BLS12_381); } finally { Reflect.deleteProperty(Uint8Array, "from"); }
}

let loaded: Promise<Bls> | undefined;

/** Starts mcl (once for the process) and gives the fast implementation. Asynchronous because wasm is compiled. */
export const loadFastBls = (): Promise<Bls> => loaded ??= initMcl().then(() => {
  mcl.setETHserialization(true);
  mcl.setMapToMode(mcl.IRTF);
  mcl.verifyOrderG1(true);
  mcl.verifyOrderG2(true);
  setHashTag((mcl as unknown as { readonly mod: MclModule }).mod);
  return createFastBls();
});
