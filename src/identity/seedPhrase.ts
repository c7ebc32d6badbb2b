import { createECDH, createHmac, createPrivateKey, pbkdf2Sync, type KeyObject } from "node:crypto";
import { generateMnemonic, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

/** m/44'/223'/0'/0/0 (BIP 32 and 44; 223 is the Internet Computer, SLIP 44): where icp-cli, quill and dfx look. */
const HARDENED = 2 ** 31, PATH = [44 + HARDENED, 223 + HARDENED, HARDENED, 0, 0];
const CURVE = "secp256k1", ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n; // SEC 2, 2.4.1
const ENTROPY_BITS = 256;

/** Twenty-four new words (BIP 39). */
export const newSeedPhrase = (): string => generateMnemonic(wordlist, ENTROPY_BITS);

/** The secp256k1 key of a seed phrase; undefined when its words or their check sum are wrong. */
export function keyFromSeedPhrase(text: string): KeyObject | undefined {
  const phrase = text.normalize("NFKD").trim().toLowerCase().split(/\s+/).join(" ");
  if (!validateMnemonic(phrase, wordlist)) return undefined;
  let [key, chain] = halves(createHmac("sha512", "Bitcoin seed").update(pbkdf2Sync(phrase, "mnemonic", 2_048, 64, "sha512")).digest());
  for (const index of PATH) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(index);
    const parent = index >= HARDENED ? Buffer.concat([Buffer.from([0]), bytesOf(key)]) : publicKey(key, "compressed"), [left, right] = halves(createHmac("sha512", chain).update(parent).update(number).digest());
    if (left >= ORDER || (left + key) % ORDER === 0n) return undefined; // BIP 32: such a path has no key; one in 2^127
    [key, chain] = [(left + key) % ORDER, right];
  }
  const point = publicKey(key, "uncompressed"), part = (bytes: Buffer): string => bytes.toString("base64url");
  return createPrivateKey({ format: "jwk", key: { kty: "EC", crv: CURVE, d: part(bytesOf(key)), x: part(point.subarray(1, 33)), y: part(point.subarray(33)) } });
}

const halves = (digest: Buffer): [key: bigint, chain: Buffer] => [BigInt(`0x${digest.subarray(0, 32).toString("hex")}`), digest.subarray(32)];
const bytesOf = (key: bigint): Buffer => Buffer.from(key.toString(16).padStart(64, "0"), "hex");
function publicKey(key: bigint, form: "compressed" | "uncompressed"): Buffer {
  const curve = createECDH(CURVE);
  curve.setPrivateKey(bytesOf(key));
  return curve.getPublicKey(null, form);
}
