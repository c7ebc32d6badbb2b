import { crc32 } from "node:zlib";
import { type Principal, bytesFromHex, hexFromBytes, principalFromBytes } from "./ids.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

function base32(bytes: Uint8Array): string {
  let out = "", buffer = 0, bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) out += ALPHABET[(buffer >>> (bits - 5)) & 31];
    buffer &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET[(buffer << (5 - bits)) & 31] : out;
}

/** Interface spec, "Textual representation of principals": checksummed base32 in groups of five. */
export function principalToText(principal: Principal): string {
  const bytes = bytesFromHex(principal);
  const checksum = crc32(bytes).toString(16).padStart(8, "0");
  return base32(bytesFromHex(checksum + hexFromBytes(bytes))).match(/.{1,5}/g)!.join("-");
}

/** The principal of a text, or undefined when checksum, grouping or alphabet is wrong. Upper case is accepted. */
export function principalFromText(text: string): Principal | undefined {
  const lower = text.toLowerCase();
  const bytes: number[] = [];
  let buffer = 0, bits = 0;
  for (const letter of lower.replaceAll("-", "")) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    buffer = ((buffer << 5) | value) & 0xffff;
    bits += 5;
    if (bits >= 8) { bits -= 8; bytes.push((buffer >>> bits) & 255); }
  }
  if (bytes.length < 4 || bytes.length > 33) return undefined;
  const principal = principalFromBytes(Uint8Array.from(bytes.slice(4)));
  return principalToText(principal) === lower ? principal : undefined;
}
