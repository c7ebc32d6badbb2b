import { createDecipheriv, createPrivateKey, scryptSync, type KeyObject } from "node:crypto";

/** Object identifiers as DER has them: PBES2 (RFC 8018, A.4), scrypt (RFC 7914, 7), aes-256-cbc (RFC 8018, B.2.5). */
const PBES2 = "06092a864886f70d01050d", SCRYPT = "06092b06010401da47040b", AES_256_CBC = "060960864801650304012a";
/** 128 · N · r bytes: icp-cli takes 128 MiB, which is more than OpenSSL allows itself. */
const MEMORY_MAX = 512 * 1_048_576;

interface Element { readonly tag: number; readonly content: Buffer }

/** Opens an encrypted PKCS #8 key whose password goes through scrypt, as icp-cli writes it; undefined for every other file and for a wrong password. */
export function openScryptPem(pem: string, password: string): KeyObject | undefined {
  const base64 = /-----BEGIN ENCRYPTED PRIVATE KEY-----([\s\S]+?)-----END/.exec(pem)?.[1];
  if (base64 === undefined) return undefined;
  try {
    const [algorithm, sealed] = elements(elements(Buffer.from(base64, "base64"))[0]!.content), [scheme, parameters] = elements(algorithm!.content), [derivation, cipher] = elements(parameters!.content);
    const [deriver, settings] = elements(derivation!.content), [sealer, iv] = elements(cipher!.content);
    if (hex(scheme!) !== PBES2 || hex(deriver!) !== SCRYPT || hex(sealer!) !== AES_256_CBC) return undefined;
    const [salt, cost, blockSize, parallelization] = elements(settings!.content), N = number(cost!), r = number(blockSize!), p = number(parallelization!);
    if (128 * N * r > MEMORY_MAX || p > 16) return undefined;
    const key = scryptSync(password, salt!.content, 32, { N, r, p, maxmem: 2 * MEMORY_MAX }), decipher = createDecipheriv("aes-256-cbc", key, iv!.content);
    return createPrivateKey({ key: Buffer.concat([decipher.update(sealed!.content), decipher.final()]), format: "der", type: "pkcs8" });
  } catch { return undefined; } // not of this form, or the padding shows that the password is wrong
}

/** The elements that follow each other in DER. */
function elements(der: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at]!, first = der[at + 1]!, lengthBytes = first < 128 ? 0 : first & 127, begin = at + 2 + lengthBytes, length = first < 128 ? first : der.readUIntBE(at + 2, lengthBytes);
    if (begin + length > der.length) throw new RangeError("DER is cut off");
    found.push({ tag, content: der.subarray(begin, begin + length) });
    at = begin + length;
  }
  return found;
}
const hex = ({ tag, content }: Element): string => Buffer.concat([Buffer.from([tag, content.length]), content]).toString("hex");
const number = ({ content }: Element): number => content.readUIntBE(0, content.length);
